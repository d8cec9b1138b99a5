/*
 * cases.c - what the processes of each case do
 *
 * A sender sends until its time is over, without being told how many; the first fifth is a
 * warm-up, and its messages are not marked as timed. A receiver takes its time from the first
 * timed message to the last of a sender. Every message is verified by who receives it.
 */

#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "pattern.h"
#include "round.h"

#define WARM_UP 0.2

static int __attribute__((format(printf, 3, 4)))
fail(struct scene *s, unsigned who, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->party[who].error, sizeof(s->party[who].error), format, args);
	va_end(args);
	return 1;
}

/* Nobody starts before all are there: a process takes longer to start than a short round. */
static void enter(struct scene *s, enum bench_side side)
{
	if (s->impl->enter)
		s->impl->enter(s->chan, side);
	atomic_fetch_add(&s->ready, 1);
	while (atomic_load(&s->ready) < (int)s->n_parties)
		sched_yield();
}

/* ---- one way, and many to many ---------------------------------------------------------------- */

/* Look at the clock every so many messages: often enough, and without being measured. */
static uint64_t clock_mask(size_t size)
{
	return size <= 4096 ? 63 : size <= 262144 ? 7 : 0;
}

static int send_until(struct scene *s, unsigned who, struct pattern *p)
{
	uint64_t mask = clock_mask(s->plan.size), start = clock_ns(), seq, flags = 0;
	uint64_t length = (uint64_t)(s->plan.seconds * 1e9);
	int      r;

	for (seq = 0; !(flags & MARK_LAST); seq++) {
		if ((seq & mask) == 0) {
			uint64_t past = clock_ns() - start;

			if (past > (uint64_t)((double)length * WARM_UP))
				flags |= MARK_TIMED;
			if (past > length)
				flags |= MARK_LAST;
		}
		pattern_stamp(p, MARK(who, seq) | flags);
		r = s->impl->send(s->chan, WAY_FORTH, p->word, s->plan.size);
		if (r < 0)
			return fail(s, who, "send: %s", strerror(-r));
	}
	s->party[who].count[who % SENDERS] = seq;
	return 0;
}

static int send_stops(struct scene *s, unsigned who, struct pattern *p)
{
	for (unsigned i = 0; i < s->n_parties / 2; i++) {
		int r;

		pattern_stamp(p, MARK_STOP);
		r = s->impl->send(s->chan, WAY_FORTH, p->word, s->plan.size);
		if (r < 0)
			return fail(s, who, "send: %s", strerror(-r));
	}
	return 0;
}

static int sender(struct scene *s, unsigned who)
{
	struct pattern p;
	int            r;

	if (pattern_init(&p, s->plan.size) < 0)
		return fail(s, who, "no memory");
	enter(s, SIDE_A);
	r = send_until(s, who, &p);
	/* The one that ends last tells every receiver that nothing will come any more. */
	if (r == 0 && atomic_fetch_sub(&s->senders_left, 1) == 1)
		r = send_stops(s, who, &p);
	pattern_fini(&p);
	return r;
}

/* Numbers of one sender rise; where there is one receiver, by one. */
static int in_order(const struct scene *s, struct party *me, uint64_t mark, uint64_t next[SENDERS])
{
	unsigned from = MARK_WHO(mark);
	uint64_t seq = MARK_SEQ(mark);

	if (from >= SENDERS || seq < next[from] || (s->n_parties == 2 && seq != next[from]))
		return 0;
	next[from] = seq + 1;
	me->count[from]++;
	me->sum[from] += seq;
	return 1;
}

static int receive_until(struct scene *s, unsigned who, struct pattern *p)
{
	struct party *me = &s->party[who];
	uint64_t      next[SENDERS] = {0}, first = 0, n = 0;

	for (;;) {
		ssize_t  len = s->impl->recv(s->chan, WAY_FORTH, p->word, s->plan.size);
		uint64_t mark = p->word[0];

		if (len != (ssize_t)s->plan.size)
			return fail(s, who, "recv: %s",
				    len < 0 ? strerror((int)-len) : "not the length sent");
		if (!pattern_is_whole(p))
			return fail(s, who, "a message is damaged (after %lu)", (unsigned long)n);
		if (first && me->ns == 0 && (mark & (MARK_LAST | MARK_STOP))) {
			me->ns = (double)(clock_ns() - first);
			me->messages = (double)n;
		}
		if (mark & MARK_STOP)
			return 0;
		if (!in_order(s, me, mark, next))
			return fail(s, who,
				    "message %lu of sender %u is lost, doubled or out of order",
				    (unsigned long)next[MARK_WHO(mark) % SENDERS], MARK_WHO(mark));
		if (first)
			n++;
		else if (mark & MARK_TIMED)
			first = clock_ns();
	}
}

static int receiver(struct scene *s, unsigned who)
{
	struct pattern p;
	int            r;

	if (pattern_init(&p, s->plan.size) < 0)
		return fail(s, who, "no memory");
	enter(s, SIDE_B);
	r = receive_until(s, who, &p);
	pattern_fini(&p);
	return r;
}

/* ---- there and back ------------------------------------------------------------------------------ */

static int exchange(struct scene *s, unsigned who, struct pattern *p, uint64_t mark)
{
	ssize_t n;
	int     r;

	pattern_stamp(p, mark);
	r = s->impl->send(s->chan, WAY_FORTH, p->word, s->plan.size);
	if (r < 0)
		return fail(s, who, "send: %s", strerror(-r));
	if (mark & MARK_STOP)
		return 0;
	n = s->impl->recv(s->chan, WAY_BACK, p->word, s->plan.size);
	if (n != (ssize_t)s->plan.size)
		return fail(s, who, "recv: %s", n < 0 ? strerror((int)-n) : "not the length sent");
	if (p->word[0] != mark || !pattern_is_whole(p))
		return fail(s, who, "the answer is not the question");
	return 0;
}

static int asker(struct scene *s, unsigned who)
{
	struct histogram *rtt = &s->party[who].rtt;
	uint64_t          length = (uint64_t)(s->plan.seconds * 1e9), start, before, now, seq = 0;
	struct pattern    p;
	int               r = 0, timed = 0;

	if (pattern_init(&p, s->plan.size) < 0)
		return fail(s, who, "no memory");
	enter(s, SIDE_A);
	start = clock_ns();
	before = clock_ticks();
	while (r == 0 && ((seq & 15) || clock_ns() - start < length)) {
		if (!timed && (seq & 15) == 0) {
			timed = clock_ns() - start > (uint64_t)((double)length * WARM_UP);
			before = clock_ticks();
		}
		r = exchange(s, who, &p, MARK(who, seq++));
		now = clock_ticks();
		if (timed)
			histogram_add(rtt, now - before);
		before = now;
	}
	if (r == 0)
		r = exchange(s, who, &p, MARK_STOP);
	pattern_fini(&p);
	return r;
}

static int answerer(struct scene *s, unsigned who)
{
	struct pattern p;
	int            r = 0;

	if (pattern_init(&p, s->plan.size) < 0)
		return fail(s, who, "no memory");
	enter(s, SIDE_B);
	while (r == 0) {
		ssize_t n = s->impl->recv(s->chan, WAY_FORTH, p.word, s->plan.size);

		if (n != (ssize_t)s->plan.size) {
			r = fail(s, who, "recv: %s",
				 n < 0 ? strerror((int)-n) : "not the length sent");
			break;
		}
		if (p.word[0] & MARK_STOP)
			break;
		r = s->impl->send(s->chan, WAY_BACK, p.word, s->plan.size);
		if (r < 0)
			r = fail(s, who, "send: %s", strerror(-r));
	}
	pattern_fini(&p);
	return r;
}

/* ---- the table of cases ------------------------------------------------------------------------------ */

unsigned case_parties(enum bench_case which)
{
	return which == CASE_MANYTOMANY ? 2 * SENDERS : 2;
}

party_fn *case_party(enum bench_case which, unsigned who)
{
	int sends = who < case_parties(which) / 2;

	if (which == CASE_ROUNDTRIP)
		return sends ? asker : answerer;
	return sends ? sender : receiver;
}

/* Everything that was sent was received once: as many, and the numbers add up. */
int case_is_exact(const struct scene *s)
{
	if (s->plan.which == CASE_ROUNDTRIP)
		return 1; /* compared one by one */
	for (unsigned from = 0; from < s->n_parties / 2; from++) {
		uint64_t sent = s->party[from].count[from], count = 0, sum = 0;

		for (unsigned i = s->n_parties / 2; i < s->n_parties; i++) {
			count += s->party[i].count[from];
			sum += s->party[i].sum[from];
		}
		if (count != sent || sum != sent * (sent - 1) / 2)
			return 0;
	}
	return 1;
}

void case_values(const struct scene *s, double value[N_METRICS])
{
	const struct histogram *rtt = &s->party[0].rtt;
	double                  per_ns = 0;

	for (int m = 0; m < N_METRICS; m++)
		value[m] = NAN;
	if (s->plan.which == CASE_ROUNDTRIP) {
		if (rtt->n == 0)
			return; /* not even the warm-up was done in time */
		value[METRIC_P50] = clock_ticks_to_ns(histogram_quantile(rtt, 0.5));
		value[METRIC_P99] = clock_ticks_to_ns(histogram_quantile(rtt, 0.99));
		value[METRIC_P999] = clock_ticks_to_ns(histogram_quantile(rtt, 0.999));
		return;
	}
	for (unsigned i = s->n_parties / 2; i < s->n_parties; i++)
		if (s->party[i].ns > 0)
			per_ns += s->party[i].messages / s->party[i].ns;
	if (per_ns > 0)
		value[METRIC_NS_PER_MSG] = 1 / per_ns;
}

#include "flow.h"

#include "clock.h"

#define WARM_UP 0.2

/* ---- sending --------------------------------------------------------------------------------- */

/* Look at the clock every so many messages: often enough, and without being measured. */
static uint64_t clock_mask(size_t size)
{
	return size <= 4096 ? 63 : size <= 262144 ? 7 : 0;
}

static int send_until(struct scene *s, unsigned who, const struct flow_way *way, struct pattern *p)
{
	uint64_t mask = clock_mask(s->plan.size), start = clock_ns(), seq, flags = 0;
	uint64_t length = (uint64_t)(s->plan.seconds * 1e9);
	int      r;

	for (seq = 0; !(flags & MARK_LAST); seq++) {
		if ((seq & mask) == 0) {
			uint64_t past = clock_ns() - start;

			/* in this order: some are timed, however late it is */
			if (past > length && flags & MARK_TIMED)
				flags |= MARK_LAST;
			if (past > (uint64_t)((double)length * WARM_UP))
				flags |= MARK_TIMED;
		}
		r = way->make(s, p, MARK(who, seq) | flags);
		if (r < 0)
			return fail_call(s, who, "send", r);
	}
	s->party[who].count[who % SENDERS] = seq;
	return 0;
}

static int send_stops(struct scene *s, unsigned who, const struct flow_way *way, struct pattern *p)
{
	for (unsigned i = 0; i < s->n_parties / 2; i++) {
		int r = way->make(s, p, MARK_STOP);

		if (r < 0)
			return fail_call(s, who, "send", r);
	}
	return 0;
}

int flow_send(struct scene *s, unsigned who, const struct flow_way *way)
{
	struct pattern p;
	int            r;

	if (pattern_init(&p, s->plan.size) < 0)
		return fail(s, who, "no memory");
	r = send_until(s, who, way, &p);
	/* The one that ends last tells every receiver that nothing will come any more. */
	if (r == 0 && atomic_fetch_sub(&s->senders_left, 1) == 1)
		r = send_stops(s, who, way, &p);
	pattern_fini(&p);
	return r;
}

/* ---- receiving ------------------------------------------------------------------------------- */

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

static int receive_until(struct scene *s, unsigned who, const struct flow_way *way,
			 struct pattern *p)
{
	struct party *me = &s->party[who];
	uint64_t      next[SENDERS] = {0}, first = 0, n = 0, mark = 0;

	for (;;) {
		ssize_t len = way->look(s, p, &mark);

		if (len == 0)
			return fail(s, who, "a message is damaged (after %lu)", (unsigned long)n);
		if (len != (ssize_t)s->plan.size)
			return fail_call(s, who, "recv", len);
		if (first && me->ns == 0 && (mark & (MARK_LAST | MARK_STOP))) {
			me->ns = (double)(clock_ns() - first);
			me->messages = (double)n + 1; /* this one came in that time, too */
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

int flow_receive(struct scene *s, unsigned who, const struct flow_way *way)
{
	struct pattern p;
	int            r;

	if (pattern_init(&p, s->plan.size) < 0)
		return fail(s, who, "no memory");
	r = receive_until(s, who, way, &p);
	pattern_fini(&p);
	return r;
}

/* ---- afterwards ------------------------------------------------------------------------------ */

int flow_is_exact(const struct scene *s)
{
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

void flow_values(const struct scene *s, double value[N_METRICS])
{
	double per_ns = 0;

	for (unsigned i = s->n_parties / 2; i < s->n_parties; i++)
		if (s->party[i].ns > 0)
			per_ns += s->party[i].messages / s->party[i].ns;
	if (per_ns > 0)
		value[METRIC_NS_PER_MSG] = 1 / per_ns;
}

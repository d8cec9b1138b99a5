/*
 * case_wakeup.c - how long a receiver that has slept takes to return
 *
 * The receiver says that it is about to wait, the sender lets a millisecond pass (it spins: a
 * sleep of its own would be measured too), notes the time and sends. The receiver's return is
 * the end. Both read one clock, which runs alike on all cores where ticks are used at all.
 */

#include "cases.h"
#include "clock.h"
#include "pattern.h"
#include "times.h"

#define IDLE_NS 1000000

static void await_idle(struct scene *s, uint64_t seq)
{
	uint64_t since;

	while (atomic_load_explicit(&s->asleep, memory_order_acquire) <= seq)
		clock_relax();
	since = clock_ns();
	while (clock_ns() - since < IDLE_NS)
		clock_relax();
}

static int send_one(struct scene *s, unsigned who, struct pattern *p, uint64_t mark)
{
	int r;

	pattern_stamp(p, mark);
	atomic_store_explicit(&s->sent_at, clock_ticks(), memory_order_release);
	r = s->impl->send(s->chan, WAY_FORTH, p->word, s->plan.size);
	return r < 0 ? fail_call(s, who, "send", r) : 0;
}

static int waker(struct scene *s, unsigned who)
{
	uint64_t       length = (uint64_t)(s->plan.seconds * 1e9), start = clock_ns(), past = 0;
	uint64_t       seq, timed = 0;
	struct pattern p;
	int            r = 0;

	if (pattern_init(&p, s->plan.size) < 0)
		return fail(s, who, "no memory");
	for (seq = 0; r == 0 && (past < length || !timed); seq++) {
		await_idle(s, seq);
		past = clock_ns() - start;
		if (past > (uint64_t)((double)length * TIMES_WARM_UP))
			timed = MARK_TIMED;
		r = send_one(s, who, &p, MARK(who, seq) | timed);
	}
	if (r == 0) {
		await_idle(s, seq);
		r = send_one(s, who, &p, MARK_STOP);
	}
	pattern_fini(&p);
	return r;
}

static int be_woken(struct scene *s, unsigned who, struct pattern *p)
{
	for (uint64_t seq = 0;; seq++) {
		uint64_t sent, now;
		ssize_t  n;

		atomic_store_explicit(&s->asleep, seq + 1, memory_order_release);
		n = s->impl->recv(s->chan, WAY_FORTH, p->word, s->plan.size);
		now = clock_ticks();
		sent = atomic_load_explicit(&s->sent_at, memory_order_acquire);
		if (n != (ssize_t)s->plan.size)
			return fail_call(s, who, "recv", n);
		if (!pattern_is_whole(p))
			return fail(s, who, "a message is damaged");
		if (p->word[0] & MARK_STOP)
			return 0;
		if (MARK_SEQ(p->word[0]) != seq)
			return fail(s, who, "a message is lost or doubled");
		if (p->word[0] & MARK_TIMED)
			histogram_add(&s->party[who].times, now > sent ? now - sent : 0);
	}
}

static int sleeper(struct scene *s, unsigned who)
{
	struct pattern p;
	int            r;

	if (pattern_init(&p, s->plan.size) < 0)
		return fail(s, who, "no memory");
	r = be_woken(s, who, &p);
	pattern_fini(&p);
	return r;
}

static void values(const struct scene *s, double value[N_METRICS])
{
	times_values(&s->party[1].times, value);
}

const struct case_def case_wakeup = {
	.name = "wakeup",
	.title = "Waking a receiver that has slept for 1 ms",
	.n_parties = 2,
	.sender = waker,
	.receiver = sleeper,
	.values = values,
};

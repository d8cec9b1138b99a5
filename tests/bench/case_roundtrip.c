/* case_roundtrip.c - there and back: how long an answer takes, one question at a time */

#include "cases.h"
#include "clock.h"
#include "pattern.h"
#include "times.h"

static int exchange(struct scene *s, unsigned who, struct pattern *p, uint64_t mark)
{
	ssize_t n;
	int     r;

	pattern_stamp(p, mark);
	r = s->impl->send(s->chan, WAY_FORTH, p->word, s->plan.size);
	if (r < 0)
		return fail_call(s, who, "send", r);
	if (mark & MARK_STOP)
		return 0;
	n = s->impl->recv(s->chan, WAY_BACK, p->word, s->plan.size);
	if (n != (ssize_t)s->plan.size)
		return fail_call(s, who, "recv", n);
	if (p->word[0] != mark || !pattern_is_whole(p))
		return fail(s, who, "the answer is not the question");
	return 0;
}

static int ask(struct scene *s, unsigned who, struct pattern *p)
{
	struct histogram *times = &s->party[who].times;
	uint64_t          length = (uint64_t)(s->plan.seconds * 1e9), start = clock_ns();
	uint64_t          before = clock_ticks(), now, seq = 0;
	int               r = 0, timed = 0;

	while (r == 0 && ((seq & 15) || clock_ns() - start < length || times->n == 0)) {
		if (!timed && (seq & 15) == 0) {
			timed = clock_ns() - start > (uint64_t)((double)length * TIMES_WARM_UP);
			before = clock_ticks();
		}
		r = exchange(s, who, p, MARK(who, seq++));
		now = clock_ticks();
		if (timed)
			histogram_add(times, now - before);
		before = now;
	}
	return r == 0 ? exchange(s, who, p, MARK_STOP) : r;
}

static int asker(struct scene *s, unsigned who)
{
	struct pattern p;
	int            r;

	if (pattern_init(&p, s->plan.size) < 0)
		return fail(s, who, "no memory");
	r = ask(s, who, &p);
	pattern_fini(&p);
	return r;
}

static int answer(struct scene *s, unsigned who, struct pattern *p)
{
	for (;;) {
		ssize_t n = s->impl->recv(s->chan, WAY_FORTH, p->word, s->plan.size);
		int     r;

		if (n != (ssize_t)s->plan.size)
			return fail_call(s, who, "recv", n);
		if (p->word[0] & MARK_STOP)
			return 0;
		r = s->impl->send(s->chan, WAY_BACK, p->word, s->plan.size);
		if (r < 0)
			return fail_call(s, who, "send", r);
	}
}

static int answerer(struct scene *s, unsigned who)
{
	struct pattern p;
	int            r;

	if (pattern_init(&p, s->plan.size) < 0)
		return fail(s, who, "no memory");
	r = answer(s, who, &p);
	pattern_fini(&p);
	return r;
}

static void values(const struct scene *s, double value[N_METRICS])
{
	times_values(&s->party[0].times, value);
}

const struct case_def case_roundtrip = {
	.name = "roundtrip",
	.title = "There and back, one message at a time",
	.n_parties = 2,
	.sender = asker,
	.receiver = answerer,
	.values = values,
};

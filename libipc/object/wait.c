/* wait.c - ipc_wait(): is it so, who died meanwhile, and how it is said */

#include <errno.h>

#include "base/clock.h"
#include "base/error.h"
#include "object/count.h"
#include "object/wait_set.h"
#include "runtime/domain.h"

/* ---- is it so? ----------------------------------------------------------------------------- */

/*
 * The quick look may be right for a slot that turns out to be an abandoned one, or be
 * from an array of slots that is no more. So what it finds is made sure of.
 */
static bool is_so(const struct question *q)
{
	const struct call now = {.ring = q->ring, .op = q->says.op, .timeout = IPC_NOW};

	if (!question_holds(q))
		return false;
	return !q->c || q->side == LEVEL_PUT || channel_poll(q->c, &now) != 0;
}

/* Fill in .got: how many items have some; negative errno. */
static int answer(struct wait_set *s)
{
	int r, n = 0;

	for (size_t i = 0; i < s->n_items; i++)
		s->items[i].got = 0;
	r = set_ask_fds(s);
	if (r < 0)
		return r;
	for (size_t i = 0; i < s->n; i++)
		if (s->q[i].c && is_so(&s->q[i]))
			s->q[i].item->got |= s->q[i].bit;
	for (size_t i = 0; i < s->n_items; i++)
		n += s->items[i].got != 0;
	return n;
}

static bool enough(const struct wait_set *s, int n)
{
	return n > 0 && (!s->all || (size_t)n == s->n_items);
}

/* ---- the dead ------------------------------------------------------------------------------ */

static uint32_t concerned(const struct question *q)
{
	return RIGHT_SEND(q->ring) | RIGHT_RECV(q->ring);
}

/* Who died on a claim, or was the last of his side, holds somebody up. True: there was one. */
static bool look_for_dead(struct wait_set *s)
{
	bool any = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct question *q = &s->q[i];

		any |= q->c && channel_holders_look(q->c, concerned(q));
	}
	return any;
}

/*
 * Who only ever looks, or never for a slice, must learn of it too, but need not ask each time. By
 * channel: who waits for two sets in turn would else look at those of one of them only.
 */
static bool glance_for_dead(struct wait_set *s)
{
	uint64_t now = clock_now_ns();
	bool     any = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct question *q = &s->q[i];
		uint64_t               last = q->c ? load_relaxed(&q->c->glanced_ns) : now;

		/* at this moment: for the other of its questions */
		if (!q->c || (last != now && now - last < WAIT_SLICE_NS / 16))
			continue;
		store_relaxed(&q->c->glanced_ns, now);
		any |= channel_holders_look(q->c, concerned(q));
	}
	return any;
}

/* What bursts left in the rings that nothing came from: a step for each that is due. */
static void trim(struct wait_set *s)
{
	uint64_t now = clock_coarse_ns();

	for (size_t i = 0; i < s->n; i++)
		if (s->q[i].c && s->q[i].side == LEVEL_GET && !question_holds(&s->q[i]))
			(void)lane_found_empty(&s->q[i].c->lane[s->q[i].ring], now);
}

/* Nothing happened for a slice: there is time for all of it, until something does. */
static void trim_idle(struct wait_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct question *q = &s->q[i];

		if (!q->c || q->side != LEVEL_GET)
			continue;
		while (lane_worth_trimming(&q->c->lane[q->ring])) {
			(void)lane_trim(&q->c->lane[q->ring]);
			if (set_holds(s) || wait_left(&s->wait) == 0)
				return;
		}
	}
}

/* ---- waiting ------------------------------------------------------------------------------- */

/*
 * Two questions of one item are alternatives, which a wait for all cannot say: there such
 * an item counts as one that the library cannot see into.
 */
static void describe(struct wait_set *s)
{
	struct wait *w = &s->wait;
	size_t       n = 0;

	w->more = s->says;
	for (size_t i = 0; i < s->n; i++) {
		const struct question *q = &s->q[i];
		bool                   two = i + 1 < s->n && s->q[i + 1].item == q->item;

		if (n == WAIT_ITEMS_MAX) {
			w->n_hidden++;
			continue;
		}
		s->says[n++] = q->says;
		if (s->all && two) {
			s->says[n - 1] = (struct wait_item){.op = OP_FD, .arg = UINT64_MAX};
			i++;
		}
	}
	if (n == 0) /* waiting for the time alone */
		s->says[n++] = (struct wait_item){.op = OP_FD, .arg = UINT64_MAX};
	w->item = s->says[0];
	w->n_more = (uint32_t)n;
	w->flags = s->all ? WAIT_ALL : 0;
	for (size_t i = 0; !s->all && i < s->n; i++)
		if (s->q[i].says.op == OP_FD || w->n_hidden)
			w->flags |= WAIT_EXT;
	if (s->by_poll)
		w->flags |= WAIT_POLLS;
}

static bool holds(void *set)
{
	return set_holds(set);
}

/* As of a put or a get, at each end that it slept for. */
static void count_sleep(const struct wait_set *s)
{
	for (size_t i = 0; s->wait.slept && i < s->n; i++) {
		const struct question *q = &s->q[i];
		struct flow           *flow;

		if (!q->c)
			continue;
		flow = q->side == LEVEL_GET ? &q->c->h.e->in : &q->c->h.e->out;
		count_add(&flow->blocks, 1);
		count_add(&flow->blocked_ns, s->wait.asleep_ns);
	}
}

static int wait_slow(struct wait_set *s)
{
	struct wait *w = &s->wait;
	int          n = 0, r = wait_begin(w);

	if (r == 0 && !set_can_futex(s))
		r = set_prepare_poll(s);
	if (r < 0)
		return r;
	describe(s);
	w->arg = s;
	w->ready = holds;
	if (!s->by_poll && wait_spin(w))
		n = answer(s);
	while (n >= 0 && !enough(s, n)) {
		r = set_sleep(s);
		if (clock_now_ns() >= w->look_ns) {
			w->slices++;
			(void)look_for_dead(s);
			trim_idle(s);
			wait_next_slice(w);
		}
		n = answer(s);
		if (r < 0)
			break;
	}
	if (r == -EDEADLK && n >= 0 && !enough(s, n))
		n = r;
	set_leave(s);
	wait_end(w, n);
	count_sleep(s);
	return n;
}

static int wait_for_set(struct wait_set *s, ipc_nsec timeout, uint64_t site)
{
	int  n = answer(s);
	bool brief = timeout >= 0 && (uint64_t)timeout < WAIT_SLICE_NS;

	if (n >= 0 && !enough(s, n) && brief && glance_for_dead(s))
		n = answer(s);
	if (n < 0 || enough(s, n))
		return n;
	trim(s);
	if (timeout == IPC_NOW)
		return n;
	s->wait = (struct wait){.timeout = timeout, .site = site};
	return wait_slow(s);
}

int ipc_wait(struct ipc_item *items, size_t n_items, unsigned flags, ipc_nsec timeout)
{
	struct wait_set s;
	int             n;

	explain_clear();
	if ((!items && n_items) || flags & ~(unsigned)IPC_WAIT_ALL || n_items > INT32_MAX / 2)
		return -EINVAL;
	if (!n_items && timeout < 0)
		return fail(-EDEADLK, "there is nothing in the list to wait for");
	n = set_init(&s, items, n_items, flags);
	if (n == 0)
		n = domain_join();
	if (n == 0)
		n = wait_for_set(&s, timeout, CALL_SITE);
	if (n >= 0 && !enough(&s, n))
		n = 0; /* .got tells which of them were ready */
	set_fini(&s);
	return n;
}

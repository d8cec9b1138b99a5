/*
 * sys_sync.c - what locks with shares, semaphores, events, conditions and barriers do
 *
 * For the exploration in sys_truth.c. Where a call first arrives and then waits, these are
 * two steps: .in of the thread says where it is between them.
 */

#include "deadlock/system.h"

enum { OUTSIDE = 0, ARRIVED = 1, RELEASED = 0xff }; /* a condition: ARRIVED and more: its place */

#define BROKEN 1 /* in .queued of a barrier */

static bool is_free(const struct sys *s, const struct sys_state *st, unsigned o)
{
	return !st->owner[o] || sys_owner_gone(s, st, o);
}

static unsigned shares(const struct sys *s, const struct sys_state *st, unsigned o)
{
	unsigned n = 0;

	for (unsigned t = 0; t < s->n_threads; t++)
		n += st->share[t][o];
	return n;
}

bool sys_sync_can(const struct sys *s, const struct sys_state *st, unsigned t,
		  const struct sys_op *op)
{
	unsigned o = op->on;
	bool takes = op->act == SYS_GET, at_once = st->in[t] == OUTSIDE || st->in[t] == RELEASED;

	switch (s->object[o].kind) {
	case SYS_RMUTEX: return op->act != SYS_LOCK || is_free(s, st, o) || st->owner[o] == t + 1;
	case SYS_RWLOCK:
		return op->act == SYS_UNLOCK ||
		       (is_free(s, st, o) && (takes || shares(s, st, o) == 0));
	case SYS_SEM:
	case SYS_GATE:
	case SYS_EVENT: return !takes || st->queued[o] > 0;
	case SYS_COND: return !takes || at_once;
	case SYS_BARRIER: return at_once || st->queued[o] == BROKEN;
	default: return true;
	}
}

/* ---- conditions and barriers ---------------------------------------------------------------- */

static bool is_at(const struct sys *s, const struct sys_state *st, unsigned t, unsigned o)
{
	const struct sys_op *op = &s->thread[t].op[st->pc[t]];

	return st->in[t] != OUTSIDE && op->act == SYS_GET && op->on == o;
}

/* How many stand at @o, between arriving and leaving. */
static unsigned standing(const struct sys *s, const struct sys_state *st, unsigned o)
{
	unsigned n = 0;

	for (unsigned t = 0; t < s->n_threads; t++)
		n += is_at(s, st, t, o) && st->in[t] != RELEASED;
	return n;
}

static void release_all(const struct sys *s, struct sys_state *st, unsigned o)
{
	for (unsigned t = 0; t < s->n_threads; t++)
		if (is_at(s, st, t, o))
			st->in[t] = RELEASED;
}

/* Who has waited longest goes on, and those behind move up. */
static void notify(const struct sys *s, struct sys_state *st, unsigned o)
{
	for (unsigned t = 0; t < s->n_threads; t++)
		if (is_at(s, st, t, o) && st->in[t] != RELEASED)
			st->in[t] = st->in[t] == ARRIVED ? RELEASED : (uint8_t)(st->in[t] - 1);
}

static bool pass(const struct sys *s, struct sys_state *st, unsigned t, unsigned o)
{
	if (st->in[t] == RELEASED || (s->object[o].kind == SYS_BARRIER && st->queued[o])) {
		st->in[t] = OUTSIDE;
		return true;
	}
	st->in[t] = s->object[o].kind == SYS_COND ? (uint8_t)(standing(s, st, o) + 1) : ARRIVED;
	if (s->object[o].kind == SYS_BARRIER && standing(s, st, o) == s->object[o].capacity)
		release_all(s, st, o);
	return false;
}

/* A barrier breaks; a condition's notice is another's, and those behind move up. */
static void leave_by_death(const struct sys *s, struct sys_state *st, unsigned t)
{
	unsigned o = s->thread[t].op[st->pc[t]].on, place = st->in[t];

	st->in[t] = OUTSIDE;
	if (place == OUTSIDE)
		return;
	if (s->object[o].kind == SYS_BARRIER && place == ARRIVED) {
		st->queued[o] = BROKEN;
		release_all(s, st, o);
	} else if (s->object[o].kind == SYS_COND && place == RELEASED) {
		notify(s, st, o);
	} else if (s->object[o].kind == SYS_COND) {
		for (unsigned i = 0; i < s->n_threads; i++)
			if (is_at(s, st, i, o) && st->in[i] != RELEASED && st->in[i] > place)
				st->in[i]--;
	}
}

/* ---- locks and permits --------------------------------------------------------------------- */

static void unlock(struct sys_state *st, unsigned t, unsigned o)
{
	if (st->share[t][o])
		st->share[t][o]--;
	if (st->owner[o] == t + 1 && !st->share[t][o])
		st->owner[o] = 0;
}

/* Of its own, or of another thread of its process; who has none may not. */
static void post_permit(const struct sys *s, struct sys_state *st, unsigned t, unsigned o)
{
	unsigned from = t;

	for (unsigned i = 0; i < s->n_threads && !st->share[from][o]; i++)
		if (s->thread[i].process == s->thread[t].process && st->share[i][o])
			from = i;
	if (!st->share[from][o])
		return;
	st->share[from][o]--;
	st->queued[o]++;
}

static void take(struct sys_state *st, unsigned t, unsigned o, bool permit)
{
	st->queued[o]--;
	st->share[t][o] += permit;
}

static void lock(const struct sys *s, struct sys_state *st, unsigned t, const struct sys_op *op)
{
	unsigned o = op->on;

	/* who wants to read and finds a dead writer is the next writer */
	if (op->act == SYS_GET && !st->owner[o]) {
		st->share[t][o]++;
		return;
	}
	if (s->object[o].kind == SYS_RMUTEX)
		st->share[t][o] = (uint8_t)(st->owner[o] == t + 1 ? st->share[t][o] + 1 : 1);
	st->owner[o] = (uint8_t)(t + 1);
}

bool sys_sync_do(const struct sys *s, struct sys_state *st, unsigned t, const struct sys_op *op)
{
	enum sys_kind kind = s->object[op->on].kind;
	unsigned      o = op->on;
	bool          takes = op->act == SYS_GET;

	if (op->act == SYS_UNLOCK)
		unlock(st, t, o);
	else if (op->act == SYS_LOCK || kind == SYS_RWLOCK)
		lock(s, st, t, op);
	else if (kind == SYS_EVENT && !takes)
		st->queued[o] = 1;
	else if (takes && (kind == SYS_SEM || kind == SYS_GATE))
		take(st, t, o, kind == SYS_SEM);
	else if (kind == SYS_SEM)
		post_permit(s, st, t, o);
	else if (kind == SYS_GATE)
		st->queued[o]++;
	else if (kind == SYS_COND && !takes)
		notify(s, st, o);
	else if (kind == SYS_COND || kind == SYS_BARRIER)
		return pass(s, st, t, o);
	return true;
}

void sys_sync_gone(const struct sys *s, struct sys_state *st, unsigned t, bool by_another)
{
	if (st->pc[t] < s->thread[t].n_ops)
		leave_by_death(s, st, t);
	for (unsigned o = 0; o < s->n_objects; o++) {
		if (s->object[o].kind == SYS_SEM)
			st->queued[o] = (uint8_t)(st->queued[o] + st->share[t][o]);
		else if (by_another && s->locks_stay)
			continue;
		st->share[t][o] = 0;
	}
}

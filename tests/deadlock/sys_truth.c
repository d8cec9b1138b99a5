/*
 * sys_truth.c - what a system can still do, by doing all of it
 *
 * A plain interpreter of the operations and a search through every state it can reach. It
 * knows what calls do, and nothing of how a deadlock is found: no holders, no fixed point.
 */

#include <stdlib.h>
#include <string.h>

#include "deadlock/system.h"

#define STATES_MAX 30000 /* picked: more cost more than another system tells */
#define TABLE      65536

static const struct sys_op *op_at(const struct sys *s, const struct sys_state *st, unsigned t)
{
	return &s->thread[t].op[st->pc[t]];
}

/* What @thread still has to do from operation @first on needs these ends of object @o. */
static uint8_t ends_used(const struct sys_thread *thread, unsigned o)
{
	uint8_t ends = 0;

	for (unsigned i = 0; i < thread->n_ops; i++) {
		const struct sys_op *op = &thread->op[i];

		if (op->act == SYS_OPEN && op->on == o)
			break; /* it has them from there on */
		if ((op->act == SYS_ANY || op->act == SYS_ALL) && (op->on == o || op->on2 == o))
			ends |= SYS_R;
		if (op->act > SYS_CLOSE || op->on != o)
			continue;
		ends |= op->act == SYS_PUT     ? SYS_W
			: op->act == SYS_GET   ? SYS_R
			: op->act == SYS_CLOSE ? op->ends
					       : SYS_R | SYS_W;
	}
	return ends;
}

uint8_t sys_own(const struct sys *s, unsigned p, unsigned o)
{
	uint8_t ends = s->process[p].keep[o];

	for (unsigned t = 0; t < s->n_threads; t++)
		if (s->thread[t].process == p)
			ends |= ends_used(&s->thread[t], o);
	/* a queue has one kind of handle, and a lock none: its memory is mapped or not */
	return ends && s->object[o].kind != SYS_PIPE ? SYS_R | SYS_W : ends;
}

uint8_t sys_need(const struct sys *s, unsigned p, unsigned o)
{
	uint8_t ends = sys_own(s, p, o);

	for (unsigned t = 0; t < s->n_threads; t++)
		for (unsigned i = 0; i < s->thread[t].n_ops; i++)
			if (s->thread[t].process == p && s->thread[t].op[i].act == SYS_SPAWN)
				ends |= sys_need(s, s->thread[t].op[i].on, o);
	return ends;
}

static void born(const struct sys *s, struct sys_state *st, unsigned p)
{
	st->life[p] = SYS_ALIVE;
	for (unsigned o = 0; o < s->n_objects; o++)
		st->ends[p][o] = sys_need(s, p, o);
}

void sys_start(const struct sys *s, struct sys_state *st)
{
	memset(st, 0, sizeof(*st));
	for (unsigned o = 0; o < s->n_objects; o++)
		if (s->object[o].kind == SYS_SEM)
			st->queued[o] = s->object[o].capacity;
	for (unsigned p = 0; p < s->n_processes; p++)
		if (!s->process[p].spawned)
			born(s, st, p);
}

bool sys_active(const struct sys *s, const struct sys_state *st, unsigned t)
{
	return st->life[s->thread[t].process] == SYS_ALIVE && st->pc[t] < s->thread[t].n_ops;
}

static bool held(const struct sys *s, const struct sys_state *st, unsigned o, uint8_t end)
{
	for (unsigned p = 0; p < s->n_processes; p++)
		if (st->life[p] == SYS_ALIVE && (st->ends[p][o] & end))
			return true;
	return false;
}

static unsigned unfinished(const struct sys *s, const struct sys_state *st, unsigned o)
{
	unsigned n = st->queued[o];

	for (unsigned p = 0; p < s->n_processes; p++)
		n += st->owed[p][o];
	return n;
}

bool sys_owner_gone(const struct sys *s, const struct sys_state *st, unsigned o)
{
	unsigned t = st->owner[o] - 1u;

	if (!st->owner[o] || sys_active(s, st, t))
		return false;
	return !s->locks_stay || st->pc[t] == s->thread[t].n_ops;
}

static void give_back(const struct sys *s, struct sys_state *st, unsigned t)
{
	for (unsigned o = 0; o < s->n_objects; o++)
		if (st->owner[o] == t + 1)
			st->owner[o] = 0;
}

/* Would get return from @o at once? */
static bool ready(const struct sys *s, const struct sys_state *st, unsigned o)
{
	return st->queued[o] > 0 || (s->object[o].kind == SYS_PIPE && !held(s, st, o, SYS_W));
}

/* Has a thread of @p come to where it stops the process? */
static bool stands_still(const struct sys *s, const struct sys_state *st, unsigned p)
{
	for (unsigned t = 0; t < s->n_threads; t++)
		if (s->thread[t].process == p && sys_active(s, st, t) &&
		    op_at(s, st, t)->act == SYS_HALT)
			return true;
	return false;
}

bool sys_can_step(const struct sys *s, const struct sys_state *st, unsigned t)
{
	const struct sys_op     *op = op_at(s, st, t);
	const struct sys_object *o = &s->object[op->on];
	bool                     pipe = o->kind == SYS_PIPE;

	if (o->kind > SYS_MUTEX && op->act < SYS_CLOSE)
		return sys_sync_can(s, st, t, op);
	switch (op->act) {
	case SYS_PUT:
		return !o->capacity || st->queued[op->on] < o->capacity ||
		       (pipe && !held(s, st, op->on, SYS_R));
	case SYS_GET: return ready(s, st, op->on);
	case SYS_ANY: return ready(s, st, op->on) || ready(s, st, op->on2);
	case SYS_ALL: return ready(s, st, op->on) && ready(s, st, op->on2);
	case SYS_JOIN: return unfinished(s, st, op->on) == 0;
	case SYS_LOCK: return !st->owner[op->on] || sys_owner_gone(s, st, op->on);
	case SYS_WAIT: return st->life[op->on] == SYS_ENDED;
	case SYS_HALT: return st->goes_on[s->thread[t].process];
	case SYS_CONT: return stands_still(s, st, op->on);
	case SYS_RUN: return false;
	default: return true;
	}
}

static void close_ends(const struct sys *s, struct sys_state *st, unsigned p, unsigned o,
		       uint8_t ends)
{
	st->ends[p][o] &= (uint8_t)~ends;
	if (st->ends[p][o])
		return;
	if (s->object[o].requeue)
		st->queued[o] += st->owed[p][o];
	st->owed[p][o] = 0; /* else nobody will finish them: they have failed */
}

static void end_process(const struct sys *s, struct sys_state *st, unsigned p)
{
	st->life[p] = SYS_ENDED;
	for (unsigned t = 0; t < s->n_threads; t++)
		if (s->thread[t].process == p)
			sys_sync_gone(s, st, t, true);
	for (unsigned o = 0; o < s->n_objects; o++)
		close_ends(s, st, p, o, SYS_R | SYS_W);
}

/* After its last operation a thread is no more; after its last thread, a process. */
static void end_thread(const struct sys *s, struct sys_state *st, unsigned t)
{
	unsigned p = s->thread[t].process;

	sys_sync_gone(s, st, t, false);
	for (unsigned i = 0; i < s->n_threads; i++)
		if (s->thread[i].process == p && sys_active(s, st, i))
			return;
	end_process(s, st, p);
}

static void spawn(const struct sys *s, struct sys_state *st, unsigned parent, unsigned child)
{
	born(s, st, child);
	for (unsigned o = 0; o < s->n_objects; o++) {
		uint8_t keep = sys_own(s, parent, o);

		for (unsigned t = 0; t < s->n_threads; t++)
			for (unsigned i = st->pc[t] + 1u; i < s->thread[t].n_ops; i++)
				if (s->thread[t].process == parent &&
				    s->thread[t].op[i].act == SYS_SPAWN)
					keep |= sys_need(s, s->thread[t].op[i].on, o);
		close_ends(s, st, parent, o, (uint8_t)~keep);
	}
}

static void do_op(const struct sys *s, struct sys_state *st, unsigned t, const struct sys_op *op)
{
	unsigned p = s->thread[t].process, o = op->on;
	bool     pipe = s->object[o].kind == SYS_PIPE;

	switch (op->act) {
	case SYS_PUT: st->queued[o] += !(pipe && !held(s, st, o, SYS_R)); break;
	case SYS_GET:
		if (st->queued[o] > 0) {
			st->queued[o]--;
			st->owed[p][o] += s->object[o].kind == SYS_JOINABLE;
		}
		break;
	case SYS_DONE: st->owed[p][o] -= st->owed[p][o] > 0; break;
	case SYS_LOCK: st->owner[o] = (uint8_t)(t + 1); break;
	case SYS_UNLOCK: st->owner[o] = st->owner[o] == t + 1 ? 0 : st->owner[o]; break;
	case SYS_CLOSE: close_ends(s, st, p, o, pipe ? op->ends : SYS_R | SYS_W); break;
	case SYS_SPAWN: spawn(s, st, p, op->on); break;
	case SYS_CONT: st->goes_on[op->on] = 1; break;
	case SYS_OPEN: st->ends[p][o] = SYS_R | SYS_W; break;
	default: break;
	}
}

static void advance(const struct sys *s, struct sys_state *st, unsigned t)
{
	const struct sys_op *op = op_at(s, st, t);

	if (st->left[t] == 0)
		st->left[t] = op->times ? op->times : 1;
	if (--st->left[t] == 0)
		st->pc[t]++;
	if (st->pc[t] == s->thread[t].n_ops)
		end_thread(s, st, t);
}

void sys_step(const struct sys *s, struct sys_state *st, unsigned t)
{
	const struct sys_op *op = op_at(s, st, t);

	if (op->act == SYS_DIE) {
		sys_sync_gone(s, st, t, false);
		give_back(s, st, t);
		end_process(s, st, s->thread[t].process);
		return;
	}
	if (s->object[op->on].kind > SYS_MUTEX && op->act < SYS_CLOSE) {
		if (sys_owner_gone(s, st, op->on) && op->act != SYS_UNLOCK)
			st->owner[op->on] =
				(uint8_t)(t + 1); /* what it had is for the next one to mend */
		if (!sys_sync_do(s, st, t, op))
			return;
	} else {
		do_op(s, st, t, op);
	}
	advance(s, st, t);
}

/* ---- everything that can follow ------------------------------------------------------- */

struct search {
	struct sys_state *state;
	uint32_t          n, done;
	uint32_t         *at; /* by hash: number + 1 */
};

static uint32_t hash(const struct sys_state *st)
{
	const uint8_t *b = (const uint8_t *)st;
	uint32_t       h = 2166136261u;

	for (size_t i = 0; i < sizeof(*st); i++)
		h = (h ^ b[i]) * 16777619u;
	return h % TABLE;
}

/* Remember @st unless it is known; false: there are too many. */
static bool add(struct search *x, const struct sys_state *st)
{
	uint32_t h = hash(st);

	while (x->at[h]) {
		if (memcmp(&x->state[x->at[h] - 1], st, sizeof(*st)) == 0)
			return true;
		h = (h + 1) % TABLE;
	}
	if (x->n == STATES_MAX)
		return false;
	x->state[x->n++] = *st;
	x->at[h] = x->n;
	return true;
}

/* All steps from state number @i: who can take one is not dead. @limits: time limits expire. */
static bool follow(const struct sys *s, struct search *x, uint32_t i, bool limits, uint32_t *moved)
{
	for (unsigned t = 0; t < s->n_threads; t++) {
		struct sys_state next = x->state[i];

		if (!sys_active(s, &next, t))
			continue;
		if (op_at(s, &next, t)->act == SYS_RUN || op_at(s, &next, t)->act == SYS_HALT)
			*moved |= 1u << t; /* it computes: that is no wait */
		if (sys_can_step(s, &next, t))
			sys_step(s, &next, t);
		else if (limits && op_at(s, &next, t)->timed)
			advance(s, &next, t);
		else
			continue;
		*moved |= 1u << t;
		if (!add(x, &next))
			return false;
	}
	return true;
}

static struct search *new_search(const struct sys_state *first)
{
	static struct search x;

	if (!x.state) {
		x.state = calloc(STATES_MAX, sizeof(*x.state));
		x.at = calloc(TABLE, sizeof(*x.at));
		if (!x.state || !x.at)
			abort();
	}
	memset(x.at, 0, TABLE * sizeof(*x.at));
	x.n = 0;
	(void)add(&x, first);
	return &x;
}

bool sys_dead(const struct sys *s, const struct sys_state *st, uint32_t *ret)
{
	struct search *x = new_search(st);
	uint32_t       moved = 0;
	bool           all = true;

	for (uint32_t i = 0; i < x->n && all; i++)
		all = follow(s, x, i, true, &moved);
	*ret = 0;
	for (unsigned t = 0; t < s->n_threads; t++)
		if (sys_active(s, st, t) && !(moved & 1u << t))
			*ret |= 1u << t;
	return all;
}

bool sys_dead_but_for_exits(const struct sys *s, const struct sys_state *st, uint32_t *ret)
{
	static struct sys copy;
	struct sys_state  first = *st;

	for (unsigned o = 0; o < s->n_objects; o++)
		if (sys_owner_gone(s, st, o))
			first.owner[o] = 0;
	copy = *s;
	copy.locks_stay = true;
	return sys_dead(&copy, &first, ret);
}

/* Who waits in @st; false: somebody can take a step. */
static bool is_end(const struct sys *s, const struct sys_state *st, uint32_t *ret_asleep)
{
	*ret_asleep = 0;
	for (unsigned t = 0; t < s->n_threads; t++) {
		if (!sys_active(s, st, t))
			continue;
		if (sys_can_step(s, st, t))
			return false;
		if (op_at(s, st, t)->act != SYS_RUN && op_at(s, st, t)->act != SYS_HALT)
			*ret_asleep |= 1u << t;
	}
	return true;
}

bool sys_ends_always(const struct sys *s, uint32_t *ret_asleep)
{
	struct sys_state start;
	struct search   *x;
	uint32_t         ignored = 0, asleep;
	bool             first = true, all = true;

	sys_start(s, &start);
	x = new_search(&start);
	for (uint32_t i = 0; i < x->n && all; i++) {
		if (is_end(s, &x->state[i], &asleep)) {
			all = first || asleep == *ret_asleep;
			*ret_asleep = asleep;
			first = false;
		} else {
			all = follow(s, x, i, false, &ignored);
		}
	}
	return all && !first;
}

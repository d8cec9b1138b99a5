/*
 * relate_sync.c - conditions of waits for things of ipc/sync.h
 *
 *     mutex, rwlock to read     one thread: who holds it, or writes
 *     rwlock to write           every thread that reads
 *     semaphore, bounded        any process that has a permit: nobody else may post
 *     .. unbounded, or with     any process that can get at it
 *        permits nobody has
 *     event, condition          any process that can get at it
 *     barrier                   any process that can get at it: it may start as many
 *                               threads as are missing. If it has not got them, that is
 *                               a suspicion, unless one who is there will leave and so
 *                               break it
 *
 * Whose shares they are is in the threads' records. A lock whose count is not what the
 * living have is about to be set right by one who sleeps (object/share.h), so a wait for
 * it counts as open; so does one for a lock in memory that is not the library's, of which
 * nobody knows who can get at it.
 */

#include "observe/relate_state.h"

static const struct lock_seen *seen_of(const struct state *s)
{
	return &s->r->locks[s->wait];
}

static bool is_dead_thread(const struct state *s, uint32_t t)
{
	return t == MODEL_NOBODY || s->m->process[s->m->thread[t].process].dead;
}

/* Held by one thread, whose reference is @word. */
static void relate_owner(struct state *s, uint64_t word, bool verified)
{
	uint32_t owner = view_thread_of(s->r->v, s->r->image, word), group;

	if (s->first)
		s->r->v->wait[s->wait].owner = owner;
	if (!verified)
		s->m->thread[s->thread].unsure = true;
	if (word == 0 || is_dead_thread(s, owner)) {
		relate_add(s, verified && word == 0,
			   true); /* the dead one's lock goes to a sleeper */
		return;
	}
	group = relate_lock_of(s, owner);
	relate_add(s, false, false);
	model_add_item_group(s->m, group);
}

static void relate_mutex(struct state *s)
{
	const struct lock_seen *l = seen_of(s);
	bool                    verified = s->first && l->verified;

	relate_owner(s, verified ? l->owner : s->item->arg2, verified);
}

/* Anybody who has the memory mapped could end it. */
static void relate_mapped(struct state *s)
{
	uint32_t group;

	if (s->channel == MODEL_NOBODY || relate_object(s)->inflight > 0) {
		relate_add(s, false, true);
		return;
	}
	group = relate_shared(s, MAPPED, RIGHT_MAP, false, DEATH_CLOSES);
	relate_add(s, false, false);
	model_add_item_group(s->m, group);
}

/* ---- shares ----------------------------------------------------------------------------- */

/* The shares of that lock that the living have, or IPC_UNKNOWN: one is just changing. */
static uint64_t count_shares(const struct state *s, uint64_t key, uint32_t *ret_first,
			     uint32_t *ret_n)
{
	const struct view *v = s->r->v;
	uint64_t           n = 0;

	*ret_first = view_holds_of(v, key, ret_n);
	for (uint32_t i = *ret_first; i < *ret_first + *ret_n; i++) {
		if (is_dead_thread(s, v->hold[i].thread))
			continue;
		if (!v->hold_settled[i])
			return IPC_UNKNOWN;
		n += v->hold[i].count;
	}
	return n;
}

/* Every reader must go. */
static void relate_readers(struct state *s, uint64_t state, uint64_t number)
{
	const struct view *v = s->r->v;
	uint32_t           first, n, group = s->m->n_groups, n_groups;

	if ((state & RWLOCK_FROZEN) || count_shares(s, number << HELD_NUMBER_SHIFT | HELD_READ,
						    &first, &n) != (state & RWLOCK_COUNT)) {
		relate_add(s, false, true);
		return;
	}
	for (uint32_t i = first; i < first + n; i++)
		if (!is_dead_thread(s, v->hold[i].thread))
			(void)relate_lock_of(s, v->hold[i].thread);
	n_groups = s->m->n_groups - group;
	relate_add(s, false, n_groups == 0);
	for (uint32_t i = 0; i < n_groups; i++)
		model_add_item_group(s->m, group + i);
}

static void relate_rwlock(struct state *s)
{
	const struct lock_seen *l = seen_of(s);
	bool                    reading = l->owner == 0 || (l->owner & RWLOCK_READING);

	if (!s->first || !l->verified)
		relate_add(s, false, true);
	else if (!reading)
		relate_owner(s, l->owner, true);
	else if (s->item->op == OP_RDLOCK || l->owner == 0) /* held back for a moment, or free */
		relate_add(s, true, true);
	else
		relate_readers(s, l->owner, l->number);
	if (s->first && reading)
		s->r->v->wait[s->wait].have = l->owner & RWLOCK_COUNT;
}

/* Any process with a permit; each once, as holds lie in order of threads. */
static void relate_permits(struct state *s, uint32_t first, uint32_t n)
{
	const struct view *v = s->r->v;
	uint32_t           last = MODEL_NOBODY;
	uint32_t           group = model_add_group(
			  s->m, (struct model_group){.need = 1, .death = DEATH_FREES, .tag = s->channel});

	for (uint32_t i = first; i < first + n; i++) {
		uint32_t p = s->m->thread[v->hold[i].thread].process;

		if (s->m->process[p].dead || p == last)
			continue;
		model_add_way(s->m, false, p);
		last = p;
	}
	relate_add(s, false, false);
	model_add_item_group(s->m, group);
}

static void relate_semaphore(struct state *s)
{
	const struct lock_seen *l = seen_of(s);
	uint64_t                shares;
	uint32_t                first, n;

	if (!s->first || !l->verified) {
		relate_add(s, false, true);
		return;
	}
	s->r->v->wait[s->wait].have = l->owner & SEM_VALUE;
	s->r->v->wait[s->wait].want = l->bound;
	if ((l->owner & SEM_VALUE) || (l->owner & SEM_FROZEN)) {
		relate_add(s, (l->owner & SEM_VALUE) != 0, true);
		return;
	}
	if (l->bound == 0) {
		relate_mapped(s);
		return;
	}
	shares = count_shares(s, l->number << HELD_NUMBER_SHIFT | HELD_PERMIT, &first, &n);
	if (shares == IPC_UNKNOWN || shares + (l->owner >> SEM_LOOSE) != l->bound)
		relate_add(s, false, true); /* a dead one's permit, about to come back */
	else if (l->owner >> SEM_LOOSE)
		relate_mapped(s);
	else
		relate_permits(s, first, n);
}

/* ---- events, conditions, barriers ---------------------------------------------------------- */

static void relate_event(struct state *s, uint64_t state)
{
	if ((state & 1) || state / 2 != s->item->arg2 / 2)
		relate_add(s, true, false);
	else
		relate_mapped(s);
}

static void relate_condition(struct state *s, const struct lock_seen *l)
{
	if (l->owner > s->item->arg2)
		relate_add(s, true, false);
	else if (l->left < l->owner)
		relate_add(s, false, true); /* somebody served has not gone: all may wake soon */
	else
		relate_mapped(s);
}

/* Is that hold an arrival in the turn the wait is for? Who wakes from the one before has it still. */
static bool is_arrival(const struct state *s, uint32_t hold)
{
	const struct view *v = s->r->v;

	return v->hold_settled[hold] && v->hold[hold].count == s->item->arg2;
}

/* Has thread @t arrived there already? */
static bool has_arrived(const struct state *s, uint32_t t, uint32_t first, uint32_t n)
{
	for (uint32_t i = first; i < first + n; i++)
		if (s->r->v->hold[i].thread == t && is_arrival(s, i))
			return true;
	return false;
}

static void add_threads_of(struct state *s, uint32_t p, uint32_t first, uint32_t n)
{
	const struct view *v = s->r->v;

	for (uint32_t t = 0; t < v->n_threads; t++)
		if (v->thread[t].process == p && !has_arrived(s, t, first, n))
			model_add_way(s->m, true, t);
}

/*
 * One who has arrived and may not stay: its time will end, or it does not sleep and may be
 * about to leave. Or MODEL_NOBODY.
 */
static uint32_t leaver_of(const struct state *s, uint32_t first, uint32_t n)
{
	const struct view *v = s->r->v;
	uint32_t           found = MODEL_NOBODY;

	for (uint32_t i = first; i < first + n; i++) {
		uint32_t t = v->hold[i].thread, wait;

		if (!is_arrival(s, i) || is_dead_thread(s, t))
			continue;
		wait = v->thread[t].wait;
		if (wait == IPC_NO_INDEX)
			found = t;
		else if (v->wait[wait].deadline_ns)
			return t;
	}
	return found;
}

/* Who leaves breaks the barrier for all: as good as all who are missing, and so that many ways. */
static void add_leaver(struct state *s, uint32_t missing, uint32_t first, uint32_t n)
{
	uint32_t t = leaver_of(s, first, n);

	if (t == MODEL_NOBODY || missing > BARRIER_COUNT) /* more than there can be: nonsense */
		return;
	while (missing-- > 0)
		model_add_way(s->m, true, t);
}

/*
 * All threads that could arrive as things are, of which as many are needed as are missing.
 * Those who wait at one barrier share the group: they mostly come one after the other.
 */
static uint32_t crowd_of(struct state *s, uint32_t missing, uint32_t first, uint32_t n)
{
	const struct view            *v = s->r->v;
	const struct ipc_obs_channel *c = &v->channel[s->channel];
	uint32_t                      last = MODEL_NOBODY;

	if (s->r->crowd.group != MODEL_NOBODY && s->r->crowd.channel == s->channel &&
	    s->r->crowd.offset == s->item->arg)
		return s->r->crowd.group;
	s->r->crowd.channel = s->channel;
	s->r->crowd.offset = s->item->arg;
	s->r->crowd.group = model_add_group(s->m, (struct model_group){.need = missing,
								       .death = DEATH_CLOSES,
								       .crowd = true,
								       .tag = s->channel});
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		uint32_t p = v->end[i].process;

		if (p != last && (v->end[i].rights & RIGHT_MAP) && !s->m->process[p].dead)
			add_threads_of(s, p, first, n);
		last = p;
	}
	add_leaver(s, missing, first, n);
	return s->r->crowd.group;
}

/* Has one of those who can get at it no thread known yet? It may have any number. */
static bool has_newcomer(const struct state *s)
{
	const struct view            *v = s->r->v;
	const struct ipc_obs_channel *c = &v->channel[s->channel];

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if ((v->end[i].rights & RIGHT_MAP) && s->m->process[v->end[i].process].unseen &&
		    !s->m->process[v->end[i].process].dead)
			return true;
	return false;
}

static void relate_barrier(struct state *s, const struct lock_seen *l)
{
	const struct view *v = s->r->v;
	uint64_t           turn = l->owner >> BARRIER_TURN & 0xffff, arrived = 0;
	uint32_t           first, n;

	s->r->v->wait[s->wait].have = l->owner & BARRIER_COUNT;
	s->r->v->wait[s->wait].want = l->owner >> BARRIER_WANTED & BARRIER_COUNT;
	if (turn != s->item->arg2 || (l->owner & BARRIER_BROKEN)) {
		relate_add(s, true, false);
		return;
	}
	first = view_holds_of(v, l->number << HELD_NUMBER_SHIFT | HELD_ARRIVAL, &n);
	for (uint32_t i = first; i < first + n; i++)
		arrived += is_arrival(s, i) && !is_dead_thread(s, v->hold[i].thread);
	if (arrived == (l->owner & BARRIER_COUNT)) {
		uint32_t missing = s->r->v->wait[s->wait].want - s->r->v->wait[s->wait].have;
		uint32_t crowd = s->channel == MODEL_NOBODY || has_newcomer(s)
					 ? MODEL_NOBODY
					 : crowd_of(s, missing, first, n);

		relate_mapped(s);
		if (crowd != MODEL_NOBODY && !s->m->no_memory &&
		    !s->m->item[s->m->n_items - 1].open)
			model_add_item_group(s->m, crowd);
	} else
		relate_add(s, false, true); /* one of them is dead: the others will be told */
}

void relate_sync(struct state *s)
{
	const struct lock_seen *l = seen_of(s);

	switch (s->item->op) {
	case OP_LOCK: relate_mutex(s); return;
	case OP_RDLOCK:
	case OP_WRLOCK: relate_rwlock(s); return;
	case OP_SEM: relate_semaphore(s); return;
	default: break;
	}
	if (!s->first || !l->verified)
		relate_add(s, false, true);
	else if (s->item->op == OP_EVENT)
		relate_event(s, l->owner);
	else if (s->item->op == OP_COND)
		relate_condition(s, l);
	else
		relate_barrier(s, l);
}

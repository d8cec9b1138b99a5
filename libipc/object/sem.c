/*
 * sem.c - a number that is waited for to be more than 0
 *
 * One word: the number, how many permits nobody has (a bounded semaphore that began
 * with less than its bound), and a flag. Of a bounded one each permit taken is in the
 * record of the thread that took it (share.h), so
 *
 *     number + what nobody has + what the living have = bound
 *
 * holds but for what the dead had, and is made true again by a sleeper that finds it
 * broken. An unbounded one counts signals, of which nothing is recorded.
 *
 * A permit belongs to a process: a thread that posts without one of its own takes over
 * one of another thread of its process first, by a CAS in that one's record, under the
 * registry lock, so that nobody sets the number right while it is between the two.
 *
 * Killed between any two stores: the dead have no permits; see share.h. Posted, and
 * not woken: who sleeps sees it at the end of a slice.
 *
 * Ordering
 *     R1  post  release  state   what was done before is written
 *     A1  wait  acquire  state   (the CAS) pairs with R1
 */

#include <sched.h>

#include "object/share.h"
#include "runtime/lock.h"
#include "runtime/process.h"

#define VALUE       UINT64_C(0x7fffffff)
#define FROZEN      (UINT64_C(1) << 31)
#define LOOSE_SHIFT 32
#define LOOSE_ONE   (UINT64_C(1) << LOOSE_SHIFT)

_Static_assert(sizeof(ipc_sem) == 32 && offsetof(ipc_sem, bound) == 24, "ABI");

struct waiting {
	ipc_sem           *s;
	struct thread_rec *t;
	uint64_t           key;
	struct wait        w;
};

static uint64_t loose(uint64_t state)
{
	return state >> LOOSE_SHIFT;
}

static uint64_t key_of(ipc_sem *s)
{
	return held_key(sync_number(&s->number), HELD_PERMIT);
}

int ipc_sem_init(ipc_sem *s, int value, int bound)
{
	if (!sync_aligned(s) || value < 0 || bound < 0 || (bound && value > bound))
		return -EINVAL;
	*s = (ipc_sem){.state = (uint64_t)value, .bound = (uint32_t)bound};
	if (bound)
		s->state |= (uint64_t)(bound - value) << LOOSE_SHIFT;
	return 0;
}

int ipc_sem_value(const ipc_sem *s)
{
	return sync_aligned(s) ? (int)(load_relaxed(&s->state) & VALUE) : -EINVAL;
}

/* ---- after a death ------------------------------------------------------------------- */

/* @patience: as that of a read-write lock. */
static void recount(ipc_sem *s, uint64_t key, ipc_nsec patience)
{
	uint64_t was, n, out;

	if (registry_lock_within(patience) < 0)
		return;
	was = fetch_or(&s->state, FROZEN) & ~FROZEN;
	if (share_census_settled(key, &n)) {
		out = loose(was) + n;
		was = (was & ~VALUE) | (out < s->bound ? s->bound - out : 0);
	}
	store_release(&s->state, was);
	registry_unlock();
	event_wake(SYNC_EVENT(s), INT_MAX);
}

static bool permits_lost(void *arg)
{
	const struct waiting *k = arg;
	uint64_t              state = load_acquire(&k->s->state);
	struct census         c;

	if (state & FROZEN)
		return true;
	c = share_census(k->key);
	return !c.unsettled && load_relaxed(&k->s->state) == state &&
	       (state & VALUE) + loose(state) + c.shares < k->s->bound;
}

static void permits_mend(void *arg)
{
	const struct waiting *k = arg;

	recount(k->s, k->key, IPC_NOW);
}

/* ---- waiting -------------------------------------------------------------------------- */

static bool sem_ready(void *arg)
{
	uint64_t state = load_acquire(&((const struct waiting *)arg)->s->state);

	return (state & VALUE) && !(state & FROZEN);
}

static bool lower(ipc_sem *s)
{
	uint64_t state = load_relaxed(&s->state);

	while ((state & VALUE) && !(state & FROZEN))
		if (compare_swap(&s->state, &state, state - 1)) /* A1: pairs with R1 */
			return true;
	return false;
}

static int take_permit(const struct waiting *k)
{
	uint64_t         was;
	struct held_rec *h;

	if (!sem_ready((void *)(uintptr_t)k))
		return -EAGAIN;
	h = share_take(k->t, k->key, k->s, k->w.site, &was);
	if (!h)
		return share_no_room();
	if (!lower(k->s)) {
		share_untaken(k->t, h, was);
		return -EAGAIN;
	}
	share_taken(h, was);
	return 0;
}

static int try_take(void *arg)
{
	const struct waiting *k = arg;

	if (k->s->bound)
		return take_permit(k);
	return lower(k->s) ? 0 : -EAGAIN;
}

int ipc_sem_wait(ipc_sem *s, ipc_nsec timeout)
{
	struct waiting k = {.s = s, .w.site = caller(__builtin_return_address(0))};
	int            r = sync_aligned(s) ? thread_self(&k.t) : -EINVAL;

	if (r < 0)
		return r;
	k.key = key_of(s);
	r = try_take(&k);
	if (likely(r != -EAGAIN))
		return r;
	k.w.event = SYNC_EVENT(s);
	k.w.ready = sem_ready;
	k.w.lost = s->bound ? permits_lost : sync_never_lost;
	k.w.mend = s->bound ? permits_mend : sync_no_mend;
	k.w.arg = &k;
	sync_prepare(&k.w, s, OP_SEM, k.key >> HELD_NUMBER_SHIFT, timeout, k.w.site);
	return sync_wait(&k.w, try_take);
}

/* ---- posting ---------------------------------------------------------------------------- */

static int post_signal(ipc_sem *s)
{
	uint64_t state = load_relaxed(&s->state);

	do {
		if ((state & VALUE) == VALUE)
			return -EOVERFLOW;
	} while (!compare_swap(&s->state, &state, state + 1)); /* R1 */
	return 0;
}

/* Raise the number, with what nobody had if @of_nobody; -EAGAIN: frozen. */
static int raise_by_one(ipc_sem *s, bool of_nobody)
{
	uint64_t state = load_relaxed(&s->state), next;

	do {
		if (state & FROZEN)
			return -EAGAIN;
		if (of_nobody && !loose(state))
			return (state & VALUE) >= s->bound ? -EINVAL : -EPERM;
		next = state + 1 - (of_nobody ? LOOSE_ONE : 0);
	} while (!compare_swap(&s->state, &state, next)); /* R1 */
	return 0;
}

/* An entry of another thread of this process with a permit: one less in it. */
static bool take_over(struct thread_rec *t, uint64_t key, bool *ret_busy)
{
	*ret_busy = false;
	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		struct thread_rec *from = thread_at(i);
		struct held_rec   *h;
		uint64_t           what;

		if (from == t || load_relaxed(&from->process) != t->process ||
		    life_state(load_acquire(&from->life)) != LIFE_LIVE)
			continue;
		h = held_find(from, key);
		what = h ? held_what(h) : 0;
		while ((what & HELD_KEY) == key && (what & HELD_PHASE) == HELD_HAS)
			if (compare_swap(&h->what, &what,
					 held_count(what) > 1 ? what - HELD_COUNT_ONE : 0))
				return true;
		/* with a permit, and just taking or giving another */
		*ret_busy |= (what & HELD_KEY) == key &&
			     held_count(what) > ((what & HELD_PHASE) == HELD_GIVING);
	}
	return false;
}

/* The entry of @t with a permit in it, phase GIVING; NULL: its process has none. */
static struct held_rec *own_permit(ipc_sem *s, struct thread_rec *t, uint64_t key,
				   uint64_t *ret_was)
{
	struct held_rec *h = held_find(t, key);
	struct place     p = place_of(s);
	bool             taken, busy;

	if (h && share_begin(h, HELD_GIVING, ret_was))
		return h;
	h = held_room(t);
	if (!h)
		return NULL;
	held_place(h, p.block, p.offset, 0, 0);
	held_set(h, key | HELD_TAKING);
	for (int i = 0;; i++) {
		registry_lock(); /* who counts must not see it on neither side */
		taken = take_over(t, key, &busy);
		registry_unlock();
		if (taken || !busy || i == SETTLE_TRIES)
			break;
		(void)sched_yield();
	}
	if (!taken) {
		held_clear(t, h);
		return NULL;
	}
	*ret_was = key | HELD_COUNT_ONE | HELD_HAS;
	held_set(h, key | HELD_COUNT_ONE | HELD_GIVING);
	return h;
}

static int post_permit(ipc_sem *s, struct thread_rec *t)
{
	uint64_t         key = key_of(s), was;
	struct held_rec *h = own_permit(s, t, key, &was);
	int              r;

	while ((r = raise_by_one(s, !h)) == -EAGAIN) {
		if (h)
			held_set(h, was); /* so that it can be counted */
		recount(s, key, IPC_FOREVER);
		if (h && !share_begin(h, HELD_GIVING, &was))
			h = own_permit(s, t, key, &was);
	}
	if (h)
		share_given(t, h, was);
	/* another thread's, if any, could not be taken over */
	return r == -EPERM && !held_room(t) ? share_no_room() : r;
}

int ipc_sem_post(ipc_sem *s)
{
	struct thread_rec *t = NULL; /* a signal is nobody's */
	int                r = sync_aligned(s) ? 0 : -EINVAL;

	if (r == 0 && s->bound)
		r = thread_self(&t);
	if (r == 0)
		r = s->bound ? post_permit(s, t) : post_signal(s);
	if (r == 0)
		event_wake(SYNC_EVENT(s), 1);
	return r;
}

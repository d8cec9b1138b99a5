/*
 * barrier.c - opens when so many have arrived
 *
 * One word: how many have arrived and how many are to, whether it is broken, the number
 * of the turn, and how each of the last sixteen turns ended, for who wakes up late. So
 * every step is one CAS. Who has arrived is in the threads' own records (share.h), with
 * the turn in place of a count.
 *
 * Killed between any two stores:
 *     arrived, asleep   who sleeps finds at the end of a slice that fewer of the living
 *                       have arrived than are counted, and breaks the barrier; so does
 *                       who comes as the last, before it opens it. Who dies after that
 *                       look has been there
 *     as the last, and  who sleeps sees the next turn at the end of a slice
 *     nobody woken
 *
 * Ordering
 *     R1  arrive  release  state   what was done before the barrier is written
 *     A1  leave   acquire  state   pairs with R1 of all who arrived; also where their records
 *                                  are counted, which were written before it
 */

#include "object/share.h"

#include <sched.h>

#define ARRIVED       UINT64_C(0xfff)
#define PARTIES_SHIFT 12
#define BROKEN        (UINT64_C(1) << 24)
#define DIED          (UINT64_C(1) << 25) /* and that is why */
#define TURN_SHIFT    32
#define PAST_SHIFT    48 /* bit k: the turn k + 1 before this one was broken */
#define PAST_TURNS    16u

_Static_assert(sizeof(ipc_barrier) == 24 && IPC_BARRIER_MAX == ARRIVED, "ABI");

struct waiting {
	ipc_barrier     *b;
	struct held_rec *h;
	uint64_t         key;
	unsigned         turn, parties;
	int              rank; /* as which this one arrived */
	bool             last;
	struct wait      w;
};

static unsigned turn_of(uint64_t s)
{
	return (unsigned)(s >> TURN_SHIFT) & 0xffffu;
}

static unsigned parties_of(uint64_t s)
{
	return (unsigned)(s >> PARTIES_SHIFT) & 0xfffu;
}

static uint64_t next_turn(uint64_t s, bool broken)
{
	uint64_t past = (s >> PAST_SHIFT) << 1 | broken;

	return past << PAST_SHIFT | (uint64_t)((turn_of(s) + 1) & 0xffffu) << TURN_SHIFT;
}

/* ---- how it ended -------------------------------------------------------------------- */

/* 1: this one's turn is over; 0: not yet; or why it ended otherwise. */
static int outcome(const struct waiting *k)
{
	uint64_t s = load_acquire(&k->b->state); /* A1: pairs with R1 */
	unsigned ago = (turn_of(s) - k->turn) & 0xffffu;

	if (ago == 0)
		return !(s & BROKEN) ? 0 : s & DIED ? -EOWNERDEAD : -EPIPE;
	return ago <= PAST_TURNS && (s >> (PAST_SHIFT + ago - 1) & 1) ? -EPIPE : 1;
}

static bool barrier_ready(void *arg)
{
	return outcome(arg) != 0;
}

static int try_leave(void *arg)
{
	int r = outcome(arg);

	return r ? r : -EAGAIN;
}

/* Break it in the turn @turn, unless that is over. */
static bool break_turn(ipc_barrier *b, unsigned turn, uint64_t why)
{
	uint64_t s = load_relaxed(&b->state);

	while (turn_of(s) == turn && !(s & BROKEN))
		if (compare_swap(&b->state, &s, s | BROKEN | why)) { /* R1 */
			event_wake(SYNC_EVENT(b), INT_MAX);
			return true;
		}
	return false;
}

/*
 * Of so many counted in its turn, is one dead? The living each have a record of it, and
 * fewer records than that are proof. As many are not while one of the living is just
 * arriving: that record may be of one not counted, and is looked at again, @tries times.
 */
static bool one_is_dead(const struct waiting *k, uint64_t arrived, int tries)
{
	struct census c;

	do {
		c = share_census_of_turn(k->key, k->turn);
		if (c.shares < arrived)
			return true;
	} while (c.unsettled && --tries > 0 && sched_yield() == 0);
	return false;
}

static bool barrier_lost(void *arg)
{
	const struct waiting *k = arg;
	uint64_t              s = load_acquire(&k->b->state); /* A1: pairs with R1 */

	return turn_of(s) == k->turn && !(s & BROKEN) && one_is_dead(k, s & ARRIVED, 1) &&
	       load_acquire(&k->b->state) == s;
}

/* Nobody leaves while the turn lasts, so who was missing in an unchanged word is dead. */
static void barrier_mend(void *arg)
{
	const struct waiting *k = arg;

	if (barrier_lost(arg))
		(void)break_turn(k->b, k->turn, DIED);
}

/* ---- arriving ---------------------------------------------------------------------------- */

/* May it arrive in state @s? 0 or why not. */
static int admit(const struct waiting *k, uint64_t s)
{
	if (s & BROKEN)
		return -EPIPE;
	if ((s & ARRIVED) && parties_of(s) != k->parties)
		return -EINVAL;
	if (k->w.timeout == IPC_NOW && (s & ARRIVED) + 1 < k->parties)
		return -EAGAIN;
	return 0;
}

/* Before the last one opens it. False: none of them died, or it ended meanwhile. */
static bool break_for_the_dead(const struct waiting *k)
{
	held_set(k->h, 0); /* of a try that failed: it is not one of them */
	return one_is_dead(k, (uint64_t)k->rank, SETTLE_TRIES) && break_turn(k->b, k->turn, DIED);
}

/* One CAS: one more, or the next turn. */
static int arrive(struct waiting *k)
{
	uint64_t s = load_acquire(&k->b->state), next; /* A1: pairs with R1: records are read */
	int      r;

	do {
		r = admit(k, s);
		if (r < 0)
			return r;
		k->turn = turn_of(s);
		k->rank = (int)(s & ARRIVED);
		k->last = (unsigned)k->rank + 1 == k->parties;
		if (k->last && k->rank > 0 && break_for_the_dead(k))
			return -EOWNERDEAD;
		next = ((s & ~(ARRIVED << PARTIES_SHIFT)) | (uint64_t)k->parties << PARTIES_SHIFT) +
		       1;
		if (k->last)
			next = next_turn(s, false);
		held_set(k->h, k->key | (uint64_t)k->turn << HELD_COUNT_SHIFT | HELD_TAKING);
	} while (!compare_swap(&k->b->state, &s, next)); /* R1 */
	if (!k->last)
		held_set(k->h, k->key | (uint64_t)k->turn << HELD_COUNT_SHIFT | HELD_HAS);
	else
		event_wake(SYNC_EVENT(k->b), INT_MAX);
	return 0;
}

static int wait_for_others(struct waiting *k, ipc_nsec timeout, uint64_t site)
{
	int r;

	k->w.event = SYNC_EVENT(k->b);
	k->w.ready = barrier_ready;
	k->w.lost = barrier_lost;
	k->w.mend = barrier_mend;
	k->w.arg = k;
	sync_prepare(&k->w, k->b, OP_BARRIER, k->turn, timeout, site);
	r = sync_wait(&k->w, try_leave);
	if (r < 0 && r != -EPIPE && r != -EOWNERDEAD && !break_turn(k->b, k->turn, 0)) {
		int late = outcome(k); /* it ended while the time ran out */

		r = late ? late : r;
	}
	return r;
}

int ipc_barrier_wait(ipc_barrier *b, unsigned parties, ipc_nsec timeout)
{
	struct waiting     k = {.b = b, .parties = parties, .w.timeout = timeout};
	uint64_t           site = caller(__builtin_return_address(0));
	struct thread_rec *t;
	struct place       p;
	int                r;

	if (!sync_aligned(b) || parties == 0 || parties > IPC_BARRIER_MAX)
		return -EINVAL;
	r = thread_self(&t);
	if (r < 0)
		return r;
	k.key = held_key(sync_number(&b->number), HELD_ARRIVAL);
	k.h = held_room(t);
	if (!k.h)
		return share_no_room();
	p = place_of(b);
	held_place(k.h, p.block, p.offset, 0, site);
	r = arrive(&k);
	if (r == 0 && !k.last)
		r = wait_for_others(&k, timeout, site);
	held_clear(t, k.h);
	return r < 0 ? r : k.rank;
}

/* ---- breaking and mending --------------------------------------------------------------- */

int ipc_barrier_abort(ipc_barrier *b)
{
	uint64_t s;

	if (!sync_aligned(b))
		return -EINVAL;
	do
		s = load_relaxed(&b->state);
	while (!break_turn(b, turn_of(s), 0) && !(load_relaxed(&b->state) & BROKEN));
	return 0;
}

/*
 * Where nobody has arrived there is nobody whose turn this was: it goes on as if unbroken. The
 * turns that are remembered are for those who wait.
 */
static uint64_t after_reset(uint64_t s)
{
	return s & ARRIVED ? next_turn(s, true) : s >> TURN_SHIFT << TURN_SHIFT;
}

int ipc_barrier_reset(ipc_barrier *b)
{
	uint64_t s;

	if (!sync_aligned(b))
		return -EINVAL;
	s = load_relaxed(&b->state);
	while (!compare_swap(&b->state, &s, after_reset(s))) /* R1 */
		;
	event_wake(SYNC_EVENT(b), INT_MAX);
	return 0;
}

int ipc_barrier_broken(const ipc_barrier *b)
{
	return sync_aligned(b) ? (load_acquire(&b->state) & BROKEN) != 0 : -EINVAL;
}

int ipc_barrier_waiting(const ipc_barrier *b)
{
	uint64_t s;

	if (!sync_aligned(b))
		return -EINVAL;
	s = load_acquire(&b->state);
	/* of a broken one: they have left, or are about to */
	return s & BROKEN ? 0 : (int)(s & ARRIVED);
}

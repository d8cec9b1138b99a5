/*
 * cond.c - to wait, having locked a mutex, for what somebody else does under it
 *
 * All words are changed by who holds the mutex, and only read by who sleeps. Each who
 * waits draws a ticket; those below .served may go. So they go in order of arrival, and
 * nobody who comes later can take what was meant for one before.
 *
 * A ticket whose holder is gone must not swallow what is meant for the living:
 *  - who gives up (a time limit) leaves a gap. Which of the tickets that is nobody has written
 *    down, so who notifies next serves all that are out, and no gap is left among those to come;
 *  - who was killed says nothing. .left counts those who went; if that has not come up to
 *    .served by the end of a slice, somebody served is dead, or has not got the mutex in
 *    all that time. Who sees that serves all that are out, too.
 * Then some wake up, find nothing, and wait anew: that a wait may return for nothing is in its
 * contract. All of them are counted as gone there and then, though some have not got the mutex
 * yet. So that none is counted twice, tickets go on from a multiple of 2^32 then: who comes with
 * one from before that was counted. (After 2^32 tickets without a death they come there by
 * themselves, some are not counted, and one slice later all is as after a death.)
 *
 * Killed between any two stores: the mutex tells the next one, and the rules above bring
 * those who sleep back to look for themselves. For that .left may be too low, which wakes
 * them, and never too high, which would hide a death: so it is raised last. But for .tickets:
 * who finds it behind .served goes on from there.
 *
 * Ordering
 *     R1  notify  release  served   what the mutex protects is ordered by the mutex itself
 *     A1  wait    acquire  served   pairs with R1
 */

#include "object/mutex.h"
#include "runtime/deadlock.h"

_Static_assert(sizeof(ipc_cond) == 40, "ABI");

struct waiting {
	const ipc_cond *c;
	uint64_t        ticket;
	uint64_t        stuck; /* .left, when it was last seen behind; UINT64_MAX: it was not */
	bool            woken_for_nothing;
	struct wait     w;
};

static bool cond_ready(void *arg)
{
	const struct waiting *k = arg;

	return load_acquire(&k->c->served) > k->ticket; /* A1: pairs with R1 */
}

static int try_go(void *arg)
{
	const struct waiting *k = arg;

	return cond_ready(arg) || k->woken_for_nothing ? 0 : -EAGAIN;
}

/* Has somebody who was served not gone since the last slice? */
static bool cond_lost(void *arg)
{
	struct waiting *k = arg;
	uint64_t        left = load_relaxed(&k->c->left);
	bool            behind = left < load_relaxed(&k->c->served);
	bool            before = k->stuck == left;

	k->stuck = behind ? left : UINT64_MAX;
	return behind && before && k->w.slices > 0;
}

static void cond_mend(void *arg)
{
	((struct waiting *)arg)->woken_for_nothing = true;
}

/* Unlocked @m: sleep until served, or for nothing, or the time is up. */
static int sleep_for_ticket(struct waiting *k, ipc_cond *c, ipc_nsec timeout, uint64_t site)
{
	k->w.event = SYNC_EVENT(c);
	k->w.ready = cond_ready;
	k->w.lost = cond_lost;
	k->w.mend = cond_mend;
	k->w.arg = k;
	if (timeout == IPC_NOW)
		return -ETIMEDOUT;
	sync_prepare(&k->w, c, OP_COND, k->ticket, timeout, site);
	return sync_wait(&k->w, try_go);
}

/* Tickets of one era are counted one by one, those of an earlier one are done with. */
#define ERA_SHIFT 32

/* All tickets that are out: of how many the holders are gone does not matter any more. */
static void serve_all(ipc_cond *c)
{
	uint64_t next = ((c->tickets >> ERA_SHIFT) + 1) << ERA_SHIFT;

	store_relaxed(&c->gaps, UINT64_C(0));
	store_release(&c->served, next); /* R1 */
	store_release(&c->left, next);
	store_relaxed(&c->tickets, next);
	event_wake(SYNC_EVENT(c), INT_MAX);
}

/* Who served all was killed over it. */
static void go_on_from_served(ipc_cond *c)
{
	if (likely(c->tickets >= c->served))
		return;
	store_release(&c->left, c->served);
	store_relaxed(&c->tickets, c->served);
}

/* With @m locked again: how it went. */
static int settle(const struct waiting *k, ipc_cond *c, int r)
{
	if (cond_ready((void *)(uintptr_t)k)) {
		if (c->left < c->served && k->ticket >> ERA_SHIFT == c->served >> ERA_SHIFT)
			store_relaxed(&c->left, c->left + 1);
		return 0;
	}
	if (k->woken_for_nothing) {
		serve_all(c);
		return r;
	}
	c->gaps++;
	return r;
}

int ipc_cond_wait(ipc_cond *c, ipc_mutex *m, ipc_nsec timeout)
{
	struct waiting     k = {.c = c, .stuck = UINT64_MAX};
	struct thread_rec *t = thread_rec_self;
	uint64_t           site = caller(__builtin_return_address(0));
	int                r, locked;

	if (!sync_aligned(c) || !sync_aligned(m))
		return -EINVAL;
	if (!mutex_is_mine(m))
		return -EPERM;
	go_on_from_served(c);
	k.ticket = c->tickets;
	store_relaxed(&c->tickets, k.ticket + 1);
	mutex_unlock(m, t);
	r = sleep_for_ticket(&k, c, timeout, site);
	deadlock_stay(true); /* it returns with @m locked, whatever else */
	do
		locked = mutex_lock(m, t, IPC_FOREVER, site);
	while (locked != 0 && locked != -EOWNERDEAD);
	deadlock_stay(false);
	r = settle(&k, c, r);
	return locked < 0 ? locked : r;
}

static int notify(ipc_cond *c, const ipc_mutex *m, uint64_t n)
{
	uint64_t waiting, gaps;

	if (!sync_aligned(c) || !sync_aligned(m) || n == 0)
		return -EINVAL;
	if (!mutex_is_mine(m))
		return -EPERM;
	go_on_from_served(c);
	waiting = c->tickets - c->served;
	if (waiting == 0)
		return 0;
	gaps = c->gaps;
	if (n > waiting || gaps > 0)
		n = waiting;
	store_relaxed(&c->gaps, UINT64_C(0));
	store_release(&c->served, c->served + n); /* R1 */
	store_release(&c->left, c->left + gaps);
	event_wake(SYNC_EVENT(c), INT_MAX); /* whose turn it is only they know */
	return 0;
}

int ipc_cond_notify(ipc_cond *c, ipc_mutex *m, unsigned n)
{
	return notify(c, m, n);
}

int ipc_cond_notify_all(ipc_cond *c, ipc_mutex *m)
{
	return notify(c, m, UINT64_MAX);
}

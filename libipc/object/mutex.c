/*
 * mutex.c - a lock that knows its owner and survives its death
 *
 * One word holds the owner's reference: thread slot and generation, so that it
 * never means anybody else, or 0. Lock is a CAS from 0, unlock a store of 0;
 * sleepers use the event behind it.
 *
 * A recursive mutex is this one and a depth, which only the owner touches.
 *
 * Killed between any two stores:
 *     holding it            its record goes when it is reaped; the next one to lock
 *                           finds that the owner is nobody, and takes it by a CAS
 *                           from that very reference: one of them gets it. What the
 *                           depth was is of no account: who takes it over sets it
 *     unlocked, not woken   who sleeps sees it at the end of a slice
 *
 * Ordering
 *     R1  unlock  release  owner   what was protected is written
 *     A1  lock    acquire  owner   (the CAS) pairs with R1
 */

#include "object/mutex.h"

#include "runtime/process.h"
#include "runtime/trace.h"

_Static_assert(sizeof(ipc_mutex) == 16 && sizeof(ipc_rmutex) == 24 &&
		       offsetof(ipc_rmutex, word) == offsetof(ipc_mutex, word),
	       "ABI; and a recursive mutex begins with a mutex");

struct locking {
	ipc_mutex  *m;
	ref         self;
	struct wait w;
};

static int try_lock(ipc_mutex *m, ref self)
{
	uint64_t owner = 0;

	if (likely(compare_swap(&m->owner, &owner, self))) /* A1: pairs with R1 */
		return 0;
	if (sync_owner_gone(owner) && compare_swap(&m->owner, &owner, self))
		return -EOWNERDEAD;
	return -EAGAIN;
}

static int try_again(void *arg)
{
	struct locking *l = arg;
	int             r = try_lock(l->m, l->self);

	l->w.item.arg2 = load_relaxed(&l->m->owner); /* published if it sleeps on */
	return r;
}

static bool lock_ready(void *arg)
{
	const struct locking *l = arg;
	ref                   owner = load_acquire(&l->m->owner);

	return !owner || sync_owner_gone(owner);
}

bool mutex_owner_lost(const uint64_t *owner)
{
	ref p = sync_process_of(load_acquire(owner));

	return p && process_is_dead(p);
}

void mutex_owner_mend(const uint64_t *owner)
{
	ref p = sync_process_of(load_acquire(owner));

	if (p)
		(void)process_reap_ref(p);
}

static bool lock_lost(void *arg)
{
	return mutex_owner_lost(&((const struct locking *)arg)->m->owner);
}

static void lock_mend(void *arg)
{
	mutex_owner_mend(&((const struct locking *)arg)->m->owner);
}

static int lock_slow(ipc_mutex *m, ref self, ipc_nsec timeout, uint64_t site)
{
	struct locking l = {.m = m,
			    .self = self,
			    .w = {.event = SYNC_EVENT(m),
				  .ready = lock_ready,
				  .lost = lock_lost,
				  .mend = lock_mend}};

	l.w.arg = &l;
	sync_prepare(&l.w, m, OP_LOCK, load_relaxed(&m->owner), timeout, site);
	return sync_wait(&l.w, try_again);
}

int mutex_lock(ipc_mutex *m, struct thread_rec *t, ipc_nsec timeout, uint64_t site)
{
	int  r = try_lock(m, thread_ref(t));
	bool slow = r == -EAGAIN;

	if (unlikely(slow))
		r = lock_slow(m, thread_ref(t), timeout, site);
	if (r == 0 || r == -EOWNERDEAD)
		sync_note(t, m, HELD_MUTEX, site, slow);
	if (unlikely(load_acquire(&trace_ops))) {
		struct place p = place_of(m);

		TRACE(lock, p.block, p.offset, r);
	}
	return r;
}

void mutex_unlock(ipc_mutex *m, struct thread_rec *t)
{
	if (unlikely(load_acquire(&trace_ops))) { /* before it is another's */
		struct place p = place_of(m);

		TRACE(unlock, p.block, p.offset);
	}
	sync_forget(t, m, HELD_MUTEX);
	store_release(&m->owner, UINT64_C(0)); /* R1 */
	event_wake(SYNC_EVENT(m), 1);
}

int ipc_mutex_lock(ipc_mutex *m, ipc_nsec timeout)
{
	struct thread_rec *t;
	int                r = sync_aligned(m) ? thread_self(&t) : -EINVAL;

	return r < 0 ? r : mutex_lock(m, t, timeout, caller(__builtin_return_address(0)));
}

int ipc_mutex_unlock(ipc_mutex *m)
{
	if (!sync_aligned(m))
		return -EINVAL;
	if (!mutex_is_mine(m))
		return load_relaxed(&m->owner) ? -EPERM : -EINVAL;
	mutex_unlock(m, thread_rec_self);
	return 0;
}

/* ---- recursive ---------------------------------------------------------------------- */

static ipc_mutex *inner(ipc_rmutex *m)
{
	return (ipc_mutex *)(void *)m;
}

int ipc_rmutex_lock(ipc_rmutex *m, ipc_nsec timeout)
{
	struct thread_rec *t;
	int                r = sync_aligned(m) ? thread_self(&t) : -EINVAL;

	if (r < 0)
		return r;
	if (mutex_is_mine(inner(m))) {
		m->depth++;
		return 0;
	}
	r = mutex_lock(inner(m), t, timeout, caller(__builtin_return_address(0)));
	if (r == 0 || r == -EOWNERDEAD)
		m->depth = 1;
	return r;
}

int ipc_rmutex_unlock(ipc_rmutex *m)
{
	if (!sync_aligned(m))
		return -EINVAL;
	if (!mutex_is_mine(inner(m)))
		return -EPERM;
	if (--m->depth == 0)
		mutex_unlock(inner(m), thread_rec_self);
	return 0;
}

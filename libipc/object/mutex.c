/*
 * mutex.c - a lock that knows its owner and survives its death
 *
 * One word holds the owner's reference: thread slot and generation, so that it
 * never means anybody else, or 0. Lock is a CAS from 0, unlock a store of 0;
 * sleepers use the event behind it.
 *
 * Killed between any two stores:
 *     holding it            its record goes when it is reaped; the next one to lock
 *                           finds that the owner is nobody, and takes it by a CAS
 *                           from that very reference: one of them gets it
 *     unlocked, not woken   who sleeps sees it at the end of a slice
 *
 * Ordering
 *     R1  unlock  release  owner   what was protected is written
 *     A1  lock    acquire  owner   (the CAS) pairs with R1
 */

#include <errno.h>

#include <ipc/sync.h>

#include "object/shm.h"
#include "ring/event.h"
#include "runtime/domain.h"
#include "runtime/process.h"
#include "runtime/thread.h"
#include "runtime/trace.h"
#include "runtime/wait.h"

_Static_assert(sizeof(ipc_mutex) == 16 && offsetof(ipc_mutex, word) == 8 &&
		       sizeof(struct event) == 8,
	       "the tail of an ipc_mutex is an event");

static struct event *sleepers_of(ipc_mutex *m)
{
	return (struct event *)(void *)&m->word;
}

static bool owner_gone(ref owner)
{
	return owner && !thread_find(owner);
}

static int try_lock(ipc_mutex *m, ref self)
{
	uint64_t owner = 0;

	if (likely(compare_swap(&m->owner, &owner, self))) /* A1: pairs with R1 */
		return 0;
	if (owner_gone(owner) && compare_swap(&m->owner, &owner, self))
		return -EOWNERDEAD;
	return -EAGAIN;
}

static bool lock_ready(void *arg)
{
	const ipc_mutex *m = arg;
	ref              owner = load_acquire(&m->owner);

	return !owner || owner_gone(owner);
}

/* The process of the thread that holds @m; 0: free, or that thread is gone. */
static ref owner_process(const ipc_mutex *m)
{
	const struct thread_rec *t = thread_find(load_acquire(&m->owner));

	return t ? load_relaxed(&t->process) : 0;
}

static bool lock_lost(void *arg)
{
	ref p = owner_process(arg);

	return p && process_is_dead(p);
}

static void lock_mend(void *arg)
{
	ref p = owner_process(arg);

	if (p)
		process_reap_ref(p);
}

static int lock_slow(ipc_mutex *m, ref self, ipc_nsec timeout, uint64_t site)
{
	uint64_t    offset = (uint64_t)(uintptr_t)m;
	ref         block = timeout == IPC_NOW ? 0 : shm_find(m, &offset);
	struct wait w = {
		.event = sleepers_of(m),
		.item = {.op = OP_LOCK,
			 .object = block,
			 .arg = offset,
			 .arg2 = load_relaxed(&m->owner)},
		.object_id = block,
		.timeout = timeout,
		.site = site,
		.arg = m,
		.ready = lock_ready,
		.lost = lock_lost,
		.mend = lock_mend,
	};
	int r = -EAGAIN;

	if (timeout == IPC_NOW)
		return wait_glance(&w) ? try_lock(m, self) : -EAGAIN;
	while (r == -EAGAIN) {
		int waited = wait_more(&w);

		r = try_lock(m, self);
		w.item.arg2 = load_relaxed(&m->owner);
		if (r == -EAGAIN && waited < 0)
			r = waited;
	}
	wait_end(&w, r);
	return r;
}

static void trace_lock(const ipc_mutex *m, int r)
{
	uint64_t offset = (uint64_t)(uintptr_t)m;
	ref      block = shm_find(m, &offset);

	TRACE(lock, block, offset, r);
}

static void trace_unlock(const ipc_mutex *m)
{
	uint64_t offset = (uint64_t)(uintptr_t)m;
	ref      block = shm_find(m, &offset);

	TRACE(unlock, block, offset);
}

int ipc_mutex_lock(ipc_mutex *m, ipc_nsec timeout)
{
	struct thread_rec *t;
	int                r;

	if (!m || (uintptr_t)m % 8)
		return -EINVAL;
	r = thread_self(&t);
	if (r < 0)
		return r;
	r = try_lock(m, thread_ref(t));
	if (unlikely(r == -EAGAIN))
		r = lock_slow(m, thread_ref(t), timeout,
			      (uint64_t)(uintptr_t)__builtin_return_address(0));
	if (unlikely(load_acquire(&trace_ops)))
		trace_lock(m, r);
	return r;
}

int ipc_mutex_unlock(ipc_mutex *m)
{
	if (!m || !thread_rec_self || load_relaxed(&m->owner) != thread_ref(thread_rec_self))
		return -EPERM;
	if (unlikely(load_acquire(&trace_ops)))
		trace_unlock(m);               /* before it is another's */
	store_release(&m->owner, UINT64_C(0)); /* R1 */
	event_wake(sleepers_of(m), 1);
	return 0;
}

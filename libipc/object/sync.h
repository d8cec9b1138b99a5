#ifndef OBJECT_SYNC_H
#define OBJECT_SYNC_H

/*
 * sync.h - what all things of ipc/sync.h have in common: a number, a sleep
 */

#include <errno.h>
#include <limits.h>

#include <ipc/sync.h>

#include "base/atomic.h"
#include "object/mapped.h"
#include "ring/event.h"
#include "runtime/domain.h"
#include "runtime/held.h"
#include "runtime/thread.h"
#include "runtime/wait.h"

_Static_assert(sizeof(struct event) == 8 && offsetof(struct event, sleepers) == 4,
	       "two words of each structure of ipc/sync.h are an event");

#define SYNC_EVENT(p) ((struct event *)(void *)&(p)->word)

/* The address may be that of such a structure. */
static inline bool sync_aligned(const void *p)
{
	return p && (uintptr_t)p % 8 == 0;
}

/** Give the lock whose number lies at @at a number of its own, once. */
uint64_t sync_number_new(uint64_t *at);

/** The number of a lock; unique in the domain, for ever. The domain is joined. */
static inline uint64_t sync_number(uint64_t *at)
{
	uint64_t n = load_relaxed(at);

	return likely(n) ? n : sync_number_new(at);
}

/**
 * What the lock itself tells of, for the monitor: see enum held_bits. Never fails.
 * @waited: the clock was read anyway, so say since when.
 */
void sync_note(struct thread_rec *t, const void *lock, uint64_t kind, uint64_t site, bool waited);
void sync_forget(struct thread_rec *t, const void *lock, uint64_t kind);

/** How to sleep on @lock: @w gets item, object, timeout and site. */
void sync_prepare(struct wait *w, const void *lock, enum wait_op op, uint64_t arg2,
		  ipc_nsec timeout, uint64_t site);

/**
 * Call @try_it (with w->arg) until it returns anything but -EAGAIN, sleeping in between;
 * with IPC_NOW at most once more. What it returned, or why waiting ended.
 */
int sync_wait(struct wait *w, int (*try_it)(void *arg));

/** For a wait nobody's death can end. */
bool sync_never_lost(void *arg);
void sync_no_mend(void *arg);

/** The thread @owner holds something: its process, or 0 if it is gone. */
ref  sync_process_of(ref owner);
bool sync_owner_gone(ref owner); /* proven dead; false for 0 */

static inline uint64_t caller(void *return_address)
{
	return (uint64_t)(uintptr_t)return_address;
}

#endif /* OBJECT_SYNC_H */

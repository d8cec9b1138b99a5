#ifndef OBJECT_MUTEX_H
#define OBJECT_MUTEX_H

/* mutex.h - a lock with one owner, for what is made of it: recursive mutexes, conditions */

#include "object/sync.h"

/** ipc_mutex_lock() for the call at @site. */
int mutex_lock(ipc_mutex *m, struct thread_rec *t, ipc_nsec timeout, uint64_t site);

/** @t is its owner. */
void mutex_unlock(ipc_mutex *m, struct thread_rec *t);

/** Does this thread hold it? */
static inline bool mutex_is_mine(const ipc_mutex *m)
{
	return thread_rec_self && load_relaxed(&m->owner) == thread_ref(thread_rec_self);
}

/** For a lock whose first word is its owner: wake-ups that the dead owe (struct wait). */
bool mutex_owner_lost(const uint64_t *owner);
void mutex_owner_mend(const uint64_t *owner);

#endif /* OBJECT_MUTEX_H */

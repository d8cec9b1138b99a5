#ifndef IPC_SYNC_H
#define IPC_SYNC_H

/*
 * ipc/sync.h - locks to be placed in shared memory
 *
 * These are plain structures for embedding in yours. All zeroes is a valid,
 * unlocked one: fresh shared memory needs no initialisation. Placed in an
 * ipc_shm block they are visible to ipcmon with their owner and their waiters,
 * and a deadlock through them can be proved.
 */

#include <ipc/base.h>

IPC_BEGIN_DECLS

/**
 * Held by one thread, and knows which. Not recursive. Survives the death of its
 * owner: the next to lock it is told.
 *
 * Must be aligned to 8 bytes and lie in memory all its users share. It belongs
 * to one domain: users of different domains must not share it.
 */
typedef struct ipc_mutex {
	uint64_t owner; /* the library's, as are the others */
	uint32_t word;
	uint32_t sleepers;
} ipc_mutex;

/**
 * Lock @m, waiting at most @timeout [ns].
 *
 * A thread that locks what it holds already waits for ever (or until @timeout):
 * that is a deadlock, and ipcmon says so.
 *
 * Return: 0; -EOWNERDEAD: locked, but the last owner died holding it: what it
 * protects may be half changed: mend that, then go on (the next lock returns 0);
 * -EAGAIN, -ETIMEDOUT: not locked; and what joining the domain can fail with.
 */
IPC_API IPC_CHECKED int ipc_mutex_lock(ipc_mutex *m, ipc_nsec timeout);

/**
 * Unlock @m. -EPERM: this thread does not hold it, and nothing was changed.
 * Does not block.
 */
IPC_API int ipc_mutex_unlock(ipc_mutex *m);

IPC_END_DECLS

#endif /* IPC_SYNC_H */

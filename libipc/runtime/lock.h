#ifndef RUNTIME_LOCK_H
#define RUNTIME_LOCK_H

/*
 * lock.h - the registry lock: one process at a time changes the tables
 *
 * Between processes it is a POSIX record lock on a byte of the domain's "alive"
 * file, between the threads of one process a mutex. The kernel gives the record
 * lock back when its owner dies, at whatever instruction; the header's .dirty
 * word, set while it is held, then tells the next owner to repair the tables
 * first (runtime/repair.c). So there is no state in which it stays locked.
 *
 * It is taken to make, open, close and clean up, never to send or receive. Who
 * waits for it is not in the library's waits: it is running, to an observer.
 */

#include <stdbool.h>
#include <stdint.h>

#include <ipc/base.h>

/** Take it; repairs the tables if the last owner died with it. */
void registry_lock(void);
void registry_unlock(void);

/*
 * Its owner may be stopped, by a debugger or by SIGSTOP, which is no death. Who has a time
 * limit, or only helps, waits no longer for it than this beyond the limit [ns].
 */
#define REGISTRY_PATIENCE_NS UINT64_C(250000000)

/** Take it within @timeout and that; IPC_FOREVER: whenever. 0 or -ETIMEDOUT. */
int registry_lock_within(ipc_nsec timeout);

/**
 * Its last owner died with it, and nobody has repaired what that left: who sleeps may
 * wait for something that was half done. Reads only.
 */
bool registry_owner_died(void);

/** Take it and give it back, which repairs. False: it is held, for long. */
bool registry_mend(void);

/** The same for fork: the child's copy of the process-local half is made new. */
void registry_lock_after_fork(void);

/** The record lock alone, on the descriptor of an "alive" file; -EINTR is retried. */
int  domain_file_lock(int alive_fd);
void domain_file_unlock(int alive_fd);

#endif /* RUNTIME_LOCK_H */

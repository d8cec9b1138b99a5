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

/** Take it; repairs the tables if the last owner died with it. */
void registry_lock(void);
void registry_unlock(void);

/** The same for fork: the child's copy of the process-local half is made new. */
void registry_lock_after_fork(void);

/** The record lock alone, on the descriptor of an "alive" file; -EINTR is retried. */
int  domain_file_lock(int alive_fd);
void domain_file_unlock(int alive_fd);

#endif /* RUNTIME_LOCK_H */

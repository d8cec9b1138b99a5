#ifndef IPC_SYNC_H
#define IPC_SYNC_H

/*
 * ipc/sync.h - locks, semaphores, events, conditions and barriers in shared memory
 *
 * These are plain structures for embedding in yours. All zeroes is a valid one, not
 * held by anybody: fresh shared memory needs no initialisation. They must be aligned
 * to 8 bytes, lie in memory all their users share, and not be copied or moved. Each
 * belongs to one domain: users of different domains must not share it.
 *
 * Or the library keeps the memory: ipc_mutex_create() makes a mutex others can open by
 * name, and the calls on it are the same. NULL as its name: shared by fork(2) only.
 *
 * Placed in an ipc_shm block, or with a name, they are visible to ipcmon with who holds
 * them, since when, and who waits; and a deadlock through them can be proved.
 *
 * Every call that may wait takes @timeout [ns], or IPC_NOW, or IPC_FOREVER, and returns
 * -EAGAIN or -ETIMEDOUT if it did not come to it; besides those named it can fail with
 * what joining the domain can fail with (ipc/queue.h), and with -EDEADLK where
 * that was asked for (ipc/deadlock.h). While nobody is in the way a call
 * takes one or two atomic operations and does not enter the kernel.
 *
 * What a killed process had: a mutex, or the right to write, comes to the next one with
 * -EOWNERDEAD; a share to read or a permit is given back; of a barrier at which it waited
 * the others are told. That takes at most a quarter of a second, in which somebody waits
 * or asks for it. A thread that ends gives back what it has in the same way. A child of
 * fork(2) has nothing of what its parent has.
 *
 * Threads: any, of any process. Only ipc_event_set() is async-signal-safe.
 */

#include <ipc/base.h>

IPC_BEGIN_DECLS

/* ---- mutex ---------------------------------------------------------------- */

/** Held by one thread, which knows it. Not recursive. Members are the library's, here as below. */
typedef struct ipc_mutex {
	uint64_t owner;
	uint32_t word;
	uint32_t sleepers;
} ipc_mutex;

/**
 * Lock @m.
 *
 * A thread that locks what it holds already waits for ever (or until @timeout):
 * that is a deadlock, and ipcmon says so.
 *
 * Return: 0; -EOWNERDEAD: locked, but the last owner died holding it: what it
 * protects may be half changed: mend that, then go on (the next lock returns 0);
 * -EAGAIN, -ETIMEDOUT: not locked; -EDEADLK: not locked, and its owner will never
 * unlock it (ipc/deadlock.h).
 */
IPC_API IPC_CHECKED int ipc_mutex_lock(ipc_mutex *m, ipc_nsec timeout);

/**
 * Unlock @m. -EINVAL: nobody holds it; -EPERM: another thread does. Nothing was
 * changed then. Does not block.
 */
IPC_API int ipc_mutex_unlock(ipc_mutex *m);

/* ---- recursive mutex ------------------------------------------------------- */

/** Held by one thread, which may lock it again, and unlocks it as often. */
typedef struct ipc_rmutex {
	uint64_t owner;
	uint32_t word;
	uint32_t sleepers;
	uint64_t depth;
} ipc_rmutex;

/** Lock @m once more. As ipc_mutex_lock(), but at once if this thread has it. */
IPC_API IPC_CHECKED int ipc_rmutex_lock(ipc_rmutex *m, ipc_nsec timeout);

/** Undo one lock. -EPERM: this thread does not hold it, and nothing was changed. */
IPC_API int ipc_rmutex_unlock(ipc_rmutex *m);

/* ---- read-write lock --------------------------------------------------------- */

/**
 * Held by any number of readers, or by one writer.
 *
 * A waiting writer holds new readers back, for half a second each at most; a
 * thread that reads already is never held back, so it may lock for reading again.
 */
typedef struct ipc_rwlock {
	uint64_t state;
	uint32_t word; /* readers wait */
	uint32_t sleepers;
	uint32_t writers_word;
	uint32_t writers_sleepers;
	uint64_t number;
} ipc_rwlock;

/**
 * Lock @l for reading.
 *
 * Return: 0; -EOWNERDEAD: a writer died holding it, and @l is now locked for WRITING by
 * this thread, so that it alone can mend what is half changed; unlock it then, and lock
 * again to read; -EAGAIN, -ETIMEDOUT: not locked; -ENOBUFS: this thread holds sixteen
 * other locks.
 */
IPC_API IPC_CHECKED int ipc_rwlock_rdlock(ipc_rwlock *l, ipc_nsec timeout);

/**
 * Lock @l for writing. -EOWNERDEAD: as ipc_mutex_lock(). A thread that reads @l waits
 * for itself: ipcmon says so.
 */
IPC_API IPC_CHECKED int ipc_rwlock_wrlock(ipc_rwlock *l, ipc_nsec timeout);

/**
 * Undo one lock of this thread, of either kind. -EINVAL: nobody holds it; -EPERM: others
 * do. Does not wait for anybody who waits himself.
 */
IPC_API int ipc_rwlock_unlock(ipc_rwlock *l);

/* ---- semaphore ------------------------------------------------------------------ */

/**
 * A number that is waited for to be more than 0.
 *
 * Unbounded (as zeroed): a count of signals. Anybody posts, and what a process took with
 * it when it died is not posted again.
 *
 * Bounded: a store of permits. Who waits takes one and has it, and its process posts it
 * back; those of a process that died, or of a thread that ended, come back by themselves.
 */
typedef struct ipc_sem {
	uint64_t state;
	uint32_t word;
	uint32_t sleepers;
	uint64_t number;
	uint32_t bound;
	uint32_t spare;
} ipc_sem;

/**
 * Make @s a semaphore of @value, and of at most @bound; 0: unbounded. Before it is shared.
 * Where @bound is more than @value, nobody has the rest: anybody may post it.
 * -EINVAL: a negative number, or @value above @bound.
 */
IPC_API IPC_CHECKED int ipc_sem_init(ipc_sem *s, int value, int bound);

/** Take one. -EAGAIN, -ETIMEDOUT: there was none; -ENOBUFS as ipc_rwlock_rdlock(). */
IPC_API IPC_CHECKED int ipc_sem_wait(ipc_sem *s, ipc_nsec timeout);

/**
 * Add one, and wake who waits. -EINVAL: it is at its bound; -EPERM: bounded, and this
 * process has none of its permits; -ENOBUFS: bounded, the permit would be another thread's, and
 * this one holds sixteen locks; -EOVERFLOW: unbounded, and at INT_MAX.
 */
IPC_API int ipc_sem_post(ipc_sem *s);

/** How many could be taken; already history when it is returned. -EINVAL: no semaphore. */
IPC_API int ipc_sem_value(const ipc_sem *s);

/* ---- event ------------------------------------------------------------------------ */

/** Unset until set; then everybody may pass, until it is cleared. */
typedef struct ipc_event {
	uint64_t state;
	uint32_t word;
	uint32_t sleepers;
} ipc_event;

/**
 * Set @e. Whoever waits goes on, even if it is cleared at once.
 *
 * Async-signal-safe: neither the domain nor a tracer is touched, errno is kept.
 * -EINVAL: @e is NULL or not aligned.
 */
IPC_API int ipc_event_set(ipc_event *e);

/** Clear @e: who waits from now on waits for the next set. */
IPC_API int ipc_event_clear(ipc_event *e);

/** 1: set; 0: not; -EINVAL. */
IPC_API int ipc_event_is_set(const ipc_event *e);

/** Wait until @e is set, or was. */
IPC_API IPC_CHECKED int ipc_event_wait(ipc_event *e, ipc_nsec timeout);

/* ---- condition ---------------------------------------------------------------------- */

/** To wait, having locked a mutex, for what somebody else does under it. */
typedef struct ipc_cond {
	uint64_t served;
	uint64_t tickets;
	uint64_t left;
	uint64_t gaps;
	uint32_t word;
	uint32_t sleepers;
} ipc_cond;

/**
 * Unlock @m, wait to be notified, lock @m again; in order of arrival.
 *
 * Look at what was waited for once more after it returns: where somebody notified was
 * killed before it came to run, or gave up, another wakes in its place.
 *
 * Return: 0; -ETIMEDOUT (also for IPC_NOW: nobody can notify meanwhile); -EDEADLK: nobody
 * will ever notify; -EOWNERDEAD: an owner of @m died: mend what it protects, whether
 * notified or not. @m is locked after any of these. -EPERM: this thread does not hold @m, and nothing was changed.
 */
IPC_API IPC_CHECKED int ipc_cond_wait(ipc_cond *c, ipc_mutex *m, ipc_nsec timeout);

/**
 * Let the @n who wait longest go on, when @m is unlocked; ipc_cond_notify_all(): all.
 * -EPERM: this thread does not hold @m; -EINVAL: @n is 0.
 */
IPC_API int ipc_cond_notify(ipc_cond *c, ipc_mutex *m, unsigned n);
IPC_API int ipc_cond_notify_all(ipc_cond *c, ipc_mutex *m);

/* ---- barrier -------------------------------------------------------------------------- */

/** Opens when so many have arrived, and is closed for the next round. */
typedef struct ipc_barrier {
	uint64_t state;
	uint32_t word;
	uint32_t sleepers;
	uint64_t number;
} ipc_barrier;

#define IPC_BARRIER_MAX 4095

/**
 * Arrive at @b, and wait until @parties have. All must say the same number.
 *
 * If one does not come it is broken, for those who wait and for all who come, until it
 * is reset: somebody's @timeout passed, or one of those who waited died.
 *
 * Return: 0 to @parties - 1: as which it arrived, to each another; -ETIMEDOUT: it was
 * this one's time that passed; -EDEADLK: the others will never come, and it is broken
 * now; -EAGAIN: IPC_NOW, and it would not be the last: it has not arrived, and nothing
 * is broken; -EOWNERDEAD: one of those who waited died; -EPIPE: it
 * is broken, or was reset; -EINVAL: @parties is 0, beyond IPC_BARRIER_MAX, or not what
 * those said who wait; -ENOBUFS as ipc_rwlock_rdlock().
 */
IPC_API IPC_CHECKED int ipc_barrier_wait(ipc_barrier *b, unsigned parties, ipc_nsec timeout);

/** Break @b: who waits, and who comes, gets -EPIPE. */
IPC_API int ipc_barrier_abort(ipc_barrier *b);

/** Make @b whole and empty. Who waits at it gets -EPIPE. */
IPC_API int ipc_barrier_reset(ipc_barrier *b);

/** 1: broken; 0: not; -EINVAL. */
IPC_API int ipc_barrier_broken(const ipc_barrier *b);

/** How many wait at it now. -EINVAL. */
IPC_API int ipc_barrier_waiting(const ipc_barrier *b);

/* ---- with a name, or memory, of their own ------------------------------------------------ */

/*
 * create: a zeroed one, called @name; NULL: without a name, shared by fork(2) only.
 * open: the one called @name. close: let go of it; always returns NULL; takes NULL.
 * unlink: take the name away; those who have it open keep it. seal: keep the name, and
 * let nobody else open it: ipc_queue_seal(). -EINVAL: it has no memory of its own.
 *
 * The pointer is valid until close, and in children of fork(2). Who has it open may have
 * it open twice. Errors are those of ipc_shm_create(), ipc_shm_open() and
 * ipc_shm_unlink(); ipc_sem_create() adds those of ipc_sem_init().
 */
IPC_API IPC_CHECKED int ipc_mutex_create(ipc_mutex **ret, const char *name);
IPC_API IPC_CHECKED int ipc_mutex_open(ipc_mutex **ret, const char *name);
IPC_API ipc_mutex      *ipc_mutex_close(ipc_mutex *m);
IPC_API int             ipc_mutex_seal(ipc_mutex *m);
IPC_API int             ipc_mutex_unlink(const char *name);

IPC_API IPC_CHECKED int ipc_rmutex_create(ipc_rmutex **ret, const char *name);
IPC_API IPC_CHECKED int ipc_rmutex_open(ipc_rmutex **ret, const char *name);
IPC_API ipc_rmutex     *ipc_rmutex_close(ipc_rmutex *m);
IPC_API int             ipc_rmutex_seal(ipc_rmutex *m);
IPC_API int             ipc_rmutex_unlink(const char *name);

IPC_API IPC_CHECKED int ipc_rwlock_create(ipc_rwlock **ret, const char *name);
IPC_API IPC_CHECKED int ipc_rwlock_open(ipc_rwlock **ret, const char *name);
IPC_API ipc_rwlock     *ipc_rwlock_close(ipc_rwlock *l);
IPC_API int             ipc_rwlock_seal(ipc_rwlock *l);
IPC_API int             ipc_rwlock_unlink(const char *name);

IPC_API IPC_CHECKED int ipc_sem_create(ipc_sem **ret, const char *name, int value, int bound);
IPC_API IPC_CHECKED int ipc_sem_open(ipc_sem **ret, const char *name);
IPC_API ipc_sem        *ipc_sem_close(ipc_sem *s);
IPC_API int             ipc_sem_seal(ipc_sem *s);
IPC_API int             ipc_sem_unlink(const char *name);

IPC_API IPC_CHECKED int ipc_event_create(ipc_event **ret, const char *name);
IPC_API IPC_CHECKED int ipc_event_open(ipc_event **ret, const char *name);
IPC_API ipc_event      *ipc_event_close(ipc_event *e);
IPC_API int             ipc_event_seal(ipc_event *e);
IPC_API int             ipc_event_unlink(const char *name);

IPC_API IPC_CHECKED int ipc_cond_create(ipc_cond **ret, const char *name);
IPC_API IPC_CHECKED int ipc_cond_open(ipc_cond **ret, const char *name);
IPC_API ipc_cond       *ipc_cond_close(ipc_cond *c);
IPC_API int             ipc_cond_seal(ipc_cond *c);
IPC_API int             ipc_cond_unlink(const char *name);

IPC_API IPC_CHECKED int ipc_barrier_create(ipc_barrier **ret, const char *name);
IPC_API IPC_CHECKED int ipc_barrier_open(ipc_barrier **ret, const char *name);
IPC_API ipc_barrier    *ipc_barrier_close(ipc_barrier *b);
IPC_API int             ipc_barrier_seal(ipc_barrier *b);
IPC_API int             ipc_barrier_unlink(const char *name);

IPC_END_DECLS

#endif /* IPC_SYNC_H */

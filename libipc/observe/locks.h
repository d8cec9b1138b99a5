#ifndef OBSERVE_LOCKS_H
#define OBSERVE_LOCKS_H

/*
 * locks.h - what things of ipc/sync.h say of themselves, read where they lie
 *
 * The words are the library's (object/mutex.c, rwlock.c, sem.c, event.c, cond.c,
 * barrier.c); here they are only read, so here is what an observer must know of them.
 */

#include <stdbool.h>
#include <stdint.h>

#include <ipc/observe.h>

#include "observe/files.h"

/* Of the object of one wait. */
struct lock_seen {
	uint64_t owner;    /* its first word: of a mutex the owner's reference, 0: it is free */
	uint64_t number;   /* of shares of it: enum held_bits; 0: it has none */
	uint64_t left;     /* condition */
	uint32_t bound;    /* semaphore */
	bool     verified; /* read now; else as the sleeper saw it before it slept */
};

/* Read it; not verified if that cannot be. */
void lock_read(struct files *files, uint64_t id, enum ipc_op op, uint64_t offset,
	       struct lock_seen *ret);

/* ---- first words --------------------------------------------------------------------- */

#define RWLOCK_READING (UINT64_C(1) << 63)
#define RWLOCK_FROZEN  (UINT64_C(1) << 32)
#define RWLOCK_COUNT   UINT64_C(0xffffffff)
#define SEM_VALUE      UINT64_C(0x7fffffff)
#define SEM_FROZEN     (UINT64_C(1) << 31)
#define SEM_LOOSE      32 /* shift */
#define BARRIER_COUNT  0xfffu
#define BARRIER_WANTED 12 /* shift, as wide */
#define BARRIER_BROKEN (UINT64_C(1) << 24)
#define BARRIER_TURN   32 /* shift; 16 bits */

#endif /* OBSERVE_LOCKS_H */

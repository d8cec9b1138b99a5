#ifndef BASE_FORK_LOCK_H
#define BASE_FORK_LOCK_H

/*
 * fork_lock.h - one thread of this process at a time, also after a fork
 *
 * A mutex that another thread had at a fork stays locked in the child for ever, where that
 * thread is not. This one says which process has it: what stayed behind in a parent, in the
 * middle of something, is nobody's here. What it guards must bear that.
 *
 * A word that is zero is free. Not for shared memory.
 */

#include <stdbool.h>
#include <stdint.h>

/** True: it is ours. */
bool fork_lock_try(uint32_t *lock);

/** Sleep until it is ours, until @until_ns (CLOCK_MONOTONIC, absolute) at most: 0 or -ETIMEDOUT. */
int fork_lock_until(uint32_t *lock, uint64_t until_ns);

void fork_unlock(uint32_t *lock);

#endif /* BASE_FORK_LOCK_H */

/* fork_lock.c - a pid, and whether somebody sleeps until it is gone */

#include "base/fork_lock.h"

#include <errno.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/futex.h"

#define WAITED (UINT32_C(1) << 31) /* no pid is that large */

/* @mine: how it is taken. False: a thread of ours has it, as *@ret_seen says. */
static bool take(uint32_t *lock, uint32_t self, uint32_t mine, uint32_t *ret_seen)
{
	*ret_seen = 0;
	while (*ret_seen == 0 || (*ret_seen & ~WAITED) != self)
		if (compare_swap(lock, ret_seen, mine))
			return true;
	return false;
}

bool fork_lock_try(uint32_t *lock)
{
	uint32_t self = (uint32_t)getpid(), seen;

	return take(lock, self, self, &seen);
}

/* Who has slept takes it as waited for: others may sleep still. */
static int sleep_until(uint32_t *lock, uint64_t until_ns)
{
	uint32_t self = (uint32_t)getpid(), seen;
	int      r = 0;

	while (!take(lock, self, self | WAITED, &seen)) {
		if (r == -ETIMEDOUT)
			return r;
		if (seen & WAITED || compare_swap(lock, &seen, seen | WAITED))
			r = futex_wait(lock, self | WAITED, until_ns);
	}
	return 0;
}

int fork_lock_until(uint32_t *lock, uint64_t until_ns)
{
	return fork_lock_try(lock) ? 0 : sleep_until(lock, until_ns);
}

void fork_unlock(uint32_t *lock)
{
	if (fetch_and(lock, 0u) & WAITED)
		futex_wake(lock, 1);
}

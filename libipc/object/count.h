#ifndef OBJECT_COUNT_H
#define OBJECT_COUNT_H

/*
 * count.h - counters that one process writes and everybody reads
 *
 * Plain additions while the process has one thread, which is what the line costs
 * nothing for; atomic ones from its second thread on. libc knows which.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/single_threaded.h>

#include "base/atomic.h"

/*
 * Off in one build only, the one that says what counting costs (make bench-bars). There a monitor
 * sees nothing, and tasks and deaths are not accounted for.
 */
#ifdef LIBIPC_UNCOUNTED
#define COUNTING false
#else
#define COUNTING true
#endif

static inline void count_add(uint64_t *counter, uint64_t n)
{
	if (!COUNTING)
		return;
	if (likely(__libc_single_threaded))
		store_relaxed(counter, load_relaxed(counter) + n);
	else
		(void)__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

/* Of all processes: by who was asleep a moment ago, so it may cost something. */
static inline void count_vain(uint64_t *counter, bool woken)
{
	if (COUNTING && woken)
		(void)__atomic_fetch_add(counter, 1u, __ATOMIC_RELAXED);
}

#endif /* OBJECT_COUNT_H */

#ifndef BASE_ATOMIC_H
#define BASE_ATOMIC_H

/*
 * atomic.h - the words all shared memory is read and written with
 *
 * Short names, so that the comment that says why fits on the line. They take
 * pointers to plain integers: the layout is an ABI, _Atomic types are not.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/failpoint.h"

/* What changes memory is a place for a test to kill at, before it changes it. */
#define load_relaxed(p)     __atomic_load_n((p), __ATOMIC_RELAXED)
#define load_acquire(p)     __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define store_relaxed(p, v) FAILS(p, __atomic_store_n((p), (v), __ATOMIC_RELAXED))
#define store_release(p, v) FAILS(p, __atomic_store_n((p), (v), __ATOMIC_RELEASE))
#define fetch_add(p, v)     FAILS(p, __atomic_fetch_add((p), (v), __ATOMIC_ACQ_REL))
#define fetch_sub(p, v)     FAILS(p, __atomic_fetch_sub((p), (v), __ATOMIC_ACQ_REL))
#define fetch_or(p, v)      FAILS(p, __atomic_fetch_or((p), (v), __ATOMIC_ACQ_REL))
#define fetch_and(p, v)     FAILS(p, __atomic_fetch_and((p), (v), __ATOMIC_ACQ_REL))
#define fence_seq_cst()     __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define fence_release()     __atomic_thread_fence(__ATOMIC_RELEASE)
#define fence_acquire()     __atomic_thread_fence(__ATOMIC_ACQUIRE)

/* Strong; on failure *expected is what was found. */
#define compare_swap(p, expected, desired)                                                    \
	FAILS(p, __atomic_compare_exchange_n((p), (expected), (desired), 0, __ATOMIC_ACQ_REL, \
					     __ATOMIC_ACQUIRE))

#ifdef LIBIPC_FAILPOINTS
#define FAILS(p, does)         \
	({                     \
		FAILPOINT(#p); \
		does;          \
	})
#else
#define FAILS(p, does) does
#endif

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Tell the core that this is a spin loop. */
static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

#endif /* BASE_ATOMIC_H */

#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/*
 * clock.h - time, twice
 *
 * clock_now_ns() is CLOCK_MONOTONIC, for deadlines and ages. clock_ticks() is for
 * stamping messages: the time stamp counter where it is invariant (a third of
 * the price), else the same clock. The domain's maker chooses which, for all.
 */

#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

enum tick_kind {
	TICK_MONOTONIC = 1, /* stamps are CLOCK_MONOTONIC [ns] */
	TICK_TSC = 2,       /* stamps are the invariant time stamp counter [ticks] */
};

static inline uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	(void)clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static inline uint64_t clock_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* The same, some milliseconds late at most, for a quarter of the price. */
static inline uint64_t clock_coarse_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC_COARSE);
}

/* By system call: the library's would be a point where the thread can be cancelled. */
static inline void clock_nap(long ns)
{
	struct timespec t = {.tv_nsec = ns};

	(void)syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, NULL);
}

/* What this machine can stamp with; decided once a domain. */
static inline enum tick_kind clock_best_kind(void)
{
#if defined(__x86_64__)
	unsigned a, b, c, d;

	/* leaf 0x80000007, EDX bit 8: the counter runs at one rate in all power states */
	if (__get_cpuid(0x80000007u, &a, &b, &c, &d) && (d & 1u << 8))
		return TICK_TSC;
#endif
	return TICK_MONOTONIC;
}

static inline uint64_t clock_ticks(uint64_t kind)
{
#if defined(__x86_64__)
	if (kind == TICK_TSC)
		return __rdtsc();
#endif
	(void)kind;
	return clock_now_ns();
}

#endif /* BASE_CLOCK_H */

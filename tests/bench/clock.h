#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

/*
 * clock.h - time: exact, and cheap
 *
 * Ticks are the time stamp counter where it is known to be steady, which costs half of
 * clock_gettime(2): round trips are that short.
 */

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static inline void clock_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#endif
}

extern int clock_has_ticks;

static inline uint64_t clock_ticks(void)
{
#if defined(__x86_64__)
	if (clock_has_ticks)
		return __builtin_ia32_rdtsc();
#endif
	return clock_ns();
}

/** Find out how long a tick is; call it first. */
void clock_calibrate(void);

double clock_ticks_to_ns(double ticks);

#endif /* BENCH_CLOCK_H */

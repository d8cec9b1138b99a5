#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

/*
 * histogram.h - how often each length of time was seen, exact to 1/128
 */

#include <stdint.h>

#define HISTOGRAM_SUB     128 /* buckets to each power of two */
#define HISTOGRAM_BUCKETS (58 * HISTOGRAM_SUB)

struct histogram {
	uint64_t n;
	uint32_t bucket[HISTOGRAM_BUCKETS];
};

/* Times below 128 have a bucket each; from there on every power of two has 128. */
static inline void histogram_add(struct histogram *h, uint64_t ticks)
{
	unsigned row = 0;

	if (ticks >= HISTOGRAM_SUB)
		row = 64u - (unsigned)__builtin_clzll(ticks) - 7; /* 1 for 128 to 255 */
	h->bucket[row * HISTOGRAM_SUB + (ticks >> (row ? row - 1 : 0)) % HISTOGRAM_SUB]++;
	h->n++;
}

/** The time [ticks] that the share @q of all did not exceed. */
double histogram_quantile(const struct histogram *h, double q);

#endif /* BENCH_HISTOGRAM_H */

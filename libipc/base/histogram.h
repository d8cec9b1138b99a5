#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

/*
 * histogram.h - which bucket a time falls into
 *
 * Four buckets to each power of two, so a bound is at most a quarter above any
 * value of its bucket. The first buckets hold one value each:
 *
 *     ticks   0 1 2 3 4 5 6 7 8-9 10-11 12-13 14-15 16-19 …
 *     bucket  0 1 2 3 4 5 6 7  8    9    10    11    12   …
 *
 * The last bucket also holds all that is longer than its bound: 2^41 ticks, a
 * quarter of an hour at 2.4 GHz.
 */

#include <stdint.h>

#define HIST_BUCKETS 160

/* No branch on the value: it runs in a receiver's path. */
static inline unsigned histogram_bucket(uint64_t ticks)
{
	unsigned shift = 61u - (unsigned)__builtin_clzll(ticks | 4); /* leaves the top 3 bits */
	unsigned bucket = 4u * shift + (unsigned)(ticks >> shift);

	return bucket < HIST_BUCKETS ? bucket : HIST_BUCKETS - 1;
}

/* The largest value of the bucket [ticks]. */
static inline uint64_t histogram_bound(unsigned bucket)
{
	if (bucket >= HIST_BUCKETS)
		bucket = HIST_BUCKETS - 1;
	if (bucket < 8)
		return bucket;
	return ((UINT64_C(5) + bucket % 4) << (bucket / 4 - 1)) - 1;
}

/* Of two, which may be one and the same as @sum. A bucket that is full stays full. */
static inline void histogram_sum(uint32_t *sum, const uint32_t *a, const uint32_t *b)
{
	for (unsigned i = 0; i < HIST_BUCKETS; i++)
		sum[i] = a[i] < UINT32_MAX - b[i] ? a[i] + b[i] : UINT32_MAX;
}

#endif /* BASE_HISTOGRAM_H */

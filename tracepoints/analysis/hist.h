#ifndef ANALYSIS_HIST_H
#define ANALYSIS_HIST_H

/*
 * hist.h - latencies of one channel, in fixed space however many they are
 *
 * Buckets are 1/32 of their octave wide and a percentile is the middle of its
 * bucket, so it is off by 1.6 % at most; below 64 ns and at the maximum it is
 * exact.
 */

#include <stdint.h>

#define HIST_BITS    5
#define HIST_BUCKETS ((64 - HIST_BITS) << HIST_BITS)

struct hist {
	uint64_t n, max;
	uint32_t bucket[HIST_BUCKETS];
};

void hist_add(struct hist *h, uint64_t value);

/** The value that @percent of 100 values do not exceed; 0 if there is none. */
uint64_t hist_percentile(const struct hist *h, unsigned percent);

#endif /* ANALYSIS_HIST_H */

/*
 * hist.c - logarithmic buckets, each octave cut into 32
 *
 * value        bucket
 * 0 … 63       0 … 63         one each
 * 64 … 127     64 … 95        two values each
 * 128 … 255    96 … 127       four values each
 */

#include "hist.h"

static unsigned bucket_of(uint64_t value)
{
	unsigned shift;

	if (value < 2u << HIST_BITS)
		return (unsigned)value;
	shift = 63u - (unsigned)__builtin_clzll(value) - HIST_BITS;
	return (shift << HIST_BITS) + (unsigned)(value >> shift);
}

static uint64_t middle_of(unsigned bucket)
{
	unsigned shift;

	if (bucket < 2u << HIST_BITS)
		return bucket;
	shift = (bucket >> HIST_BITS) - 1;
	return ((uint64_t)(bucket - (shift << HIST_BITS)) << shift) + (1ull << shift) / 2;
}

void hist_add(struct hist *h, uint64_t value)
{
	h->n++;
	h->bucket[bucket_of(value)]++;
	if (value > h->max)
		h->max = value;
}

uint64_t hist_percentile(const struct hist *h, unsigned percent)
{
	uint64_t rank = (h->n * percent + 99) / 100, seen = 0, value;

	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen < rank || !h->bucket[i])
			continue;
		value = middle_of(i);
		return value < h->max ? value : h->max;
	}
	return h->max;
}

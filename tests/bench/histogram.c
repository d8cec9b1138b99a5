#include "histogram.h"

static double middle(unsigned bucket)
{
	unsigned row = bucket / HISTOGRAM_SUB, in_row = bucket % HISTOGRAM_SUB;
	double   width;

	if (row == 0)
		return in_row;
	width = (double)(UINT64_C(1) << (row - 1));
	return (HISTOGRAM_SUB + in_row + 0.5) * width - (row == 1 ? 0.5 : 0);
}

double histogram_quantile(const struct histogram *h, double q)
{
	uint64_t seen = 0, wanted = (uint64_t)(q * (double)h->n);

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->bucket[i];
		if (h->bucket[i] && seen > wanted)
			return middle(i);
	}
	return 0;
}

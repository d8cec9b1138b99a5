#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

/*
 * report.h - from the values of many rounds to a table, or to lines of JSON
 */

#include "bench.h"

/* struct cell - one metric of one measurement */
struct cell {
	unsigned n;
	double   round[MAX_ROUNDS];
};

/* struct block - all that was measured of one case */
struct block {
	enum bench_case which;
	unsigned        n_sizes, n_impls;
	size_t          size[MAX_SIZES];
	const char     *impl[MAX_IMPLS];
	struct cell     cell[MAX_IMPLS][MAX_SIZES][N_METRICS];
	struct cell     line; /* cache line there and back [ns] */
};

extern const char *const bench_case_names[N_CASES];

void cell_add(struct cell *c, double value);

/** JSON: the medians of one measurement. */
void report_json(const struct block *b, unsigned impl, unsigned size);

/** A table for each metric of the case. */
void report_table(const struct block *b);

#endif /* BENCH_REPORT_H */

#ifndef BENCH_BLOCK_H
#define BENCH_BLOCK_H

/*
 * block.h - all that was measured of one case, and what can be asked of it
 */

#include "bench.h"

/* struct cell - one metric of one measurement, by rounds */
struct cell {
	unsigned n;
	double   round[MAX_ROUNDS];
};

struct block {
	enum bench_case          which;
	unsigned                 n_sizes, n_impls;
	size_t                   size[MAX_SIZES];
	const struct bench_impl *impl[MAX_IMPLS];
	struct cell              cell[MAX_IMPLS][MAX_SIZES][N_METRICS];
	struct cell              line; /* cache line there and back [ns] */
};

extern const char *const bench_metric_names[N_METRICS];

void cell_add(struct cell *c, double value);

/** Of an empty cell: NAN. */
double cell_median(const struct cell *c);

/** Half the distance of the quartiles [% of the median]. */
double cell_spread(const struct cell *c);

/** How many times as much @c is as @to: by rounds that were neighbours, where all were made. */
double cell_ratio(const struct cell *c, const struct cell *to);

/** What is said first of a case: ns per message, or the median. */
enum bench_metric block_metric(enum bench_case which);

/* What others are compared with; NULL: it was not measured. */
const struct cell *block_floor(const struct block *b, unsigned size, enum bench_metric metric);
const struct cell *block_best_peer(const struct block *b, unsigned size, enum bench_metric metric);

/** The implementation called @name with messages of @size bytes; NULL: it was not measured. */
const struct cell *block_find(const struct block *b, const char *name, size_t size,
			      enum bench_metric metric);

#endif /* BENCH_BLOCK_H */

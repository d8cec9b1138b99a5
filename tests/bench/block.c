#include "block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const bench_metric_names[N_METRICS] = {"ns_per_msg", "p50_ns", "p99_ns", "p999_ns"};

void cell_add(struct cell *c, double value)
{
	if (!isnan(value) && c->n < MAX_ROUNDS)
		c->round[c->n++] = value;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value that the share @q of the rounds did not exceed; between two rounds, in between. */
static double quantile(const struct cell *c, double q)
{
	double v[MAX_ROUNDS], at = q * (c->n - 1);
	size_t i = (size_t)at;

	memcpy(v, c->round, c->n * sizeof(*v));
	qsort(v, c->n, sizeof(*v), by_value);
	if (i + 1 >= c->n)
		return v[i];
	return v[i] + (at - (double)i) * (v[i + 1] - v[i]);
}

double cell_median(const struct cell *c)
{
	return c->n ? quantile(c, 0.5) : NAN;
}

double cell_spread(const struct cell *c)
{
	return (quantile(c, 0.75) - quantile(c, 0.25)) / 2 / cell_median(c) * 100;
}

double cell_ratio(const struct cell *c, const struct cell *to)
{
	struct cell ratio = {0};

	if (c->n != to->n)
		return cell_median(c) / cell_median(to);
	for (unsigned i = 0; i < c->n; i++)
		cell_add(&ratio, c->round[i] / to->round[i]);
	return cell_median(&ratio);
}

enum bench_metric block_metric(enum bench_case which)
{
	return which == CASE_ROUNDTRIP || which == CASE_WAKEUP ? METRIC_P50 : METRIC_NS_PER_MSG;
}

const struct cell *block_floor(const struct block *b, unsigned size, enum bench_metric metric)
{
	for (unsigned i = 0; i < b->n_impls; i++)
		if (b->impl[i]->floor_of & 1u << b->which && b->cell[i][size][metric].n)
			return &b->cell[i][size][metric];
	return NULL;
}

const struct cell *block_best_peer(const struct block *b, unsigned size, enum bench_metric metric)
{
	const struct cell *best = NULL;

	for (unsigned i = 0; i < b->n_impls; i++) {
		const struct cell *c = &b->cell[i][size][metric];

		if (b->impl[i]->is_peer && !b->impl[i]->spins && c->n &&
		    (!best || cell_median(c) < cell_median(best)))
			best = c;
	}
	return best;
}

const struct cell *block_find(const struct block *b, const char *name, size_t size,
			      enum bench_metric metric)
{
	for (unsigned i = 0; i < b->n_impls; i++)
		for (unsigned s = 0; s < b->n_sizes; s++)
			if (strcmp(b->impl[i]->name, name) == 0 && b->size[s] == size &&
			    b->cell[i][s][metric].n)
				return &b->cell[i][s][metric];
	return NULL;
}

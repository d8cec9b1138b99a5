#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

/*
 * measure.h - rounds of all implementations, taking turns
 */

#include "block.h"

/* struct effort - how much to measure */
struct effort {
	double   seconds; /* for each measurement, all rounds together */
	unsigned rounds;
};

/**
 * Fill @b, of which .which, sizes and implementations are given. @each, unless NULL, is called
 * when a size is done.
 *
 * Return: 0; 1: something failed, and was said.
 */
int measure(struct block *b, const struct effort *e,
	    void (*each)(const struct block *b, unsigned size));

#endif /* BENCH_MEASURE_H */

#ifndef BENCH_TIMES_H
#define BENCH_TIMES_H

/*
 * times.h - what the cases share that take the time of single messages
 */

#include "round.h"

#define TIMES_WARM_UP 0.2 /* share of a round whose messages are not timed */

/** The metrics of a distribution; none if nothing was timed. */
void times_values(const struct histogram *times, double value[N_METRICS]);

#endif /* BENCH_TIMES_H */

#ifndef BENCH_ROUND_H
#define BENCH_ROUND_H

/*
 * round.h - one round: fork the processes of a case, wait for them, see what they measured
 */

#include <stdatomic.h>

#include "bench.h"
#include "histogram.h"

#define MAX_PARTIES 4
#define SENDERS     2 /* of CASE_MANYTOMANY, and as many receivers */

/* What one process has to say. Lives in memory shared with the parent. */
struct party {
	char     error[160];   /* "" if it did well */
	double   messages, ns; /* timed */
	uint64_t count[SENDERS],
		sum[SENDERS]; /* all messages, by their sender; and of their numbers */
	struct histogram rtt; /* [ticks] */
};

struct scene {
	const struct bench_impl *impl;
	struct bench_plan        plan;
	void                    *chan;
	_Atomic int              senders_left;
	_Atomic int              ready; /* parties that have started */
	unsigned                 n_parties;
	struct party             party[MAX_PARTIES];
};

/* Returns the exit status of its process. */
typedef int party_fn(struct scene *s, unsigned who);

/* cases.c */
party_fn *case_party(enum bench_case which, unsigned who);
unsigned  case_parties(enum bench_case which);
void      case_values(const struct scene *s, double value[N_METRICS]); /* NAN: not of this case */
int       case_is_exact(const struct scene *s);

/**
 * One round of @impl. Writes a value per metric, NAN where the case has none.
 *
 * Return: 0; 1: the implementation is not to be had here (said once); -1: it failed, or did not
 * end in time; what happened was said on stderr.
 */
int round_run(const struct bench_impl *impl, const struct bench_plan *plan,
	      double value[N_METRICS]);

/** A cache line from one core to the other and back [ns], now. */
double round_line(void);

/** Choose the two CPUs; with one only, processes are not pinned. */
void round_choose_cpus(void);

#endif /* BENCH_ROUND_H */

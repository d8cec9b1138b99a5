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
		sum[SENDERS];   /* all messages, by their sender; and of their numbers */
	struct histogram times; /* of single messages [ticks] */
};

struct scene {
	const struct bench_impl *impl;
	struct bench_plan        plan;
	void                    *chan;
	_Atomic int              senders_left;
	_Atomic int              ready, done; /* parties that have started; that have ended */
	unsigned                 n_parties;
	_Alignas(64) _Atomic uint64_t asleep;  /* CASE_WAKEUP: messages before this recv */
	_Alignas(64) _Atomic uint64_t sent_at; /* CASE_WAKEUP: when the last was [ticks] */
	_Alignas(64) struct party party[MAX_PARTIES];
};

/* What a process does; 0, or 1 after fail(). */
typedef int party_fn(struct scene *s, unsigned who);

/*
 * struct case_def - a case: the first half of its parties send, the others receive
 * @is_exact: after all have ended: was every message received once? NULL: each was compared
 * @values:   what was measured, NAN where the case has no such metric
 */
struct case_def {
	const char *name, *title;
	unsigned    n_parties;
	party_fn   *sender, *receiver;
	int (*is_exact)(const struct scene *s);
	void (*values)(const struct scene *s, double value[N_METRICS]);
};

extern const struct case_def *const bench_cases[N_CASES];

/** Say what went wrong with @who; returns 1. */
int fail(struct scene *s, unsigned who, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** The same of a call that returned @r, which was to be @size or 0. */
int fail_call(struct scene *s, unsigned who, const char *call, ssize_t r);

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

/** Run on the first or on the second of them. */
void round_pin(unsigned which);

#endif /* BENCH_ROUND_H */

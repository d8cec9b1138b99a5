#ifndef BENCH_BARS_H
#define BENCH_BARS_H

/*
 * bars.h - what libipc promises about its speed and its size, each held against what is measured
 */

#include <limits.h>
#include <sys/types.h>

#include "block.h"
#include "measure.h"

/* struct bar - a promise. A NAN value was not measured, and @text ends in why. */
struct bar {
	const char *text; /* what, and what it is compared with */
	const char *unit; /* of the value: "times", "ns" */
	double      value, limit;
	int         at_least; /* the limit is a lower one */
};

/** Print one; 1 if it is missed. */
int bar_say(const struct bar *b);

/** Measure all and print them. 0; 1: one is missed, or something failed. */
int bars_run(const struct effort *e);

/* bar_idle.c: each in a domain of its own; call before anything else was opened in this process */
double bar_snapshot_ns(unsigned channels); /* one reading by an observer */
double bar_blocked_percent(void);          /* of a CPU, by a process asleep in recv */

struct idle_bytes {
	double queue, pipe, registry; /* memory of files [bytes] */
};

struct idle_bytes bar_idle_bytes(void);

/* bar_price.c: how many percent slower 64 bytes one way through a pipe are */
double bar_counting_percent(const struct effort *e); /* than without counters; NAN: no such build */
double bar_monitor_percent(const struct effort *e);  /* with a monitor reading ten times a second */

/* bar_python.c: how many times as long Python's SimpleQueue takes for a message as ours */
double bar_python_times(void); /* NAN: there is no Python */

/* bar_watch.c: a monitor that lists a crowd ten times a second */
struct watch_cost {
	double percent;   /* of one core; NAN: there is no monitor, or no crowd */
	double megabytes; /* of memory, at most */
};

struct watch_cost bar_watch(unsigned processes, unsigned channels);

/* program.c */

/* The file @name in the folder of this program: 1 if it can be run. */
int beside(char path[PATH_MAX], const char *name);

/*
 * Start a program with its output at @out (negative: nowhere), in @domain (NULL: that of this
 * process), which gets signal @at_death should this process die: its pid, or negative.
 */
pid_t start_program(const char *const *argv, int out, const char *domain, int at_death);

#endif /* BENCH_BARS_H */

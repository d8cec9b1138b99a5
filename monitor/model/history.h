#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

/*
 * history.h - the last minutes of one channel or process, some numbers a second
 *
 * Time is cut into whole seconds of CLOCK_MONOTONIC, however often or seldom
 * somebody looks: messages counted between two readings are spread evenly over
 * the seconds between them.
 */

#include <stdint.h>

#define HISTORY_SECONDS 124 /* two minutes, the second that is not over, and some at the edge */

/* Half of a float: eight bits of its fraction are more than any graph shows. */
typedef uint16_t history_number;

/* All zeroes is empty. Only the first line of it changes more than once a second. */
struct history {
	uint64_t first, end; /* seconds [first, end) were seen whole, but for the newest */
	struct {
		float put, get, fill, blocked;
	} now; /* the newest second, which is not over */
	history_number put[HISTORY_SECONDS], get[HISTORY_SECONDS]; /* [messages] in that second */
	history_number fill[HISTORY_SECONDS];    /* highest share of the capacity seen, 0 to 1 */
	history_number blocked[HISTORY_SECONDS]; /* threads asleep, on average */
};

/* What happened between two readings. */
struct history_step {
	double put, get; /* [messages] */
	double fill;     /* share of the capacity, at its end */
	double blocked;  /* threads asleep, on average */
};

/** Add what happened from @t0_ns to @t1_ns. */
void history_add(struct history *h, uint64_t t0_ns, uint64_t t1_ns, const struct history_step *s);

/** The value of @series @ago whole seconds before the current one; 0 where there is none. */
double history_at(const struct history *h, const history_number *series, unsigned ago);

#endif

#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

/*
 * history.h - the last minutes of one channel, a number a second
 *
 * Time is cut into whole seconds of CLOCK_MONOTONIC, however often or seldom
 * somebody looks: messages counted between two readings are spread evenly over
 * the seconds between them.
 */

#include <stdint.h>

#define HISTORY_SECONDS 240 /* as much as the widest screen can show, and 4 KiB a channel */

/* All zeroes is empty. */
struct history {
	uint64_t first, end; /* seconds [first, end) hold something */
	float    put[HISTORY_SECONDS], get[HISTORY_SECONDS]; /* [messages] in that second */
	float    fill[HISTORY_SECONDS]; /* highest share of the capacity seen, 0 to 1 */
};

/** @put and @get messages passed from @t0_ns to @t1_ns; at its end the channel was @fill full. */
void history_add(struct history *h, uint64_t t0_ns, uint64_t t1_ns, double put, double get,
		 double fill);

/** The value of @series @ago whole seconds before the current one; 0 where there is none. */
double history_at(const struct history *h, const float *series, unsigned ago);

#endif

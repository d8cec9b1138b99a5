#ifndef CRASH_STORM_H
#define CRASH_STORM_H

/*
 * storm.h - random kills at full speed
 *
 * Several processes put into one queue and get from it as fast as they can. Again and
 * again one of them is killed, at random or just after it got somewhere, and another one
 * takes its place. After each kill everybody must get on; and after every few dozen the
 * queue is drained and each message that was ever put is accounted for.
 */

#include <stdbool.h>
#include <stdint.h>

#include "found.h"

struct storm_options {
	const char *dir; /* below which domains are made */
	uint32_t    seed;
	uint64_t    kills;
	unsigned    workers;
};

struct storm_result {
	uint64_t   kills, messages, batches;
	uint64_t   taken_by_dead, abandoned;
	uint64_t   longest_ns; /* in which one who was not killed got nowhere */
	double     seconds;
	enum found found; /* if there is a .failure */
	char       failure[400];
};

/** Where a victim was when it was killed, as an address of this program; 0: not known. */
extern void (*storm_killed_at)(uint64_t pc);

/** Whether nothing went wrong. */
bool storm(const struct storm_options *o, struct storm_result *ret);

#endif /* CRASH_STORM_H */

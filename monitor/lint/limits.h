#ifndef LINT_LIMITS_H
#define LINT_LIMITS_H

/*
 * limits.h - from where on a habit counts as one
 *
 * All picked: what one would call a habit, on machines that were looked at. Whose machine
 * is another sets them, before the first look or in between; they are of the whole program.
 */

#include <stddef.h>

#include "lint/lint.h"

enum lint_limit {
	LIMIT_SATURATED,     /* [%] of the looks */
	LIMIT_STARVED,       /* [%] of an equal share */
	LIMIT_PING_PONG,     /* [1/s] below that, the sleeps cost nothing */
	LIMIT_HERD,          /* [1/s] below that, they cost nothing */
	LIMIT_OVERSIZE,      /* [%] of the time */
	LIMIT_NEVER_DRAINED, /* [s] */
	LIMIT_FULL_SOON,     /* [s] */
	LIMIT_GROWN,         /* [messages] without a capacity */
	LIMIT_LEAKED_END, /* [s] whoever forks has both ends for a moment, and so has the child */
	LIMIT_POLL_SPIN,  /* [1/s] */
	LIMIT_TELEMETRY,  /* [%] of the records */
	N_LIMITS,
};

double lint_limit(enum lint_limit i);

/** "saturated": what it is called in settings. */
const char *lint_limit_name(enum lint_limit i);

/** Whose it is, and in words. */
enum lint_id lint_limit_of(enum lint_limit i);
const char  *lint_limit_help(enum lint_limit i);

/** "50%", "30s" or "1000", as it is, or as it is by default. */
void lint_limit_text(enum lint_limit i, int by_default, char *ret, size_t size);

/** From such a text. 0; -EINVAL: it is none, or not between what makes sense. */
int lint_limit_set(enum lint_limit i, const char *text);

/** The next larger one, or smaller for a negative @step. */
void lint_limit_shift(enum lint_limit i, int step);

/** The one of that name, or -1. */
int lint_limit_named(const char *name);

#endif

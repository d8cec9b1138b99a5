#ifndef LINT_EVENTS_H
#define LINT_EVENTS_H

/*
 * events.h - what was wrong since somebody looks: findings, lints, failed calls
 *
 * A finding or a habit comes, goes, and comes again; an event says when it was first and
 * last seen, how often it came, and whether it is there now. The domain itself counts the
 * calls that failed; each way of failing of each end is an event, too.
 */

#include "lint/habits.h"

/* The newest are kept; picked. */
#define EVENTS_MAX  512
#define EVENT_BYTES 200

/* How often habits are looked for; looking costs some milliseconds in a large domain. */
#define EVENTS_LINT_NS UINT64_C(1000000000)

/* All zeroes is nothing seen. */
struct events_past {
	struct event  known[EVENTS_MAX];
	char          texts[EVENTS_MAX][EVENT_BYTES]; /* what those say */
	size_t        n;
	uint64_t      linted_ns; /* when habits were last looked for */
	struct habits habits;
	struct event_words {
		uint64_t words; /* what it was made of */
		char     text[EVENT_BYTES];
	} * said; /* of failures, in their order */
	size_t        n_said;
	struct event *failures; /* as they were when last looked at, the last seen first */
	size_t        n_failures;
};

/**
 * Those of @f into @f->events, what is there now first, then the last seen; of lints, the
 * kinds in @lints (bits).
 */
void events_find(struct frame *f, struct events_past *past, uint64_t lints);

/** Forget them all; @past may be NULL. */
void events_fini(struct events_past *past);

#endif

#ifndef CRASH_ROW_H
#define CRASH_ROW_H

/* row.h - one operation in one context, killed everywhere */

#include "scene.h"

/* One slice, which is what a survivor may have to wait, and some time to be scheduled. */
#define LATE_NS (UINT64_C(250000000) + UINT64_C(50000000))

enum row_mode {
	ROW_KILL,    /* the victim is killed */
	ROW_RECOVER, /* and then who cleans up after it is killed, too */
	ROW_PAIR,    /* while another one stands still in the middle of its own operation */
	ROW_STOP,    /* the victim is not killed: it stands still for a long time */
};

struct row_options {
	enum row_mode mode;
	unsigned      most;    /* places to be tried; 0: all there are */
	unsigned      deep;    /* the same, of who recovers */
	unsigned      repeats; /* of one address at most so many */
	unsigned      depth;   /* ROW_RECOVER: how many are killed that recover */
	uint32_t      seed;
	bool          verbose;
	bool          first; /* stop at the first failure */
};

/* What it has come to. */
struct row {
	const struct operation   *op;
	const struct context     *context;
	const struct row_options *options;
	uint64_t                  n_images, n_places, n_trials, n_drifted, n_steps, longest_ns;
	unsigned                  n_failed, n_found[N_FOUND];
	uint64_t                  n_late; /* trials in which somebody waited longer than LATE_NS */
	char                      failure[900];
};

void row_run(struct row *row);

#endif /* CRASH_ROW_H */

#ifndef METRICS_TEXTFILE_H
#define METRICS_TEXTFILE_H

/*
 * textfile.h - metrics in a file that a collector reads, such as node_exporter's
 */

#include <sys/types.h>

#include "metrics/metrics.h"

struct textfile {
	const char *path;
	dev_t       dev; /* of what was last written there */
	ino_t       ino; /* 0: nothing was */
};

/**
 * Write it anew, so that whoever reads it sees all of the old or all of the new. 0 or a
 * negative errno; then the old one is as it was. -EEXIST: what is there is no plain file.
 */
int textfile_write(struct textfile *t, const struct metrics *m, int open_metrics);

/** Take it away, unless another has taken its place. */
void textfile_remove(const struct textfile *t);

#endif

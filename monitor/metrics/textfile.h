#ifndef METRICS_TEXTFILE_H
#define METRICS_TEXTFILE_H

/*
 * textfile.h - metrics in a file that a collector reads, such as node_exporter's
 */

#include "metrics/metrics.h"

/**
 * Write @path anew, so that whoever reads it sees all of the old or all of the new. 0 or a
 * negative errno; then the old one is as it was. -EEXIST: it is there, and no plain file.
 */
int textfile_write(const char *path, const struct metrics *m, int open_metrics);

#endif

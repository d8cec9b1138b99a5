#ifndef METRICS_GROUPING_H
#define METRICS_GROUPING_H

/*
 * grouping.h - which series a channel is of: its own, or the one of all others (metrics.h)
 */

#include "metrics/metrics.h"

struct series {
	const char *kind, *name;
};

struct grouping {
	struct series v[METRICS_CHANNELS_MAX + 1];
	uint32_t      n, n_own; /* of a channel each; behind them, one of all others */
	uint32_t     *of;       /* per channel */
	uint32_t      n_dropped;
};

void grouping_init(struct grouping *g, const struct ipc_snapshot *s);
void grouping_fini(struct grouping *g);

/** Is a metric of that type told of it? */
int grouping_tells(const struct grouping *g, uint32_t series, enum metric_type type);

/** The labels that a series is known by. */
void grouping_labels(char labels[METRIC_LABELS_BYTES], const struct series *s);

/** Of each process on each channel that has series of its own, in each role. */
void metrics_of_endpoints(const struct metric_out *out, const struct frame *f,
			  const struct grouping *g);

#endif

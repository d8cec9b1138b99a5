#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

/*
 * metrics.h - a frame as numbers that others collect: Prometheus' text format, and OpenMetrics
 *
 * Base units, in the names. Every child of a label with a fixed set of values is there from
 * the start, as 0: what appears with its first event has no rate for it.
 *
 * A series is a channel's, by its kind and name; of several that have both in common, the
 * youngest's, which is the one that its name opens. The METRICS_CHANNELS_MAX oldest of these
 * have series of their own, so what there is to store is bounded, and does not change with what
 * is busy. All other channels are one, called "_other", of which gauges are told and no totals:
 * a sum falls when one of them goes, which would be taken for a counter that began anew.
 */

#include <stdio.h>

#include "model/frame.h"

#define METRICS_CHANNELS_MAX  500
#define METRICS_ENDPOINTS_MAX 2000 /* picked: a usual number of processes on each of those */

struct metrics {
	const char         *domain;       /* what it is called while it is not there */
	const struct frame *frame;        /* NULL: it is not there */
	uint64_t            lints;        /* bits of enum lint_id: looked for */
	int                 per_endpoint; /* tell also what each process did with each channel */
	double              reading_s;
	uint64_t            torn; /* records, of all readings so far */
	/* Of the domain's first reading: each has its own, a little better, and with it samples
	   would change their buckets. */
	double tick_ns;
};

/** One exposition; @open_metrics: in that format. Errors are @to's. */
void metrics_print(FILE *to, const struct metrics *m, int open_metrics);

/* ---- between the files here -------------------------------------------------------- */

enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM };

/* What every one of them has in common. */
struct metric {
	const char        *name; /* of a counter without "_total" */
	enum metric_type   type;
	const char        *help;
	const char        *label;  /* which its children differ in; NULL: it has none */
	const char *const *values; /* of that label; NULL at the end */
};

struct metric_out {
	FILE       *to;
	const char *domain;
	int         open_metrics;
};

/** Its lines of HELP and TYPE. */
void metric_begin(const struct metric_out *out, const struct metric *m);

/** One sample. @labels: further ones, as written, with a comma in front; or "". */
void metric_sample(const struct metric_out *out, const struct metric *m, const char *suffix,
		   const char *labels, double value);

#define METRIC_LABELS_BYTES 1200

/** Append `,name="value"` to @labels, whatever bytes @value has. */
void metric_label(char labels[METRIC_LABELS_BYTES], const char *name, const char *value);

void metrics_of_channels(const struct metric_out *out, const struct metrics *m);
void metrics_of_domain(const struct metric_out *out, const struct metrics *m);

#endif

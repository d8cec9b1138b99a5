#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

/*
 * metrics.h - a frame as numbers that others collect: Prometheus' text format, and OpenMetrics
 *
 * Base units, in the names. Every child of a label with a fixed set of values is there from
 * the start, as 0: what appears with its first event has no rate for it.
 *
 * Channels of one kind and name are one series. The first METRICS_CHANNELS_MAX of them, in
 * order of birth, have series of their own, and all others are one called "_other": so what
 * there is to store is bounded, and does not change with what is busy.
 */

#include <stdio.h>

#include "model/frame.h"

#define METRICS_CHANNELS_MAX 500

struct metrics {
	const char         *domain; /* what it is called while it is not there */
	const struct frame *frame;  /* NULL: it is not there */
	uint64_t            lints;  /* bits of enum lint_id: looked for */
	double              reading_s;
	uint64_t            torn; /* records, of all readings so far */
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

void metrics_of_channels(const struct metric_out *out, const struct frame *f);
void metrics_of_domain(const struct metric_out *out, const struct metrics *m);

#endif

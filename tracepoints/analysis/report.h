#ifndef ANALYSIS_REPORT_H
#define ANALYSIS_REPORT_H

/*
 * report.h - the result, for people and for programs
 */

#include "latency.h"
#include "reader.h"

#include <stdio.h>

struct report {
	const char                 *path;
	const struct reader_totals *totals;
	const struct latency       *latency;
	uint32_t                   *order; /* of the channels: busiest first */
};

void report_text(const struct report *r, FILE *out);
void report_json(const struct report *r, FILE *out);

/** "pipe", "queue", …; "?" where it is unknown. */
const char *report_kind(uint32_t kind);

#endif /* ANALYSIS_REPORT_H */

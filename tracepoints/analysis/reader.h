#ifndef ANALYSIS_READER_H
#define ANALYSIS_READER_H

/*
 * reader.h - the events of a trace, in order of time
 *
 * The only part that knows libbabeltrace2.
 */

#include "event.h"

#include <stddef.h>

/** Receives every libipc event. */
typedef void reader_fn(const struct event *e, void *arg);

struct reader_totals {
	uint64_t events;            /* of libipc */
	uint64_t foreign;           /* of others */
	uint64_t discarded;         /* events the tracer had no room for */
	uint64_t discarded_packets; /* whole sub-buffers that were overwritten */
	int64_t  first_ns, last_ns; /* of libipc's events */
};

/**
 * Read all traces below @dir through @fn.
 *
 * Return: 0, or -1 with a sentence about what is wrong in @error; events before
 * the fault have been delivered then.
 */
int reader_run(const char *dir, reader_fn *fn, void *arg, struct reader_totals *totals, char *error,
	       size_t error_size);

#endif /* ANALYSIS_READER_H */

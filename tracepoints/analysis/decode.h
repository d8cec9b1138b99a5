#ifndef ANALYSIS_DECODE_H
#define ANALYSIS_DECODE_H

/*
 * decode.h - from a message of babeltrace to an event
 */

#include "reader.h"

#include <babeltrace2/babeltrace.h>

struct decode {
	reader_fn            *fn;
	void                 *arg;
	struct reader_totals *totals;
};

/** Hand the event in @message on, if it is one of libipc; count what it tells. */
void decode_message(const struct decode *d, const bt_message *message);

#endif /* ANALYSIS_DECODE_H */

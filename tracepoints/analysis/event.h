#ifndef ANALYSIS_EVENT_H
#define ANALYSIS_EVENT_H

/*
 * event.h - one event of the trace, as far as latencies need it
 *
 * Fields that an event does not have are 0 or "". Strings belong to the reader
 * and are valid while the event is looked at.
 */

#include <stdint.h>

enum event_kind {
	EVENT_OTHER, /* libipc's, but of no interest here */
	EVENT_PROCESS_JOIN,
	EVENT_PROCESS_FORK,
	EVENT_OBJECT_CREATE,
	EVENT_OBJECT_OPEN,
	EVENT_SEND_END,
	EVENT_RECV_END,
};

struct event {
	enum event_kind kind;
	int64_t         time_ns; /* since 1970, by the clock of the trace */

	/* contexts */
	int64_t     pid;      /* -1: recorded without vpid */
	const char *procname; /* recorded without procname: "" */

	/* fields */
	uint64_t    process, parent; /* a fork's child is in process */
	uint64_t    object, seq, len;
	uint32_t    ring, object_kind;
	int64_t     result;
	const char *name, *domain;
};

#endif /* ANALYSIS_EVENT_H */

#ifndef ANALYSIS_LATENCY_H
#define ANALYSIS_LATENCY_H

/*
 * latency.h - from events to latencies
 *
 * The latency of a message is the time from its send_end to its recv_end: from
 * when send (put) was about to return to when recv (get) was. It says how long a
 * message was under way, and not how long its sender had to wait for room, which
 * is between send_begin and send_end.
 *
 * A receiver can be faster to fire its event than the sender, whose message it
 * already has: preempted just then, the sender fires late. Such a latency counts
 * as 0 and as clamped.
 */

#include "event.h"
#include "hist.h"
#include "people.h"
#include "table.h"

#define LATENCY_SLOWEST 10

/** struct latency_object - a channel with all its rings */
struct latency_object {
	uint64_t id;
	uint32_t domain;
	uint32_t kind; /* enum ipc_kind; 0: not seen to be made or opened */
	char    *name; /* "": likewise, or it has none */
};

/** struct latency_channel - one direction of one object */
struct latency_channel {
	uint32_t    object; /* index in objects */
	uint32_t    ring;
	uint64_t    unmatched_sent; /* send seen, receive not: queued, or its receiver not traced */
	uint64_t    unmatched_received; /* the reverse */
	uint64_t    clamped;
	struct hist hist; /* of the matched [ns] */
};

/** struct latency_message - one that arrived */
struct latency_message {
	uint32_t channel, sender, receiver; /* indices */
	uint64_t seq, len;
	int64_t  sent_ns, received_ns; /* since 1970 */
	uint64_t latency_ns;
};

struct latency {
	struct people            people;
	struct latency_object   *objects;
	uint32_t                 n_objects;
	struct latency_channel **channels; /* apart, as a histogram is large */
	uint32_t                 n_channels;
	struct latency_message   slowest[LATENCY_SLOWEST]; /* slowest first */
	uint32_t                 n_slowest;
	uint64_t                 clamped;

	/* messages seen at one end, until they are seen at the other */
	struct flight *flights;
	uint32_t       n_flights, free_flight;
	struct table   by_id, by_ring, by_seq;
};

/** Take @e in. */
void latency_event(struct latency *l, const struct event *e);

/** No more events: what is still under way stays unmatched. */
void latency_end(struct latency *l);

void latency_fini(struct latency *l);

#endif /* ANALYSIS_LATENCY_H */

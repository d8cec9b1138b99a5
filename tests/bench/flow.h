#ifndef BENCH_FLOW_H
#define BENCH_FLOW_H

/*
 * flow.h - messages one after the other, as fast as it goes: what the cases of that kind share
 *
 * A sender sends until its time is over, without being told how many; the first fifth is a
 * warm-up, and its messages are not marked as timed. A receiver takes its time from the first
 * timed message to the last of a sender. Every message is verified by who receives it.
 */

#include "pattern.h"
#include "round.h"

/*
 * struct flow_way - how a message comes into being, and how it is looked at
 * @make: make the message of @mark and send it; 0 or negative errno
 * @look: receive one and verify it; its length, 0 if it is damaged, or negative errno
 */
struct flow_way {
	int (*make)(struct scene *s, struct pattern *p, uint64_t mark);
	ssize_t (*look)(struct scene *s, struct pattern *p, uint64_t *ret_mark);
};

int flow_send(struct scene *s, unsigned who, const struct flow_way *way);
int flow_receive(struct scene *s, unsigned who, const struct flow_way *way);

/* Everything that was sent was received once: as many, and the numbers add up. */
int  flow_is_exact(const struct scene *s);
void flow_values(const struct scene *s, double value[N_METRICS]);

#endif /* BENCH_FLOW_H */

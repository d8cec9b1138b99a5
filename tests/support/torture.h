#ifndef SUPPORT_TORTURE_H
#define SUPPORT_TORTURE_H

/*
 * torture.h - many senders and receivers on one channel, every message accounted for
 *
 * Each letter (mail.h) must come exactly once and undamaged, and those of one sender
 * in their order at every receiver. The parties call in all ways there are: with and
 * without time limits, with buffers that are too small, in bursts and with pauses.
 */

#include <stdbool.h>
#include <stdint.h>

enum torture_channel {
	TORTURE_QUEUE,
	TORTURE_JOINABLE,
	TORTURE_PIPE,
};

struct torture {
	enum torture_channel channel;
	bool                 threads;  /* the parties are threads of this process */
	uint64_t             capacity; /* maxsize or capacity; 0: the default */
	uint32_t             n_senders, n_receivers;
	uint64_t             n_messages; /* of all senders together, about */
	uint32_t             largest;    /* longest message [bytes] */
	uint32_t             seed;       /* 0: another one each time; it is printed */
	unsigned             patience;   /* longest that nothing is sent or received [s] */
};

/** Do it, and print how it went; fails like a check, with the command to repeat it. */
void torture_run(const struct torture *t);

#endif /* SUPPORT_TORTURE_H */

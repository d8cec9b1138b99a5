#ifndef RING_CTL_H
#define RING_CTL_H

/*
 * ctl.h - the words rings turn on
 *
 * They lie in the registry, apart from the payload, so that an observer sees
 * every ring in one read. Part of the registry's ABI: see runtime/layout.h for
 * the rules.
 */

#include <stdint.h>

#include "base/ref.h"

#define EPOCHS_MAX 6

/* Sleepers on one condition: see ring/event.h. */
struct event {
	uint32_t word; /* futex; bit 0: somebody may sleep; the rest counts wakes */
	uint32_t
		sleepers; /* how many say they sleep; a hint: the killed stay counted until reaped */
};

/* A piece of a ring's history: positions from .from on lie in this memory. */
struct ring_epoch {
	uint64_t from;
	uint64_t shape; /* parity << 8 | log2(slots); 0: unused entry */
	uint64_t ready; /* slots whose memory exists */
};

/*
 * tail: position, | tag of the epoch it lies in, | flags. The tag makes a claim
 * fail that was prepared for an array of slots that is not the current one.
 */
#define RING_POS_MASK  ((UINT64_C(1) << 56) - 1)
#define RING_TAG_SHIFT 56
#define RING_TAG_MASK  (UINT64_C(63) << RING_TAG_SHIFT)
#define RING_SHUT      (UINT64_C(1) << 62) /* nothing may be put any more */
#define RING_SWITCHING (UINT64_C(1) << 63) /* a new epoch is being made at this position */

/* The words a ring turns on. queued = tail - head, without the flag bits. */
struct ring_ctl {
	on_own_line uint64_t     tail; /* next position to put, with tag and flags */
	on_own_line uint64_t     head; /* next position to get */
	on_own_line struct event readers;
	struct event             writers;
	uint64_t                 heap_bytes; /* payload outside slots, now in use [bytes] */
	uint64_t                 abandoned;  /* positions closed for a writer that died */
	uint64_t                 taken_by_dead;
	uint64_t                 spare[3];
	on_own_line uint64_t     epoch_gen; /* raised by every change of epoch[] */
	uint64_t                 capacity;  /* most messages queued; 0: unlimited */
	uint64_t heap_limit; /* most heap_bytes while others are queued; 0: unlimited */
	uint64_t merged;     /* the reader is alone: head moves when a slot is empty, see mpmc.h */
	struct ring_epoch epoch[EPOCHS_MAX];
	uint64_t          spare2[2];
};

/*
 * What a thread is about to claim, said before it claims: a ring position that
 * is claimed but neither published nor released belongs to whoever's intent
 * names it (ring/mpmc.h).
 */
#define INTENT_COUNTED UINT64_MAX

enum intent_op { INTENT_NONE = 0, INTENT_PUT = 1, INTENT_GET = 2 };

struct intent_rec {
	uint64_t ring; /* object index << 8 | ring << 4 | enum intent_op */
	uint64_t pos;  /* the position to be claimed */
	ref      object;
	uint64_t before; /* INTENT_GET: the end's message count before it; INTENT_COUNTED: after */
	uint64_t spare[4];
};

_Static_assert(sizeof(struct ring_ctl) == 384, "ABI");
_Static_assert(sizeof(struct intent_rec) == CACHE_LINE, "ABI");

#endif /* RING_CTL_H */

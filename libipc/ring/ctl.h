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
	uint32_t word; /* futex; enum event_bits; the rest counts wakes */
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
 * tail and head: position, | tag, | flags. Tag and flags make a claim fail that was
 * prepared before the ring changed: its array of slots, or who may claim on that side.
 */
#define RING_POS_MASK  ((UINT64_C(1) << 56) - 1)
#define RING_TAG_SHIFT 56
#define RING_TAG_MASK  (UINT64_C(63) << RING_TAG_SHIFT)
#define RING_SHUT      (UINT64_C(1) << 62) /* nothing may be put any more */
#define RING_SWITCHING (UINT64_C(1) << 63) /* it is being changed at this position */

/* The words a ring turns on. queued = tail - head, without the flag bits. */
struct ring_ctl {
	on_own_line uint64_t     tail;      /* next position to put, with tag and flags */
	uint64_t                 put_owner; /* who may move it: see mpmc.h */
	uint64_t                 heap_in;   /* payload put outside slots, ever [bytes] */
	on_own_line uint64_t     head;      /* next position to get, with a tag of its own */
	uint64_t                 get_owner;
	uint64_t                 heap_out; /* payload taken from there, ever [bytes] */
	on_own_line struct event readers;
	struct event             writers;
	uint64_t                 heap_fix;  /* what deaths made wrong in the difference [bytes] */
	uint64_t                 abandoned; /* positions closed for a writer that died */
	uint64_t                 taken_by_dead;
	uint64_t                 level[2];  /* what descriptors show: see runtime/level.h */
	uint64_t                 changes;   /* how often an owner lost its side to another */
	on_own_line uint64_t     epoch_gen; /* raised by every change of epoch[] or put_owner */
	uint64_t                 capacity;  /* most messages queued; 0: unlimited */
	uint64_t heap_limit; /* most payload outside slots while others are queued; 0: unlimited */
	uint64_t merged;     /* the head moves when a slot is empty: see mpmc.h */
	struct ring_epoch epoch[EPOCHS_MAX];
	uint64_t          get_gen;      /* raised by every change of epoch[] or get_owner */
	uint64_t          memory_limit; /* of ring 0: most its file may take [bytes]; 0: none */
};

/*
 * What a thread is about to claim, said before it claims: a ring position that
 * is claimed but neither published nor released belongs to whoever's intent
 * names it (ring/mpmc.h).
 */
#define INTENT_COUNTED UINT64_MAX

/* What counts as put outside slots and not yet taken [bytes]. */
static inline uint64_t ring_heap_bytes(uint64_t in, uint64_t out, uint64_t fix)
{
	uint64_t bytes = in - out + fix;

	return (int64_t)bytes < 0 ? 0 : bytes; /* read while it changes */
}

enum intent_op {
	INTENT_NONE = 0,
	INTENT_PUT = 1,
	INTENT_GET = 2,
	INTENT_OWNED = 4, /* | one of these: the thread owns the side, see mpmc.h */
};

struct intent_rec {
	uint64_t ring; /* object index << 8 | ring << 4 | enum intent_op */
	uint64_t pos;  /* the position to be claimed */
	ref      object;
	uint64_t before;  /* the end's message count before it; INTENT_COUNTED: after */
	uint64_t bytes;   /* the end's byte count before it */
	uint64_t len;     /* the payload's [bytes] */
	uint64_t claimed; /* 1, or ring_claim_name(): it has claimed .pos, for certain */
	uint64_t counted; /* 1: of a dead thread: what its death cost is counted */
};

_Static_assert(sizeof(struct ring_ctl) == 384, "ABI");
_Static_assert(sizeof(struct intent_rec) == CACHE_LINE, "ABI");

#endif /* RING_CTL_H */

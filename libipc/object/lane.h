#ifndef OBJECT_LANE_H
#define OBJECT_LANE_H

/*
 * lane.h - one ring of a channel, as this process uses it
 *
 * The ring's words are in the registry, its slots in the object file in arrays
 * that come and go (epochs). A lane keeps a view of the array in use for each
 * direction, and replaces it when the ring says it is stale.
 */

#include <stdbool.h>

#include "object/memory.h"
#include "ring/mpmc.h"

/*
 * A ring_view that one thread replaces while others copy it: a sequence lock of
 * this process. Odd, or changed during the copy: the copy is worthless.
 */
struct lane_view {
	uint64_t         seq; /* 0: never made */
	struct ring_view v;
};

struct lane {
	struct ring_ctl *ctl;
	struct memory   *memory;
	unsigned         ring;
	bool     inherited_only; /* of a pipe: nobody opens it by name; see transfer_alone() */
	uint64_t head_seen;      /* what this process last saw of the head, for its puts */
	struct lane_view put, get;
};

enum lane_change {
	LANE_SAME = 0,    /* nothing could be done: wait */
	LANE_CHANGED = 1, /* try again */
};

/** Set up the ring's first array; once in its life, before anybody sees it. */
int lane_init(struct lane *l, uint64_t capacity, uint64_t heap_limit);

/** The view for a put was stale: an enum lane_change, or -ENOSPC, -ENOBUFS, -ENOMEM. */
int lane_refresh_put(struct lane *l);

/**
 * The slot at the tail is occupied by a reader that does not leave it (stopped, or
 * dead and not cleaned up after): go on in another array. As lane_refresh_put().
 */
int lane_step_aside(struct lane *l);

/** The same for a get. */
int lane_refresh_get(struct lane *l);

/** A reader that is not alone is about to claim: make what a lone one left as others leave it. */
void lane_unmerge(struct lane *l);

/** This ring is empty: give back what it grew by. */
void lane_trim(struct lane *l);

/** Would that be anything? */
bool lane_worth_trimming(const struct lane *l);

/** Could a bigger array take more than one of @slots does? */
bool lane_can_grow(const struct ring_ctl *c, uint64_t slots);

/** Slot of position @pos, or NULL if it lies in no epoch; under the registry lock. */
struct slot *lane_slot(struct lane *l, uint64_t pos);

static inline bool lane_view_copy(const struct lane_view *from, struct ring_view *to)
{
	uint64_t seq = load_acquire(&from->seq);

	to->slots = load_relaxed(&from->v.slots);
	to->mask = load_relaxed(&from->v.mask);
	to->from = load_relaxed(&from->v.from);
	to->until = load_relaxed(&from->v.until);
	to->tag = load_relaxed(&from->v.tag);
	fence_acquire(); /* the fields before the second look at seq */
	return likely(seq && !(seq & 1) && load_relaxed(&from->seq) == seq);
}

#endif /* OBJECT_LANE_H */

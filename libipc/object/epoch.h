#ifndef OBJECT_EPOCH_H
#define OBJECT_EPOCH_H

/*
 * epoch.h - the arrays of slots a ring has, one after the other; under the registry lock
 */

#include "object/lane.h"

/* Parts of what a channel may take. Picked: what is reserved ahead keeps out little else. */
#define SHARE_FOR_STEP  16
#define SHARE_FOR_SLOTS 8

/**
 * Slots, whole pages of them, that take a @part'th of that; at most, and where there is no
 * limit, as many as an array grows by at once.
 */
uint64_t epoch_share(const struct lane *l, unsigned part);

/** How many slots an array grows by at once. */
static inline uint64_t epoch_step(const struct lane *l)
{
	return epoch_share(l, SHARE_FOR_STEP);
}

/** Slots in the array of @e; @e must be in use. */
uint64_t epoch_slots(const struct ring_epoch *e);

/** The epoch that @pos lies in; NULL: none. */
struct ring_epoch *epoch_of(struct ring_ctl *c, uint64_t pos);
struct ring_epoch *epoch_newest(struct ring_ctl *c);

/** Is the slot of @pos, at or behind the beginning of @e, real? */
bool epoch_has(const struct ring_epoch *e, uint64_t pos);

/** Where the epoch after @e begins; UINT64_MAX: it is the newest. */
uint64_t epoch_until(const struct ring_ctl *c, const struct ring_epoch *e);

/** The slot of @pos, which lies in @e; NULL: it cannot be mapped. */
struct slot *epoch_slot(struct lane *l, const struct ring_epoch *e, uint64_t pos);

/** What the tail's tag is while the newest epoch is the newest. */
uint64_t epoch_tag(const struct ring_ctl *c);

/** Is a reader that shares its side inside a slot it has claimed? */
bool epoch_readers_inside(struct lane *l);

/**
 * Give back the arrays that are drained and left by all readers, a step of it. True: there is
 * more to give.
 */
bool epoch_retire(struct lane *l);

/** A shape of @log2 that no epoch has; 0: both parities are taken. */
uint64_t epoch_free_shape(const struct ring_ctl *c, unsigned log2);

/** Have slots [@ready, @upto) of the array of @shape, real and free. 0, -ENOSPC, -ENOMEM. */
int epoch_make(struct lane *l, uint64_t shape, uint64_t ready, uint64_t upto);

/**
 * Go on in another array of 2^@log2 slots: LANE_CHANGED, LANE_SAME (no epoch to be had), -ENOSPC,
 * -ENOMEM.
 */
int epoch_switch(struct lane *l, unsigned log2);

/** The second half of that, which is also what is left to do if a switcher died: 0, -EAGAIN, … */
int epoch_switch_finish(struct lane *l, unsigned log2);

/** How large (log2) the first array of this ring is, and the one after one of @log2. */
unsigned epoch_log2_first(const struct ring_ctl *c);
unsigned epoch_log2_next(const struct ring_ctl *c, unsigned log2);

/** How large one is where @queued messages go round, and more; few where memory is scarce. */
unsigned epoch_log2_for(const struct lane *l, uint64_t queued);

#endif /* OBJECT_EPOCH_H */

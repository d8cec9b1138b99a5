#ifndef OBJECT_SIDE_H
#define OBJECT_SIDE_H

/*
 * side.h - who may claim on a side of a ring
 *
 * A side (of those who put, of those who get) belongs to one thread while only one uses
 * it, and is shared from the moment another one comes: ring/mpmc.h says why and how a
 * claim is made either way. Here it is decided, under the registry lock.
 *
 * Who used it alone for long enough gets it back, and for each time that turned out wrong
 * the bar is doubled: two threads that take turns end up sharing.
 */

#include <ipc/base.h>

#include "object/lane.h"

struct channel;

/* To have claimed so many in a row (log2) is to be alone, doubled with each change. */
#define SIDE_STREAK_LOG2 8

static inline uint64_t *side_owner(struct ring_ctl *c, enum side side)
{
	return side == SIDE_PUT ? &c->put_owner : &c->get_owner;
}

/* The thread whose side it is, or was until somebody began to change that; 0: nobody's. */
static inline ref side_whose(uint64_t owner)
{
	return owner == SIDE_SHARED ? 0 : owner & ~SIDE_CHANGING;
}

/*
 * Raised by each change of the owner, and of the array that is put into. The tail's tag is of
 * it; the head's counts the changes of its owner.
 */
static inline uint64_t *side_gen(struct ring_ctl *c, enum side side)
{
	return side == SIDE_PUT ? &c->epoch_gen : &c->get_gen;
}

/**
 * Have @side either shared or this thread's, who has a record. Takes the registry lock: 0, or
 * -ETIMEDOUT as registry_lock_within(@timeout).
 */
int side_settle(struct lane *l, enum side side, ipc_nsec timeout);

/**
 * For a change of the ring itself, under the registry lock: can nobody but the caller
 * store to the position of @side while it is locked? With @force it is taken from the
 * thread that owns it.
 */
bool side_hold(struct lane *l, enum side side, bool force);

/**
 * This thread claimed @pos among others. True: it has had the side to itself for so long
 * that it may ask for it.
 */
static inline bool side_streak(const struct ring_ctl *c, struct side_use *u, uint64_t pos)
{
	uint64_t streak = load_relaxed(&u->last) + 1 == pos ? load_relaxed(&u->streak) + 1 : 0;

	store_relaxed(&u->streak, streak);
	store_relaxed(&u->last, pos);
	return unlikely(streak >> SIDE_STREAK_LOG2 >> (load_relaxed(&c->changes) & 31));
}

/**
 * The ring has changed, to generation @gen: before this thread counts by plain additions,
 * or with others, wait until the other threads of this process that were in the midst of
 * it have counted.
 */
void side_await_siblings(struct lane *l, enum side side, uint64_t gen);

/** Ask for it: no harm if it is not to be had. */
void side_ask(struct channel *c, unsigned ring, enum side side);

#endif /* OBJECT_SIDE_H */

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

#include <ipc/base.h>

#include "object/memory.h"
#include "ring/mpmc.h"

struct thread_rec;

/*
 * A ring_view that one thread replaces while others copy it: a sequence lock of
 * this process. Odd, or changed during the copy: the copy is worthless.
 */
struct lane_view {
	uint64_t         seq; /* 0: never made */
	struct ring_view v;
};

/*
 * What the thread that owns a side keeps of the ring: slots, and the positions below
 * which it need not look again. One thread at a time uses it, another after the side has
 * changed hands; so no sequence lock, but no plain words either.
 */
struct port {
	struct slot *slots;
	uint64_t     mask, from;
	uint64_t     until; /* put: exists, is free, within capacity. get: exists */
	uint64_t     gen;   /* side_gen() it was made for */
};

/* For a thread that shares a side: has it been the only one of late? */
struct side_use {
	uint64_t last, streak;
};

/* Those who put, and those who get: object/side.h. */
enum side { SIDE_PUT, SIDE_GET };

struct lane {
	struct ring_ctl *ctl;
	struct memory   *memory;
	unsigned         ring;
	bool             inherited_only; /* of a pipe: nobody opens it by name */
	const uint32_t  *receivers;      /* 0 there: nobody can receive ever again */
	uint64_t         head_seen;      /* what this process last saw of the head, for its puts */
	uint64_t         heap_out_seen;
	uint64_t         look_at; /* when a put is to look whether who receives is dead [ticks] */
	uint64_t         gen_seen[2]; /* side_gen() when this process last looked */
	struct lane_view put, get;
	uint64_t         trim_ns;    /* when a get that finds nothing is to trim it next */
	uint64_t         empty_at;   /* where the tail was when one did so last */
	uint64_t         lap_at;     /* where it was when this process last began a lap, trimming */
	uint64_t         trimmed_at; /* there, all was trimmed */
	on_own_line struct port putting;
	struct port             getting;
	struct side_use         put_use, get_use;
};

enum lane_change {
	LANE_SAME = 0,    /* nothing could be done: wait */
	LANE_CHANGED = 1, /* try again */
};

/** Set up the ring's first array; once in its life, before anybody sees it. */
int lane_init(struct lane *l, uint64_t capacity, uint64_t heap_limit);

/*
 * These take the registry lock, and may wait for it as registry_lock_within(@timeout) does:
 * then they fail with -ETIMEDOUT.
 */

/** The view for a put was stale: an enum lane_change, or -ENOSPC, -ENOBUFS, -ENOMEM. */
int lane_refresh_put(struct lane *l, ipc_nsec timeout);

/**
 * The slot at the tail is occupied by a reader that does not leave it (stopped, or
 * dead and not cleaned up after): go on in another array. As lane_refresh_put().
 */
int lane_step_aside(struct lane *l, ipc_nsec timeout);

/** The same for a get. */
int lane_refresh_get(struct lane *l, ipc_nsec timeout);

/**
 * Give back what this ring grew by and does not need now, a step of it: some tenths of a
 * millisecond, unless the registry is locked for long. True: there may be more.
 */
bool lane_trim(struct lane *l);
void lane_trim_all(struct lane *l);

/** It is empty, and that might be something. */
bool lane_worth_trimming(const struct lane *l);

/**
 * A get found nothing, at @now_ns: trim it a step, if one is due. True: there is more, and
 * nothing came for so long that who has the time may go on.
 */
bool lane_found_empty(struct lane *l, uint64_t now_ns);

/** Could a bigger array take more than one of @slots does? */
bool lane_can_grow(const struct ring_ctl *c, uint64_t slots);

/** Is there an entry for another array, or one that is drained? Without the lock: a hint. */
bool lane_has_room(const struct ring_ctl *c);

/**
 * Thread @self claims nothing, but takes blocks of this ring in its name: should it be killed, so
 * that recovery knows which heap to sweep.
 */
void lane_intend_heap(const struct lane *l, struct thread_rec *self);

/** The object whose ring it is: intents of one that was in its place before are no news. */
ref lane_object(const struct lane *l);

/** Slot of position @pos, or NULL: it lies in no epoch, or cannot be mapped. Under the lock. */
struct slot *lane_slot(struct lane *l, uint64_t pos);

/** It lies in an epoch whose array is there. */
bool lane_has_slot(struct lane *l, uint64_t pos);

static inline bool lane_view_copy(const struct lane_view *from, struct ring_view *to)
{
	uint64_t seq = load_acquire(&from->seq);

	to->slots = load_relaxed(&from->v.slots);
	to->mask = load_relaxed(&from->v.mask);
	to->from = load_relaxed(&from->v.from);
	to->until = load_relaxed(&from->v.until);
	to->tag = load_relaxed(&from->v.tag);
	to->gen = load_relaxed(&from->v.gen);
	fence_acquire(); /* the fields before the second look at seq */
	return likely(seq && !(seq & 1) && load_relaxed(&from->seq) == seq);
}

#endif /* OBJECT_LANE_H */

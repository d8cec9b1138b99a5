#ifndef RING_MPMC_H
#define RING_MPMC_H

/*
 * mpmc.h - a ring of slots, many writers and many readers
 *
 * Positions count up for ever. A writer claims the position at the tail with one
 * CAS, fills its slot and publishes it by its turn; a reader claims the position
 * at the head with one CAS, empties its slot and releases it by its turn.
 * Claiming decides the order; a slot published out of order waits for those
 * before it.
 *
 * Say it before doing it: before each CAS the thread writes, in a line of its
 * own, which position it is about to claim. A claimed slot that is neither
 * published nor released belongs to whoever's intent names it; if that thread is
 * dead, it is closed for it (object/recover.c). No shared line is written more
 * than without any of this.
 *
 * Alone on one's side (one process holds the right, has one thread, and nobody can open
 * the ring by name):
 *
 * A writer claims by a store in place of the CAS. Nobody else can be claiming, and a
 * locked instruction would wait for all stores before it, which go to lines that
 * another core has just read. Everything else is the same, the intent too.
 *
 * A reader does more: it first empties the slot and then moves the head, which is
 * claim and release in one, and leaves the slot's turn alone. So the writer finds
 * the line of the next slot still in its cache. While .merged is set the head says
 * what is free, for turns that are odd. Whoever is to read and is not alone any more
 * (after a fork, or in a second thread) first makes the turns even and clears it.
 *
 * Linearisation: put at the CAS (or store) of tail, get at that of head.
 * Progress: lock-free but for one thing: a thread stopped between claim and
 * publish holds up the readers of that position (a dead one does not).
 *
 * Ordering
 *     R1  ring_publish()  release  turn   the slot is filled
 *     A1  ring_take()     acquire  turn   pairs with R1: it is seen whole
 *     R2  ring_release()  release  turn   the reader is out of the slot
 *     A2  ring_slot_free() acquire turn   pairs with R2: it may be overwritten
 *     R4  ring_leave()    release  head   the lone reader is out of the slot
 *     A4  ring_emptied()  acquire  head   pairs with R4; .merged is read after it: a
 *         head that others moved by claiming is only seen with .merged clear
 *     R3  CAS of tail, head: release: who acquires them (object/recover.c) sees the
 *         intents of all who claimed
 *
 * Killed between any two stores:
 *     intent written, CAS not done or lost   nothing shared has changed
 *     tail claimed, turn not published       the slot is closed, marked abandoned
 *     published, sleepers not woken          they see it at the end of their slice
 *     head claimed, turn not released        the message went with the dead; the
 *                                            slot is released for it
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/atomic.h"
#include "ring/slot.h"
#include "ring/ctl.h"

/* One array of slots, as this process has it mapped, and the positions in it. */
struct ring_view {
	struct slot *slots;
	uint64_t     mask;  /* number of slots - 1 */
	uint64_t     from;  /* first position that lies in it */
	uint64_t     until; /* first position that does not, or not yet */
	uint64_t     tag;   /* of the newest epoch when this view was made, as in tail */
};

enum ring_result {
	RING_OK = 0,
	RING_WAIT,     /* full; or empty */
	RING_OCCUPIED, /* there is room, but the slot's last reader is not out of it */
	RING_SHUTDOWN,
	RING_STALE, /* the view is not of this position: refresh it, grow, then again */
	RING_SHORT, /* the message is longer than the buffer */
};

static inline struct slot *ring_slot(const struct ring_view *v, uint64_t pos)
{
	return &v->slots[(pos - v->from) & v->mask];
}

/* Did a lone reader empty the slot of @pos? *@head_seen is brought up to date if need be. */
static inline bool ring_emptied(const struct ring_ctl *c, uint64_t pos, uint64_t *head_seen)
{
	uint64_t head = load_relaxed(head_seen);

	if (unlikely(head <= pos)) {
		head = load_acquire(&c->head); /* A4: pairs with R4 */
		store_relaxed(head_seen, head);
	}
	return head > pos && load_acquire(&c->merged);
}

/*
 * May position @pos be filled? In the array's first lap any even turn will do. From
 * then on only the very release of the position one lap before: an even turn may
 * also be older, while the writer of that position is still filling the slot.
 */
static inline bool ring_slot_free(const struct ring_ctl *c, const struct ring_view *v, uint64_t pos,
				  uint64_t *head_seen)
{
	uint64_t before = pos - v->mask - 1;

	if (unlikely(pos - v->from <= v->mask))
		return !(load_acquire(&ring_slot(v, pos)->turn) & 1); /* A2: pairs with R2 */
	/* first: it does not need the slot's line, which may be the reader's just now */
	if (likely(ring_emptied(c, before, head_seen)))
		return true;
	return load_acquire(&ring_slot(v, pos)->turn) == 2 * before + 2; /* A2: pairs with R2 */
}

/* Move *@word from @from to the next position. */
static inline bool ring_claim(uint64_t *word, uint64_t *from, bool alone)
{
	if (!alone)
		return compare_swap(word, from, *from + 1); /* R3 */
	store_release(word, *from + 1);                     /* R3 */
	return true;
}

static inline void ring_intend(struct intent_rec *i, uint64_t ring, ref object, uint64_t pos)
{
	store_relaxed(&i->object, object);
	store_relaxed(&i->ring, ring);
	store_relaxed(&i->pos, pos); /* R3: the CAS that follows publishes all three */
}

/* The slot at the tail is in use one lap back, or its array is too small. */
static inline enum ring_result ring_occupied(const struct ring_ctl *c, const struct ring_view *v,
					     uint64_t tail)
{
	uint64_t head;

	if (load_acquire(&c->tail) != tail)
		return RING_OK; /* no longer the tail: look again */
	head = load_acquire(&c->head);
	return (tail & RING_POS_MASK) - head > v->mask ? RING_STALE : RING_OCCUPIED;
}

/*
 * ring_reserve() - claim the next position to put
 * @alone:     nobody else can put: no other process, no other thread of this one
 * @head_seen: the caller's memory of the head, so that the readers' line is only
 *             fetched when the ring looks full
 *
 * RING_OK: *ret_pos is the caller's to fill and ring_publish().
 */
static inline enum ring_result ring_reserve(struct ring_ctl *c, const struct ring_view *v,
					    struct intent_rec *intent, uint64_t ring, ref object,
					    bool alone, uint64_t *head_seen, uint64_t *ret_pos)
{
	uint64_t tail = load_acquire(&c->tail);

	for (;;) {
		uint64_t         pos = tail & RING_POS_MASK;
		uint64_t         capacity = load_relaxed(&c->capacity); /* never changes */
		enum ring_result r;

		if (unlikely((tail & ~RING_POS_MASK) != v->tag))
			return tail & RING_SHUT ? RING_SHUTDOWN : RING_STALE;
		if (unlikely(capacity && pos - load_relaxed(head_seen) >= capacity)) {
			uint64_t head = load_acquire(&c->head);

			store_relaxed(head_seen, head);
			/* a head beyond pos: tail is old, and the CAS will fail */
			if ((int64_t)(pos - head) >= (int64_t)capacity)
				return RING_WAIT;
		}
		if (unlikely(pos - v->from >= v->until - v->from))
			return RING_STALE;
		if (unlikely(!ring_slot_free(c, v, pos, head_seen))) {
			r = ring_occupied(c, v, tail);
			if (r != RING_OK)
				return r;
			tail = load_acquire(&c->tail);
			continue;
		}
		ring_intend(intent, ring, object, pos);
		if (likely(ring_claim(&c->tail, &tail, alone))) {
			*ret_pos = pos;
			return RING_OK;
		}
	}
}

static inline void ring_publish(struct slot *s, uint64_t pos)
{
	store_release(&s->turn, 2 * pos + 1); /* R1 */
}

/*
 * ring_take() - claim the oldest message, unless it is longer than @cap
 *
 * RING_OK: *ret_pos is the caller's to empty and ring_release(). RING_SHORT:
 * *ret_pos is the position, which nobody had claimed when its length was read.
 */
static inline enum ring_result ring_take(struct ring_ctl *c, const struct ring_view *v,
					 struct intent_rec *intent, uint64_t ring, ref object,
					 uint64_t cap, uint64_t *ret_pos)
{
	uint64_t head = load_acquire(&c->head);

	for (;;) {
		struct slot *s = ring_slot(v, head);
		uint64_t     tail;

		if (unlikely(head - v->from >= v->until - v->from))
			return RING_STALE;
		if (load_acquire(&s->turn) != 2 * head + 1) { /* A1: pairs with R1 */
			uint64_t again = load_acquire(&c->head);

			if (again != head) {
				head = again;
				continue;
			}
			tail = load_acquire(&c->tail);
			if ((tail & RING_TAG_MASK) != (v->tag & RING_TAG_MASK))
				return RING_STALE; /* the head may lie in a newer array */
			return tail & RING_SHUT && (tail & RING_POS_MASK) == head ? RING_SHUTDOWN
										  : RING_WAIT;
		}
		*ret_pos = head;
		if (unlikely(load_relaxed(&s->len) > cap)) {
			uint64_t again = load_acquire(&c->head);

			if (again == head)
				return RING_SHORT;
			head = again;
			continue;
		}
		ring_intend(intent, ring, object, head);
		if (likely(compare_swap(&c->head, &head, head + 1))) /* R3 */
			return RING_OK;
	}
}

/*
 * A reader that lags behind finds the next slots in the writer's cache. Fetched some
 * slots ahead they are here in time (measured: 64 bytes one way, 76 ns without, 65
 * with); the very next one is too near, and may be what the writer is just filling.
 */
#define READ_AHEAD 8

static inline void ring_prefetch(const struct slot *s)
{
	__builtin_prefetch(s);
	__builtin_prefetch((const char *)s + CACHE_LINE);
}

/*
 * The same for a reader that is alone: nothing is claimed. *@ret_pos is the position
 * to empty and then ring_leave().
 */
static inline enum ring_result ring_look(const struct ring_ctl *c, const struct ring_view *v,
					 uint64_t cap, uint64_t *ret_pos)
{
	uint64_t           head = load_relaxed(&c->head); /* ours alone to move */
	const struct slot *s = ring_slot(v, head);
	uint64_t           tail;

	if (unlikely(head - v->from >= v->until - v->from))
		return RING_STALE;
	*ret_pos = head;
	if (likely(load_acquire(&s->turn) == 2 * head + 1)) { /* A1: pairs with R1 */
		ring_prefetch(ring_slot(v, head + READ_AHEAD));
		return likely(s->len <= cap) ? RING_OK : RING_SHORT;
	}
	tail = load_acquire(&c->tail);
	if ((tail & RING_TAG_MASK) != (v->tag & RING_TAG_MASK))
		return RING_STALE;
	return tail & RING_SHUT && (tail & RING_POS_MASK) == head ? RING_SHUTDOWN : RING_WAIT;
}

static inline void ring_leave(struct ring_ctl *c, uint64_t pos)
{
	store_release(&c->head, pos + 1); /* R4 */
}

/* Claim @pos, whose slot is published and marked abandoned; false: somebody else has. */
static inline bool ring_skip(struct ring_ctl *c, struct intent_rec *intent, uint64_t ring,
			     ref object, uint64_t pos)
{
	ring_intend(intent, ring, object, pos);
	return compare_swap(&c->head, &pos, pos + 1); /* R3 */
}

static inline void ring_release(struct slot *s, uint64_t pos)
{
	store_release(&s->turn, 2 * pos + 2); /* R2 */
}

#endif /* RING_MPMC_H */

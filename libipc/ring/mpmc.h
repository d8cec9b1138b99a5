#ifndef RING_MPMC_H
#define RING_MPMC_H

/*
 * mpmc.h - a ring of slots, many writers and many readers
 *
 * Positions count up for ever. A writer claims the position at the tail, fills its slot
 * and publishes it by its turn; a reader claims the position at the head, empties its
 * slot and releases it by its turn. Claiming decides the order; a slot published out of
 * order waits for those before it.
 *
 * Say it before doing it: before each claim the thread writes, in a line of its own,
 * which position it is about to claim. A claimed slot that is neither published nor
 * released belongs to whoever's intent names it; if that thread is dead, it is closed
 * for it (object/recover.c). No shared line is written more than without any of this.
 *
 * Who may claim. Each side has an owner word beside its position:
 *
 *     a thread's reference   only that thread claims here
 *     SIDE_SHARED            everybody claims
 *     SIDE_NOBODY            not decided yet
 *     | SIDE_CHANGING        being decided (object/side.c); whose it was
 *
 * A claimer loads the position, then the owner word, then claims by comparing the
 * position, with its tag, to what it loaded. Who changes the owner also changes the tag,
 * so that a claim prepared before fails. An owner that is preempted or stopped in between
 * holds up nobody.
 *
 * A locked instruction waits for all stores before it, which go to lines that another
 * core has just read: some 100 ns a message, five times what the rest costs. An owner does
 * without where nobody else can come while it is in there: its process is the only one
 * with the right, has one thread, and the ring is a pipe's, which nobody opens by name.
 *
 * An owner of the reading side does more: it first empties the slot and then moves the
 * head, which is claim and release in one, and leaves the slot's turn alone. So the
 * writer finds the line of the next slot still in its cache. While .merged is set the
 * head says what is free, for turns that are odd. Before the side is shared the turns
 * are made even and .merged is cleared.
 *
 * Linearisation: put at the store or CAS of tail, get at that of head.
 * Progress: lock-free but for one thing: a thread stopped between claim and publish
 * holds up the readers of that position (a dead one does not).
 *
 * Ordering
 *     R1  ring_publish()  release  turn   the slot is filled
 *     A1  ring_take()     acquire  turn   pairs with R1: it is seen whole
 *     R2  ring_release()  release  turn   the reader is out of the slot
 *     A2  ring_slot_free() acquire turn   pairs with R2: it may be overwritten
 *     R3  ring_claim()    release  tail, head: who acquires them (object/recover.c) sees
 *         the intents of all who claimed
 *     R4  ring_claim_own() release head   the owning reader is out of the slot
 *     A4  ring_emptied()  acquire  head   pairs with R4; .merged is read after it: a
 *         head that others moved by claiming is only seen with .merged clear
 *     R5  ring_emptied()  release  head_seen   hands on what A4 saw
 *     A5  ring_emptied()  acquire  head_seen   pairs with R5: another thread's look at the
 *         head is as good as one's own
 *
 * Killed between any two stores:
 *     intent written, not claimed            nothing shared has changed
 *     tail claimed, turn not published       the slot is closed, marked abandoned
 *     published, sleepers not woken          they see it at the end of their slice
 *     head claimed, turn not released        the message went with the dead; the
 *                                            slot is released for it
 *     claimed and published, not counted     it is counted for it
 *     an owner, anywhere                     its word stays; who comes next finds no
 *                                            such thread and takes the side
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
	uint64_t     gen;   /* epoch_gen then: the tag is as much of it as fits */
};

enum ring_result {
	RING_OK = 0,
	RING_WAIT,     /* full; or empty */
	RING_OCCUPIED, /* there is room, but the slot's last reader is not out of it */
	RING_SHUTDOWN,
	RING_STALE,    /* the view is not of this position: refresh it, grow, then again */
	RING_SHORT,    /* the message is longer than the buffer */
	RING_OWNED,    /* the side is not shared: see object/side.h */
	RING_UNMAPPED, /* the message is large, and its memory cannot be mapped now */
};

#define RING_NO_POS UINT64_MAX /* of an intent: none */

/* Owner words that are no thread's reference. */
#define SIDE_NOBODY   UINT64_C(0)
#define SIDE_SHARED   UINT64_MAX
#define SIDE_CHANGING (UINT64_C(1) << 31) /* | whose it was: no record has such an index */

static inline struct slot *ring_slot(const struct ring_view *v, uint64_t pos)
{
	return &v->slots[(pos - v->from) & v->mask];
}

/* The position at the head, without its tag. */
static inline uint64_t ring_head(const struct ring_ctl *c)
{
	return load_acquire(&c->head) & RING_POS_MASK;
}

/* Is @v of the ring as it is, whose tail was @tail a moment ago? */
static inline bool ring_view_current(const struct ring_ctl *c, const struct ring_view *v,
				     uint64_t tail)
{
	return (tail & RING_TAG_MASK) == (v->tag & RING_TAG_MASK) &&
	       load_relaxed(&c->epoch_gen) == v->gen;
}

/* Where @v ends by now: another array may have come since it was made. */
static inline uint64_t ring_view_until(const struct ring_ctl *c, const struct ring_view *v)
{
	uint64_t until = v->until;

	if (likely(load_acquire(&c->epoch_gen) == v->gen))
		return until;
	for (int i = 0; i < EPOCHS_MAX; i++) {
		const struct ring_epoch *e = &c->epoch[i];
		uint64_t                 shape = load_acquire(&e->shape);
		uint64_t                 from = load_relaxed(&e->from);

		if (shape && from > v->from && from < until)
			until = from;
	}
	return until;
}

/*
 * Has the ring gone on in another array, at @pos or before? Then that of @v may be given back,
 * and a look at a slot of it would ask for its memory again: if the file system has none, that
 * is the end of the process (SIGBUS).
 */
static inline bool ring_view_left(const struct ring_ctl *c, const struct ring_view *v, uint64_t pos)
{
	return pos >= ring_view_until(c, v);
}

/* Did an owning reader empty the slot of @pos? *@head_seen is brought up to date if need be. */
static inline bool ring_emptied(const struct ring_ctl *c, uint64_t pos, uint64_t *head_seen)
{
	uint64_t head = load_acquire(head_seen); /* A5: pairs with R5 */

	if (unlikely(head <= pos)) {
		head = ring_head(c);            /* A4: pairs with R4 */
		store_release(head_seen, head); /* R5 */
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

/*
 * The intent is written between these two: while it is, it names nothing, so that nobody
 * takes what is new in it for the position before. R3: the claim that follows publishes it.
 */
static inline void ring_intend_begin(struct intent_rec *i)
{
	store_relaxed(&i->pos, RING_NO_POS);
	fence_release();
}

static inline void ring_intend(struct intent_rec *i, uint64_t ring, ref object, uint64_t pos)
{
	store_relaxed(&i->object, object);
	store_relaxed(&i->ring, ring);
	store_release(&i->pos, pos);
}

/*
 * What to call the claim that an intent names, and no other claim of the same thread: for
 * who says in its place that it was made. Neither of 0 and 1.
 */
static inline uint64_t ring_claim_name(uint64_t ring, ref object, uint64_t pos)
{
	return ((pos << 8 ^ ring) * UINT64_C(0x9e3779b97f4a7c15) ^ object) | 2;
}

static inline bool ring_claim_said(const struct intent_rec *i)
{
	uint64_t claimed = load_acquire(&i->claimed);

	return claimed == 1 || claimed == ring_claim_name(i->ring, i->object, i->pos);
}

/* Move *@word, tail or head, from *@from to the next position, among others. */
static inline bool ring_claim(struct intent_rec *i, uint64_t *word, uint64_t *from)
{
	if (unlikely(!compare_swap(word, from, *from + 1))) /* R3 */
		return false;
	store_release(&i->claimed, UINT64_C(1));
	return true;
}

/*
 * The same for the owner of the side, which it was after @from was loaded. @alone: it is the
 * only one who could, and nobody can come meanwhile; so if the word is still @from now, it
 * stays. It need not be: company may have come, claimed, and left between the two. Else it
 * takes a locked instruction after all: an unlocked compare-and-exchange writes even where
 * it fails, and would undo what others did.
 */
static inline bool ring_claim_own(struct intent_rec *i, uint64_t *word, uint64_t from, bool alone)
{
	if (likely(alone && load_acquire(word) == from))
		store_release(word, from + 1);                   /* R3, R4 */
	else if (unlikely(!compare_swap(word, &from, from + 1))) /* R3, R4 */
		return false;
	store_release(&i->claimed, UINT64_C(1));
	return true;
}

/* The slot at the tail is in use one lap back, or its array is too small. */
static inline enum ring_result ring_occupied(const struct ring_ctl *c, const struct ring_view *v,
					     uint64_t tail)
{
	uint64_t head;

	if (load_acquire(&c->tail) != tail)
		return RING_OK; /* no longer the tail: look again */
	head = ring_head(c);
	return (tail & RING_POS_MASK) - head > v->mask ? RING_STALE : RING_OCCUPIED;
}

/*
 * ring_reserve() - claim the next position to put
 * @head_seen: the caller's memory of the head, so that the readers' line is only
 *             fetched when the ring looks full
 *
 * RING_OK: *ret_pos is the caller's to fill and ring_publish().
 */
static inline enum ring_result ring_reserve(struct ring_ctl *c, const struct ring_view *v,
					    struct intent_rec *intent, uint64_t ring, ref object,
					    uint64_t *head_seen, uint64_t *ret_pos)
{
	uint64_t tail = load_acquire(&c->tail);

	for (;;) {
		uint64_t         pos = tail & RING_POS_MASK;
		uint64_t         capacity = load_relaxed(&c->capacity); /* never changes */
		enum ring_result r;

		if (unlikely((tail & ~RING_POS_MASK) != v->tag ||
			     load_relaxed(&c->epoch_gen) != v->gen))
			return tail & RING_SHUT ? RING_SHUTDOWN : RING_STALE;
		if (unlikely(capacity && pos - load_relaxed(head_seen) >= capacity)) {
			uint64_t head = ring_head(c);

			store_release(head_seen, head); /* R5 */
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
		if (unlikely(load_acquire(&c->put_owner) != SIDE_SHARED))
			return RING_OWNED;
		ring_intend(intent, ring, object, pos);
		if (likely(ring_claim(intent, &c->tail, &tail))) {
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
		uint64_t     pos = head & RING_POS_MASK, tail, again;
		struct slot *s = ring_slot(v, pos);

		if (unlikely(load_acquire(&c->get_owner) != SIDE_SHARED || (head & RING_SWITCHING)))
			return RING_OWNED;
		if (unlikely(pos - v->from >= v->until - v->from || ring_view_left(c, v, pos)))
			return RING_STALE;
		*ret_pos = pos;
		if (load_acquire(&s->turn) != 2 * pos + 1) { /* A1: pairs with R1 */
			again = load_acquire(&c->head);
			if (again != head) {
				head = again;
				continue;
			}
			tail = load_acquire(&c->tail);
			if (!ring_view_current(c, v, tail))
				return RING_STALE; /* the head may lie in a newer array */
			return tail & RING_SHUT && (tail & RING_POS_MASK) == pos ? RING_SHUTDOWN
										 : RING_WAIT;
		}
		store_relaxed(&intent->len, load_relaxed(&s->len));
		if (unlikely(load_relaxed(&s->len) > cap)) {
			again = load_acquire(&c->head);
			if (again == head)
				return RING_SHORT;
			head = again;
			continue;
		}
		ring_intend(intent, ring, object, pos);
		if (likely(ring_claim(intent, &c->head, &head)))
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

/* Claim @pos, whose slot is published and marked abandoned; false: somebody else has. */
static inline bool ring_skip(struct ring_ctl *c, struct intent_rec *intent, uint64_t ring,
			     ref object, uint64_t pos)
{
	uint64_t head = load_acquire(&c->head);

	if ((head & RING_POS_MASK) != pos || load_acquire(&c->get_owner) != SIDE_SHARED)
		return false;
	ring_intend_begin(intent);
	store_relaxed(&intent->claimed, UINT64_C(0));
	store_relaxed(&intent->before, INTENT_COUNTED); /* there is nothing to count */
	ring_intend(intent, ring, object, pos);
	return ring_claim(intent, &c->head, &head);
}

static inline void ring_release(struct slot *s, uint64_t pos)
{
	store_release(&s->turn, 2 * pos + 2); /* R2 */
}

#endif /* RING_MPMC_H */

/*
 * put.c - one message into a ring
 *
 * In this order: a large payload is copied into a block; a position is claimed, its
 * slot filled and published; readers are woken; it is counted. Since the long copy
 * comes before the claim, no reader ever waits for it.
 */

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/copy.h"
#include "object/count.h"
#include "object/transfer.h"
#include "ring/event.h"
#include "runtime/domain.h"

/* ---- large payloads ---------------------------------------------------------------- */

/* Large payloads in flight use their share, and this is not the only message. */
static bool heap_full(const struct ring_ctl *ctl, uint64_t bytes)
{
	uint64_t used = load_relaxed(&ctl->heap_bytes);

	if ((int64_t)used < 0) /* a kill left it wrong: see heap_in_use() */
		used = 0;
	return ctl->heap_limit && used && used + bytes > ctl->heap_limit &&
	       (load_acquire(&ctl->tail) & RING_POS_MASK) != load_acquire(&ctl->head);
}

/* Have the payload in a block, before anything is claimed. */
static int fill_block(struct transfer *t)
{
	uint64_t bytes = heap_bytes_for(t->len);
	int      r;

	if (t->filled)
		return 0;
	if (heap_full(t->lane->ctl, bytes))
		return -EAGAIN;
	/* of no position yet: so that recovery knows which heap to sweep */
	ring_intend(&t->self->intent, t->intent, t->c->h.object_ref, NO_POS);
	r = heap_alloc(&t->c->memory, t->call->ring, t->len, thread_ref(t->self), &t->block);
	if (r < 0)
		return r;
	fetch_add(&t->lane->ctl->heap_bytes, bytes);
	memcpy(t->block.data, t->from, t->len);
	t->filled = true;
	return 0;
}

static void drop_block(struct transfer *t)
{
	if (!t->filled)
		return;
	heap_free(&t->c->memory, t->call->ring, &t->block);
	fetch_sub(&t->lane->ctl->heap_bytes, heap_block_bytes(t->block.class_));
	t->filled = false;
}

/* ---- one try ------------------------------------------------------------------------- */

/*
 * The slot's last reader is about to leave it, unless it was stopped in there; about
 * as long as copying a megabyte, so that only the latter makes us go around it.
 */
#define OCCUPIED_SPINS 2000

/* Claim a position: 0, -EAGAIN, -EPIPE, or what growing failed with. */
static int claim(struct transfer *t, struct ring_view *v)
{
	struct lane *l = t->lane;
	unsigned     spins = 0;

	for (;;) {
		enum ring_result r = RING_STALE;
		int              changed;

		if (likely(lane_view_copy(&l->put, v)))
			r = ring_reserve(l->ctl, v, &t->self->intent, t->intent, t->c->h.object_ref,
					 transfer_alone(t), &l->head_seen, &t->pos);
		if (likely(r == RING_OK))
			return 0;
		if (r == RING_SHUTDOWN)
			return -EPIPE;
		if (r == RING_WAIT)
			return -EAGAIN;
		if (r == RING_OCCUPIED && spins++ < OCCUPIED_SPINS) {
			cpu_relax();
			continue;
		}
		changed = r == RING_OCCUPIED ? lane_step_aside(l) : lane_refresh_put(l);
		if (changed != LANE_CHANGED)
			return changed == LANE_SAME ? -EAGAIN : changed;
	}
}

static void fill_slot(struct transfer *t, struct slot *s)
{
	uint64_t name;

	/* a reader that will lose its claim may still be looking */
	store_relaxed(&s->len, (uint64_t)t->len);
	s->type = 0;
	s->flags = t->filled ? SLOT_HEAP : 0;
	s->stamp = clock_ticks(t->c->tick_kind);
	if (unlikely(t->filled)) {
		name = heap_name(&t->block);
		memcpy(s->inline_data, &name, sizeof(name));
		store_release(t->block.owner, BLOCK_QUEUED | t->pos);
		t->filled = false;
	} else if (t->len) {
		copy_words(s->inline_data, t->from, t->len);
	}
}

/* Below this the most ever queued is only looked at now and then [messages]. */
#define HIGH_WATER_COARSE 16

/*
 * The most that was ever queued. The head is the readers' line and dear to look at;
 * it is only fetched when what this process last saw of it allows a new record. Where
 * next to nothing is queued that would be at every message, so there, but for the
 * first few messages of a channel, one in some is looked at.
 */
static void note_high_water(struct transfer *t)
{
	struct flow *out = &t->c->h.e->out;
	uint64_t     depth = t->pos + 1 - load_relaxed(&t->lane->head_seen);
	uint64_t     head;

	if (likely(depth <= load_relaxed(&out->high_water)))
		return;
	if (depth < HIGH_WATER_COARSE && t->pos % HIGH_WATER_COARSE &&
	    t->pos > 4 * HIGH_WATER_COARSE)
		return;
	head = load_acquire(&t->lane->ctl->head);
	store_relaxed(&t->lane->head_seen, head);
	if ((int64_t)(t->pos + 1 - head) > (int64_t)load_relaxed(&out->high_water))
		store_relaxed(&out->high_water, t->pos + 1 - head);
}

/* Nobody is left to receive: a pipe's writer must be told. */
static bool refused(const struct transfer *t)
{
	return t->c->has_eof && load_acquire(&t->c->h.o->holders[2 * t->call->ring + 1]) == 0;
}

static ssize_t put_try(struct transfer *t)
{
	struct ring_view v;
	struct slot     *s;
	int              r = 0;

	if (unlikely(refused(t)))
		return -EPIPE;
	if (unlikely(t->len > SLOT_INLINE))
		r = fill_block(t);
	if (likely(r == 0))
		r = claim(t, &v);
	if (unlikely(r < 0))
		return r;
	s = ring_slot(&v, t->pos);
	fill_slot(t, s);
	ring_publish(s, t->pos);
	event_wake(&t->lane->ctl->readers, 1);
	count_add(&t->c->h.e->out.messages, 1);
	count_add(&t->c->h.e->out.bytes, t->len);
	note_high_water(t);
	return 0;
}

static bool put_ready(void *arg)
{
	const struct transfer *t = arg;
	const struct ring_ctl *ctl = t->lane->ctl;
	struct ring_view       v;
	uint64_t               tail, pos, queued;

	if (refused(t))
		return true;
	tail = load_acquire(&ctl->tail);
	pos = tail & RING_POS_MASK;
	queued = pos - load_acquire(&ctl->head);
	if (tail & RING_SHUT)
		return true;
	if (ctl->capacity && queued >= ctl->capacity)
		return false;
	if (!t->filled && t->len > SLOT_INLINE && heap_full(ctl, heap_bytes_for(t->len)))
		return false;
	if (!lane_view_copy(&t->lane->put, &v) || (tail & ~RING_POS_MASK) != v.tag ||
	    pos < v.from || pos >= v.until)
		return true;
	return ring_slot_free(ctl, &v, pos, &t->lane->head_seen) ||
	       (queued > v.mask && lane_can_grow(ctl, v.mask + 1));
}

/* For spinning: is the slot at the tail free again? */
static bool put_glance(void *arg)
{
	const struct transfer *t = arg;
	const struct ring_ctl *ctl = t->lane->ctl;
	uint64_t               pos = load_relaxed(&ctl->tail) & RING_POS_MASK;
	struct ring_view       v;

	return lane_view_copy(&t->lane->put, &v) && pos >= v.from && pos < v.until &&
	       ring_slot_free(ctl, &v, pos, &t->lane->head_seen) && put_ready(arg);
}

/* ---- the call -------------------------------------------------------------------------- */

static const struct transfer_kind putting = {
	.intent = INTENT_PUT,
	.put = true,
	.try_ = put_try,
	.glance = put_glance,
	.ready = put_ready,
};

int channel_put(struct channel *c, const struct call *call, const void *buf, size_t len)
{
	struct transfer t;
	ssize_t         r = transfer_begin(&t, &putting, c, call);

	if (unlikely(r < 0))
		return (int)r;
	t.from = buf;
	t.len = len;
	trace_begin(&t);
	r = put_try(&t);
	if (unlikely(r == -EAGAIN)) {
		if (spin_while(&t, put_glance))
			r = put_try(&t);
		if (r == -EAGAIN)
			r = transfer_slow(&t);
	}
	if (unlikely(r < 0)) {
		drop_block(&t);
		intend_nothing(&t);
		t.pos = NO_POS;
	}
	trace_end(&t, r);
	return (int)r;
}

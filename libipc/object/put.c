/*
 * put.c - one message into a ring
 *
 * In this order: a large payload is copied into a block; a position is claimed, its
 * slot filled and published; readers are woken; it is counted. Since the long copy
 * comes before the claim, no reader ever waits for it.
 */

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "object/claim.h"
#include "object/count.h"
#include "object/ledger.h"
#include "object/pieces.h"
#include "object/side.h"
#include "runtime/domain.h"
#include "runtime/parcel.h"

/* ---- large payloads ---------------------------------------------------------------- */

bool put_heap_full(struct lane *l, uint64_t bytes)
{
	const struct ring_ctl *ctl = l->ctl;
	uint64_t               in = load_relaxed(&ctl->heap_in), fix = load_relaxed(&ctl->heap_fix);
	uint64_t               limit = load_relaxed(&ctl->heap_limit);
	uint64_t               out = load_relaxed(&l->heap_out_seen);

	if (!limit || ring_heap_bytes(in, out, fix) + bytes <= limit)
		return false;
	out = load_acquire(&ctl->heap_out); /* the readers' line */
	store_relaxed(&l->heap_out_seen, out);
	return ring_heap_bytes(in, out, fix) && ring_heap_bytes(in, out, fix) + bytes > limit &&
	       (load_acquire(&ctl->tail) & RING_POS_MASK) != ring_head(ctl);
}

static int alloc(struct transfer *t)
{
	return heap_alloc(&t->c->memory, t->call->ring, t->len + t->c->head_bytes,
			  thread_ref(t->self), transfer_left(t), &t->block);
}

/* They may have what there is no room for, and where nobody sleeps nobody else looks for them. */
static bool find_dead(const struct transfer *t)
{
	return channel_holders_look(t->c, RIGHT_SEND(t->call->ring) | RIGHT_RECV(t->call->ring));
}

int put_fill_block(struct transfer *t)
{
	int r;

	if (t->filled)
		return 0;
	if (put_heap_full(t->lane, heap_bytes_for(t->len)))
		return -EAGAIN;
	/* of no position yet: so that recovery knows which heap to sweep */
	ring_intend_begin(&t->self->intent);
	ring_intend(&t->self->intent, t->intent, t->c->h.object_ref, NO_POS);
	r = alloc(t);
	if (r == -ENOSPC) {
		lane_trim_all(
			t->lane); /* a burst of short ones may have left slots that are real */
		r = alloc(t);
	}
	if (r == -ENOSPC && find_dead(t))
		r = alloc(t);
	if (r < 0)
		return r;
	t->block.data += t->c->head_bytes;
	if (t->iov)
		gather(t->block.data, t->iov, t->n_iov);
	else if (t->from)
		memcpy(t->block.data, t->from, t->len);
	t->filled = true;
	return 0;
}

static void drop_block(struct transfer *t)
{
	if (t->filled)
		heap_free(&t->block);
	t->filled = false;
}

/* ---- one try ------------------------------------------------------------------------- */

static void fill_slot(struct transfer *t, struct slot *s)
{
	uint32_t flags = t->filled ? SLOT_HEAP : 0;

	if (unlikely(t->filled)) {
		if (ledgered(t->c))
			ledger_write(t);
		slot_block(s, &t->block, t->pos);
		t->filled = false;
	} else {
		copy_words(s->inline_data, t->from, t->len);
	}
	if (unlikely(t->parcel)) {
		parcel_load(t->parcel, t->call->ring, t->pos);
		copy_words(s->inline_data + SLOT_PARCEL_AT, &t->parcel, sizeof(t->parcel));
		flags |= SLOT_PARCEL;
	}
	slot_head(s, t->len, t->type, flags, clock_ticks(t->c->tick_kind));
}

/* The dead still count as holders until somebody finds them. */
static void look_for_receivers(struct transfer *t)
{
	uint64_t now;

	if (!t->c->has_eof)
		return;
	now = clock_ticks(t->c->tick_kind);
	if (likely(!look_due(t->lane, now)))
		return;
	store_relaxed(&t->lane->look_at, now + LOOK_TICKS);
	(void)channel_holders_look(t->c, RIGHT_RECV(t->call->ring));
}

static int claim(struct transfer *t)
{
	int r = claim_put(t);

	return unlikely(r == -ENOSPC && find_dead(t)) ? claim_put(t) : r;
}

static ssize_t put_try(struct transfer *t)
{
	int r = 0;

	look_for_receivers(t);
	if (put_refused(t->lane))
		return -EPIPE;
	if (unlikely(t->parcel && t->c->head_bytes))
		return fail(-EINVAL,
			    "tasks of this queue are delivered again when a worker dies "
			    "(IPC_TASKS_REQUEUE), and a handle can be delivered once only");
	if (unlikely(t->len > SLOT_INLINE || t->c->head_bytes ||
		     (t->parcel && t->len > SLOT_PARCEL_AT)))
		r = put_fill_block(t);
	if (likely(r == 0))
		r = claim(t);
	if (unlikely(r < 0))
		return r;
	if (unlikely(t->filled))
		count_heap(t, &t->lane->ctl->heap_in, SIDE_PUT);
	fill_slot(t, t->slot);
	ring_publish(t->slot, t->pos);
	event_wake(&t->lane->ctl->readers, 1);
	count_put(t);
	transfer_note(t);
	return 0;
}

static bool put_ready(void *arg)
{
	const struct transfer *t = arg;
	const struct ring_ctl *ctl = t->lane->ctl;
	struct ring_view       v;
	uint64_t               tail, pos, queued;

	if (put_refused(t->lane))
		return true;
	tail = load_acquire(&ctl->tail);
	pos = tail & RING_POS_MASK;
	queued = pos - ring_head(ctl);
	if (tail & RING_SHUT)
		return true;
	if (ctl->capacity && queued >= ctl->capacity)
		return false;
	if (!t->filled && t->len > SLOT_INLINE && put_heap_full(t->lane, heap_bytes_for(t->len)))
		return false;
	if (!lane_view_copy(&t->lane->put, &v) || (tail & ~RING_POS_MASK) != v.tag ||
	    v.gen != load_relaxed(&ctl->epoch_gen) || pos < v.from || pos >= v.until)
		return true;
	return ring_slot_free(ctl, &v, pos, &t->lane->head_seen) ||
	       (queued > v.mask && lane_can_grow(ctl, v.mask + 1) && lane_has_room(ctl));
}

/* For spinning: is the slot at the tail free again? */
static bool put_glance(void *arg)
{
	const struct transfer *t = arg;
	const struct ring_ctl *ctl = t->lane->ctl;
	uint64_t               pos = load_relaxed(&ctl->tail) & RING_POS_MASK;
	struct ring_view       v;

	return lane_view_copy(&t->lane->put, &v) && v.gen == load_relaxed(&ctl->epoch_gen) &&
	       pos >= v.from && pos < v.until &&
	       ring_slot_free(ctl, &v, pos, &t->lane->head_seen) && put_ready(arg);
}

/* ---- the call -------------------------------------------------------------------------- */

const struct transfer_kind putting = {
	.intent = INTENT_PUT,
	.put = true,
	.try_ = put_try,
	.glance = put_glance,
	.ready = put_ready,
};

int transfer_put(struct transfer *t)
{
	ssize_t r;

	trace_begin(t);
	r = put_try(t);
	if (unlikely(r == -EAGAIN)) {
		if (spin_while(t, put_glance))
			r = put_try(t);
		if (r == -EAGAIN)
			r = transfer_slow(t);
	}
	if (unlikely(r < 0)) {
		if (!t->keep)
			drop_block(t);
		intend_nothing(t);
		transfer_failed(t, r);
		t->pos = NO_POS;
		r = transfer_failure(t, r);
	}
	trace_end(t, r);
	return (int)r;
}

/* A large one with nothing in its way. False: that was not so, and t->block may be filled. */
static bool put_fast_large(struct transfer *t)
{
	return t->len > SLOT_INLINE && !ledgered(t->c) && !load_acquire(&trace_ops) &&
	       !put_refused(t->lane) && put_fill_block(t) == 0 &&
	       put_fast_as(t->c, t->call->ring, NULL, &t->block, t->len, 0);
}

int channel_put_slow(struct channel *c, const struct call *call, const void *buf, size_t len)
{
	struct transfer t;
	int             r = transfer_begin(&t, &putting, c, call);

	if (unlikely(r < 0))
		return r;
	t.from = buf;
	t.len = len;
	return put_fast_large(&t) ? 0 : transfer_put(&t);
}

bool channel_put_ready(struct channel *c, unsigned ring)
{
	const struct call call = {.ring = ring};
	struct transfer   t = {.kind = &putting, .c = c, .call = &call, .lane = &c->lane[ring]};

	return put_ready(&t);
}

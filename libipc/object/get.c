/*
 * get.c - one message out of a ring
 *
 * In this order: the position is claimed, the payload copied out, its block freed,
 * the message counted, the slot released; writers are woken. A reader that is alone
 * claims and releases in one, at the end (ring/mpmc.h): killed before that it has taken
 * nothing.
 */

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/copy.h"
#include "base/histogram.h"
#include "object/count.h"
#include "object/transfer.h"
#include "ring/event.h"
#include "runtime/domain.h"

/*
 * A clock read costs a tenth of a get, so one message in so many has its latency
 * counted; and every one that was waited for, where the clock costs nothing.
 */
#define SAMPLE_EVERY 16

/* ---- one try ------------------------------------------------------------------------- */

static bool shut_and_empty(const struct transfer *t)
{
	return (load_acquire(&t->lane->ctl->tail) & RING_SHUT) &&
	       channel_queued(t->c, t->call->ring) == 0;
}

/*
 * Being alone is how the ring is read from here on, or has just ceased to be. It is
 * rare that this changes: at the first get, after a fork, with a second thread.
 */
static bool read_alone(struct transfer *t)
{
	struct ring_ctl *ctl = t->lane->ctl;
	bool             alone = transfer_alone(t);

	if (likely(alone == (bool)load_acquire(&ctl->merged)))
		return alone;
	if (alone)
		store_release(&ctl->merged, UINT64_C(1)); /* all that was claimed is released */
	else
		lane_unmerge(t->lane);
	return alone;
}

static enum ring_result take(struct transfer *t, const struct ring_view *v)
{
	struct ring_ctl *ctl = t->lane->ctl;

	if (t->alone)
		return ring_look(ctl, v, t->len, &t->pos);
	return ring_take(ctl, v, &t->self->intent, t->intent, t->c->h.object_ref, t->len, &t->pos);
}

/* Have the oldest: 0, -EAGAIN, -EPIPE (shut down), -EMSGSIZE, or what mapping failed with. */
static int claim(struct transfer *t, struct ring_view *v)
{
	struct lane *l = t->lane;

	t->alone = read_alone(t);
	for (;;) {
		enum ring_result r = RING_STALE;
		int              changed;

		if (likely(lane_view_copy(&l->get, v)))
			r = take(t, v);
		if (likely(r == RING_OK))
			return 0;
		if (r == RING_SHUTDOWN)
			return -EPIPE;
		if (r == RING_WAIT)
			return -EAGAIN;
		if (r == RING_SHORT)
			return -EMSGSIZE;
		changed = lane_refresh_get(l);
		if (changed == LANE_SAME)
			return shut_and_empty(t) ? -EPIPE : -EAGAIN;
		if (changed < 0)
			return changed;
	}
}

static int copy_from_block(struct transfer *t, const struct slot *s)
{
	struct block b;
	uint64_t     name;
	int          r;

	memcpy(&name, s->inline_data, sizeof(name));
	r = heap_find(&t->c->memory, t->call->ring, name, &b);
	if (r < 0 || s->len > heap_block_bytes(b.class_))
		return -EBADMSG;
	memcpy(t->to, b.data, s->len);
	heap_free(&t->c->memory, t->call->ring, &b);
	fetch_sub(&t->lane->ctl->heap_bytes, heap_block_bytes(b.class_));
	return 0;
}

static int copy_out(struct transfer *t, const struct slot *s)
{
	if (unlikely(s->flags & SLOT_HEAP))
		return copy_from_block(t, s);
	if (unlikely(s->len > SLOT_INLINE))
		return -EBADMSG; /* damaged: no writer fills a slot like that */
	if (s->len)
		copy_words(t->to, s->inline_data, s->len);
	return 0;
}

static void count_latency(struct transfer *t, const struct slot *s)
{
	uint64_t  now = clock_ticks(t->c->tick_kind);
	uint64_t  ticks = now > s->stamp ? now - s->stamp : 0;
	uint32_t *bucket = &t->c->h.hist->bucket[histogram_bucket(ticks)];

	store_relaxed(&t->c->h.e->in.last_tick, now);
	if (likely(__libc_single_threaded))
		store_relaxed(bucket, load_relaxed(bucket) + 1);
	else
		(void)__atomic_fetch_add(bucket, 1u, __ATOMIC_RELAXED);
}

static void leave(struct transfer *t, struct slot *s)
{
	if (likely(t->alone)) {
		ring_leave(t->lane->ctl, t->pos);
		return;
	}
	store_release(&t->self->intent.before, INTENT_COUNTED);
	ring_release(s, t->pos);
}

/* The position is claimed: 1 its message is out, 0 it was an abandoned one, or -EBADMSG. */
static int empty_slot(struct transfer *t, struct slot *s, size_t *ret_len)
{
	bool abandoned = s->flags & SLOT_ABANDONED;
	int  r = abandoned ? 0 : copy_out(t, s);

	*ret_len = s->len;
	if (likely(!abandoned)) {
		if (unlikely(t->waited || t->pos % SAMPLE_EVERY == 0))
			count_latency(t, s);
		count_add(&t->c->h.e->in.messages, 1);
		count_add(&t->c->h.e->in.bytes, s->len);
	}
	leave(t, s);
	event_wake(&t->lane->ctl->writers, 1);
	return r < 0 ? r : !abandoned;
}

/* Nobody is left who could send: after the last message comes the end. */
static bool ended(const struct transfer *t)
{
	return t->c->has_eof && load_acquire(&t->c->h.o->holders[2 * t->call->ring]) == 0;
}

static ssize_t get_try(struct transfer *t)
{
	struct ring_view v;
	size_t           len = 0;
	int              r;

	do {
		bool last = ended(t); /* before the look: what they sent was sent by then */

		store_relaxed(&t->self->intent.before, load_relaxed(&t->c->h.e->in.messages));
		r = claim(t, &v);
		if (unlikely(r < 0))
			return r == -EAGAIN && last ? -EPIPE : r;
		r = empty_slot(t, ring_slot(&v, t->pos), &len);
	} while (r == 0);
	return r < 0 ? r : (ssize_t)len;
}

static ssize_t peek(struct transfer *t);

static bool get_ready(void *arg)
{
	const struct transfer *t = arg;
	const struct ring_ctl *ctl = t->lane->ctl;
	uint64_t               head = load_acquire(&ctl->head), tail;
	struct ring_view       v;

	if (ended(t))
		return true;
	tail = load_acquire(&ctl->tail);
	if ((tail & RING_POS_MASK) == head)
		return tail & RING_SHUT;
	if (!lane_view_copy(&t->lane->get, &v) ||
	    (tail & RING_TAG_MASK) != (v.tag & RING_TAG_MASK) || head < v.from || head >= v.until)
		return true;
	return load_acquire(&ring_slot(&v, head)->turn) == 2 * head + 1;
}

/*
 * For spinning: the slot at the head only. A look at the tail would take its line from
 * the writer, who needs it for the very message that is waited for.
 */
static bool get_glance(void *arg)
{
	const struct transfer *t = arg;
	uint64_t               head = load_acquire(&t->lane->ctl->head);
	struct ring_view       v;

	return lane_view_copy(&t->lane->get, &v) && head >= v.from && head < v.until &&
	       load_acquire(&ring_slot(&v, head)->turn) == 2 * head + 1;
}

/* ---- the calls ------------------------------------------------------------------------- */

static const struct transfer_kind getting = {
	.intent = INTENT_GET,
	.try_ = get_try,
	.glance = get_glance,
	.ready = get_ready,
};

static const struct transfer_kind peeking = {
	.intent = INTENT_GET,
	.try_ = peek,
	.glance = get_glance,
	.ready = get_ready,
};

ssize_t channel_get(struct channel *c, const struct call *call, void *buf, size_t cap)
{
	struct transfer t;
	ssize_t         r = transfer_begin(&t, &getting, c, call);

	if (unlikely(r < 0))
		return r;
	t.to = buf;
	t.len = cap;
	trace_begin(&t);
	r = get_try(&t);
	if (r == -EAGAIN) {
		if (spin_while(&t, get_glance))
			r = get_try(&t);
		if (r == -EAGAIN)
			r = transfer_slow(&t);
	}
	if (unlikely(r < 0)) {
		intend_nothing(&t);
		t.pos = NO_POS;
	}
	trace_end(&t, r);
	return r;
}

/* What is at @head, published? Its length; -EINTR: an abandoned slot, which is gone now. */
static ssize_t look_at(struct transfer *t, struct slot *s, uint64_t head)
{
	if (likely(!(load_relaxed(&s->flags) & SLOT_ABANDONED)))
		return (ssize_t)load_relaxed(&s->len);
	if (load_acquire(&t->lane->ctl->head) == head &&
	    ring_skip(t->lane->ctl, &t->self->intent, t->intent, t->c->h.object_ref, head))
		ring_release(s, head);
	return -EINTR;
}

/* Length of the message at the head, if it is still the head when that is known. */
static ssize_t peek_try(struct transfer *t)
{
	struct ring_view v;
	bool             last = ended(t);
	uint64_t         head = load_acquire(&t->lane->ctl->head);
	ssize_t          len = -EAGAIN;
	int              r;

	if (!lane_view_copy(&t->lane->get, &v) || head < v.from || head >= v.until ||
	    (load_acquire(&t->lane->ctl->tail) & RING_TAG_MASK) != (v.tag & RING_TAG_MASK)) {
		r = lane_refresh_get(t->lane);
		if (r != LANE_SAME)
			return r < 0 ? r : -EINTR;
	} else if (load_acquire(&ring_slot(&v, head)->turn) == 2 * head + 1) {
		len = look_at(t, ring_slot(&v, head), head);
	}
	if (load_acquire(&t->lane->ctl->head) != head)
		return -EINTR; /* taken meanwhile: look at the next */
	return len == -EAGAIN && (last || shut_and_empty(t)) ? -EPIPE : len;
}

static ssize_t peek(struct transfer *t)
{
	ssize_t r;

	do {
		r = peek_try(t);
	} while (r == -EINTR);
	return r;
}

ssize_t channel_peek(struct channel *c, unsigned ring)
{
	const struct call call = {.ring = ring, .timeout = IPC_NOW};
	struct transfer   t;
	ssize_t           r = transfer_begin(&t, &peeking, c, &call);

	if (r < 0)
		return r;
	r = peek(&t);
	return r == -EAGAIN ? transfer_slow(&t) : r;
}

/* End of file is something to read, too. */
int channel_poll(struct channel *c, const struct call *call)
{
	struct transfer t;
	ssize_t         r = transfer_begin(&t, &peeking, c, call);

	if (r < 0)
		return (int)r;
	r = peek(&t);
	if (r == -EAGAIN)
		r = transfer_slow(&t);
	if (r >= 0 || r == -EPIPE)
		return 1;
	return r == -EAGAIN || r == -ETIMEDOUT ? 0 : (int)r;
}

/*
 * transfer.c - put and get: the fast path, and what happens when it cannot go on
 *
 * Order of a put: block taken and filled (large payloads only), position claimed,
 * slot filled, published, readers woken, counted. A large payload is copied before
 * the claim, so no reader ever waits for a long copy.
 *
 * Order of a get: position claimed, payload copied out, block freed, counted, slot
 * released, writers woken.
 */

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "object/channel.h"
#include "object/count.h"
#include "object/heap.h"
#include "ring/event.h"
#include "runtime/domain.h"
#include "runtime/thread.h"
#include "runtime/trace.h"
#include "runtime/wait.h"

#define NO_POS UINT64_MAX
#define SAMPLE_EVERY \
	16 /* a clock read is dear: every so many messages have their latency counted */

/* What one put or get carries through its tries. */
struct transfer {
	struct channel    *c;
	const struct call *call;
	struct lane       *lane;
	struct thread_rec *self;
	uint64_t           intent; /* what to say before claiming */
	void              *to;     /* get: */
	const void        *from;   /* put: */
	size_t             len;    /* put: length; get: room */
	uint64_t           pos;
	uint64_t           depth;  /* put: messages queued after it, as far as known */
	struct block       block;  /* put: of a large payload */
	bool               filled; /* put: .block is taken and holds it */
	bool               waited, trimmed;
	const struct wait *wait; /* while it waits */
};

static int transfer_begin(struct transfer *t, struct channel *c, const struct call *call,
			  unsigned op)
{
	*t = (struct transfer){.c = c, .call = call, .lane = &c->lane[call->ring], .pos = NO_POS};
	t->intent = (uint64_t)c->h.object << 8 | (uint64_t)call->ring << 4 | op;
	return thread_self(&t->self);
}

/* It will claim nothing: nobody needs to wonder what it was about to. */
static void intend_nothing(struct transfer *t)
{
	store_release(&t->self->intent.pos, NO_POS);
}

/* ---- tracing ---------------------------------------------------------------------------------- */

static __attribute__((noinline)) void trace_message(const struct transfer *t, bool end,
						    int64_t result)
{
	bool                 put = (t->intent & 0xf) == INTENT_PUT;
	struct ipc_trace_msg m = {
		.object = t->c->h.object_ref,
		.ring = t->call->ring,
		.op = t->call->op,
		.seq = t->pos,
		.len = put          ? t->len
		       : result > 0 ? (uint64_t)result
				    : 0,
		.depth = channel_queued(t->c, t->call->ring),
		.result = result,
	};

	if (put && !end)
		TRACE(send_begin, &m);
	else if (put)
		TRACE(send_end, &m);
	else if (!end)
		TRACE(recv_begin, &m);
	else
		TRACE(recv_end, &m);
}

static inline void trace_begin(const struct transfer *t)
{
	if (unlikely(load_acquire(&trace_ops)))
		trace_message(t, false, 0);
}

static inline void trace_end(const struct transfer *t, int64_t result)
{
	if (unlikely(load_acquire(&trace_ops)))
		trace_message(t, true, result);
}

/* ---- put ------------------------------------------------------------------------------------------ */

static bool heap_full(const struct ring_ctl *ctl, uint64_t bytes)
{
	uint64_t used = load_relaxed(&ctl->heap_bytes);

	return ctl->heap_limit && used && used + bytes > ctl->heap_limit &&
	       (load_acquire(&ctl->tail) & RING_POS_MASK) != load_acquire(&ctl->head);
}

static uint64_t heap_bytes_for(size_t len)
{
	return len > SLOT_INLINE ? heap_block_bytes(heap_class_for(len)) : 0;
}

/* Have the large payload in a block, before anything is claimed. */
static int put_fill_block(struct transfer *t)
{
	uint64_t bytes = heap_bytes_for(t->len);
	int      r;

	if (t->filled)
		return 0;
	if (heap_full(t->lane->ctl, bytes))
		return -EAGAIN;
	ring_intend(&t->self->intent, t->intent, t->c->h.object_ref,
		    NO_POS); /* so that recovery sweeps here */
	r = heap_alloc(&t->c->memory, t->call->ring, t->len, thread_ref(t->self), &t->block);
	if (r < 0)
		return r;
	fetch_add(&t->lane->ctl->heap_bytes, bytes);
	memcpy(t->block.data, t->from, t->len);
	t->filled = true;
	return 0;
}

static void put_drop_block(struct transfer *t)
{
	if (!t->filled)
		return;
	heap_free(&t->c->memory, t->call->ring, &t->block);
	fetch_sub(&t->lane->ctl->heap_bytes, heap_block_bytes(t->block.class_));
	t->filled = false;
}

/* Claim a position: 0, -EAGAIN, -EPIPE, or what growing failed with. */
static int put_claim(struct transfer *t, struct ring_view *v)
{
	struct lane *l = t->lane;

	for (;;) {
		enum ring_result r = RING_STALE;
		int              changed;

		if (likely(lane_view_copy(&l->put, v)))
			r = ring_reserve(l->ctl, v, &t->self->intent, t->intent, t->c->h.object_ref,
					 &l->head_seen, &t->pos);
		if (likely(r == RING_OK))
			return 0;
		if (r == RING_SHUTDOWN)
			return -EPIPE;
		if (r == RING_WAIT)
			return -EAGAIN;
		changed = lane_refresh_put(l);
		if (changed != LANE_CHANGED)
			return changed == LANE_SAME ? -EAGAIN : changed;
	}
}

static void slot_fill(struct transfer *t, struct slot *s)
{
	uint64_t name;

	store_relaxed(&s->len, (uint64_t)t->len); /* a reader that lost its claim may still look */
	s->type = 0;
	s->flags = t->filled ? SLOT_HEAP : 0;
	s->stamp = clock_ticks(t->c->tick_kind);
	if (t->filled) {
		name = heap_name(&t->block);
		memcpy(s->inline_data, &name, sizeof(name));
		store_release(t->block.owner, BLOCK_QUEUED | t->pos);
		t->filled = false;
	} else if (t->len) {
		memcpy(s->inline_data, t->from, t->len);
	}
}

/*
 * The most that was ever queued. The head is the readers' line and dear to look at;
 * so it is only fetched when what this process last saw of it allows a new record.
 */
static void put_high_water(struct transfer *t)
{
	struct flow *out = &t->c->h.e->out;
	uint64_t     depth = t->pos + 1 - load_relaxed(&t->lane->head_seen);
	uint64_t     head;

	t->depth = depth;
	if (likely(depth <= load_relaxed(&out->high_water)))
		return;
	head = load_acquire(&t->lane->ctl->head);
	store_relaxed(&t->lane->head_seen, head);
	depth = t->pos + 1 - head;
	t->depth = depth;
	if ((int64_t)depth > (int64_t)load_relaxed(&out->high_water))
		store_relaxed(&out->high_water, depth);
}

/* Nobody is left to receive: a pipe's writer must be told. */
static bool put_refused(const struct transfer *t)
{
	return t->c->has_eof && load_acquire(&t->c->h.o->holders[2 * t->call->ring + 1]) == 0;
}

static int put_try(struct transfer *t)
{
	struct ring_view v;
	struct slot     *s;
	int              r = 0;

	if (unlikely(put_refused(t)))
		return -EPIPE;
	if (unlikely(t->len > SLOT_INLINE))
		r = put_fill_block(t);
	if (likely(r == 0))
		r = put_claim(t, &v);
	if (unlikely(r < 0))
		return r;
	s = ring_slot(&v, t->pos);
	slot_fill(t, s);
	ring_publish(s, t->pos);
	event_wake(&t->lane->ctl->readers, 1);
	count_add(&t->c->h.e->out.messages, 1);
	count_add(&t->c->h.e->out.bytes, t->len);
	put_high_water(t);
	return 0;
}

/* ---- get ----------------------------------------------------------------------------------------------- */

/* Claim the oldest: 0, -EAGAIN, -EPIPE (shut down), -EMSGSIZE, or what mapping failed with. */
static int get_claim(struct transfer *t, struct ring_view *v)
{
	struct lane *l = t->lane;

	for (;;) {
		enum ring_result r = RING_STALE;
		int              changed;

		if (likely(lane_view_copy(&l->get, v)))
			r = ring_take(l->ctl, v, &t->self->intent, t->intent, t->c->h.object_ref,
				      t->len, &t->pos);
		if (likely(r == RING_OK))
			return 0;
		if (r == RING_SHUTDOWN)
			return -EPIPE;
		if (r == RING_WAIT)
			return -EAGAIN;
		if (r == RING_SHORT)
			return -EMSGSIZE;
		changed = lane_refresh_get(l);
		if (changed < 0)
			return changed;
		if (changed == LANE_SAME)
			return channel_queued(t->c, t->call->ring) == 0 &&
					       (load_acquire(&l->ctl->tail) & RING_SHUT)
				       ? -EPIPE
				       : -EAGAIN;
	}
}

static int slot_empty(struct transfer *t, const struct slot *s)
{
	struct block b;
	uint64_t     name;
	int          r;

	if (likely(!(s->flags & SLOT_HEAP))) {
		if (s->len)
			memcpy(t->to, s->inline_data, s->len < SLOT_INLINE ? s->len : SLOT_INLINE);
		return 0;
	}
	memcpy(&name, s->inline_data, sizeof(name));
	r = heap_find(&t->c->memory, t->call->ring, name, &b);
	if (r < 0 || s->len > heap_block_bytes(b.class_))
		return -EBADMSG;
	memcpy(t->to, b.data, s->len);
	heap_free(&t->c->memory, t->call->ring, &b);
	fetch_sub(&t->lane->ctl->heap_bytes, heap_block_bytes(b.class_));
	return 0;
}

static void count_latency(struct transfer *t, const struct slot *s)
{
	uint64_t  now = clock_ticks(t->c->tick_kind);
	uint64_t  ticks = now > s->stamp ? now - s->stamp : 0;
	uint32_t *bucket = &t->c->h.hist->bucket[histogram_bucket(ticks)];

	store_relaxed(&t->c->h.e->in.last_tick, now);
	(void)__atomic_fetch_add(bucket, 1u, __ATOMIC_RELAXED);
}

/* The position is claimed: 1 its message is out, 0 it was an abandoned one, or -EBADMSG. */
static int get_empty_slot(struct transfer *t, struct slot *s, size_t *ret_len)
{
	bool abandoned = s->flags & SLOT_ABANDONED;
	int  r = abandoned ? 0 : slot_empty(t, s);

	*ret_len = s->len;
	if (likely(!abandoned)) {
		if (unlikely(t->waited || t->pos % SAMPLE_EVERY == 0))
			count_latency(t, s);
		count_add(&t->c->h.e->in.messages, 1);
		count_add(&t->c->h.e->in.bytes, s->len);
	}
	ring_release(s, t->pos);
	event_wake(&t->lane->ctl->writers, 1);
	return r < 0 ? r : !abandoned;
}

/* Nobody is left who could send: after the last message comes the end. */
static bool get_ended(const struct transfer *t)
{
	return t->c->has_eof && load_acquire(&t->c->h.o->holders[2 * t->call->ring]) == 0;
}

static ssize_t get_try(struct transfer *t)
{
	struct ring_view v;
	size_t           len = 0;
	int              r;

	do {
		bool ended = get_ended(t); /* before the look: what they sent was sent by then */

		store_relaxed(&t->self->intent.before, load_relaxed(&t->c->h.e->in.messages));
		r = get_claim(t, &v);
		if (unlikely(r < 0))
			return r == -EAGAIN && ended ? -EPIPE : r;
		r = get_empty_slot(t, ring_slot(&v, t->pos), &len);
	} while (r == 0);
	return r < 0 ? r : (ssize_t)len;
}

/* ---- waiting ------------------------------------------------------------------------------------------------ */

static bool put_ready(void *arg)
{
	struct transfer       *t = arg;
	const struct ring_ctl *ctl = t->lane->ctl;
	struct ring_view       v;
	uint64_t               tail, pos, queued;

	if (put_refused(t))
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
	if (ring_slot_free(&v, pos))
		return true;
	return queued > v.mask && lane_can_grow(ctl, v.mask + 1);
}

static bool get_ready(void *arg)
{
	struct transfer       *t = arg;
	const struct ring_ctl *ctl = t->lane->ctl;
	uint64_t               head = load_acquire(&ctl->head), tail;
	struct ring_view       v;

	if (get_ended(t))
		return true;
	tail = load_acquire(&ctl->tail);
	if ((tail & RING_POS_MASK) == head)
		return tail & RING_SHUT;
	if (!lane_view_copy(&t->lane->get, &v) ||
	    (tail & RING_TAG_MASK) != (v.tag & RING_TAG_MASK) || head < v.from || head >= v.until)
		return true;
	return load_acquire(&ring_slot(&v, head)->turn) == 2 * head + 1;
}

static bool putting(const struct transfer *t)
{
	return (t->intent & 0xf) == INTENT_PUT;
}

/*
 * Who could release this wait; and who may have died on a claim that it waits
 * behind: another writer for a reader, another reader for a writer.
 */
static uint32_t transfer_need(const struct transfer *t)
{
	return putting(t) ? RIGHT_RECV(t->call->ring) : RIGHT_SEND(t->call->ring);
}

/* Idle for a slice: what a burst left behind can go, once a wait. */
static bool trim_due(const struct transfer *t)
{
	return !putting(t) && !t->trimmed && t->wait->slices > 0 &&
	       channel_queued(t->c, t->call->ring) == 0 && lane_worth_trimming(t->lane);
}

static bool transfer_lost(void *arg)
{
	struct transfer *t = arg;

	return trim_due(t) || channel_holders_lost(t->c, transfer_need(t));
}

static void transfer_mend(void *arg)
{
	struct transfer *t = arg;

	if (trim_due(t)) {
		t->trimmed = true;
		lane_trim(t->lane);
	}
	channel_holders_mend(t->c, transfer_need(t));
}

static struct wait transfer_wait(struct transfer *t)
{
	uint32_t ring = t->call->ring;

	return (struct wait){
		.event = putting(t) ? &t->lane->ctl->writers : &t->lane->ctl->readers,
		.item = {.op = t->call->op,
			 .need = transfer_need(t),
			 .object = t->c->h.object_ref,
			 .arg = ring,
			 .arg2 = putting(t) ? heap_bytes_for(t->len) : 0},
		.object_id = t->c->h.object_ref,
		.timeout = t->call->timeout,
		.site = t->call->site,
		.arg = t,
		.ready = putting(t) ? put_ready : get_ready,
		.lost = transfer_lost,
		.mend = transfer_mend,
		.looked =
			!t->c->has_eof, /* a queue may have a thousand holders: leave it to the slices */
	};
}

/* The first try would have to wait: keep trying until the time is up. */
static __attribute__((noinline)) ssize_t transfer_slow(struct transfer *t,
						       ssize_t (*try_)(struct transfer *))
{
	struct flow *flow = putting(t) ? &t->c->h.e->out : &t->c->h.e->in;
	struct wait  w;
	ssize_t      r = -EAGAIN;

	intend_nothing(t);
	if (t->call->timeout == IPC_NOW)
		return -EAGAIN;
	w = transfer_wait(t);
	t->wait = &w;
	t->waited = true;
	while (r == -EAGAIN) {
		int waited = wait_more(&w);

		r = try_(t);
		if (r == -EAGAIN)
			intend_nothing(t);
		if (r == -EAGAIN && waited < 0)
			r = waited;
	}
	wait_end(&w, r);
	if (w.slept) {
		count_add(&flow->blocks, 1);
		count_add(&flow->blocked_ns, w.asleep_ns);
	}
	if (r == -ETIMEDOUT)
		count_add(&flow->timeouts, 1);
	return r;
}

/* ---- the calls ---------------------------------------------------------------------------------------------------- */

static ssize_t put_try_slow(struct transfer *t)
{
	return put_try(t);
}

int channel_put(struct channel *c, const struct call *call, const void *buf, size_t len)
{
	struct transfer t;
	int             r = transfer_begin(&t, c, call, INTENT_PUT);

	if (unlikely(r < 0))
		return r;
	t.from = buf;
	t.len = len;
	trace_begin(&t);
	r = put_try(&t);
	if (unlikely(r == -EAGAIN))
		r = (int)transfer_slow(&t, put_try_slow);
	if (unlikely(r < 0)) {
		put_drop_block(&t);
		intend_nothing(&t);
	}
	trace_end(&t, r);
	return r;
}

ssize_t channel_get(struct channel *c, const struct call *call, void *buf, size_t cap)
{
	struct transfer t;
	ssize_t         r = transfer_begin(&t, c, call, INTENT_GET);

	if (unlikely(r < 0))
		return r;
	t.to = buf;
	t.len = cap;
	trace_begin(&t);
	r = get_try(&t);
	if (unlikely(r == -EAGAIN))
		r = transfer_slow(&t, get_try);
	if (unlikely(r < 0)) {
		t.pos = NO_POS;
		intend_nothing(&t);
	}
	trace_end(&t, r);
	return r;
}

ssize_t channel_peek(struct channel *c, unsigned ring)
{
	static const struct call now = {.timeout = IPC_NOW};
	struct call              call = now;
	struct ring_view         v;
	struct transfer          t;
	ssize_t                  len;
	int                      r;

	call.ring = ring;
	r = transfer_begin(&t, c, &call, INTENT_GET);
	if (r < 0)
		return r;
	for (;;) {
		bool ended = get_ended(&t);

		if (!get_ready(&t))
			return ended ? -EPIPE : -EAGAIN;
		if (!lane_view_copy(&t.lane->get, &v) ||
		    load_acquire(&t.lane->ctl->head) - v.from >= v.until - v.from) {
			r = lane_refresh_get(t.lane);
			if (r != LANE_CHANGED)
				return r == LANE_SAME ? -EAGAIN : r;
			continue;
		}
		t.pos = load_acquire(&t.lane->ctl->head);
		if (load_acquire(&ring_slot(&v, t.pos)->turn) != 2 * t.pos + 1)
			return ended || (load_acquire(&t.lane->ctl->tail) & RING_SHUT) ? -EPIPE
										       : -EAGAIN;
		len = (ssize_t)load_relaxed(&ring_slot(&v, t.pos)->len);
		if (load_acquire(&t.lane->ctl->head) == t.pos)
			return len;
	}
}

int channel_poll(struct channel *c, const struct call *call)
{
	struct transfer t;
	struct wait     w;
	int             r = transfer_begin(&t, c, call, INTENT_GET), waited = 0;

	if (r < 0)
		return r;
	w = transfer_wait(&t);
	t.wait = &w;
	while (!get_ready(&t) && waited == 0) {
		if (call->timeout == IPC_NOW)
			return 0;
		waited = wait_more(&w);
	}
	r = get_ready(&t) ? 1 : waited == -ETIMEDOUT ? 0 : waited;
	wait_end(&w, r);
	return r;
}

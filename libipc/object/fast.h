#ifndef OBJECT_FAST_H
#define OBJECT_FAST_H

/*
 * fast.h - the way of a message when nothing is in the way
 *
 * The thread owns its side, the ring has room or a message, the next block is free, nobody
 * traces. Everything else is put.c's and get.c's, which begin where these gave up: with
 * nothing done, but perhaps a block in hand.
 */

#include <limits.h>
#include <sys/single_threaded.h>

#include "base/clock.h"
#include "base/copy.h"
#include "base/histogram.h"
#include "object/channel.h"
#include "object/count.h"
#include "object/heap.h"
#include "ring/event.h"
#include "runtime/thread.h"
#include "runtime/trace.h"
#include "runtime/wait.h"

#define NO_POS RING_NO_POS

/* One message in so many has its latency counted; and every one that was waited for. */
#define SAMPLE_EVERY 16

static inline uint64_t intent_of(const struct channel *c, unsigned ring, enum intent_op op)
{
	return (uint64_t)c->h.object << 8 | (uint64_t)ring << 4 | op;
}

static inline uint64_t port_nth(const struct port *p, uint64_t pos)
{
	return (pos - load_relaxed(&p->from)) & load_relaxed(&p->mask);
}

static inline struct slot *port_slot(const struct port *p, uint64_t pos)
{
	return load_relaxed(&p->slots) + port_nth(p, pos);
}

static inline bool port_covers(const struct port *p, uint64_t pos)
{
	uint64_t from = load_relaxed(&p->from);

	return pos - from < load_relaxed(&p->until) - from;
}

/* What is to be claimed, and what the counters are before that: for object/recover.c. */
static inline void own_intend(struct thread_rec *self, uint64_t intent, const struct channel *c,
			      const struct flow *flow, uint64_t len, uint64_t pos)
{
	struct intent_rec *i = &self->intent;

	ring_intend_begin(i);
	store_relaxed(&i->claimed, UINT64_C(0));
	store_relaxed(&i->before, load_relaxed(&flow->messages));
	store_relaxed(&i->bytes, load_relaxed(&flow->bytes));
	store_relaxed(&i->len, len);
	ring_intend(i, intent | INTENT_OWNED, c->h.object_ref, pos);
}

/* Nobody else counts here while this thread has not said that it did: side_await_siblings() */
static inline void own_count(struct thread_rec *self, struct flow *flow, uint64_t len)
{
	if (COUNTING) {
		store_relaxed(&flow->messages, load_relaxed(&flow->messages) + 1);
		store_relaxed(&flow->bytes, load_relaxed(&flow->bytes) + len);
	}
	store_release(&self->intent.before, INTENT_COUNTED);
}

/*
 * Alone on a side: the only process with the right, and that has one thread. Only for what
 * cannot be opened by name: there none but a holder can make another one, by fork or in a
 * message, which is counted as a holder from before it is sent. So once it is so it stays
 * so while the one thread is in here. Acquire: it may just have become so, and what those
 * who left have claimed must be seen.
 */
static inline bool alone_on(const struct channel *c, unsigned ring, enum side side)
{
	return c->lane[ring].inherited_only && __libc_single_threaded &&
	       load_acquire(&c->h.o->holders[2 * ring + side]) == 1;
}

static inline bool own_claim(struct thread_rec *self, uint64_t *word, uint64_t from, bool alone)
{
	if (likely(ring_claim_own(&self->intent, word, from, alone)))
		return true;
	store_release(&self->intent.pos, NO_POS);
	return false;
}

static inline void slot_head(struct slot *s, uint64_t len, uint32_t type, uint32_t flags,
			     uint64_t stamp)
{
	/* a reader that will lose its claim may still be looking */
	store_relaxed(&s->len, len);
	store_relaxed(&s->type, type);
	store_relaxed(&s->flags, flags);
	store_relaxed(&s->stamp, stamp);
}

static inline bool put_refused(const struct lane *l)
{
	return unlikely(load_acquire(l->receivers) == 0);
}

/*
 * A sender with room never sleeps, and who was to receive may have been killed: so it looks
 * once in a slice of this many ticks. One is a nanosecond or shorter.
 */
#define LOOK_TICKS WAIT_SLICE_NS

static inline bool look_due(const struct lane *l, uint64_t now)
{
	return (int64_t)(now - load_relaxed(&l->look_at)) >= 0;
}

/* How the payload outside slots is added up: *@sum is heap_in or heap_out. */
static inline void heap_count(uint64_t *sum, const struct block *b, bool alone)
{
	uint64_t bytes = heap_block_bytes(b->class_);

	if (alone)
		store_relaxed(sum, load_relaxed(sum) + bytes);
	else
		fetch_add(sum, bytes);
}

static inline void slot_block(struct slot *s, const struct block *b, uint64_t pos)
{
	uint64_t name = heap_name(b);

	copy_words(s->inline_data, &name, sizeof(name));
	store_release(b->owner, BLOCK_QUEUED | pos);
}

/* Put @buf, or what is in @b; false: not this way, nothing was done. */
static inline __attribute__((always_inline)) bool put_fast_as(struct channel *c, unsigned ring,
							      const void         *buf,
							      const struct block *b, size_t len,
							      uint32_t type)
{
	struct lane       *l = &c->lane[ring];
	struct ring_ctl   *ctl = l->ctl;
	struct thread_rec *self = thread_rec_self;
	struct flow       *out = &c->h.e->out;
	uint64_t           tail = load_acquire(&ctl->tail), pos = tail & RING_POS_MASK;
	uint64_t           stamp = COUNTING ? clock_ticks(c->tick_kind) : 0;
	bool               alone;
	struct slot       *s;

	if (unlikely(!self || load_acquire(&ctl->put_owner) != self->self ||
		     !port_covers(&l->putting, pos) ||
		     load_relaxed(&l->putting.gen) != load_relaxed(&ctl->epoch_gen) ||
		     load_acquire(&trace_ops) || look_due(l, stamp)) ||
	    put_refused(l))
		return false;
	own_intend(self, intent_of(c, ring, INTENT_PUT), c, out, len, pos);
	alone = alone_on(c, ring, SIDE_PUT);
	if (!own_claim(self, &ctl->tail, tail, alone))
		return false;
	if (b)
		heap_count(&ctl->heap_in, b, alone); /* here: see count_heap() in claim.h */
	s = port_slot(&l->putting, pos);
	if (b)
		slot_block(s, b, pos);
	else
		copy_words(s->inline_data, buf, len);
	slot_head(s, len, type, b ? SLOT_HEAP : 0, stamp);
	ring_publish(s, pos);
	event_wake(&ctl->readers, 1);
	own_count(self, out, len);
	return true;
}

static inline bool put_fast_typed(struct channel *c, unsigned ring, const void *buf, size_t len,
				  uint32_t type)
{
	return likely(len <= SLOT_INLINE) && put_fast_as(c, ring, buf, NULL, len, type);
}

static inline bool put_fast(struct channel *c, unsigned ring, const void *buf, size_t len)
{
	return put_fast_typed(c, ring, buf, len, 0);
}

static inline void note_passage(struct passage *p, uint64_t site, const struct thread_rec *self)
{
	if (!COUNTING)
		return;
	store_relaxed(&p->site, site);
	store_relaxed(&p->thread, self->self);
}

static inline void own_sample(struct channel *c, uint64_t stamp, uint64_t site,
			      const struct thread_rec *self)
{
	uint64_t  now = clock_ticks(c->tick_kind);
	uint32_t *bucket = &c->h.hist->bucket[histogram_bucket(now > stamp ? now - stamp : 0)];

	store_relaxed(&c->h.e->in.last_tick, now);
	store_relaxed(bucket, load_relaxed(bucket) + 1);
	note_passage(&c->h.e->last_in, site, self);
}

/*
 * Not there yet: spin a little on the slot's turn, and on nothing else. A look at the tail
 * would take its line from the writer, who needs it for the very message that is waited
 * for (measured: 200 ns of a round trip). True: there it is. False also when the port is no
 * longer of the ring as it is.
 */
bool get_spin(const struct lane *l, const struct slot *s, uint64_t turn, uint64_t gen);

/* What a slot says of its message, beside the payload. */
struct slot_note {
	uint32_t type;
	uint64_t stamp;
};

/*
 * The oldest message, which is there and this thread's to take: its slot, and in *@ret_head
 * the word it was found by. NULL: not this way.
 */
static inline struct slot *own_look(struct channel *c, unsigned ring, ipc_nsec timeout,
				    uint64_t *ret_head)
{
	struct lane             *l = &c->lane[ring];
	struct ring_ctl         *ctl = l->ctl;
	const struct thread_rec *self = thread_rec_self;
	uint64_t                 head = load_acquire(&ctl->head), pos = head & RING_POS_MASK;
	const struct port       *p = &l->getting;
	struct slot             *s = load_relaxed(&p->slots);
	uint64_t                 nth = port_nth(p, pos), gen;

	fence_acquire(); /* .gen after the slot: all of it is of one port, if it is still this one */
	gen = load_relaxed(&p->gen);
	if (unlikely(!self || load_acquire(&ctl->get_owner) != self->self || !port_covers(p, pos) ||
		     gen != load_relaxed(&ctl->get_gen) || load_acquire(&trace_ops)))
		return NULL;
	s += nth; /* not before: a port that was never made has no slots */
	if (load_acquire(&s->turn) != 2 * pos + 1 && /* with ring_publish() */
	    (timeout == IPC_NOW || !get_spin(l, s, 2 * pos + 1, gen)))
		return NULL;
	*ret_head = head;
	return s;
}

/* Take what own_look() found, short, into @buf, or a large one's block into @b. */
static inline __attribute__((always_inline)) ssize_t own_take(struct channel *c, unsigned ring,
							      const struct slot *s, uint64_t head,
							      uint64_t len, void *buf,
							      struct block *b, uint64_t site,
							      struct slot_note *ret)
{
	struct lane       *l = &c->lane[ring];
	struct ring_ctl   *ctl = l->ctl;
	struct thread_rec *self = thread_rec_self;
	struct flow       *in = &c->h.e->in;
	uint64_t           pos = head & RING_POS_MASK, name;
	bool               alone;

	ring_prefetch(port_slot(&l->getting, pos + READ_AHEAD));
	own_intend(self, intent_of(c, ring, INTENT_GET), c, in, len, pos);
	/* should the claim fail, others have it, and the copy may be of anything */
	copy_words(b ? (void *)&name : buf, s->inline_data, b ? sizeof(name) : len);
	if (b &&
	    unlikely(heap_find(&c->memory, ring, name, b) < 0 || len > heap_block_bytes(b->class_)))
		return -EAGAIN; /* damaged: let get.c say so */
	*ret = (struct slot_note){.type = load_relaxed(&s->type), .stamp = load_relaxed(&s->stamp)};
	alone = alone_on(c, ring, SIDE_GET);
	if (!own_claim(self, &ctl->head, head, alone))
		return -EAGAIN;
	if (b)
		heap_count(&ctl->heap_out, b, alone); /* here: see count_heap() in claim.h */
	if (COUNTING && unlikely(pos % SAMPLE_EVERY == 0))
		own_sample(c, ret->stamp, site, self);
	return (ssize_t)len;
}

/*
 * The writer that waited longest. But where memory is in use, or was until now (@freed), some
 * may wait for a slot and others for memory, and the one is not helped by the other's waking.
 */
static inline void wake_writers(struct ring_ctl *c, bool freed)
{
	if (event_awaited(&c->writers))
		event_wake_sleepers(&c->writers,
				    freed || ring_heap_bytes(load_relaxed(&c->heap_in),
							     load_relaxed(&c->heap_out),
							     load_relaxed(&c->heap_fix))
					    ? INT_MAX
					    : 1);
}

/* It is out of its slot, and a block is in the name of who took it: count it and go on. */
static inline void own_taken(struct channel *c, unsigned ring, ssize_t len, bool large)
{
	own_count(thread_rec_self, &c->h.e->in, (uint64_t)len);
	wake_writers(c->lane[ring].ctl, large);
}

/* Get a short one into @buf: its length; -EAGAIN: not this way, nothing was done. */
static inline ssize_t get_fast_noted(struct channel *c, unsigned ring, void *buf, size_t cap,
				     ipc_nsec timeout, uint64_t site, struct slot_note *ret)
{
	uint64_t     head, room = cap < SLOT_INLINE ? cap : SLOT_INLINE, n;
	struct slot *s = own_look(c, ring, timeout, &head);
	ssize_t      len;

	if (unlikely(!s))
		return -EAGAIN;
	n = load_relaxed(&s->len);
	if (unlikely(n > room || load_relaxed(&s->flags)))
		return -EAGAIN;
	len = own_take(c, ring, s, head, n, buf, NULL, site, ret);
	if (likely(len >= 0))
		own_taken(c, ring, len, false);
	return len;
}

static inline ssize_t get_fast(struct channel *c, unsigned ring, void *buf, size_t cap,
			       ipc_nsec timeout, uint64_t site)
{
	struct slot_note note;

	return get_fast_noted(c, ring, buf, cap, timeout, site, &note);
}

/** Put and get, whichever way it takes. */
static inline int channel_put(struct channel *c, const struct call *call, const void *buf,
			      size_t len)
{
	return likely(put_fast(c, call->ring, buf, len)) ? 0 : channel_put_slow(c, call, buf, len);
}

static inline ssize_t channel_get(struct channel *c, const struct call *call, void *buf, size_t cap)
{
	ssize_t r = get_fast(c, call->ring, buf, cap, call->timeout, call->site);

	return likely(r >= 0) ? r : channel_get_slow(c, call, buf, cap);
}

#endif /* OBJECT_FAST_H */

/*
 * message.c - messages made and read in place
 *
 * What is stored for others, in this order, and what a death right after it leaves:
 *
 *     a block, in the thread's name      swept with the thread's claim (object/recover.c)
 *     the end: it may hold some          nothing more; a sweep that finds none
 *     the block, in the process's name   swept when the process's end goes (object/held.c)
 *     committed: queued, published       as in any put; released, aborted: free
 *
 * Who sweeps may die: the words say what is left, and the end goes last.
 */

#include "object/message.h"

#include <errno.h>
#include <stddef.h>

#include "object/ledger.h"
#include "object/transfer.h"
#include "runtime/domain.h"

_Static_assert(sizeof(struct ipc_msg) == 192, "ABI");
_Static_assert(offsetof(struct ipc_msg, ipc_short) % 16 == 0, "as ipc/msg.h says of .data");
_Static_assert(IPC_MSG_SHORT == SLOT_INLINE, "what fits a slot needs no block");

/* Numbers that a struct nobody has filled in hardly has. */
enum msg_state {
	MSG_DONE = 0,
	MSG_RESERVED = 0x7265u,
	MSG_TAKEN = 0x7461u,
};

/* ---- who has it ---------------------------------------------------------------------- */

/* Say in the registry that this process may hold blocks of the channel: held.c looks there. */
static inline void note_in_place(struct channel *c)
{
	if (unlikely(!load_relaxed(&c->h.e->in_place)))
		store_release(&c->h.e->in_place, (uint64_t)IN_PLACE_SOME);
}

static void hold(struct channel *c, struct ipc_msg *m, enum msg_state state)
{
	m->ipc_state = state;
	m->ipc_handle = c;
	m->ipc_process = the_domain.self;
}

static void hold_short(struct channel *c, struct ipc_msg *m, enum msg_state state)
{
	m->data = m->ipc_short;
	m->ipc_owner = NULL;
	hold(c, m, state);
}

/* @b is the process's already. */
static void hold_held(struct channel *c, struct ipc_msg *m, enum msg_state state,
		      const struct block *b)
{
	m->data = b->data;
	m->ipc_owner = b->owner;
	m->ipc_block = heap_name(b);
	hold(c, m, state);
}

static void hold_block(struct channel *c, struct ipc_msg *m, enum msg_state state,
		       const struct block *b)
{
	note_in_place(c); /* first: who dies behind it has its blocks swept */
	heap_hold(b->owner, (state == MSG_TAKEN ? BLOCK_TAKEN : 0) | the_domain.self);
	hold_held(c, m, state, b);
}

/* It stays where it is until its task is done, whatever becomes of @m. */
static void hold_task(struct channel *c, struct ipc_msg *m, const struct transfer *t)
{
	m->data = t->block.data;
	m->ipc_owner = NULL;
	m->ipc_block = heap_name(&t->block);
	m->attempt = t->attempt;
	hold(c, m, MSG_TAKEN);
}

static bool held(const struct channel *c, const struct ipc_msg *m, enum msg_state state)
{
	return m && m->ipc_state == state && m->ipc_handle == c &&
	       m->ipc_process == the_domain.self &&
	       likely(c->h.rights); /* 0: a child that is no member */
}

static void let_go(struct ipc_msg *m)
{
	m->ipc_state = MSG_DONE;
	m->ipc_owner = NULL;
	m->data = NULL;
}

static int finish(const struct channel *c, struct ipc_msg *m, enum msg_state state)
{
	if (unlikely(!held(c, m, state)))
		return -EINVAL;
	if (m->ipc_owner)
		store_release(m->ipc_owner, BLOCK_FREE);
	let_go(m);
	return 0;
}

/* ---- reserving ------------------------------------------------------------------------- */

static bool nobody_gets(const struct transfer *t)
{
	return put_refused(t->lane) || (load_acquire(&t->lane->ctl->tail) & RING_SHUT);
}

static ssize_t reserve_try(struct transfer *t)
{
	if (unlikely(nobody_gets(t)))
		return -EPIPE;
	return t->len > SLOT_INLINE || ledgered(t->c) ? put_fill_block(t) : 0;
}

static bool reserve_ready(void *arg)
{
	const struct transfer *t = arg;

	return nobody_gets(t) || !put_heap_full(t->lane, heap_bytes_for(t->len));
}

static const struct transfer_kind reserving = {
	.intent = INTENT_PUT,
	.put = true,
	.flags = WAIT_ROOM,
	.try_ = reserve_try,
	.glance = reserve_ready,
	.ready = reserve_ready,
};

/* It goes from free to held in one: no thread of ours has it in between, so none need say so. */
static bool reserve_fast(struct channel *c, unsigned ring, size_t len, struct ipc_msg *ret)
{
	struct lane *l = &c->lane[ring];
	struct block b;

	if (unlikely(ledgered(c) || put_refused(l) || (load_acquire(&l->ctl->tail) & RING_SHUT) ||
		     put_heap_full(l, heap_bytes_for(len))))
		return false;
	note_in_place(c); /* first, as in hold_block() */
	if (unlikely(!heap_next(&c->memory, ring, len, BLOCK_HELD | the_domain.self, &b)))
		return false;
	hold_held(c, ret, MSG_RESERVED, &b);
	return true;
}

static void reserved(struct ipc_msg *m, size_t len)
{
	m->len = m->ipc_room = len;
	m->type = 0;
}

static int reserve_slow(struct channel *c, const struct call *call, size_t len, struct ipc_msg *ret)
{
	struct transfer t;
	ssize_t         r = transfer_begin(&t, &reserving, c, call);

	if (unlikely(r < 0))
		return (int)r;
	t.from = NULL; /* the payload is yet to come */
	t.len = len;
	r = reserve_try(&t);
	if (unlikely(r == -EAGAIN))
		r = transfer_slow(&t);
	if (unlikely(r < 0))
		return (int)r;
	if (t.filled)
		hold_block(c, ret, MSG_RESERVED, &t.block);
	else
		hold_short(c, ret, MSG_RESERVED);
	reserved(ret, len);
	return 0;
}

int channel_reserve(struct channel *c, const struct call *call, size_t len, struct ipc_msg *ret)
{
	if (len <= SLOT_INLINE || unlikely(!reserve_fast(c, call->ring, len, ret)))
		return reserve_slow(c, call, len, ret);
	reserved(ret, len);
	return 0;
}

/* ---- committing -------------------------------------------------------------------------- */

static int commit_block(struct transfer *t, struct ipc_msg *m)
{
	int r = heap_find(&t->c->memory, t->call->ring, m->ipc_block, &t->block);

	if (unlikely(r < 0))
		return r;
	t->block.data += t->c->head_bytes;
	t->filled = t->keep = true;
	return transfer_put(t);
}

/* Lowered so far that it fits a slot: then that is where it goes, and the block is free. */
static int commit_copy(struct transfer *t, struct ipc_msg *m)
{
	int r;

	t->from = m->data;
	r = transfer_put(t);
	if (r == 0 && m->ipc_owner)
		store_release(m->ipc_owner, BLOCK_FREE);
	return r;
}

static bool commit_fast(struct channel *c, unsigned ring, const struct ipc_msg *m)
{
	struct block b;

	if (!m->ipc_owner)
		return put_fast_typed(c, ring, m->data, m->len, m->type);
	return m->len > SLOT_INLINE && !ledgered(c) &&
	       likely(heap_find(&c->memory, ring, m->ipc_block, &b) == 0) &&
	       put_fast_as(c, ring, NULL, &b, m->len, m->type);
}

int channel_commit(struct channel *c, const struct call *call, struct ipc_msg *m)
{
	struct transfer t;
	int             r;

	if (unlikely(!held(c, m, MSG_RESERVED) || m->len > m->ipc_room))
		return -EINVAL;
	if (likely(commit_fast(c, call->ring, m))) {
		let_go(m);
		return 0;
	}
	r = transfer_begin(&t, &putting, c, call);
	if (unlikely(r < 0))
		return r;
	t.len = m->len;
	t.type = m->type;
	r = m->len > SLOT_INLINE || ledgered(c) ? commit_block(&t, m) : commit_copy(&t, m);
	if (likely(r == 0))
		let_go(m);
	return r;
}

int channel_abort(struct channel *c, struct ipc_msg *m)
{
	return finish(c, m, MSG_RESERVED);
}

/* ---- taking -------------------------------------------------------------------------------- */

static void taken(struct ipc_msg *m, size_t len, uint32_t type, uint64_t stamp)
{
	m->len = len;
	m->type = type;
	m->ipc_stamp = stamp;
}

static int take_slow(struct channel *c, const struct call *call, struct ipc_msg *ret)
{
	struct transfer t;
	ssize_t         r = transfer_begin(&t, &getting, c, call);

	if (unlikely(r < 0))
		return (int)r;
	t.to = ret->ipc_short; /* a longer one does not get there */
	t.len = SIZE_MAX;
	t.lend = true;
	r = transfer_get(&t);
	if (unlikely(r < 0))
		return (int)r;
	ret->attempt = 0;
	if (t.filled && ledgered(c))
		hold_task(c, ret, &t);
	else if (t.filled)
		hold_block(c, ret, MSG_TAKEN, &t.block);
	else
		hold_short(c, ret, MSG_TAKEN);
	taken(ret, (size_t)r, t.type, t.stamp);
	return 0;
}

/* The length, or -EAGAIN: not this way. */
static ssize_t take_fast(struct channel *c, const struct call *call, struct ipc_msg *ret,
			 struct slot_note *note)
{
	uint64_t     head;
	struct slot *s = ledgered(c) ? NULL : own_look(c, call->ring, call->timeout, &head);
	struct block b;
	uint64_t     n;
	ssize_t      len;
	bool         large;

	if (unlikely(!s))
		return -EAGAIN;
	n = load_relaxed(&s->len);
	large = load_relaxed(&s->flags) == SLOT_HEAP;
	if (unlikely(!large && (n > SLOT_INLINE || load_relaxed(&s->flags))))
		return -EAGAIN;
	if (large)
		note_in_place(c); /* first, as in hold_block() */
	len = large ? own_take(c, call->ring, s, head, n, NULL, &b, call->site, note)
		    : own_take(c, call->ring, s, head, n, ret->ipc_short, NULL, call->site, note);
	if (unlikely(len < 0))
		return len;
	if (large) {
		heap_hold(b.owner, BLOCK_TAKEN | the_domain.self);
		hold_held(c, ret, MSG_TAKEN, &b);
	} else {
		hold_short(c, ret, MSG_TAKEN);
	}
	own_taken(c, call->ring, len, large);
	return len;
}

int channel_take(struct channel *c, const struct call *call, struct ipc_msg *ret)
{
	struct slot_note note;
	ssize_t          len = take_fast(c, call, ret, &note);

	if (unlikely(len < 0))
		return take_slow(c, call, ret);
	ret->attempt = 0;
	taken(ret, (size_t)len, note.type, note.stamp);
	return 0;
}

int channel_release(struct channel *c, struct ipc_msg *m)
{
	return finish(c, m, MSG_TAKEN);
}

/* ---- how old it is ------------------------------------------------------------------------- */

/*
 * Ticks become time by what has passed of both since the domain was made: no sooner can
 * the message have been put.
 */
ipc_nsec ipc_msg_age(const struct ipc_msg *msg)
{
	const struct registry_header *h = the_domain.hdr;
	uint64_t                      ticks, ns;

	if (!msg || msg->ipc_state != MSG_TAKEN || !load_acquire(&the_domain.joined))
		return 0;
	ticks = clock_ticks(h->tick_kind);
	ns = clock_now_ns();
	if (ticks <= msg->ipc_stamp || ticks <= h->tick0)
		return 0;
	return (ipc_nsec)((double)(ticks - msg->ipc_stamp) * (double)(ns - h->mono0) /
			  (double)(ticks - h->tick0));
}

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

#include "object/claim.h"
#include "object/count.h"
#include "object/ledger.h"
#include "object/side.h"
#include "runtime/parcel.h"

/* The message is this thread's alone now, and nobody waits for the copy. */
static void copy_block(struct transfer *t, size_t len)
{
	memcpy(t->to, t->block.data, len);
	if (ledgered(t->c))
		ledger_owe(t);
	else
		heap_free(&t->block);
	t->filled = false;
}

/* Nobody is left who could send: after the last message comes the end. */
bool get_ended(const struct transfer *t)
{
	return t->c->has_eof && load_acquire(&t->c->h.o->holders[2 * t->call->ring]) == 0;
}

/* It came with a handle, and the caller asked for the bytes only. */
static void drop_parcel(struct transfer *t)
{
	parcel_drop(t->parcel, t->c->h.object_ref);
	t->parcel = 0;
	intend_nothing(t);
}

static ssize_t got(struct transfer *t, size_t len)
{
	if (unlikely(t->filled) && !t->lend)
		copy_block(t, len);
	else if (unlikely(t->filled) && ledgered(t->c))
		ledger_owe(t);
	transfer_note(t);
	if (unlikely(t->parcel) && !t->unpacks)
		drop_parcel(t);
	return (ssize_t)len;
}

/*
 * Shut and empty, so nobody sleeps who would look for the dead: and one of them may have had a
 * task that comes back.
 */
static ssize_t last_task(struct transfer *t, size_t *len)
{
	int r;

	if (!ledgered(t->c) || !channel_holders_look(t->c, RIGHT_RECV(t->call->ring)))
		return -EPIPE;
	r = ledger_take(t, len);
	return r > 0 ? got(t, *len) : r < 0 ? r : -EPIPE;
}

static ssize_t get_try(struct transfer *t)
{
	size_t len = 0;
	int    r;

	if (ledgered(t->c) && (r = ledger_take(t, &len)) != 0)
		return r < 0 ? r : got(t, len);
	do {
		bool last = get_ended(t); /* before the look: what they sent was sent by then */

		t->parcel = 0;
		r = claim_get(t);
		if (unlikely(r == -EPIPE))
			return last_task(t, &len);
		if (unlikely(r < 0))
			return r == -EAGAIN && last ? -EPIPE : r;
		r = empty_slot(t, &len);
	} while (r == 0);
	return r < 0 ? r : got(t, len);
}

bool get_ready(void *arg)
{
	const struct transfer *t = arg;
	const struct ring_ctl *ctl = t->lane->ctl;
	uint64_t               head = ring_head(ctl), tail;
	struct ring_view       v;

	if (get_ended(t) || (ledgered(t->c) && ledger_returned(t->c)))
		return true;
	tail = load_acquire(&ctl->tail);
	if ((tail & RING_POS_MASK) == head)
		return tail & RING_SHUT;
	if (!lane_view_copy(&t->lane->get, &v) || !ring_view_current(ctl, &v, tail) ||
	    head < v.from || head >= v.until)
		return true;
	return load_acquire(&ring_slot(&v, head)->turn) == 2 * head + 1;
}

/*
 * For spinning: the slot at the head only. A look at the tail would take its line from
 * the writer, who needs it for the very message that is waited for.
 */
bool get_glance(void *arg)
{
	const struct transfer *t = arg;
	uint64_t               head = ring_head(t->lane->ctl);
	struct ring_view       v;

	if (!lane_view_copy(&t->lane->get, &v) || head < v.from || head >= v.until)
		return false;
	return ring_view_left(t->lane->ctl, &v, head) ||
	       load_acquire(&ring_slot(&v, head)->turn) == 2 * head + 1;
}

struct turn_awaited {
	const struct ring_ctl *ctl;
	const struct slot     *slot;
	uint64_t               turn, gen;
};

static bool port_left(const struct turn_awaited *a)
{
	return unlikely(load_relaxed(&a->ctl->get_gen) != a->gen);
}

static bool turn_has_come(void *arg)
{
	const struct turn_awaited *a = arg;

	return port_left(a) || load_acquire(&a->slot->turn) == a->turn;
}

bool get_spin(const struct lane *l, const struct slot *s, uint64_t turn, uint64_t gen)
{
	struct turn_awaited a = {.ctl = l->ctl, .slot = s, .turn = turn, .gen = gen};

	return spin_looking(turn_has_come, &a) && !port_left(&a);
}

/* ---- the calls ------------------------------------------------------------------------- */

const struct transfer_kind getting = {
	.intent = INTENT_GET,
	.try_ = get_try,
	.glance = get_glance,
	.ready = get_ready,
};

ssize_t transfer_get(struct transfer *t)
{
	ssize_t r;

	trace_begin(t);
	if (!get_glance(t))
		(void)spin_while(t, get_glance); /* before the first look at the tail: get_spin() */
	r = get_try(t);
	if (r == -EAGAIN)
		r = transfer_slow(t);
	if (unlikely(r < 0)) {
		intend_nothing(t);
		transfer_failed(t, r);
		t->pos = NO_POS;
		if (r == -EAGAIN || r == -ETIMEDOUT)
			(void)lane_found_empty(t->lane, clock_coarse_ns());
		r = transfer_failure(t, r);
	}
	trace_end(t, r);
	return r;
}

/* A large one with nothing in its way: its length, or -EAGAIN. */
static ssize_t get_fast_large(struct channel *c, const struct call *call, void *buf, size_t cap)
{
	uint64_t         head;
	struct slot     *s = ledgered(c) ? NULL : own_look(c, call->ring, IPC_NOW, &head);
	struct slot_note note;
	struct block     b;
	ssize_t          len;

	if (!s || load_relaxed(&s->flags) != SLOT_HEAP || load_relaxed(&s->len) > cap)
		return -EAGAIN;
	len = own_take(c, call->ring, s, head, load_relaxed(&s->len), NULL, &b, call->site, &note);
	if (unlikely(len < 0))
		return len;
	heap_take(&b, thread_ref(thread_rec_self));
	own_taken(c, call->ring, len, true);
	memcpy(buf, b.data, (size_t)len);
	heap_free(&b);
	return len;
}

ssize_t channel_get_slow(struct channel *c, const struct call *call, void *buf, size_t cap)
{
	struct transfer t;
	ssize_t         len = get_fast_large(c, call, buf, cap);
	int             r;

	if (len >= 0)
		return len;
	r = transfer_begin(&t, &getting, c, call);
	if (unlikely(r < 0))
		return r;
	t.to = buf;
	t.len = cap;
	return transfer_get(&t);
}

bool channel_get_ready(struct channel *c, unsigned ring)
{
	const struct call call = {.ring = ring};
	struct transfer   t = {.c = c, .call = &call, .lane = &c->lane[ring]};

	return get_ready(&t);
}

/* empty.c - take the message out of its slot, as the owner of the side or among others */

#include <errno.h>

#include "base/copy.h"
#include "base/error.h"
#include "object/claim.h"
#include "object/count.h"
#include "object/side.h"

int get_unmapped(void)
{
	return fail(-ENOMEM, "cannot map the memory that the next message lies in, for lack of "
			     "memory or of descriptors: it stays queued");
}

/* The block its payload is in: 0; -ENOMEM; -EBADMSG: no writer fills a slot like that. */
static int find_block(struct transfer *t, uint64_t len)
{
	uint64_t name;
	int      r;

	copy_words(&name, t->slot->inline_data, sizeof(name));
	r = heap_find(&t->c->memory, t->call->ring, name, &t->block);
	if (r < 0)
		return r;
	if (len + t->c->head_bytes > heap_block_bytes(t->block.class_))
		return -EBADMSG;
	t->block.data += t->c->head_bytes;
	t->filled = true;
	return 0;
}

/* Copy a short one out of the slot, or learn which block is the message: as find_block(). */
static int detach(struct transfer *t, uint32_t flags, uint64_t len)
{
	t->filled = false;
	if (flags & SLOT_ABANDONED)
		return 0;
	if (unlikely(flags & SLOT_PARCEL))
		copy_words(&t->parcel, t->slot->inline_data + SLOT_PARCEL_AT, sizeof(t->parcel));
	t->type = load_relaxed(&t->slot->type);
	t->stamp = load_relaxed(&t->slot->stamp);
	if (unlikely(flags & SLOT_HEAP))
		return find_block(t, len);
	if (unlikely(len > SLOT_INLINE))
		return -EBADMSG;
	copy_words(t->to, t->slot->inline_data, len);
	return 0;
}

static void count_latency(struct transfer *t, uint64_t stamp)
{
	uint64_t  now = clock_ticks(t->c->tick_kind);
	uint64_t  ticks = now > stamp ? now - stamp : 0;
	uint32_t *bucket = &t->c->h.hist->bucket[histogram_bucket(ticks)];

	store_relaxed(&t->c->h.e->in.last_tick, now);
	(void)__atomic_fetch_add(bucket, 1u, __ATOMIC_RELAXED);
}

/* The owner: claim and release are one, the last. False: not its side any more. */
static bool empty_owned(struct transfer *t, uint32_t flags, uint64_t len, int *ret)
{
	struct ring_ctl *ctl = t->lane->ctl;
	struct flow     *in = &t->c->h.e->in;
	uint64_t         stamp = load_relaxed(&t->slot->stamp);

	own_intend(t->self, t->intent, t->c, in, len, t->pos);
	if (unlikely(flags & SLOT_ABANDONED))
		store_release(&t->self->intent.before, INTENT_COUNTED); /* nothing to count */
	*ret = detach(t, flags, len); /* should the claim fail, it may be of anything */
	if (unlikely(*ret == -ENOMEM))
		return true; /* not claimed: it stays */
	if (!own_claim(t->self, &ctl->head, t->head, alone_on(t->c, t->call->ring, SIDE_GET))) {
		t->filled = false;
		return false;
	}
	if (t->filled) {
		count_heap(t, &ctl->heap_out, SIDE_GET);
		heap_take(&t->block, thread_ref(t->self));
	}
	if (likely(!(flags & SLOT_ABANDONED))) {
		if (COUNTING && unlikely(t->waited || t->pos % SAMPLE_EVERY == 0))
			count_latency(t, stamp);
		own_count(t->self, in, len);
	}
	return true;
}

static void empty_shared(struct transfer *t, uint32_t flags, uint64_t len, int *ret)
{
	struct ring_ctl *ctl = t->lane->ctl;

	*ret = detach(t, flags, len);
	if (t->filled) {
		count_heap(t, &ctl->heap_out, SIDE_GET);
		heap_take(&t->block, thread_ref(t->self));
	}
	if (likely(!(flags & SLOT_ABANDONED))) {
		if (COUNTING && unlikely(t->waited || t->pos % SAMPLE_EVERY == 0))
			count_latency(t, load_relaxed(&t->slot->stamp));
		count_add(&t->c->h.e->in.messages, 1);
		count_add(&t->c->h.e->in.bytes, len);
	}
	store_release(&t->self->intent.before, INTENT_COUNTED);
	ring_release(t->slot, t->pos);
	if (unlikely(side_streak(ctl, &t->lane->get_use, t->pos))) {
		intend_nothing(t);
		side_ask(t->c, t->call->ring, SIDE_GET);
	}
}

int empty_slot(struct transfer *t, size_t *ret_len)
{
	uint32_t flags = load_relaxed(&t->slot->flags);
	uint64_t len = load_relaxed(&t->slot->len);
	int      r = 0;

	if (!t->owned)
		empty_shared(t, flags, len, &r);
	else if (!empty_owned(t, flags, len, &r))
		return 0;
	*ret_len = len;
	if (unlikely(r == -ENOMEM && t->owned))
		return get_unmapped();
	wake_writers(t->lane->ctl, t->filled);
	return r < 0 ? r : !(flags & SLOT_ABANDONED);
}

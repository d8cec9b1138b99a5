/*
 * heap.c - blocks found, or made
 *
 * Every change of a block is one store or one CAS of its owner word. What a death right
 * after it leaves, and who repairs it:
 *
 *     taken, FREE or DROPPED to a thread   the thread's, and nowhere else: swept when its
 *                                          claim is recovered (object/recover.c)
 *     taken and its memory being reserved  the same, and its neighbours that were taken with
 *     again, or given back                 it: swept with its memory, or to DROPPED without
 *     queued, taken by its reader, held    see heap.h; swept by that word
 *     more blocks made                     see memory.c
 */

#include "object/heap.h"

#include <errno.h>
#include <stddef.h>

#include "base/atomic.h"
#include "ring/mpmc.h"
#include "runtime/domain.h"
#include "runtime/lock.h"

/*
 * How many blocks a call looks at before it makes more, which then is the shorter way. The
 * next lap goes on where this one ended, and what is made instead is an eighth of that at
 * most: so whatever is free is found again before the heap is that much larger than it need be.
 */
#define LOOKS_MOST 8192

/* A call that looks for a block. */
struct search {
	struct memory      *m;
	unsigned            ring, class_;
	ref                 owner;
	struct heap_cursor *cursor;
	uint64_t            looks; /* left */
	struct block       *ret;
	bool                dropped; /* what was found must be made real */
	bool                real;    /* only what need not be is taken */
};

/* Block @at, if it is nobody's. */
static bool take(struct search *s, uint64_t at)
{
	struct block *b = s->ret;
	uint64_t      state;

	if (memory_block(s->m, s->ring, s->class_, at, &b->owner, &b->data) < 0)
		return false;
	state = load_relaxed(b->owner);
	s->dropped = state == BLOCK_DROPPED;
	if ((state != BLOCK_FREE && (!s->dropped || s->real)) ||
	    !compare_swap(b->owner, &state, s->owner))
		return false;
	b->class_ = s->class_;
	b->index = at;
	return true;
}

/* Look from *@at up to @end; false: not there, or looked enough. */
static bool look(struct search *s, uint64_t *at, uint64_t end)
{
	uint64_t before = s->looks;
	bool     found = false;

	for (; *at < end && s->looks && !found; *at += !found) {
		s->looks--;
		found = take(s, *at);
	}
	store_relaxed(&s->cursor->looks, load_relaxed(&s->cursor->looks) + before - s->looks);
	return found;
}

static uint64_t ready(const struct search *s)
{
	return load_acquire(&s->m->ring[s->ring].dir->heap[s->class_].ready);
}

/* Others gave memory back, of the last blocks first: those to use are at the beginning. */
static void heed_drops(struct search *s)
{
	struct heap_cursor *c = s->cursor;
	uint32_t drops = (uint32_t)load_relaxed(&s->m->ring[s->ring].dir->heap[s->class_].drops);

	if (load_relaxed(&c->drops) == drops)
		return;
	store_relaxed(&c->drops, drops);
	store_relaxed(&c->next, 0u);
	store_relaxed(&c->window, 0u);
}

/* From the beginning, or where the last such search ended. What lies ahead was not free. */
static bool search_lap(struct search *s, uint64_t window, uint64_t *ret_at)
{
	uint64_t lap = window > LOOKS_MOST ? load_relaxed(&s->cursor->lap) : 0, at = lap;
	bool     found = look(s, &at, window);

	if (!found && at >= window) {
		at = 0;
		found = look(s, &at, lap < window ? lap : window);
	}
	store_relaxed(&s->cursor->lap, (uint32_t)(at + found));
	*ret_at = at;
	return found;
}

/* Have more of those that are there in use: an eighth at once, so as not to search at each. */
static bool search_beyond(struct search *s, uint64_t window, uint64_t *ret_at)
{
	uint64_t at = window, n = ready(s);
	bool     found;

	s->looks = LOOKS_MOST;
	found = look(s, &at, n);
	*ret_at = at;
	if (found)
		at += 16 + at / 8;
	store_relaxed(&s->cursor->window, (uint32_t)(at < n ? at : n));
	return found;
}

/*
 * First behind the block that this process took last: those before that are the likeliest
 * to be in flight, those behind it to have come back. And only among as many as that has
 * taken so far, for these are the warm ones. Nothing of it is shared, so readers need not
 * say what they freed.
 */
static bool search(struct search *s)
{
	uint64_t at, n = ready(s), window;
	bool     found;

	heed_drops(s);
	at = load_relaxed(&s->cursor->next);
	window = load_relaxed(&s->cursor->window);
	window = window < n ? window : n;
	found = look(s, &at, window) || search_lap(s, window, &at) || search_beyond(s, window, &at);
	if (found)
		store_relaxed(&s->cursor->next, (uint32_t)at + 1);
	return found;
}

/*
 * One that has memory, wherever it is: there is none to be had for another. It is not where the
 * rest looks first, and the page it shares keeps it from being given back.
 */
static bool search_real(struct search *s)
{
	uint64_t at = 0;
	bool     found;

	s->real = true;
	s->looks = UINT64_MAX;
	found = look(s, &at, memory_heap_blocks(s->m, s->ring, s->class_));
	s->real = false;
	return found;
}

/* Those behind @b that have no memory either, up to its chunk's end, are taken; how many. */
static uint64_t take_dropped_behind(const struct search *s, const struct block *b)
{
	uint64_t chunk = heap_chunk_blocks(b->class_), n = 1;

	for (; (b->index + n) % chunk; n++) {
		uint64_t       expected = BLOCK_DROPPED, *word;
		unsigned char *data;

		if (memory_block(s->m, s->ring, b->class_, b->index + n, &word, &data) < 0 ||
		    load_relaxed(word) != BLOCK_DROPPED || !compare_swap(word, &expected, s->owner))
			break;
	}
	return n - 1;
}

static void let_go(const struct search *s, uint64_t from, uint64_t n, uint64_t state)
{
	uint64_t      *word;
	unsigned char *data;

	for (uint64_t i = from; i < from + n; i++)
		if (memory_block(s->m, s->ring, s->class_, i, &word, &data) == 0)
			store_release(word, state);
}

/* Make what was found real, and its neighbours with it: for next to the same price. 1: done. */
static int refill(struct search *s)
{
	const struct block *b = s->ret;
	uint64_t            more = take_dropped_behind(s, b);
	int                 r = memory_refill_blocks(s->m, s->ring, b->class_, b->index, 1 + more);

	let_go(s, b->index + 1, more, r < 0 ? BLOCK_DROPPED : BLOCK_FREE);
	if (r == -ENOSPC && more)
		r = memory_refill_blocks(s->m, s->ring, b->class_, b->index, 1);
	if (r < 0)
		store_release(b->owner, BLOCK_DROPPED);
	return r < 0 ? r : 1;
}

/* More blocks, unless another thread made some while this one waited for the lock. */
static int grow(struct search *s, uint64_t seen, ipc_nsec timeout)
{
	int r = registry_lock_within(timeout);

	if (r < 0)
		return r;
	if (ready(s) == seen) {
		r = memory_grow_heap(s->m, s->ring, s->class_);
		store_relaxed(&s->cursor->next, (uint32_t)seen);
		store_relaxed(&s->cursor->window, (uint32_t)ready(s));
	}
	registry_unlock();
	return r;
}

/* A block, or more of them: 1: it is in *@ret; 0: look again. */
static int find_or_make(struct search *s, ipc_nsec timeout)
{
	uint64_t n = ready(s);
	int      r = 1;

	s->looks = LOOKS_MOST;
	if (!search(s))
		r = grow(s, n, timeout);
	else if (s->dropped)
		r = refill(s);
	return r == -ENOSPC && search_real(s) ? 1 : r;
}

static void note_in_use(struct block *b, void *arg)
{
	uint64_t state = load_relaxed(b->owner);

	if (state != BLOCK_FREE && state != BLOCK_DROPPED)
		*(bool *)arg = true;
}

/* There is no room: is it that others have it, or would it never do? */
static int no_room(struct search *s)
{
	const struct ring_ctl *ctl = &object_at(s->m->object)->ring[s->ring];
	bool in_use = (load_acquire(&ctl->tail) & RING_POS_MASK) != ring_head(ctl);

	if (!in_use)
		heap_each(s->m, s->ring, note_in_use, &in_use);
	return in_use ? -ENOSPC : memory_too_small(s->m, heap_block_bytes(s->class_));
}

int heap_alloc(struct memory *m, unsigned ring, uint64_t len, ref owner, ipc_nsec timeout,
	       struct block *ret)
{
	unsigned      class_ = heap_class_for(len);
	struct search s = {.m = m, .ring = ring, .class_ = class_, .owner = owner, .ret = ret};
	int           r, squeezes = 0;

	if (likely(heap_next(m, ring, len, owner, ret)))
		return 0;
	r = memory_can_carry(len);
	if (r == 0)
		s.cursor = &m->ring[ring].cursor[class_];
	while (r == 0) {
		r = find_or_make(&s, timeout);
		if (r == -ENOSPC && squeezes++ < SQUEEZES_MOST &&
		    heap_squeeze(m, ring, owner, memory_heap_step(class_)))
			r = 0;
		else if (r == -ENOSPC)
			r = no_room(&s);
	}
	return r < 0 ? r : 0;
}

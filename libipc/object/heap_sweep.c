/*
 * heap_sweep.c - all blocks of a ring looked at: whose they are, counted, swept
 *
 * A sweep may die at any block: it looks for words, so the next one finds the rest.
 */

#include <errno.h>

#include "base/atomic.h"
#include "base/file.h"
#include "object/heap.h"
#include "ring/mpmc.h"

static bool class_reachable(struct memory *m, unsigned ring, unsigned class_)
{
	uint64_t ready = load_acquire(&m->ring[ring].dir->heap[class_].ready), at = 0;

	for (unsigned w = 0; w < HEAP_WINDOWS && at < ready; at += window_blocks(class_, w++)) {
		uint64_t      *word;
		unsigned char *block;

		if (memory_block(m, ring, class_, at, &word, &block) == -ENOMEM)
			return false;
	}
	return true;
}

bool heap_reachable(struct memory *m, unsigned ring)
{
	for (unsigned c = 0; c < HEAP_CLASSES; c++)
		if (!class_reachable(m, ring, c))
			return false;
	return true;
}

void heap_each(struct memory *m, unsigned ring, void (*fn)(struct block *b, void *arg), void *arg)
{
	for (unsigned c = 0; c < HEAP_CLASSES; c++) {
		uint64_t n = memory_heap_blocks(m, ring, c);

		for (uint64_t i = 0; i < n; i++) {
			struct block b = {.class_ = c, .index = i};

			if (memory_block(m, ring, c, i, &b.owner, &b.data) == 0)
				fn(&b, arg);
		}
	}
}

static void reassign(struct block *b, void *arg)
{
	const uint64_t *words = arg;
	uint64_t        from = words[0];

	(void)compare_swap(b->owner, &from, words[1]);
}

void heap_reassign(struct memory *m, unsigned ring, uint64_t from, uint64_t to)
{
	uint64_t words[2] = {from, to};

	heap_each(m, ring, reassign, words);
}

struct sweep {
	struct memory *m;
	unsigned       ring;
	uint64_t       owner, n;
};

static void count_owned(struct block *b, void *arg)
{
	struct sweep *s = arg;

	s->n += load_relaxed(b->owner) == s->owner;
}

uint64_t heap_owned(struct memory *m, unsigned ring, uint64_t owner)
{
	struct sweep s = {.m = m, .ring = ring, .owner = owner};

	heap_each(m, ring, count_owned, &s);
	return s.n;
}

/*
 * Is there memory in a block of the dead? Where a message lay in it there is. What a thread had
 * just taken may have none yet, or have been about to lose it: then it is made to have none, so
 * that what is DROPPED takes none of the queue's share; but where it has its page in common with
 * others it is made to have some, a page at most, whatever the share.
 */
static bool has_memory(const struct sweep *s, const struct block *b)
{
	if (s->owner & (BLOCK_QUEUED | BLOCK_TAKEN | BLOCK_HELD))
		return true;
	if (heap_block_bytes(b->class_) < page_bytes())
		return memory_keep_block(s->m, s->ring, b->class_, b->index) == 0;
	memory_drop_blocks(s->m, s->ring, b->class_, b->index, 1);
	return false;
}

static void sweep_one(struct block *b, void *arg)
{
	struct sweep *s = arg;
	uint64_t      owner = s->owner;

	if (load_relaxed(b->owner) != owner)
		return;
	s->n++;
	(void)compare_swap(b->owner, &owner, has_memory(s, b) ? BLOCK_FREE : BLOCK_DROPPED);
}

uint64_t heap_sweep(struct memory *m, unsigned ring, uint64_t owner)
{
	struct sweep s = {.m = m, .ring = ring, .owner = owner};

	heap_each(m, ring, sweep_one, &s);
	return s.n;
}

/*
 * Of messages from @head on: who claimed one before may have counted it already, and not put
 * its name to the block yet. It says so soon; until then this is less than there is, and
 * nobody waits for memory that is not in use.
 */
static uint64_t queued_bytes(struct memory *m, unsigned ring, uint64_t head)
{
	uint64_t bytes = 0;

	for (unsigned c = 0; c < HEAP_CLASSES; c++) {
		uint64_t n = memory_heap_blocks(m, ring, c);

		for (uint64_t i = 0; i < n; i++) {
			uint64_t      *word, owner;
			unsigned char *block;

			if (memory_block(m, ring, c, i, &word, &block) < 0)
				continue;
			owner = load_acquire(word);
			if (!(owner & (BLOCK_DROPPED | BLOCK_TAKEN)) && (owner & BLOCK_QUEUED) &&
			    (owner & RING_POS_MASK) >= head)
				bytes += heap_block_bytes(c);
		}
	}
	return bytes;
}

/* What .heap_fix ought to be; false: fewer blocks would be counted than there are. */
static bool count_fix(struct memory *m, unsigned ring, const struct ring_ctl *c, uint64_t *ret)
{
	uint64_t out = load_acquire(&c->heap_out), head = ring_head(c), queued;

	if (!heap_reachable(m, ring))
		return false;
	queued = queued_bytes(m, ring, head);
	*ret = queued - (load_acquire(&c->heap_in) - out);
	return true;
}

bool heap_recount(struct memory *m, unsigned ring, struct ring_ctl *c)
{
	uint64_t fix;

	if (!count_fix(m, ring, c, &fix))
		return false;
	store_release(&c->heap_fix, fix);
	return true;
}

bool heap_miscounted(struct memory *m, unsigned ring, const struct ring_ctl *c)
{
	uint64_t fix;

	return count_fix(m, ring, c, &fix) && fix != load_acquire(&c->heap_fix);
}

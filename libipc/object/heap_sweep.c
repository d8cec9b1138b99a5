/*
 * heap_sweep.c - all blocks of a ring looked at: whose they are, counted, swept
 *
 * A sweep may die at any block: it looks for words, so the next one finds the rest.
 */

#include <errno.h>

#include "base/atomic.h"
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
		uint64_t ready = load_acquire(&m->ring[ring].dir->heap[c].ready);

		for (uint64_t i = 0; i < ready; i++) {
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

/* Call @fn for the owner word of every block, if it is @owner; how often that was. */
static uint64_t each_owned(struct memory *m, unsigned ring, uint64_t owner,
			   void (*fn)(uint64_t *word, uint64_t owner))
{
	uint64_t n = 0;

	for (unsigned c = 0; c < HEAP_CLASSES; c++) {
		uint64_t ready = load_acquire(&m->ring[ring].dir->heap[c].ready);

		for (uint64_t i = 0; i < ready; i++) {
			uint64_t      *word;
			unsigned char *block;

			if (memory_block(m, ring, c, i, &word, &block) < 0 ||
			    load_relaxed(word) != owner)
				continue;
			n++;
			if (fn)
				fn(word, owner);
		}
	}
	return n;
}

uint64_t heap_owned(struct memory *m, unsigned ring, uint64_t owner)
{
	return each_owned(m, ring, owner, NULL);
}

/* Dropped, not free: its owner may have died before it was reserved again. */
static void drop_word(uint64_t *word, uint64_t owner)
{
	(void)compare_swap(word, &owner, BLOCK_DROPPED);
}

uint64_t heap_sweep(struct memory *m, unsigned ring, uint64_t owner)
{
	return each_owned(m, ring, owner, drop_word);
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
		uint64_t ready = load_acquire(&m->ring[ring].dir->heap[c].ready);

		for (uint64_t i = 0; i < ready; i++) {
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

void heap_recount(struct memory *m, unsigned ring, struct ring_ctl *c)
{
	uint64_t out = load_acquire(&c->heap_out), head = ring_head(c), queued;

	if (!heap_reachable(m, ring))
		return; /* fewer would be counted than there are; whoever can see them does it */
	queued = queued_bytes(m, ring, head);
	store_release(&c->heap_fix, queued - (load_acquire(&c->heap_in) - out));
}

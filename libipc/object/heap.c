#include "object/heap.h"

#include <errno.h>

#include "base/atomic.h"
#include "runtime/lock.h"

/* Classes whose blocks together are smaller than this are not worth trimming. */
#define TRIM_FLOOR_BYTES UINT64_C(262144)

static bool take(struct memory *m, unsigned ring, unsigned class_, uint64_t index, uint64_t from,
		 ref owner, struct block *ret)
{
	uint64_t expected = from;

	if (memory_block(m, ring, class_, index, &ret->owner, &ret->data) < 0)
		return false;
	if (load_relaxed(ret->owner) != from || !compare_swap(ret->owner, &expected, owner))
		return false;
	ret->class_ = class_;
	ret->index = index;
	return true;
}

/* Look for a block in state @from, first where one was freed last: it is warm. */
static bool search(struct memory *m, unsigned ring, unsigned class_, uint64_t from, ref owner,
		   struct block *ret)
{
	struct heap_class *h = &m->ring[ring].dir->heap[class_];
	uint64_t           n = load_acquire(&h->ready), start = load_relaxed(&h->hint);

	if (start >= n)
		start = 0;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = start + i < n ? start + i : start + i - n;

		if (take(m, ring, class_, at, from, owner, ret))
			return true;
	}
	return false;
}

static int refill(struct memory *m, unsigned ring, const struct block *b)
{
	int r = memory_refill_block(m, ring, b->class_, b->index);

	if (r < 0)
		store_release(b->owner, BLOCK_DROPPED);
	return r;
}

/* More blocks, unless another thread made some while this one waited for the lock. */
static int grow(struct memory *m, unsigned ring, unsigned class_, uint64_t seen)
{
	int r = 0;

	registry_lock();
	if (m->ring[ring].dir->heap[class_].ready == seen)
		r = memory_grow_heap(m, ring, class_);
	if (r == 0)
		store_relaxed(&m->ring[ring].dir->heap[class_].hint, seen);
	registry_unlock();
	return r;
}

int heap_alloc(struct memory *m, unsigned ring, uint64_t len, ref owner, struct block *ret)
{
	unsigned class_ = heap_class_for(len);

	if (class_ >= HEAP_CLASSES)
		return -ENOSPC;
	for (;;) {
		uint64_t ready = load_acquire(&m->ring[ring].dir->heap[class_].ready);
		int      r;

		if (search(m, ring, class_, BLOCK_FREE, owner, ret))
			return 0;
		if (search(m, ring, class_, BLOCK_DROPPED, owner, ret))
			return refill(m, ring, ret);
		r = grow(m, ring, class_, ready);
		if (r < 0)
			return r;
	}
}

void heap_free(struct memory *m, unsigned ring, const struct block *b)
{
	store_release(b->owner, BLOCK_FREE);
	store_relaxed(&m->ring[ring].dir->heap[b->class_].hint, b->index);
}

int heap_find(struct memory *m, unsigned ring, uint64_t name, struct block *ret)
{
	ret->class_ = (unsigned)(name >> 56);
	ret->index = name & ((UINT64_C(1) << 56) - 1);
	return memory_block(m, ring, ret->class_, ret->index, &ret->owner, &ret->data);
}

void heap_sweep(struct memory *m, unsigned ring, uint64_t owner)
{
	for (unsigned c = 0; c < HEAP_CLASSES; c++) {
		uint64_t ready = load_acquire(&m->ring[ring].dir->heap[c].ready);

		for (uint64_t i = 0; i < ready; i++) {
			uint64_t      *word;
			unsigned char *block;
			uint64_t       expected = owner;

			/* dropped, not free: its owner may have died before it was reserved again */
			if (memory_block(m, ring, c, i, &word, &block) == 0 &&
			    load_relaxed(word) == owner)
				(void)compare_swap(word, &expected, BLOCK_DROPPED);
		}
	}
}

uint64_t heap_in_use(struct memory *m, unsigned ring)
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
			if (owner != BLOCK_FREE && owner != BLOCK_DROPPED)
				bytes += heap_block_bytes(c);
		}
	}
	return bytes;
}

static void trim_class(struct memory *m, unsigned ring, unsigned class_, ref self)
{
	uint64_t     ready = load_acquire(&m->ring[ring].dir->heap[class_].ready);
	struct block b;

	for (uint64_t i = 0; i < ready; i++)
		if (take(m, ring, class_, i, BLOCK_FREE, self, &b)) {
			memory_drop_block(m, ring, class_, i);
			store_release(b.owner, BLOCK_DROPPED);
		}
}

/* Blocks smaller than a page have none of their own to give. */
static bool class_worth_trimming(const struct memory *m, unsigned ring, unsigned class_)
{
	uint64_t ready = load_acquire(&m->ring[ring].dir->heap[class_].ready);

	return heap_block_bytes(class_) >= 4096 &&
	       ready * heap_block_bytes(class_) > TRIM_FLOOR_BYTES;
}

bool heap_worth_trimming(const struct memory *m, unsigned ring)
{
	for (unsigned c = 0; c < HEAP_CLASSES; c++)
		if (class_worth_trimming(m, ring, c))
			return true;
	return false;
}

void heap_trim(struct memory *m, unsigned ring, ref self)
{
	for (unsigned c = 0; c < HEAP_CLASSES; c++)
		if (class_worth_trimming(m, ring, c))
			trim_class(m, ring, c, self);
}

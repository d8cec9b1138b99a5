/*
 * heap_trim.c - the memory of free blocks given back
 *
 * A page goes back when all blocks in it are free: who trims takes them all, as if for a
 * message, gives the page back, and leaves them DROPPED. So no free block is ever without
 * memory, and none in use shares a page with what is given back. Killed in between: the
 * blocks are the thread's, and swept as such (heap_sweep.c).
 *
 * It goes from the last block to the first, chunk by chunk, because those who take blocks
 * begin at the first again when they learn of it (heap.c).
 */

#include "base/atomic.h"
#include "base/file.h"
#include "object/heap.h"

/* Classes whose blocks together are smaller than this are not worth trimming. */
#define TRIM_FLOOR_BYTES UINT64_C(262144)

/* What one step does at most; either takes some 0.2 ms, measured. */
#define STEP_BYTES UINT64_C(1048576)
#define STEP_LOOKS 16384

struct trim {
	struct memory *m;
	unsigned       ring, class_;
	ref            self;
	uint64_t       given; /* [bytes] */
};

static uint64_t *word_of(const struct trim *t, uint64_t at)
{
	uint64_t      *word;
	unsigned char *data;

	return memory_block(t->m, t->ring, t->class_, at, &word, &data) < 0 ? NULL : word;
}

/* Nobody's, all @n from @at on, and with memory at least one of them? */
static bool page_is_free(const struct trim *t, uint64_t at, uint64_t n)
{
	bool real = false;

	for (uint64_t i = at; i < at + n; i++) {
		const uint64_t *word = word_of(t, i);
		uint64_t        state = word ? load_relaxed(word) : t->self;

		if (state != BLOCK_FREE && state != BLOCK_DROPPED)
			return false;
		real = real || state == BLOCK_FREE;
	}
	return real;
}

static void let_go(const struct trim *t, uint64_t at, uint64_t n, uint64_t state)
{
	for (uint64_t i = at; i < at + n; i++)
		store_release(word_of(t, i), state);
}

/* A page has memory where one of its blocks had: nobody gives it back while that one is ours. */
static bool take_page(const struct trim *t, uint64_t at, uint64_t n)
{
	bool real = false;

	if (!page_is_free(t, at, n))
		return false;
	for (uint64_t i = at; i < at + n; i++) {
		uint64_t *word = word_of(t, i), state = load_relaxed(word);

		if ((state == BLOCK_FREE || state == BLOCK_DROPPED) &&
		    compare_swap(word, &state, t->self)) {
			real = real || state == BLOCK_FREE;
			continue;
		}
		let_go(t, at, i - at, real ? BLOCK_FREE : BLOCK_DROPPED);
		return false;
	}
	return true;
}

static void give_back(struct trim *t, uint64_t at, uint64_t n)
{
	if (!n)
		return;
	memory_drop_blocks(t->m, t->ring, t->class_, at, n);
	let_go(t, at, n, BLOCK_DROPPED);
	t->given += n * heap_block_bytes(t->class_);
}

static void trim_chunk(struct trim *t, uint64_t chunk)
{
	uint64_t n = heap_chunk_blocks(t->class_), at = chunk * n, end = at + n, run = 0;
	uint64_t page = page_bytes() / heap_block_bytes(t->class_), before = t->given;

	page = page < 1 ? 1 : page < n ? page : n;
	for (; at < end; at += page) {
		if (take_page(t, at, page)) {
			run += page;
			continue;
		}
		give_back(t, at - run, run);
		run = 0;
	}
	give_back(t, end - run, run);
	if (t->given > before)
		(void)fetch_add(&t->m->ring[t->ring].dir->heap[t->class_].drops, UINT64_C(1));
}

static uint64_t ready(const struct memory *m, unsigned ring, unsigned class_)
{
	return load_acquire(&m->ring[ring].dir->heap[class_].ready);
}

static bool class_worth_trimming(const struct memory *m, unsigned ring, unsigned class_)
{
	return ready(m, ring, class_) * heap_block_bytes(class_) > TRIM_FLOOR_BYTES;
}

bool heap_worth_trimming(const struct memory *m, unsigned ring)
{
	for (unsigned c = 0; c < HEAP_CLASSES; c++)
		if (class_worth_trimming(m, ring, c))
			return true;
	return false;
}

/* The next class that is worth it, from @c on; HEAP_CLASSES: none. */
static unsigned next_class(const struct memory *m, unsigned ring, unsigned c)
{
	while (c < HEAP_CLASSES && !class_worth_trimming(m, ring, c))
		c++;
	return c;
}

/* Chunks of a class, and how many of them a lap has still to look at, as one number. */
#define AT(class_, left) ((uint64_t)((class_) + 1) << 56 | (left))
#define AT_LEFT(at)      ((at) & ((UINT64_C(1) << 56) - 1))

bool heap_trim(struct memory *m, unsigned ring, ref self)
{
	uint64_t   *lap = &m->ring[ring].trim_at, at = load_relaxed(lap), left = AT_LEFT(at);
	unsigned    c = (unsigned)(at >> 56); /* of the class after that, too; 0: a new lap */
	struct trim t = {.m = m, .ring = ring, .class_ = c ? c - 1 : 0, .self = self};
	uint64_t    looks = 0;

	while (t.given < STEP_BYTES && looks < STEP_LOOKS) {
		if (!left) {
			c = next_class(m, ring, c);
			if (c == HEAP_CLASSES)
				break;
			t.class_ = c++;
			left = memory_heap_blocks(m, ring, t.class_) / heap_chunk_blocks(t.class_);
		}
		trim_chunk(&t, --left);
		looks += heap_chunk_blocks(t.class_);
	}
	store_relaxed(lap, c == HEAP_CLASSES && !left ? 0 : AT(t.class_, left));
	return c < HEAP_CLASSES || left;
}

uint64_t heap_squeeze(struct memory *m, unsigned ring, ref self, uint64_t bytes)
{
	struct trim t = {.m = m, .ring = ring, .self = self};

	for (; t.class_ < HEAP_CLASSES; t.class_++) {
		uint64_t n = memory_heap_blocks(m, ring, t.class_) / heap_chunk_blocks(t.class_);

		while (n && t.given < bytes)
			trim_chunk(&t, --n);
	}
	return t.given;
}

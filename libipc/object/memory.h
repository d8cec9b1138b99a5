#ifndef OBJECT_MEMORY_H
#define OBJECT_MEMORY_H

/*
 * memory.h - the object file of a channel, as this process has it mapped
 *
 * Regions (ring/slot.h) are mapped when they are first touched and stay mapped
 * until the handle is closed. Who makes a region real holds the registry lock;
 * who maps one that is real needs nothing.
 *
 * The file is opened for each of these, which is rare, and not kept open: a
 * process with ten thousand channels needs no ten thousand descriptors.
 */

#include <errno.h>
#include <stdbool.h>

#include "base/atomic.h"
#include "ring/ctl.h"
#include "ring/slot.h"

#define MEMORY_RINGS 2

/* One window of a heap class: owner words, then blocks. */
struct heap_window {
	unsigned char *owner;
	unsigned char *block;
};

/* Where this process looks for blocks of a class, by index: object/heap.c. */
struct heap_cursor {
	uint32_t next;   /* here first */
	uint32_t lap;    /* when a lap ends without one: from here on in the next */
	uint32_t window; /* those below are in use; the others only when they do not suffice */
	uint32_t drops;  /* heap_class.drops when that was last thought over */
	uint64_t looks;  /* at how many it looked beyond the next, ever: what a test can count */
};

struct ring_memory {
	struct ring_file   *dir;
	struct slot        *slots[2 * (SLOT_LOG2_MAX + 1)]; /* by shape_index() */
	struct heap_window *windows[HEAP_CLASSES];          /* HEAP_WINDOWS of them, once used */
	struct heap_cursor  cursor[HEAP_CLASSES];
	uint64_t            trim_at; /* how far this process is in giving back: object/heap.c */
};

struct memory {
	uint32_t           object;
	unsigned           n_rings;
	uint64_t           limit; /* most the file may take [bytes]; 0: what there is */
	void              *dir_map;
	struct ring_memory ring[MEMORY_RINGS];
};

/** Make the file of @object and its directory. */
int memory_create(struct memory *m, uint32_t object, unsigned n_rings);

/** Map the directory of @object's file. */
int memory_open(struct memory *m, uint32_t object, unsigned n_rings);

void memory_close(struct memory *m);

/** What memory_open() returned says that there is no such memory, now or later. */
static inline bool memory_is_gone(int r)
{
	return r == -ENOENT || r == -EBADMSG;
}

/**
 * The array of @shape, of which @ready slots are there, mapped; NULL if it does not exist, or
 * cannot be mapped, or the file does not reach that far.
 */
struct slot *memory_slots(struct memory *m, unsigned ring, uint64_t shape, uint64_t ready);

/** It does exist: that it cannot be mapped may be over soon. */
bool memory_has_slots(const struct memory *m, unsigned ring, uint64_t shape, uint64_t ready);

/** Make slots [@ready, @upto) of the array of @shape real; under the registry lock. */
int memory_grow_slots(struct memory *m, unsigned ring, uint64_t shape, uint64_t ready,
		      uint64_t upto);

/**
 * Give the memory of slots [@from, @upto) of the array of @shape back; nobody may use them.
 * Under the registry lock.
 */
void memory_drop_slots(struct memory *m, unsigned ring, uint64_t shape, uint64_t from,
		       uint64_t upto);

/* ---- heap windows --------------------------------------------------------------- */

static inline uint64_t heap_block_bytes(unsigned class_)
{
	return UINT64_C(1) << (HEAP_BLOCK_MIN_LOG2 + class_);
}

/** The smallest class whose blocks hold @len bytes. */
static inline unsigned heap_class_for(uint64_t len)
{
	unsigned log2 = len <= 1 ? 0 : 64u - (unsigned)__builtin_clzll(len - 1);

	return log2 <= HEAP_BLOCK_MIN_LOG2 ? 0 : log2 - HEAP_BLOCK_MIN_LOG2;
}

/** What a payload of @len bytes takes of the heap [bytes]; 0: it fits a slot. */
static inline uint64_t heap_bytes_for(uint64_t len)
{
	return len > SLOT_INLINE ? heap_block_bytes(heap_class_for(len)) : 0;
}

/* The first window of a class takes this much, each other twice what the one before it does. */
#define WINDOW_MIN_LOG2 16 /* 64 KiB, or one block if that is more */

/** Blocks in the first window of @class_ [log2]. */
static inline unsigned window_first_log2(unsigned class_)
{
	unsigned block_log2 = HEAP_BLOCK_MIN_LOG2 + class_;

	return block_log2 < WINDOW_MIN_LOG2 ? WINDOW_MIN_LOG2 - block_log2 : 0;
}

/** Blocks in window @w of @class_. */
static inline uint64_t window_blocks(unsigned class_, unsigned w)
{
	return UINT64_C(1) << (window_first_log2(class_) + w);
}

/**
 * Which window of its class block @index lies in, and where in that: w begins at
 * first * (2^w - 1).
 */
static inline unsigned window_of(unsigned class_, uint64_t index, uint64_t *ret_at)
{
	unsigned first = window_first_log2(class_);
	unsigned w = 63u - (unsigned)__builtin_clzll((index >> first) + 1);

	*ret_at = index - (((UINT64_C(1) << w) - 1) << first);
	return w;
}

/*
 * Whose a block is. Of the first few hundred blocks on a line of its own: the writer takes the
 * next block just when the reader frees one before (measured, 64 KiB in place: 245 ns a message
 * with eight words in a line, 200 with one; 1 KiB copied 395 and 240; two lines for each do not
 * help). Those behind are for queues that are deep, and owner words do not go back.
 */
#define SPREAD_LOG2 8

/* What one takes in window @w of @class_. */
static inline uint64_t heap_owner_bytes(unsigned class_, unsigned w)
{
	return window_first_log2(class_) + w > SPREAD_LOG2 ? sizeof(uint64_t) : CACHE_LINE;
}

static inline uint64_t *heap_owner(unsigned char *owners, unsigned class_, unsigned w, uint64_t at)
{
	return (uint64_t *)(void *)(owners + at * heap_owner_bytes(class_, w));
}

/** What memory_block() does where that window is not mapped yet. */
int memory_block_map(struct memory *m, unsigned ring, unsigned class_, uint64_t index,
		     uint64_t **ret_owner, unsigned char **ret_block);

/** Owner word and memory of block @index, mapped; -EBADMSG: there is no such block. */
static inline int memory_block(struct memory *m, unsigned ring, unsigned class_, uint64_t index,
			       uint64_t **ret_owner, unsigned char **ret_block)
{
	struct ring_memory *rm = &m->ring[ring];
	struct heap_window *window;
	uint64_t            at;
	unsigned            w;

	if (unlikely(class_ >= HEAP_CLASSES || index >= load_acquire(&rm->dir->heap[class_].ready)))
		return -EBADMSG;
	w = window_of(class_, index, &at);
	window = load_acquire(&rm->windows[class_]);
	if (unlikely(!window || w >= HEAP_WINDOWS || !load_acquire(&window[w].block)))
		return memory_block_map(m, ring, class_, index, ret_owner, ret_block);
	*ret_owner = heap_owner(load_relaxed(&window[w].owner), class_, w, at);
	*ret_block = load_relaxed(&window[w].block) + at * heap_block_bytes(class_);
	return 0;
}

/**
 * How many blocks of @class_ there are, for who goes through all of them: as many as are said to
 * be made, but none behind the first window that is not there. What is said may be damaged, and
 * no file has 2^62.
 */
uint64_t memory_heap_blocks(struct memory *m, unsigned ring, unsigned class_);

/** 0, or -ENOSPC: no channel has a block for a message of @len bytes. */
int memory_can_carry(uint64_t len);

/**
 * There was no room for a block of @bytes, though nothing is in use: -ENOSPC. If the limit is
 * why, say so; what the file system lacks was said.
 */
int memory_too_small(const struct memory *m, uint64_t bytes);

/** How much memory_grow_heap() makes real at once, at most [bytes]. */
uint64_t memory_heap_step(unsigned class_);

/** Make at least one more block of @class_ real; under the registry lock. */
int memory_grow_heap(struct memory *m, unsigned ring, unsigned class_);

/*
 * Blocks that lie side by side, @n from @index on, all in one window, and the caller's.
 * Those that begin at a multiple of heap_chunk_blocks() and are as many always do.
 */

/** Make them real again after memory_drop_blocks(). */
int memory_refill_blocks(struct memory *m, unsigned ring, unsigned class_, uint64_t index,
			 uint64_t n);

/** Make one real if it is not, whatever the limit: a dead thread may have been about to. */
int memory_keep_block(const struct memory *m, unsigned ring, unsigned class_, uint64_t index);

/** Give the memory of the pages that are all theirs back. */
void memory_drop_blocks(struct memory *m, unsigned ring, unsigned class_, uint64_t index,
			uint64_t n);

static inline uint64_t heap_chunk_blocks(unsigned class_)
{
	return UINT64_C(1) << window_first_log2(class_);
}

#endif /* OBJECT_MEMORY_H */

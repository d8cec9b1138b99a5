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

#include "ring/ctl.h"
#include "ring/slot.h"

#define MEMORY_RINGS 2

/* One window of a heap class: owner words, then blocks. */
struct heap_window {
	uint64_t      *owner;
	unsigned char *block;
};

struct ring_memory {
	struct ring_file   *dir;
	struct slot        *slots[2 * (SLOT_LOG2_MAX + 1)]; /* by shape_index() */
	struct heap_window *windows[HEAP_CLASSES];          /* HEAP_WINDOWS of them, once used */
};

struct memory {
	uint32_t           object;
	unsigned           n_rings;
	void              *dir_map;
	struct ring_memory ring[MEMORY_RINGS];
};

/** Make the file of @object and its directory. */
int memory_create(struct memory *m, uint32_t object, unsigned n_rings);

/** Map the directory of @object's file. */
int memory_open(struct memory *m, uint32_t object, unsigned n_rings);

void memory_close(struct memory *m);

/** The array of @shape, mapped; NULL if it does not exist, or cannot be mapped. */
struct slot *memory_slots(struct memory *m, unsigned ring, uint64_t shape);

/** Make slots [@ready, @upto) of the array of @shape real; under the registry lock. */
int memory_grow_slots(struct memory *m, unsigned ring, uint64_t shape, uint64_t ready,
		      uint64_t upto);

/** Give the memory of the array of @shape back; nobody may use it. Under the registry lock. */
void memory_drop_slots(struct memory *m, unsigned ring, uint64_t shape);

/* ---- heap windows --------------------------------------------------------------- */

static inline uint64_t heap_block_bytes(unsigned class_)
{
	return UINT64_C(1) << (HEAP_BLOCK_MIN_LOG2 + class_);
}

/** The smallest class whose blocks hold @len bytes. */
unsigned heap_class_for(uint64_t len);

/** What a payload of @len bytes takes of the heap [bytes]; 0: it fits a slot. */
static inline uint64_t heap_bytes_for(uint64_t len)
{
	return len > SLOT_INLINE ? heap_block_bytes(heap_class_for(len)) : 0;
}

/** Blocks in window @w of @class_. */
uint64_t window_blocks(unsigned class_, unsigned w);

/** Which window of its class block @index lies in, and where in that window. */
unsigned window_of(unsigned class_, uint64_t index, uint64_t *ret_at);

/** Owner word and memory of block @index, mapped; -EBADMSG: there is no such block. */
int memory_block(struct memory *m, unsigned ring, unsigned class_, uint64_t index,
		 uint64_t **ret_owner, unsigned char **ret_block);

/** Make at least one more block of @class_ real; under the registry lock. */
int memory_grow_heap(struct memory *m, unsigned ring, unsigned class_);

/** Make block @index real again after memory_drop_block(). */
int memory_refill_block(struct memory *m, unsigned ring, unsigned class_, uint64_t index);

/** Give the memory of block @index back; it must belong to the caller. */
void memory_drop_block(struct memory *m, unsigned ring, unsigned class_, uint64_t index);

#endif /* OBJECT_MEMORY_H */

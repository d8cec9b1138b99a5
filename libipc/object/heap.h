#ifndef OBJECT_HEAP_H
#define OBJECT_HEAP_H

/*
 * heap.h - blocks for payloads that do not fit a slot
 *
 * Every block has an owner word, and changes hands by it alone:
 *
 *     FREE, DROPPED ──CAS──▶ thread ──store──▶ QUEUED|pos ──store──▶ FREE
 *                    (alloc)   (its position is claimed)   (its reader is done)
 *
 * DROPPED is free without memory: whoever takes it has it reserved again first.
 * So for a dead thread every block is found: those with its reference, and the
 * one queued at a position that was never published (object/recover.c).
 *
 * Taking and freeing are lock-free; only making more blocks takes a lock.
 */

#include <stdbool.h>

#include "base/ref.h"
#include "object/memory.h"

#define BLOCK_FREE    UINT64_C(0)
#define BLOCK_DROPPED (UINT64_C(1) << 63)
#define BLOCK_QUEUED  (UINT64_C(1) << 62) /* | position */

/* A block a thread holds, or the one a slot names. */
struct block {
	unsigned char *data;
	uint64_t      *owner;
	unsigned       class_;
	uint64_t       index;
};

/** Take a block for @len bytes on behalf of thread @owner; -ENOSPC, -ENOMEM. */
int heap_alloc(struct memory *m, unsigned ring, uint64_t len, ref owner, struct block *ret);

/** It is free again. */
void heap_free(struct memory *m, unsigned ring, const struct block *b);

/** The block a slot names by @name; -EBADMSG if there is none. */
int heap_find(struct memory *m, unsigned ring, uint64_t name, struct block *ret);

/** What a slot names a block by. */
static inline uint64_t heap_name(const struct block *b)
{
	return (uint64_t)b->class_ << 56 | b->index;
}

/** Free every block whose owner word is @owner (of somebody dead). */
void heap_sweep(struct memory *m, unsigned ring, uint64_t owner);

/**
 * What is in use, counted block by block [bytes].
 *
 * ring_ctl.heap_bytes is kept in steps of its own, so a kill between a block's change
 * and that of the sum leaves the sum wrong; who cleans up after the dead, or waits
 * because of the sum, counts anew.
 */
uint64_t heap_in_use(struct memory *m, unsigned ring);

/** Give the memory of free blocks back; @self: this thread. */
void heap_trim(struct memory *m, unsigned ring, ref self);

/** Is there more of it than is worth keeping? */
bool heap_worth_trimming(const struct memory *m, unsigned ring);

#endif /* OBJECT_HEAP_H */

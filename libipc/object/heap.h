#ifndef OBJECT_HEAP_H
#define OBJECT_HEAP_H

/*
 * heap.h - blocks for payloads that do not fit a slot
 *
 * Every block has an owner word, and changes hands by it alone:
 *
 *     FREE, DROPPED ──CAS──▶ thread ──store──▶ QUEUED|pos ──store──▶ TAKEN|thread ──▶ FREE
 *                    (alloc)    (its position is claimed)  (by its reader)
 *
 * Where a message is made or read in place, the program has it for as long as it likes,
 * while threads come and go: then it is HELD|process between thread and QUEUED, and
 * HELD|TAKEN|process before FREE (object/held.c).
 *
 * DROPPED is free without memory: whoever takes it has it reserved again first. No more than
 * that may be said of what has some, or nobody would give it back any more.
 * So for a dead thread every block is found: those with its reference, and the
 * one queued at a position that was never published, or that it had claimed to read
 * (object/recover.c).
 *
 * Taking and freeing are lock-free; only making more blocks takes a lock.
 */

#include <stdbool.h>

#include <ipc/base.h>

#include "base/atomic.h"
#include "base/ref.h"
#include "object/memory.h"

#define BLOCK_FREE    UINT64_C(0)
#define BLOCK_DROPPED (UINT64_C(1) << 63)
#define BLOCK_QUEUED  (UINT64_C(1) << 62) /* | position */
#define BLOCK_TAKEN   (UINT64_C(1) << 61) /* | the thread that got the message */
#define BLOCK_HELD    (UINT64_C(1) << 60) /* | a process: its program has the message */

/* A block a thread holds, or the one a slot names. */
struct block {
	unsigned char *data;
	uint64_t      *owner;
	unsigned       class_;
	uint64_t       index;
};

/**
 * Take a block for @len bytes on behalf of thread @owner; -ENOSPC, -ENOMEM, and -ETIMEDOUT
 * as registry_lock_within(@timeout): to make more blocks takes that lock.
 */
int heap_alloc(struct memory *m, unsigned ring, uint64_t len, ref owner, ipc_nsec timeout,
	       struct block *ret);

/**
 * The same, if the block that this process would look at first is free; @owner: any owner word.
 * False: it takes more.
 */
static inline bool heap_next(struct memory *m, unsigned ring, uint64_t len, uint64_t owner,
			     struct block *ret)
{
	unsigned            class_ = heap_class_for(len);
	struct heap_cursor *cursor;
	uint64_t            expected = BLOCK_FREE, at;

	if (unlikely(class_ >= HEAP_CLASSES))
		return false;
	cursor = &m->ring[ring].cursor[class_];
	at = load_relaxed(&cursor->next);
	if (at >= load_relaxed(&cursor->window))
		at = 0;
	if (unlikely(memory_block(m, ring, class_, at, &ret->owner, &ret->data) < 0 ||
		     load_relaxed(ret->owner) != BLOCK_FREE ||
		     !compare_swap(ret->owner, &expected, owner)))
		return false;
	store_relaxed(&cursor->next, (uint32_t)at + 1);
	ret->class_ = class_;
	ret->index = at;
	return true;
}

/** It is the program's, of @process: reserved, or with BLOCK_TAKEN received. */
static inline void heap_hold(uint64_t *owner, uint64_t process)
{
	store_release(owner, BLOCK_HELD | process);
}

/** It is free again. */
static inline void heap_free(const struct block *b)
{
	store_release(b->owner, BLOCK_FREE);
}

/** The message in it, of the position that was just claimed, is @thread's now. */
static inline void heap_take(const struct block *b, ref thread)
{
	store_release(b->owner, BLOCK_TAKEN | thread);
}

/** The block a slot names by @name; -EBADMSG if there is none. */
static inline int heap_find(struct memory *m, unsigned ring, uint64_t name, struct block *ret)
{
	ret->class_ = (unsigned)(name >> 56);
	ret->index = name & ((UINT64_C(1) << 56) - 1);
	return memory_block(m, ring, ret->class_, ret->index, &ret->owner, &ret->data);
}

/** What a slot names a block by. */
static inline uint64_t heap_name(const struct block *b)
{
	return (uint64_t)b->class_ << 56 | b->index;
}

/**
 * Every block that there is can be looked at. False: not now, for lack of memory or
 * descriptors; what is counted or swept then would not be all. Under the registry lock.
 */
bool heap_reachable(struct memory *m, unsigned ring);

/** Call @fn for every block there is, whatever its state. */
void heap_each(struct memory *m, unsigned ring, void (*fn)(struct block *b, void *arg), void *arg);

/** Every block of @from is @to's from here on. */
void heap_reassign(struct memory *m, unsigned ring, uint64_t from, uint64_t to);

/** How many blocks have the owner word @owner. */
uint64_t heap_owned(struct memory *m, unsigned ring, uint64_t owner);

/** Free every block whose owner word is @owner (of somebody dead); how many there were. */
uint64_t heap_sweep(struct memory *m, unsigned ring, uint64_t owner);

/**
 * Count what is queued block by block, and have heap_fix make up for the difference.
 *
 * heap_in and heap_out are kept in steps of their own, so a kill among others who share
 * the side may leave them wrong; who cleans up after the dead, or waits because of them,
 * counts anew. Off by what is put and taken meanwhile, until the next who waits.
 * False: not all can be seen from here, and it is left to whoever can.
 */
bool heap_recount(struct memory *m, unsigned ring, struct ring_ctl *c);

/** Would that change something? Reads only. Also of what is put and taken meanwhile. */
bool heap_miscounted(struct memory *m, unsigned ring, const struct ring_ctl *c);

/**
 * Give the memory of free blocks back, some of it: where this process's last step ended, and
 * no more than takes a fraction of a millisecond. @self: this thread, whose intent names the
 * ring. False: with that it has been through all of them.
 */
bool heap_trim(struct memory *m, unsigned ring, ref self);

/**
 * No room for more: give the memory of free blocks back, for others or for slots, until that
 * is @bytes; how many it was.
 */
uint64_t heap_squeeze(struct memory *m, unsigned ring, ref self, uint64_t bytes);

/*
 * How often, for one call: others may want what was given back, and where blocks of the dead
 * were made real beyond the limit it takes more than one step to be below it.
 */
#define SQUEEZES_MOST 4

/** Is there more of it than is worth keeping? */
bool heap_worth_trimming(const struct memory *m, unsigned ring);

#endif /* OBJECT_HEAP_H */

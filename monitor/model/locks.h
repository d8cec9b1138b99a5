#ifndef MODEL_LOCKS_H
#define MODEL_LOCKS_H

/*
 * locks.h - the locks of a domain: who has each, who waits for it
 *
 * A lock is nothing of its own in a domain: it is a place in a block of shared
 * memory, an object with a name, or a place in one process's own memory. It shows
 * where somebody holds it or waits for it, and an object with a name always does.
 */

#include "model/table.h"
#include <ipc/observe.h>

struct frame;

struct lock_stat {
	uint64_t      id;
	enum ipc_kind kind;    /* 0: nobody can tell */
	uint32_t      channel; /* where it lies; IPC_NO_INDEX: in the memory of one process */
	uint32_t      process; /* whose memory that is; IPC_NO_INDEX: it has a channel */
	uint64_t      offset;  /* there [bytes], or its address */
	uint32_t      owner;   /* index in threads; IPC_NO_INDEX: free, shared, or unknown */
	uint32_t      hold;    /* first of its holds; IPC_NO_INDEX: none is known */
	uint32_t      wait;    /* longest wait for it; IPC_NO_INDEX: nobody waits */
	uint32_t      n_holds, n_waits;
	uint64_t      held_ns;   /* for so long, by who has it longest; IPC_UNKNOWN: free */
	int           at_least;  /* that is only how long it was seen to be held */
	uint64_t      caused_ns; /* time waited for it, of all threads, as readings saw it */
	uint32_t      verdict;   /* gravest of its waits'; IPC_NO_INDEX */
};

/* What is remembered of them from reading to reading. All zeroes is nothing. */
struct locks_past {
	struct table locks, holds;
};

/** Find those of @f into @f->locks, those that are waited for longest first. */
void locks_find(struct frame *f, struct locks_past *past);
void locks_past_fini(struct locks_past *past);

/** Is wait, or hold, @i of @f one of this lock? */
int lock_has_wait(const struct frame *f, const struct lock_stat *l, uint32_t i);
int lock_has_hold(const struct frame *f, const struct lock_stat *l, uint32_t i);

/** Does a channel of this kind hold bytes: shared memory, or a value in it? */
int locks_is_block(enum ipc_kind kind);

#endif

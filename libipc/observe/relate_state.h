#ifndef OBSERVE_RELATE_STATE_H
#define OBSERVE_RELATE_STATE_H

/* relate_state.h - between relate.c, which knows channels, and relate_sync.c, which knows locks */

#include "observe/relate.h"

enum condition { /* of one channel; those with the same share their group */
		 ROOM0,
		 MESSAGE0,
		 ROOM1,
		 MESSAGE1,
		 TAKERS,
		 MAPPED, /* who can get at the memory */
		 N_CONDITIONS,
};

struct state {
	struct relate          *r;
	struct model           *m;
	const struct wait_item *item;
	uint32_t                thread, channel, wait;
	bool                    first; /* the item that the public array shows */
};

/* The object of the item; only where it has one. */
const struct object_rec *relate_object(const struct state *s);

/* The wait's next item; its groups follow. */
void relate_add(struct state *s, bool satisfied, bool open);

/* A group of one way. */
uint32_t relate_single(struct state *s, bool is_thread, uint32_t index);

/* The same for a lock, or a share of one, that thread @owner has. */
uint32_t relate_lock_of(struct state *s, uint32_t owner);

/*
 * The group of those with one of (with @all: all of) the rights @need on the channel, made
 * at its first use.
 */
uint32_t relate_shared(struct state *s, enum condition cond, uint32_t need, bool all,
		       enum model_death death);

/* Waits for all tasks of a joinable queue to be done. */
void relate_join(struct state *s);

/* Is it a queue to which tasks come back that their takers leave unfinished? */
bool relate_takes_back(const struct state *s);

/* Is one about to come back to it, by nobody's doing? */
bool relate_task_returns(const struct state *s);

/* All waits for things of ipc/sync.h. */
void relate_sync(struct state *s);

#endif /* OBSERVE_RELATE_STATE_H */

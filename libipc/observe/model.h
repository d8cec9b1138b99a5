#ifndef OBSERVE_MODEL_H
#define OBSERVE_MODEL_H

/*
 * model.h - who waits for whom, and who could still be helped
 *
 * A pure model, without names, files or time: threads wait for items; an item is
 * fulfilled when each of its groups is; a group when `need` of its ways are open;
 * a way is a thread, or a process (any live thread of it). So all kinds of wait
 * are one:
 *
 *     get from a queue      one group: the processes that could put
 *     lock                  one group of one way: the owning thread
 *     join of a queue       a group for each process that owes a task, and one
 *                           of those that could take what is still queued
 *     any of several        several items, of which the thread needs one
 *     barrier               one group that needs several ways
 *
 * live(t) is the least fixed point: a thread is live if it runs, or if enough of
 * its items are fulfilled by what is live. It only ever grows, so the result does
 * not depend on the order of the work. What blocks and is not live can never go
 * on by itself: whoever could end its wait waits likewise, or is dead.
 *
 * Cost: linear in threads, items and ways; nothing is visited twice.
 */

#include <stdbool.h>
#include <stdint.h>

#include "observe/grow.h"

/* What the death of a way does to its group; for "what if this one were killed". */
enum model_death {
	DEATH_CLOSES, /* one way less */
	DEATH_FREES, /* as good as the way being taken: a lock's owner, a child joined, a task owed */
	DEATH_RETURNS, /* a task owed goes back to its queue: somebody else must take it */
	DEATH_OF_LAST, /* when all ways are dead the group is fulfilled: end of file */
};

struct model_process {
	bool     dead;
	bool     unseen;     /* lives, though none of its threads is known */
	bool     stopped;    /* the same, and was stopped from outside */
	bool     asked;      /* whether it, or its threads, are stopped */
	bool     opaque;     /* may have threads that nobody told of, or cannot be looked at */
	uint32_t first_exit; /* group + 1: of those that its exit fulfils */
};

struct model_thread {
	uint32_t process;
	uint32_t first_item, n_items;
	uint32_t need; /* items to be fulfilled: 1, or all of them */
	uint32_t wait; /* the caller's number for what it waits for */
	bool     blocked;
	bool     timed;   /* a time limit will end its wait */
	bool     parked;  /* meant to sleep for ever */
	bool     unsure;  /* something about its wait could not be checked */
	bool     stopped; /* runs, or would when it is woken, but was stopped from outside */
};

struct model_item {
	uint32_t thread;
	uint32_t first_group, n_groups; /* in item_group */
	bool     satisfied;             /* what it waits for is there */
	bool     open;                  /* may be fulfilled in a way the model does not know */
	uint32_t tag;                   /* the caller's: which call */
};

struct model_group {
	uint32_t         first_way, n_ways;
	uint32_t         need;
	enum model_death death;
	bool             crowd; /* its ways are all there are now: see BELIEVE_MORE */
	bool             named; /* a stranger could become a way of it */
	uint32_t         tag;   /* the caller's: which channel */
	uint32_t         exits; /* process + 1: its exit fulfils it as well */
	uint32_t         next_exit;
};

struct model_way {
	bool     is_thread;
	uint32_t index;
};

enum model_memory { /* arrays that grow as the model is made; then those of solving */
		    MODEL_PROCESSES,
		    MODEL_THREADS,
		    MODEL_ITEMS,
		    MODEL_GROUPS,
		    MODEL_WAYS,
		    MODEL_ITEM_GROUPS,
		    MODEL_INDEX,
		    MODEL_LEFT,
		    N_MODEL_MEMORY,
};

struct model {
	struct model_process *process;
	struct model_thread  *thread;
	struct model_item    *item;
	struct model_group   *group;
	struct model_way     *way;
	uint32_t             *item_group;
	uint32_t              n_processes, n_threads, n_items, n_groups, n_ways, n_item_groups;
	bool                  no_memory; /* some addition failed: nothing may be concluded */

	/* backwards: groups of a process, groups of a thread, items of a group; by model_seal() */
	uint32_t *of_process, *of_thread, *of_group; /* where each one's list starts */
	uint32_t *process_groups, *thread_groups, *group_items;
	uint32_t *of_members, *members; /* threads of a process */

	uint32_t *group_left, *item_left, *thread_left, *todo; /* scratch of model_solve() */
	bool     *process_live;

	struct grow mem[N_MODEL_MEMORY];
};

/*
 * Making one: model_clear(); processes, threads and groups (each followed by its
 * ways) in any order; items (each followed by its groups), those of one thread
 * together; model_seal(). Each returns the new one's index.
 */
void     model_clear(struct model *m);
uint32_t model_add_process(struct model *m, struct model_process p);
uint32_t model_add_thread(struct model *m, struct model_thread t);
uint32_t model_add_group(struct model *m, struct model_group g);
void     model_add_way(struct model *m, bool is_thread, uint32_t index);
void model_add_exit(struct model *m, uint32_t process); /* to the last group: see BELIEVE_EXITS */
uint32_t model_add_item(struct model *m, uint32_t thread, bool satisfied, bool open);
void     model_add_item_group(struct model *m, uint32_t group);
int      model_seal(struct model *m); /* 0 or -ENOMEM */
void     model_fini(struct model *m);

/* What to take for granted in a solution. */
enum model_belief {
	BELIEVE_LIMITS = 1 << 0,  /* time limits end waits */
	BELIEVE_STOPPED = 1 << 1, /* the stopped will be continued */
	BELIEVE_OPAQUE = 1 << 2,  /* what could not be checked may help */
	BELIEVE_MORE = 1 << 4,    /* who lives may start as many threads as are missing */
	BELIEVE_EXITS =
		1 << 3, /* who runs may end its process, and so free its other threads' locks */
};

#define MODEL_NOBODY UINT32_MAX

/*
 * The least fixed point into @live (one per thread), as if process @killed were
 * dead (MODEL_NOBODY: as it is).
 */
void model_solve(struct model *m, unsigned beliefs, uint32_t killed, bool *live);

/* Blocked in a process that is not dead, and not in @live. */
static inline bool model_stuck(const struct model *m, const bool *live, uint32_t t)
{
	return m->thread[t].blocked && !live[t] && !m->process[m->thread[t].process].dead;
}

#endif /* OBSERVE_MODEL_H */

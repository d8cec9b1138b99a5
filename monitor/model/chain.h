#ifndef MODEL_CHAIN_H
#define MODEL_CHAIN_H

/*
 * chain.h - who keeps whom waiting, as trees
 *
 * A line is a thread that waits, or a process that does not and is waited for.
 * Below each stand those that wait for it; at the root of a tree stands whoever
 * waits for nobody in it, which is where to look: somebody who runs, who died,
 * or who waits for something that nobody here can give. A circle has no such
 * one; there it is the member its finding names first, or who sleeps longest.
 *
 * Where several could end a wait it stands below one of them: one that runs, if
 * there is one, for then it is he who has not done it yet.
 */

#include <stddef.h>
#include <stdint.h>

struct frame;

struct chain_line {
	uint32_t wait;      /* index; IPC_NO_INDEX: does not wait */
	uint32_t process;   /* index */
	uint32_t parent;    /* line above that it waits for; IPC_NO_INDEX: a root */
	uint32_t depth;     /* 0: a root */
	int      last;      /* of those below its parent */
	int      closes;    /* the root waits for it: a circle */
	uint32_t n_behind;  /* threads below it */
	uint64_t behind_ns; /* ages of their waits, added up */
};

/* The lines in the order of drawing, worst tree first. */
struct chain {
	struct chain_line *lines;
	size_t             n;
};

/** Of @f, whose waits and verdicts are marked; also sets the line of each wait of it. */
void chain_init(struct chain *c, const struct frame *f);
void chain_fini(struct chain *c);

/** The line of a process: its own, or that of its longest wait; IPC_NO_INDEX: it has none. */
uint32_t chain_line_of_process(const struct frame *f, uint32_t process);

/** The line of who has to do something first, for all of those that wait at @line. */
uint32_t chain_root(const struct chain *c, uint32_t line);

#endif

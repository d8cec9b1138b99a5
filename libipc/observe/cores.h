#ifndef OBSERVE_CORES_H
#define OBSERVE_CORES_H

/*
 * cores.h - the hearts of a stuck set
 *
 * Of the threads that can never go on, some wait only for one another: a core.
 * All others wait, by some path, for a core. A core is a sink of the strongly
 * connected components of "could have released it": a cycle, a knot of several
 * cycles, or a single thread that nobody could release.
 */

#include "observe/model.h"

struct cores {
	uint32_t *
		core_of; /* per thread: its core, or the one it is behind; MODEL_NOBODY: not stuck */
	bool   *in_core; /* per thread */
	uint32_t n_cores;

	/* scratch: nodes are threads, then groups, then processes */
	const struct model *m;
	const bool         *stuck;
	uint32_t           *order, *low, *component, *stack, *path, *edge;
	uint32_t            n_order, n_components, n_stack, n_path;
	struct grow         mem[2];
};

/*
 * Cores of the threads with @stuck[t], in the state the last model_solve() left
 * @m in (what is open there is not waited for). 0 or -ENOMEM.
 */
int  cores_find(struct cores *c, struct model *m, const bool *stuck);
void cores_fini(struct cores *c);

#endif /* OBSERVE_CORES_H */

/* choose.c - see choose.h */

#include "observe/choose.h"

enum yields { NOTHING_LOST, A_LOCK, SOMETHING_TO_COME, A_MESSAGE };

/* What who gives up this wait has to give up. */
static enum yields yields(const struct ipc_obs_wait *w)
{
	switch (w->op) {
	case IPC_OP_PROC:
	case IPC_OP_JOIN: return NOTHING_LOST;
	case IPC_OP_LOCK:
	case IPC_OP_RDLOCK:
	case IPC_OP_WRLOCK: return A_LOCK;
	case IPC_OP_PUT:
	case IPC_OP_SEND: return A_MESSAGE; /* its caller has it in its hands */
	default: return SOMETHING_TO_COME;
	}
}

static uint64_t wants(const struct scene *s, const struct image *image, uint32_t thread)
{
	uint32_t                  slot = s->v->process_slot[s->v->thread[thread].process];
	const struct process_rec *p = image_at(image, TABLE_PROCESSES, slot);

	return p->on_deadlock & ON_DEADLOCK_MASK ? p->on_deadlock : image->head.on_deadlock;
}

struct candidate {
	uint32_t    thread;
	bool        error;
	enum yields yields;
	uint64_t    since_ns, id;
};

static bool candidate(struct candidate *ret, const struct scene *s, const struct image *image,
		      uint32_t thread)
{
	uint64_t                 want = wants(s, image, thread), action = want & ON_DEADLOCK_MASK;
	const struct thread_rec *rec = image_at(image, TABLE_THREADS, s->v->thread_slot[thread]);

	if (action != ON_DEADLOCK_REPORT && action != ON_DEADLOCK_ERROR)
		return false;
	*ret = (struct candidate){
		.thread = thread,
		.error = action == ON_DEADLOCK_ERROR && !(rec->wait.flags & WAIT_STAYS) &&
			 (s->strength == IPC_CERTAIN ||
			  (s->strength == IPC_CLOSED_WORLD && want & ON_DEADLOCK_CLOSED)),
		.yields = yields(scene_wait(s, thread)),
		.since_ns = scene_wait(s, thread)->since_ns,
		.id = s->v->thread[thread].id,
	};
	return true;
}

static bool goes_before(const struct candidate *a, const struct candidate *b)
{
	if (a->error != b->error)
		return a->error;
	if (a->yields != b->yields)
		return a->yields < b->yields;
	if (a->since_ns != b->since_ns)
		return a->since_ns > b->since_ns;
	return a->id > b->id;
}

struct chosen choose(const struct scene *s, const struct image *image)
{
	struct candidate best = {.thread = MODEL_NOBODY}, c;

	if (s->class_ != IPC_DEADLOCK && s->class_ != IPC_ORPHANED)
		return (struct chosen){.thread = MODEL_NOBODY};
	for (uint32_t i = 0; i < s->n_core; i++)
		if (candidate(&c, s, image, s->core[i]) &&
		    (best.thread == MODEL_NOBODY || goes_before(&c, &best)))
			best = c;
	return (struct chosen){.thread = best.thread, .error = best.error};
}

/*
 * lock.c - who could end a wait for a lock: who has it, or whoever gets at its memory
 */
#include "model/frame.h"

int frame_is_lock(enum ipc_op op)
{
	return op == IPC_OP_LOCK || (op >= IPC_OP_RDLOCK && op <= IPC_OP_BARRIER);
}

static int is_of(const struct ipc_obs_wait *w, const struct ipc_obs_hold *h)
{
	if (h->channel != w->channel || h->lock_offset != w->lock_offset)
		return 0;
	return h->kind == (w->op == IPC_OP_SEM ? IPC_HOLD_PERMIT : IPC_HOLD_READ);
}

static size_t by_hold(const struct frame *f, const struct ipc_obs_wait *w, struct releaser *ret,
		      size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < f->s->n_holds; i++) {
		const struct ipc_obs_hold *h = &f->s->holds[i];

		if (!is_of(w, h))
			continue;
		if (n < max)
			ret[n] = (struct releaser){f->s->threads[h->thread].process, h->thread, 0};
		n++;
	}
	return n;
}

static size_t by_map(const struct frame *f, const struct ipc_obs_wait *w, struct releaser *ret,
		     size_t max)
{
	const struct ipc_obs_channel *c = &f->s->channels[w->channel];
	size_t                        n = 0;

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		if (n < max)
			ret[n] = (struct releaser){f->s->ends[i].process, IPC_NO_INDEX, 0};
		n++;
	}
	return n;
}

size_t frame_lock_releasers(const struct frame *f, const struct ipc_obs_wait *w,
			    struct releaser *ret, size_t max)
{
	size_t n;

	if (w->owner != IPC_NO_INDEX) {
		if (max > 0)
			ret[0] = (struct releaser){f->s->threads[w->owner].process, w->owner, 0};
		return 1;
	}
	if (w->op == IPC_OP_LOCK || w->op == IPC_OP_RDLOCK)
		return 0; /* free, or its owner is not known */
	n = by_hold(f, w, ret, max);
	if (n > 0 || w->op == IPC_OP_WRLOCK || w->channel == IPC_NO_INDEX)
		return n;
	return by_map(f, w, ret, max);
}

/* rule_locks.c - locks whose owner cannot unlock them */

#include <inttypes.h>

#include "lint/lint.h"
#include "model/procfs.h"
#include "text/utf8.h"

/* ---- I002 ---------------------------------------------------------------------------- */

static void check_holds(struct lints *l, const struct frame *f)
{
	for (size_t i = 0; i < f->s->n_holds; i++) {
		const struct ipc_obs_hold    *h = &f->s->holds[i];
		uint32_t                      process = f->s->threads[h->thread].process;
		const struct ipc_obs_process *p = &f->s->processes[process];

		/* permits come back, and a barrier tells: only what has an owner is left behind */
		if (p->life != IPC_OBS_DEAD || f->s->post_mortem || h->channel == IPC_NO_INDEX ||
		    h->kind == IPC_HOLD_PERMIT || h->kind == IPC_HOLD_ARRIVAL)
			continue;
		lint_add(l, LINT_DEAD_OWNER, process, h->channel,
			 "%s %" PRIu64 " died holding the lock at %" PRIu64 " of \"%.63s\"",
			 p->name, p->pid, h->lock_offset, f->s->channels[h->channel].name);
	}
}

void rule_dead_owner(struct lints *l, const struct frame *f)
{
	check_holds(l, f);
	for (size_t i = 0; i < f->s->n_waits; i++) {
		const struct ipc_obs_wait    *w = &f->s->waits[i];
		const struct ipc_obs_process *p, *owner;
		uint32_t                      process = f->s->threads[w->thread].process;

		if (w->op != IPC_OP_LOCK || w->owner == IPC_NO_INDEX || f->s->post_mortem ||
		    f->recorded)
			continue;
		owner = &f->s->processes[f->s->threads[w->owner].process];
		p = &f->s->processes[process];
		if (owner->life == IPC_OBS_DEAD && p->life != IPC_OBS_DEAD)
			lint_add(l, LINT_DEAD_OWNER, f->s->threads[w->owner].process, w->channel,
				 "%s %" PRIu64 " waits in %.100s, and its owner is dead", p->name,
				 p->pid, utf8_part(w->text, 100).text);
	}
}

/* ---- I015 ---------------------------------------------------------------------------- */

/*
 * A lock that another process owns and that lies in memory nobody else sees: fork copied it.
 * The kernel knows which memory is private.
 */
void rule_fork_while_locked(struct lints *l, const struct frame *f)
{
	for (size_t i = 0; i < f->s->n_waits; i++) {
		const struct ipc_obs_wait    *w = &f->s->waits[i];
		uint32_t                      process = f->s->threads[w->thread].process, other;
		const struct ipc_obs_process *p = &f->s->processes[process];

		if (w->op != IPC_OP_LOCK || w->channel != IPC_NO_INDEX ||
		    w->owner == IPC_NO_INDEX || f->waits[i].age_ns < LINT_LASTS_NS ||
		    p->foreign_ns || p->life != IPC_OBS_ALIVE || f->s->post_mortem)
			continue;
		other = f->s->threads[w->owner].process;
		if (other != process && procfs_is_private(p->pid, w->lock_offset) == 1)
			lint_add(l, LINT_FORK_WHILE_LOCKED, process, IPC_NO_INDEX,
				 "%s %" PRIu64 " waits for its own copy of a lock, at 0x%" PRIx64
				 ", that %s %" PRIu64 " held at fork: nobody can ever unlock it",
				 p->name, p->pid, w->lock_offset, f->s->processes[other].name,
				 f->s->processes[other].pid);
	}
}

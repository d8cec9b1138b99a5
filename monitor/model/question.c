/*
 * question.c - what follows from a frame alone
 */
#include <stdlib.h>

#include "model/frame.h"
#include "text/mem.h"

const struct ipc_obs_thread *frame_thread(const struct frame *f, const struct ipc_obs_wait *w)
{
	return &f->s->threads[w->thread];
}

const struct ipc_obs_process *frame_process(const struct frame *f, const struct ipc_obs_wait *w)
{
	return &f->s->processes[frame_thread(f, w)->process];
}

enum ipc_grade frame_grade(enum ipc_verdict_class class_)
{
	switch (class_) {
	case IPC_DEADLOCK:
	case IPC_ORPHANED:
	case IPC_LOST_WAKEUP:
	case IPC_POISONED: return IPC_GRADE_CRITICAL;
	case IPC_SUSPECTED:
	case IPC_STALLED:
	case IPC_STOPPED: return IPC_GRADE_WARNING;
	case IPC_TIMED: return IPC_GRADE_OK;
	}
	return IPC_GRADE_UNKNOWN;
}

static char verdict_letter(enum ipc_verdict_class class_)
{
	switch (class_) {
	case IPC_DEADLOCK: return 'D';
	case IPC_ORPHANED: return 'O';
	case IPC_SUSPECTED: return '?';
	case IPC_STALLED: return 'S';
	case IPC_STOPPED: return 'T';
	case IPC_TIMED: return 't';
	case IPC_LOST_WAKEUP: return 'L';
	case IPC_POISONED: return 'P';
	}
	return '?';
}

static char op_letter(enum ipc_op op)
{
	switch (op) {
	case IPC_OP_SEND:
	case IPC_OP_PUT: return 'p';
	case IPC_OP_RECV:
	case IPC_OP_GET: return 'g';
	case IPC_OP_JOIN:
	case IPC_OP_PROC: return 'j';
	case IPC_OP_LOCK:
	case IPC_OP_RDLOCK:
	case IPC_OP_WRLOCK: return 'l';
	case IPC_OP_POLL:
	case IPC_OP_FD:
	case IPC_OP_WAIT: return 's';
	case IPC_OP_SEM:
	case IPC_OP_EVENT:
	case IPC_OP_COND:
	case IPC_OP_BARRIER: return 'w';
	}
	return '?';
}

char frame_wait_letter(const struct frame *f, uint32_t i_wait)
{
	const struct wait_stat    *ws = &f->waits[i_wait];
	const struct ipc_obs_wait *w = &f->s->waits[i_wait];

	if (ws->verdict != IPC_NO_INDEX && !ws->behind)
		return verdict_letter(f->s->verdicts[ws->verdict].class_);
	return w->deadline_ns != 0 ? 't' : op_letter(w->op);
}

char frame_process_letter(const struct frame *f, uint32_t i_process)
{
	const struct ipc_obs_process *p = &f->s->processes[i_process];
	uint32_t                      i_wait = f->processes[i_process].wait;

	if (p->life == IPC_OBS_DEAD)
		return 'Z';
	if (p->life == IPC_OBS_STARTING)
		return '+';
	if (f->processes[i_process].verdict != IPC_NO_INDEX) {
		/* Its longest wait need not be the one the verdict is about. */
		for (uint32_t i = 0; i < f->s->n_waits; i++)
			if (frame_process(f, &f->s->waits[i]) == p && !f->waits[i].behind &&
			    f->waits[i].verdict == f->processes[i_process].verdict)
				return frame_wait_letter(f, i);
	}
	if (i_wait == IPC_NO_INDEX || p->n_blocked < p->n_threads)
		return 'R';
	return frame_wait_letter(f, i_wait);
}

uint64_t frame_verdict_id(const struct frame *f, const struct ipc_obs_verdict *v)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < v->n_core; i++) {
		uint64_t id = frame_thread(f, &f->s->waits[v->core[i]])->id;

		if (id < least)
			least = id;
	}
	return least ^ (uint64_t)v->class_ << 56;
}

/* ---- who could end a wait ---------------------------------------------------- */

const char *frame_need(enum ipc_op op)
{
	switch (op) {
	case IPC_OP_SEND: return "recv";
	case IPC_OP_RECV: return "send";
	case IPC_OP_PUT: return "get";
	case IPC_OP_GET: return "put";
	case IPC_OP_JOIN: return "task_done";
	case IPC_OP_LOCK: return "unlock";
	case IPC_OP_PROC: return "exit";
	case IPC_OP_POLL: return "send";
	case IPC_OP_FD:
	case IPC_OP_WAIT: return "event";
	case IPC_OP_RDLOCK:
	case IPC_OP_WRLOCK: return "unlock";
	case IPC_OP_SEM: return "post";
	case IPC_OP_EVENT: return "set";
	case IPC_OP_COND: return "notify";
	case IPC_OP_BARRIER: return "arrival";
	}
	return "?";
}

/* Does holding @e let a process end wait @w? */
static int end_helps(const struct ipc_obs_channel *c, const struct ipc_obs_wait *w,
		     const struct ipc_obs_end *e)
{
	switch (w->op) {
	case IPC_OP_SEND:
	case IPC_OP_PUT:
		return (e->rights & (w->ring == 0 ? IPC_RIGHT_RECV0 : IPC_RIGHT_RECV1)) != 0;
	case IPC_OP_RECV:
	case IPC_OP_POLL:
	case IPC_OP_GET:
		return (e->rights & (w->ring == 0 ? IPC_RIGHT_SEND0 : IPC_RIGHT_SEND1)) != 0;
	case IPC_OP_JOIN: /* who has tasks, and who could take those that nobody has */
		return e->owed > 0 ||
		       (c->ring[0].queued + c->returned > 0 && (e->rights & IPC_RIGHT_RECV0) != 0);
	default: return 0;
	}
}

/* Has it ever done so here? A handle is inherited by many that have no use for it. */
static int end_has_helped(const struct ipc_obs_wait *w, const struct ipc_obs_end *e)
{
	switch (w->op) {
	case IPC_OP_SEND:
	case IPC_OP_PUT: return e->in.messages > 0;
	case IPC_OP_RECV:
	case IPC_OP_POLL:
	case IPC_OP_GET: return e->out.messages > 0;
	default: return e->owed > 0;
	}
}

/* Behind the @n that @ret has: those that have helped before, or those that have not. */
static size_t add_ends(const struct frame *f, const struct ipc_obs_wait *w, int helped,
		       struct releaser *ret, size_t max, size_t n)
{
	const struct ipc_obs_channel *c = &f->s->channels[w->channel];

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct ipc_obs_end *e = &f->s->ends[i];

		if (!end_helps(c, w, e) || end_has_helped(w, e) != helped)
			continue;
		if (n < max)
			ret[n] = (struct releaser){e->process, IPC_NO_INDEX, !helped};
		n++;
	}
	return n;
}

static size_t by_end(const struct frame *f, const struct ipc_obs_wait *w, struct releaser *ret,
		     size_t max)
{
	return add_ends(f, w, 0, ret, max, add_ends(f, w, 1, ret, max, 0));
}

static size_t releasers_of(const struct frame *f, const struct ipc_obs_wait *w,
			   struct releaser *ret, size_t max)
{
	if (frame_is_lock(w->op))
		return frame_lock_releasers(f, w, ret, max);
	if (w->op == IPC_OP_PROC && w->child != IPC_NO_INDEX) {
		if (max > 0)
			ret[0] = (struct releaser){w->child, IPC_NO_INDEX, 0};
		return 1;
	}
	return w->channel != IPC_NO_INDEX ? by_end(f, w, ret, max) : 0;
}

/* Into @ret, of which @n are used, those of @more that were not @seen yet; how many there are then. */
static size_t join_in(const struct frame *f, uint8_t *seen, struct releaser *ret, size_t max,
		      size_t n, const struct releaser *more, size_t n_more)
{
	for (size_t i = 0; i < n_more; i++) {
		uint8_t *it = seen + (more[i].thread != IPC_NO_INDEX
					      ? f->s->n_processes + more[i].thread
					      : more[i].process);

		if (*it)
			continue;
		*it = 1;
		if (n < max)
			ret[n] = more[i];
		n++;
	}
	return n;
}

/* Of several things: who could end the wait for any of them, each once. */
static size_t by_item(const struct frame *f, const struct ipc_obs_wait *w, struct releaser *ret,
		      size_t max)
{
	uint8_t         *seen = mem_new(f->s->n_processes + f->s->n_threads, 1);
	struct releaser *some = NULL;
	size_t           n = 0;

	for (uint32_t i = w->first_item; i < w->first_item + w->n_listed; i++) {
		const struct ipc_obs_item *item = &f->s->items[i];
		struct ipc_obs_wait        one = *w;
		size_t                     n_some;

		one.op = item->op;
		one.channel = item->channel;
		one.ring = item->ring;
		one.owner = item->owner;
		one.child = item->child;
		one.lock_offset = item->lock_offset;
		n_some = releasers_of(f, &one, NULL, 0);
		some = mem_grow(some, n_some, sizeof(*some));
		releasers_of(f, &one, some, n_some);
		n = join_in(f, seen, ret, max, n, some, n_some);
	}
	free(some);
	free(seen);
	return n;
}

size_t frame_releasers(const struct frame *f, uint32_t i_wait, struct releaser *ret, size_t max)
{
	const struct ipc_obs_wait *w = &f->s->waits[i_wait];

	return w->op == IPC_OP_WAIT ? by_item(f, w, ret, max) : releasers_of(f, w, ret, max);
}

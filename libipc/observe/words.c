/* words.c - one wait in a few words: the call, what it is made on, and in which state that is */

#include <inttypes.h>
#include <stdio.h>

#include "observe/view.h"

static const char *process_name(const struct ipc_obs_process *p)
{
	return p->name[0] ? p->name : "process";
}

static void describe_lock(const struct view *v, struct ipc_obs_wait *w)
{
	const struct ipc_obs_process *p;
	char                          where[76], state[64] = "";

	if (w->channel != IPC_NO_INDEX)
		(void)snprintf(where, sizeof(where), "\"%.48s\"+%" PRIu64,
			       v->channel[w->channel].name, w->lock_offset);
	else
		(void)snprintf(where, sizeof(where), "at 0x%" PRIx64, w->lock_offset);
	if (w->owner != IPC_NO_INDEX) {
		p = &v->process[v->thread[w->owner].process];
		(void)snprintf(state, sizeof(state), " held by %.31s %" PRIu64,
			       w->owner == w->thread ? "itself," : process_name(p), p->pid);
	}
	(void)snprintf(w->text, sizeof(w->text), "lock(mutex %s)%s", where, state);
}

static void describe_child(const struct view *v, struct ipc_obs_wait *w)
{
	const char *name = w->child != IPC_NO_INDEX ? process_name(&v->process[w->child])
						    : "process";

	(void)snprintf(w->text, sizeof(w->text), "join(%s %" PRIu64 ") running", name,
		       w->child_pid);
}

static void describe_ring(const struct view *v, struct ipc_obs_wait *w)
{
	const struct ipc_obs_channel *c = &v->channel[w->channel];
	const struct ipc_obs_ring    *r = &c->ring[w->ring];
	bool                          out = w->op == IPC_OP_SEND || w->op == IPC_OP_PUT;
	char                          state[64];

	if (w->op == IPC_OP_JOIN)
		(void)snprintf(state, sizeof(state), "%" PRIu64 " unfinished", c->unfinished);
	else if (out && r->capacity)
		(void)snprintf(state, sizeof(state), "%s %" PRIu64 "/%" PRIu64,
			       r->queued >= r->capacity ? "full" : "holds", r->queued, r->capacity);
	else if (out)
		(void)snprintf(state, sizeof(state), "full: %" PRIu64 " bytes", r->heap_bytes);
	else if (r->queued)
		(void)snprintf(state, sizeof(state), "holds %" PRIu64, r->queued);
	else
		(void)snprintf(state, sizeof(state), "empty");
	(void)snprintf(w->text, sizeof(w->text), "%s(%s \"%s\") %s", ipc_op_name(w->op),
		       ipc_kind_name(c->kind), c->name, state);
}

void wait_describe(const struct view *v, struct ipc_obs_wait *w)
{
	if (w->op == IPC_OP_LOCK)
		describe_lock(v, w);
	else if (w->op == IPC_OP_PROC)
		describe_child(v, w);
	else
		describe_ring(v, w);
}

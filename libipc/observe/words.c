/* words.c - one wait in a few words: the call, what it is made on, and in which state that is */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "observe/view.h"

static const char *process_name(const struct ipc_obs_process *p)
{
	return p->name[0] ? p->name : "process";
}

/* What a lock is called that has no name of its own. */
static const char *lock_kind(enum ipc_op op)
{
	switch (op) {
	case IPC_OP_RDLOCK:
	case IPC_OP_WRLOCK: return "rwlock";
	case IPC_OP_SEM: return "semaphore";
	case IPC_OP_EVENT: return "event";
	case IPC_OP_COND: return "condition";
	case IPC_OP_BARRIER: return "barrier";
	default: return "mutex";
	}
}

/* How it stands with a lock that no single thread owns. */
static void describe_state(const struct ipc_obs_wait *w, char *ret, size_t size)
{
	if (w->op == IPC_OP_WRLOCK && w->have)
		(void)snprintf(ret, size, " read by %" PRIu64, w->have);
	else if (w->op == IPC_OP_SEM && w->want)
		(void)snprintf(ret, size, " %" PRIu64 " of %" PRIu64 " permits left", w->have,
			       w->want);
	else if (w->op == IPC_OP_SEM)
		(void)snprintf(ret, size, " at %" PRIu64, w->have);
	else if (w->op == IPC_OP_EVENT)
		(void)snprintf(ret, size, " not set");
	else if (w->op == IPC_OP_COND)
		(void)snprintf(ret, size, " not notified");
	else if (w->op == IPC_OP_BARRIER && w->want)
		(void)snprintf(ret, size, " %" PRIu64 " of %" PRIu64 " here", w->have, w->want);
}

static void describe_lock(const struct view *v, struct ipc_obs_wait *w)
{
	const struct ipc_obs_channel *c = w->channel != IPC_NO_INDEX ? &v->channel[w->channel]
								     : NULL;
	const struct ipc_obs_process *p;
	char                          where[76], state[64] = "";

	if (c && c->kind != IPC_KIND_SHM)
		(void)snprintf(where, sizeof(where), "\"%.63s\"", c->name);
	else if (c)
		(void)snprintf(where, sizeof(where), "\"%.48s\"+0x%" PRIx64, c->name,
			       w->lock_offset);
	else
		(void)snprintf(where, sizeof(where), "at 0x%" PRIx64, w->lock_offset);
	if (w->owner != IPC_NO_INDEX) {
		p = &v->process[v->thread[w->owner].process];
		(void)snprintf(state, sizeof(state), " held by %.31s %" PRIu64,
			       w->owner == w->thread ? "itself," : process_name(p), p->pid);
	} else {
		describe_state(w, state, sizeof(state));
	}
	(void)snprintf(w->text, sizeof(w->text), "%s(%s %s)%s", ipc_op_name(w->op),
		       c && c->kind != IPC_KIND_SHM ? ipc_kind_name(c->kind) : lock_kind(w->op),
		       where, state);
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

static void describe_fd(struct ipc_obs_wait *w)
{
	if (w->fd >= 0)
		(void)snprintf(w->text, sizeof(w->text), "wait(descriptor %" PRIi64 ")", w->fd);
	else
		(void)snprintf(w->text, sizeof(w->text), "wait(what cannot be seen)");
}

static void describe_one(const struct view *v, struct ipc_obs_wait *w)
{
	if (view_is_lock(w->op))
		describe_lock(v, w);
	else if (w->op == IPC_OP_PROC)
		describe_child(v, w);
	else if (w->op == IPC_OP_FD)
		describe_fd(w);
	else if (w->channel != IPC_NO_INDEX)
		describe_ring(v, w);
	else
		(void)snprintf(w->text, sizeof(w->text), "%s(?)", ipc_op_name(w->op));
}

/* "any of 3: get(queue "a") empty, join(worker 12) running, …", as many as there is room for */
static void describe_several(const struct view *v, const struct image *m, struct ipc_obs_wait *w)
{
	const struct thread_rec *rec = image_at(m, TABLE_THREADS, v->thread_slot[w->thread]);
	const size_t             room = sizeof(w->text) - sizeof(", …");
	struct ipc_obs_wait      one;
	size_t                   n;
	uint32_t                 i;

	n = (size_t)snprintf(w->text, sizeof(w->text), "wait for %s of %" PRIu32 ": ",
			     w->all ? "all" : "any", w->n_items);
	for (i = 0; i < rec->wait.n_items; i++) {
		view_wait_item(v, m, w->thread, &rec->wait.item[i], &one);
		describe_one(v, &one);
		if (n + strlen(one.text) + 2 >= room)
			break;
		n += (size_t)snprintf(w->text + n, sizeof(w->text) - n, "%s%s", i ? ", " : "",
				      one.text);
	}
	if (i < w->n_items)
		(void)snprintf(w->text + n, sizeof(w->text) - n, "%s…", i ? ", " : "");
}

void wait_describe(const struct view *v, const struct image *m, struct ipc_obs_wait *w)
{
	if (w->op == IPC_OP_WAIT)
		describe_several(v, m, w);
	else
		describe_one(v, w);
}

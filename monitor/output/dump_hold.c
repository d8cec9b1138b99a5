/*
 * dump_hold.c - who has which locks, as JSON
 */
#include "output/dump.h"

static const char *kind_name(enum ipc_hold_kind kind)
{
	switch (kind) {
	case IPC_HOLD_MUTEX: return "mutex";
	case IPC_HOLD_WRITE: return "write";
	case IPC_HOLD_READ: return "read";
	case IPC_HOLD_PERMIT: return "permit";
	case IPC_HOLD_ARRIVAL: return "arrival";
	}
	return "unknown";
}

static void hold(struct json *j, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_hold    *h = &f->s->holds[i];
	const struct ipc_obs_thread  *t = &f->s->threads[h->thread];
	const struct ipc_obs_process *p = &f->s->processes[t->process];
	const struct ipc_obs_channel *c = h->channel != IPC_NO_INDEX ? &f->s->channels[h->channel]
								     : NULL;

	json_object(j, NULL);
	json_number(j, "pid", p->pid);
	json_number(j, "tid", t->tid);
	json_string(j, "name", p->name);
	json_string(j, "holds", kind_name(h->kind));
	json_number(j, "channel_id", c != NULL ? c->id : IPC_UNKNOWN);
	json_string(j, "object", c != NULL ? c->name : NULL);
	json_number(j, "offset_bytes", c != NULL ? h->lock_offset : IPC_UNKNOWN);
	json_number(j, "count", h->kind == IPC_HOLD_ARRIVAL ? 1 : h->count);
	json_number(j, "since_ns", h->since_ns);
	json_string(j, "site", f->holds[i].site[0] != 0 ? f->holds[i].site : NULL);
	json_end(j);
}

void dump_holds(struct json *j, const struct frame *f)
{
	json_array(j, "holds");
	for (uint32_t i = 0; i < f->s->n_holds; i++)
		hold(j, f, i);
	json_end(j);
}

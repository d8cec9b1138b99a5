/* view_waits.c - who sleeps, in which call, on what */

#include "observe/view.h"

static enum ipc_op op_of(uint32_t op)
{
	static const enum ipc_op ops[N_OPS] = {
		[OP_SEND] = IPC_OP_SEND, [OP_RECV] = IPC_OP_RECV, [OP_PUT] = IPC_OP_PUT,
		[OP_GET] = IPC_OP_GET,   [OP_JOIN] = IPC_OP_JOIN, [OP_LOCK] = IPC_OP_LOCK,
		[OP_PROC] = IPC_OP_PROC, [OP_POLL] = IPC_OP_POLL,
	};

	return op < N_OPS ? ops[op] : (enum ipc_op)0;
}

/* The child a parent waits for: by its reference, else by its pid as the parent knows it. */
static uint32_t child_of(const struct view *v, const struct image *m, const struct wait_item *item,
			 uint32_t parent)
{
	uint32_t p = view_process_of(v, m, item->arg2);

	if (p != IPC_NO_INDEX || item->arg2 != 0)
		return p;
	for (p = 0; p < v->n_processes; p++)
		if (v->process[p].pid == item->arg && v->process[p].life != IPC_OBS_DEAD &&
		    v->process[p].ns_inode == v->process[parent].ns_inode)
			return p;
	return IPC_NO_INDEX;
}

static void fill_wait(struct view *v, const struct image *m, uint32_t thread,
		      const struct wait_rec *rec)
{
	const struct wait_item *item = &rec->item[0];
	uint32_t                process = v->thread[thread].process;
	struct ipc_obs_wait    *w = &v->wait[v->n_waits++];

	w->thread = thread;
	w->op = op_of(item->op);
	w->channel = view_channel_of(v, m, item->object);
	w->ring = 0;
	w->owner = w->child = IPC_NO_INDEX;
	w->child_pid = w->lock_offset = 0;
	w->since_ns = rec->since_ns;
	w->deadline_ns = rec->deadline_ns;
	w->site = rec->site;
	w->satisfied = 0;
	w->text[0] = '\0';
	if (w->op == IPC_OP_LOCK) {
		w->lock_offset = item->arg;
		w->owner = view_thread_of(v, m, item->arg2);
	} else if (w->op == IPC_OP_PROC) {
		w->child_pid = item->arg;
		w->child = child_of(v, m, item, process);
	} else if (w->channel != IPC_NO_INDEX && item->arg < v->channel[w->channel].n_rings) {
		w->ring = (uint32_t)item->arg;
	}
}

static bool makes_sense(const struct view *v, const struct image *m, const struct wait_rec *rec)
{
	const struct wait_item *item = &rec->item[0];
	uint32_t                c;

	if (rec->n_items < 1 || rec->n_items > WAIT_ITEMS_MAX || !op_of(item->op))
		return false;
	if (item->op == OP_PROC || item->op == OP_LOCK)
		return true;
	c = view_channel_of(v, m, item->object);
	return c != IPC_NO_INDEX && item->arg < v->channel[c].n_rings;
}

static int by_age(const void *a, const void *b)
{
	const struct ipc_obs_wait *x = a, *y = b;

	if (x->since_ns != y->since_ns)
		return x->since_ns < y->since_ns ? -1 : 1;
	return x->thread < y->thread ? -1 : x->thread > y->thread;
}

static void count_sleeper(struct view *v, const struct ipc_obs_wait *w)
{
	struct ipc_obs_ring *r;

	v->process[v->thread[w->thread].process].n_blocked++;
	if (w->channel == IPC_NO_INDEX || v->channel[w->channel].n_rings == 0)
		return;
	r = &v->channel[w->channel].ring[w->ring];
	if (w->op == IPC_OP_SEND || w->op == IPC_OP_PUT)
		r->blocked_senders++;
	else if (w->op != IPC_OP_JOIN)
		r->blocked_receivers++;
}

void view_waits(struct view *v, const struct image *m, const struct view_facts *f)
{
	v->n_waits = 0;
	for (uint32_t t = 0; t < v->n_threads; t++) {
		const struct thread_rec *rec = image_at(m, TABLE_THREADS, v->thread_slot[t]);

		if ((rec->wait.seq & WAIT_STATE_MASK) != WAIT_BLOCKED)
			continue;
		if (v->process[v->thread[t].process].life == IPC_OBS_DEAD && !f->post_mortem)
			continue; /* it does not sleep: it is no more */
		if (makes_sense(v, m, &rec->wait))
			fill_wait(v, m, t, &rec->wait);
		else
			v->damaged++;
	}
	qsort(v->wait, v->n_waits, sizeof(*v->wait), by_age);
	for (uint32_t i = 0; i < v->n_waits; i++) {
		v->thread[v->wait[i].thread].wait = i;
		count_sleeper(v, &v->wait[i]);
	}
}

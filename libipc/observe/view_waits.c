/* view_waits.c - who sleeps, in which call, on what */

#include "observe/view.h"

static enum ipc_op op_of(uint32_t op)
{
	static const enum ipc_op ops[N_OPS] = {
		[OP_SEND] = IPC_OP_SEND,     [OP_RECV] = IPC_OP_RECV,
		[OP_PUT] = IPC_OP_PUT,       [OP_GET] = IPC_OP_GET,
		[OP_JOIN] = IPC_OP_JOIN,     [OP_LOCK] = IPC_OP_LOCK,
		[OP_PROC] = IPC_OP_PROC,     [OP_POLL] = IPC_OP_POLL,
		[OP_RDLOCK] = IPC_OP_RDLOCK, [OP_WRLOCK] = IPC_OP_WRLOCK,
		[OP_SEM] = IPC_OP_SEM,       [OP_EVENT] = IPC_OP_EVENT,
		[OP_COND] = IPC_OP_COND,     [OP_BARRIER] = IPC_OP_BARRIER,
		[OP_FD] = IPC_OP_FD,
	};

	return op < N_OPS ? ops[op] : (enum ipc_op)0;
}

/*
 * The child a parent waits for: by its reference, else by its pid as the parent knows it, which
 * is its own until it is joined. A child that executed another program has left its record, and
 * may have joined anew.
 */
static uint32_t child_of(const struct view *v, const struct image *m, const struct wait_item *item,
			 uint32_t parent)
{
	uint32_t known = view_process_of(v, m, item->arg2);

	if (known != IPC_NO_INDEX && v->process[known].life != IPC_OBS_DEAD)
		return known;
	for (uint32_t p = 0; p < v->n_processes; p++)
		if (v->process[p].pid == item->arg && v->process[p].life != IPC_OBS_DEAD &&
		    v->process[p].ns_inode == v->process[parent].ns_inode)
			return p;
	return known; /* dead, as all are of a copy */
}

void view_wait_item(const struct view *v, const struct image *m, uint32_t thread,
		    const struct wait_item *item, struct ipc_obs_wait *w)
{
	*w = (struct ipc_obs_wait){.thread = thread,
				   .op = op_of(item->op),
				   .n_items = 1,
				   .fd = -1,
				   .channel = view_channel_of(v, item->object),
				   .owner = IPC_NO_INDEX,
				   .child = IPC_NO_INDEX};
	if (view_is_lock(w->op)) {
		w->lock_offset = item->arg;
		w->owner = w->op == IPC_OP_LOCK ? view_thread_of(v, m, item->arg2) : IPC_NO_INDEX;
	} else if (w->op == IPC_OP_PROC) {
		w->child_pid = item->arg;
		w->child = child_of(v, m, item, v->thread[thread].process);
	} else if (w->op == IPC_OP_FD) {
		w->fd = item->arg <= INT32_MAX ? (int64_t)item->arg : -1;
	} else if (w->channel != IPC_NO_INDEX && item->arg < v->channel[w->channel].n_rings) {
		w->ring = (uint32_t)item->arg;
	}
}

static void list_items(struct view *v, const struct image *m, struct ipc_obs_wait *w,
		       const struct wait_rec *rec)
{
	w->first_item = v->n_items;
	for (uint32_t i = 0; rec->n_items > 1 && i < rec->n_items; i++) {
		struct ipc_obs_wait x;

		view_wait_item(v, m, w->thread, &rec->item[i], &x);
		v->item[v->n_items++] = (struct ipc_obs_item){.op = x.op,
							      .channel = x.channel,
							      .ring = x.ring,
							      .owner = x.owner,
							      .child = x.child,
							      .fd = x.fd,
							      .child_pid = x.child_pid,
							      .lock_offset = x.lock_offset};
	}
	w->n_listed = v->n_items - w->first_item;
}

static void fill_wait(struct view *v, const struct image *m, uint32_t thread,
		      const struct wait_rec *rec)
{
	struct ipc_obs_wait *w = &v->wait[v->n_waits++];

	view_wait_item(v, m, thread, &rec->item[0], w);
	if (rec->n_items + rec->n_hidden > 1)
		w->op = IPC_OP_WAIT;
	w->n_items = rec->n_items + (rec->n_hidden < INT32_MAX ? (uint32_t)rec->n_hidden : 0);
	w->all = (rec->flags & WAIT_ALL) != 0;
	w->seq = rec->seq;
	w->since_ns = rec->since_ns;
	w->deadline_ns = rec->deadline_ns;
	w->site = rec->site;
	w->alarm_ns = rec->alarm_ns;
	w->parked = (rec->flags & WAIT_PARK) != 0;
	list_items(v, m, w, rec);
}

static bool item_makes_sense(const struct view *v, const struct image *m,
			     const struct wait_item *item)
{
	enum ipc_op op = op_of(item->op);
	uint32_t    c;

	if (!op || op == IPC_OP_PROC || op == IPC_OP_FD || view_is_lock(op))
		return op != 0;
	c = view_channel_of(v, item->object);
	return c != IPC_NO_INDEX && item->arg < v->channel[c].n_rings;
}

static bool makes_sense(const struct view *v, const struct image *m, const struct wait_rec *rec)
{
	return rec->n_items >= 1 && rec->n_items <= WAIT_ITEMS_MAX &&
	       item_makes_sense(v, m, &rec->item[0]);
}

static int by_age(const void *a, const void *b)
{
	const struct ipc_obs_wait *x = a, *y = b;

	if (x->since_ns != y->since_ns)
		return x->since_ns < y->since_ns ? -1 : 1;
	return x->thread < y->thread ? -1 : x->thread > y->thread;
}

static void count_at_ring(struct view *v, const struct ipc_obs_wait *w)
{
	struct ipc_obs_ring *r;

	if (w->channel == IPC_NO_INDEX || v->channel[w->channel].n_rings == 0)
		return;
	r = &v->channel[w->channel].ring[w->ring];
	if (w->op == IPC_OP_SEND || w->op == IPC_OP_PUT)
		r->blocked_senders++;
	else if (w->op != IPC_OP_JOIN)
		r->blocked_receivers++;
}

/* At every ring that it waits for. */
static void count_sleeper(struct view *v, const struct image *m, uint32_t thread)
{
	const struct thread_rec *rec = image_at(m, TABLE_THREADS, v->thread_slot[thread]);
	struct ipc_obs_wait      w;

	v->process[v->thread[thread].process].n_blocked++;
	for (uint32_t i = 0; i < rec->wait.n_items; i++) {
		view_wait_item(v, m, thread, &rec->wait.item[i], &w);
		count_at_ring(v, &w);
	}
}

/* Who is dead does not sleep: it is no more. */
static bool sleeps(const struct view *v, uint32_t thread, const struct wait_rec *rec,
		   const struct view_facts *f)
{
	return (rec->seq & WAIT_STATE_MASK) == WAIT_BLOCKED &&
	       (v->process[v->thread[thread].process].life != IPC_OBS_DEAD || f->post_mortem);
}

/* Both are of one reading of its record, so they go on as the clock does. */
static void tell_asleep(struct view *v, uint32_t thread, const struct wait_rec *rec, bool lasts,
			uint64_t now_ns)
{
	struct ipc_obs_thread *t = &v->thread[thread];
	uint64_t               ns = rec->asleep_ns;

	if (lasts && now_ns > rec->since_ns)
		ns += now_ns - rec->since_ns;
	t->asleep_ns = (int64_t)ns > 0 ? ns : 0;
	v->process[t->process].asleep_ns += t->asleep_ns;
}

void view_waits(struct view *v, const struct image *m, const struct view_facts *f)
{
	v->n_waits = v->n_items = 0;
	for (uint32_t t = 0; t < v->n_threads; t++) {
		const struct thread_rec *rec = image_at(m, TABLE_THREADS, v->thread_slot[t]);
		bool                     lasts = sleeps(v, t, &rec->wait, f);

		tell_asleep(v, t, &rec->wait, lasts, f->now_ns);
		if (!lasts)
			continue;
		if (makes_sense(v, m, &rec->wait))
			fill_wait(v, m, t, &rec->wait);
		else
			v->damaged++;
	}
	qsort(v->wait, v->n_waits, sizeof(*v->wait), by_age);
	for (uint32_t i = 0; i < v->n_waits; i++) {
		v->thread[v->wait[i].thread].wait = i;
		count_sleeper(v, m, v->wait[i].thread);
	}
}

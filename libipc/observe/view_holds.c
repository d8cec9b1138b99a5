/* view_holds.c - who has which locks, in order of lock and then of thread */

#include "observe/view.h"

static enum ipc_hold_kind kind_of(uint64_t what)
{
	switch (what & HELD_KIND) {
	case HELD_MUTEX: return IPC_HOLD_MUTEX;
	case HELD_WRITE: return IPC_HOLD_WRITE;
	case HELD_READ: return IPC_HOLD_READ;
	case HELD_PERMIT: return IPC_HOLD_PERMIT;
	case HELD_ARRIVAL: return IPC_HOLD_ARRIVAL;
	default: return (enum ipc_hold_kind)0;
	}
}

static void add_hold(struct view *v, const struct image *m, uint32_t thread,
		     const struct held_rec *h)
{
	struct hold_key *k = &v->hold_key[v->n_holds];

	if (!kind_of(h->what)) {
		v->damaged++;
		return;
	}
	k->key = h->what & HELD_KEY;
	k->settled = (h->what & HELD_PHASE) == HELD_HAS;
	k->hold = (struct ipc_obs_hold){
		.thread = thread,
		.kind = kind_of(h->what),
		.channel = view_channel_of(v, h->object),
		.lock_offset = h->offset,
		.count = (h->what >> HELD_COUNT_SHIFT) & HELD_COUNT_MAX,
		.since_ns = h->since_ns ? h->since_ns : IPC_UNKNOWN,
		.site = h->site,
	};
	v->n_holds++;
}

static int by_key(const void *a, const void *b)
{
	const struct hold_key *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->hold.thread < y->hold.thread ? -1 : x->hold.thread > y->hold.thread;
}

void view_holds(struct view *v, const struct image *m, const struct view_facts *f)
{
	v->n_holds = 0;
	for (uint32_t t = 0; t < v->n_threads; t++) {
		const struct thread_rec *rec = image_at(m, TABLE_THREADS, v->thread_slot[t]);

		if (v->process[v->thread[t].process].life == IPC_OBS_DEAD && !f->post_mortem)
			continue;
		for (uint64_t i = 0; i < rec->n_held && i < HELD_MAX; i++)
			if (rec->held[i].what)
				add_hold(v, m, t, &rec->held[i]);
	}
	qsort(v->hold_key, v->n_holds, sizeof(*v->hold_key), by_key);
	for (uint32_t i = 0; i < v->n_holds; i++) {
		v->hold[i] = v->hold_key[i].hold;
		v->hold_settled[i] = v->hold_key[i].settled;
	}
}

uint32_t view_holds_of(const struct view *v, uint64_t key, uint32_t *ret_n)
{
	uint32_t low = 0, high = v->n_holds;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (v->hold_key[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	for (high = low; high < v->n_holds && v->hold_key[high].key == key;)
		high++;
	*ret_n = high - low;
	return low;
}

/* view.c - memory of the arrays, and the way from references to indices */

#include <errno.h>

#include "base/error.h"
#include "observe/view.h"

static bool reserve(struct view *v, enum view_memory what, size_t n, size_t bytes, void *ret)
{
	void *p = grow_to(&v->mem[what], (n + 1) * bytes);

	if (p)
		memcpy(ret, &p, sizeof(p)); /* ret is a pointer to some pointer */
	return p != NULL;
}

static size_t count_holds(const struct image *m)
{
	size_t n = 0;

	for (size_t t = 0; t < m->n[TABLE_THREADS]; t++) {
		const struct thread_rec *rec = image_at(m, TABLE_THREADS, t);

		n += rec->n_held < HELD_MAX ? rec->n_held : HELD_MAX;
	}
	return n;
}

/* Of waits for several things. */
static size_t count_items(const struct image *m)
{
	size_t n = 0;

	for (size_t t = 0; t < m->n[TABLE_THREADS]; t++) {
		const struct thread_rec *rec = image_at(m, TABLE_THREADS, t);

		n += rec->wait.n_items > 1 && rec->wait.n_items <= WAIT_ITEMS_MAX
			     ? rec->wait.n_items
			     : 0;
	}
	return n;
}

/* Room for as many of each as there are records: then next to nothing later can fail. */
int view_reserve(struct view *v, const struct image *m)
{
	size_t p = m->n[TABLE_PROCESSES], t = m->n[TABLE_THREADS];
	size_t o = m->n[TABLE_OBJECTS], e = m->n[TABLE_ENDS];
	size_t several = count_items(m);
	size_t index = sizeof(uint32_t), h = count_holds(m);

	if (!reserve(v, VIEW_PROCESSES, p, sizeof(*v->process), &v->process) ||
	    !reserve(v, VIEW_THREADS, t, sizeof(*v->thread), &v->thread) ||
	    !reserve(v, VIEW_CHANNELS, o, sizeof(*v->channel), &v->channel) ||
	    !reserve(v, VIEW_ENDS, e, sizeof(*v->end), &v->end) ||
	    !reserve(v, VIEW_WAITS, t, sizeof(*v->wait), &v->wait) ||
	    !reserve(v, VIEW_PROCESS_AT, p, index, &v->process_at) ||
	    !reserve(v, VIEW_THREAD_AT, t, index, &v->thread_at) ||
	    !reserve(v, VIEW_CHANNEL_AT, o, index, &v->channel_at) ||
	    !reserve(v, VIEW_PROCESS_SLOT, p, index, &v->process_slot) ||
	    !reserve(v, VIEW_THREAD_SLOT, t, index, &v->thread_slot) ||
	    !reserve(v, VIEW_CHANNEL_SLOT, o, index, &v->channel_slot) ||
	    !reserve(v, VIEW_END_SLOT, e, index, &v->end_slot) ||
	    !reserve(v, VIEW_END_AT, e, index, &v->end_at) ||
	    !reserve(v, VIEW_END_PROCESS, e, index, &v->end_process) ||
	    !reserve(v, VIEW_END_NOTES, e, sizeof(*v->note), &v->note) ||
	    !reserve(v, VIEW_NAMES, o, sizeof(*v->name), &v->name) ||
	    !reserve(v, VIEW_OBJECT_LIFE, o, sizeof(*v->life), &v->life) ||
	    !reserve(v, VIEW_WAITED, o, sizeof(*v->waited), &v->waited) ||
	    !reserve(v, VIEW_SIGNS, o, sizeof(*v->sign), &v->sign) ||
	    !reserve(v, VIEW_ENDS_TO, o, index, &v->ends_to) ||
	    !reserve(v, VIEW_HAS_PAST, o, sizeof(*v->has_past), &v->has_past) ||
	    !reserve(v, VIEW_STALE, o, sizeof(*v->stale), &v->stale) ||
	    !reserve(v, VIEW_N_FAILED, o, index, &v->n_failed) ||
	    !reserve(v, VIEW_FILLED, o, sizeof(*v->filled), &v->filled) ||
	    !reserve(v, VIEW_HOLDS, h, sizeof(*v->hold), &v->hold) ||
	    !reserve(v, VIEW_HOLD_KEYS, h, sizeof(*v->hold_key), &v->hold_key) ||
	    !reserve(v, VIEW_HOLD_SETTLED, h, sizeof(*v->hold_settled), &v->hold_settled) ||
	    !reserve(v, VIEW_SUMS, o, 2 * HIST_BUCKETS * sizeof(*v->sum), &v->sum) ||
	    !reserve(v, VIEW_ITEMS, several, sizeof(*v->item), &v->item))
		return fail(-ENOMEM, "no memory for a snapshot of %s", m->path);
	return 0;
}

/*
 * Are channels and ends those that were placed last? Every coming and going raises .change,
 * under a lock, and what is seen in the middle of one is unsteady.
 */
static bool still_placed(const struct view *v, const struct image *m)
{
	return v->placed && !m->head.dirty && v->change == m->head.change &&
	       v->n_object_slots == m->n[TABLE_OBJECTS] && v->n_end_slots == m->n[TABLE_ENDS] &&
	       v->n_then == v->n_processes;
}

static int place(struct view *v, struct image *m)
{
	int r;

	v->misfits = 0;
	v->placed = false;
	v->n_object_slots = m->n[TABLE_OBJECTS];
	v->n_end_slots = m->n[TABLE_ENDS];
	v->n_then = v->n_processes;
	r = view_channels(v, m);
	if (r == 0)
		r = view_ends(v, m);
	if (r < 0)
		return r;
	v->placed = v->placed_anew = true;
	v->generation++;
	v->change = m->head.change;
	return 0;
}

/* What somebody waits for is asked for again when it is judged. */
static void mark_waited(struct view *v, const struct image *m)
{
	memset(v->waited, 0, v->n_channels * sizeof(*v->waited));
	for (uint32_t t = 0; t < v->n_threads; t++) {
		const struct thread_rec *rec = image_at(m, TABLE_THREADS, v->thread_slot[t]);

		for (uint32_t i = 0; (rec->wait.seq & WAIT_STATE_MASK) == WAIT_BLOCKED &&
				     i < rec->wait.n_items && i < WAIT_ITEMS_MAX;
		     i++) {
			uint32_t c = view_channel_of(v, rec->wait.item[i].object);

			if (c != IPC_NO_INDEX)
				v->waited[c] = true;
		}
	}
}

/* .placed: all was where it was last, or is anew. */
static int build(struct view *v, struct image *m)
{
	int r = 0;

	v->damaged = 0;
	view_processes(v, m);
	view_threads(v, m);
	if (!still_placed(v, m))
		r = place(v, m);
	if (r < 0)
		return r;
	v->damaged += v->misfits;
	mark_waited(v, m);
	return view_rings(v, m);
}

int view_build(struct view *v, struct image *m)
{
	int r = view_reserve(v, m);

	if (r < 0)
		v->placed = false; /* some arrays may have moved already */
	if (r == 0)
		r = build(v, m);
	return r == 0 && !v->placed ? build(v, m) : r;
}

int view_tell(struct view *v, const struct image *m, const struct view_facts *f)
{
	int r;

	view_lives(v, m, f);
	view_waits(v, m, f);
	view_holds(v, m, f);
	view_samples(v, m, f->tick_ns);
	r = view_failures(v, m, f);
	v->placed_anew = false;
	return r;
}

void view_fini(struct view *v)
{
	for (int i = 0; i < N_VIEW_MEMORY; i++)
		grow_free(&v->mem[i]);
}

bool view_clean(char *s, size_t size)
{
	bool endless = memchr(s, '\0', size) == NULL;

	s[size - 1] = '\0';
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 127)
			*s = '?';
	return endless;
}

uint32_t view_process_of(const struct view *v, const struct image *m, ref r)
{
	return image_ref(m, TABLE_PROCESSES, r) ? v->process_at[ref_index(r)] : IPC_NO_INDEX;
}

uint32_t view_thread_of(const struct view *v, const struct image *m, ref r)
{
	return image_ref(m, TABLE_THREADS, r) ? v->thread_at[ref_index(r)] : IPC_NO_INDEX;
}

uint32_t view_channel_of(const struct view *v, ref r)
{
	uint32_t i = ref_index(r);

	if (!r || i >= v->n_object_slots || life_gen(v->life[i]) != ref_gen(r) ||
	    life_state(v->life[i]) == LIFE_FREE)
		return IPC_NO_INDEX;
	return v->channel_at[i];
}

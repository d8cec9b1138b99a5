/* view_failures.c - calls that failed: how often, in which way, first and last */

#include <errno.h>

#include "base/error.h"
#include "observe/view.h"

static const int codes[N_FAILURES] = {
	[FAILED_AGAIN] = -EAGAIN,    [FAILED_TIME] = -ETIMEDOUT, [FAILED_CLOSED] = -EPIPE,
	[FAILED_LENGTH] = -EMSGSIZE, [FAILED_MEMORY] = -ENOSPC,
};

#define CODE_MAX 4095 /* the kernel's own bound */

static int code_of(const struct failures *f, int kind)
{
	if (kind != FAILED_OTHER)
		return codes[kind];
	return f->other_code <= CODE_MAX ? -(int)f->other_code : 0;
}

static uint64_t time_of(const struct image *m, const struct view_facts *f, uint64_t tick)
{
	if (tick <= m->head.tick0)
		return m->head.mono0;
	return m->head.mono0 + (uint64_t)((double)(tick - m->head.tick0) * f->tick_ns);
}

/* Its failures one way; of the entry only end, channel and way are filled in. */
static void add(struct view *v, const struct image *m, const struct view_facts *f,
		const struct failures *rec, struct ipc_obs_failure x)
{
	for (int kind = 0; kind < N_FAILURES; kind++) {
		if (!rec->of[kind].count)
			continue;
		x.code = code_of(rec, kind);
		x.count = rec->of[kind].count;
		x.first_ns = time_of(m, f, rec->of[kind].first_tick);
		x.last_ns = time_of(m, f, rec->of[kind].last_tick);
		v->failure[v->n_failures++] = x;
	}
}

static void add_both(struct view *v, const struct image *m, const struct view_facts *f,
		     const struct failures_rec *rec, uint32_t end, uint32_t channel)
{
	add(v, m, f, &rec->out, (struct ipc_obs_failure){.end = end, .channel = channel, .put = 1});
	add(v, m, f, &rec->in, (struct ipc_obs_failure){.end = end, .channel = channel});
}

/* Both ways, of every kind; as a rule nobody has any, and no record is looked at again. */
static struct ipc_obs_failure *room_for(struct view *v)
{
	return grow_to(&v->mem[VIEW_FAILURES],
		       ((size_t)v->failed * 2 * N_FAILURES + 1) * sizeof(*v->failure));
}

static void add_of_ends(struct view *v, const struct image *m, const struct view_facts *f,
			uint32_t channel)
{
	for (uint32_t i = view_first_end(v, channel); i < v->ends_to[channel]; i++) {
		uint32_t slot = v->end_slot[i];

		if (v->note[i].failed && slot < m->n[TABLE_FAILURES])
			add_both(v, m, f, image_kept(m, TABLE_FAILURES, slot), i, channel);
	}
}

static void add_of_past(struct view *v, const struct image *m, const struct view_facts *f,
			uint32_t channel)
{
	uint32_t                 slot = v->channel_slot[channel];
	const struct object_rec *rec = image_object(m, slot);
	const struct past_rec   *past;

	if (!v->has_past[channel] || (!rec->past_out[0].ends && !rec->past_out[1].ends) ||
	    slot >= m->n[TABLE_PASTS])
		return;
	past = image_kept(m, TABLE_PASTS, slot);
	add_both(v, m, f, &past->failed, IPC_NO_INDEX, channel);
}

/* Nothing was read that could tell of others than those there are. */
static bool still_told(const struct view *v, const struct image *m)
{
	return !v->placed_anew && v->failed_told == v->failed && v->failure != NULL &&
	       m->n_read[TABLE_FAILURES] == 0 && m->n_read[TABLE_PASTS] == 0;
}

int view_failures(struct view *v, const struct image *m, const struct view_facts *f)
{
	if (still_told(v, m))
		return 0;
	v->failure = room_for(v);
	v->n_failures = 0;
	v->failed_told = v->failed;
	if (!v->failure)
		return fail(-ENOMEM, "no memory for a snapshot of %s", m->path);
	if (v->failed == 0)
		return 0;
	for (uint32_t i = 0; i < v->n_channels; i++)
		if (v->n_failed[i])
			add_of_ends(v, m, f, i);
	for (uint32_t i = 0; i < v->n_channels; i++)
		if (v->n_failed[i])
			add_of_past(v, m, f, i);
	return 0;
}

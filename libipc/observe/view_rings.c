/*
 * view_rings.c - what passed through the channels, and how much is in them
 *
 * All that changes from reading to reading without anything coming or going. It is most of
 * what a reading takes where a domain is large, and what takes the time is memory: so each
 * record is looked at once, as it passes by, ends before objects; and what others need to know of
 * all channels (which parts are due, where something failed, where something is queued) is noted
 * on the way, side by side.
 */

#include <stddef.h>

#include "observe/view.h"

static struct ipc_obs_flow past_flow(const struct flow_totals *t)
{
	return (struct ipc_obs_flow){.messages = t->messages,
				     .bytes = t->bytes,
				     .blocks = t->blocks,
				     .blocked_ns = t->blocked_ns,
				     .timeouts = t->timeouts};
}

/* The words of the ring itself; all but the histogram, which is kept from before. */
static void ring_words(struct ipc_obs_ring *r, const struct object_rec *rec, uint32_t ring)
{
	const struct ring_ctl *c = &rec->ring[ring];
	uint64_t               tail = c->tail & RING_POS_MASK;

	r->received = c->head & RING_POS_MASK;
	r->sent = tail < r->received ? r->received
				     : tail; /* the head went on while it was copied */
	r->queued = r->sent - r->received;
	r->capacity = c->capacity;
	r->high_water = rec->past_out[ring].high_water;
	if (r->high_water < r->queued)
		r->high_water = r->queued;
	r->heap_bytes = ring_heap_bytes(c->heap_in, c->heap_out, c->heap_fix);
	r->oldest_ns = IPC_UNKNOWN;
	r->abandoned = c->abandoned;
	r->taken_by_dead = c->taken_by_dead;
	r->shut = (c->tail & RING_SHUT) != 0;
	r->vain_out = rec->vain[ring][0];
	r->vain_in = rec->vain[ring][1];
	r->out = past_flow(&rec->past_out[ring]);
	r->in = past_flow(&rec->past_in[ring]);
	r->blocked_senders = r->blocked_receivers = 0;
}

/* ---- ends ------------------------------------------------------------------------ */

static struct ipc_obs_flow flow_of(const struct flow *f)
{
	return (struct ipc_obs_flow){.messages = f->messages,
				     .bytes = f->bytes,
				     .blocks = f->blocks,
				     .blocked_ns = f->blocked_ns,
				     .timeouts = f->timeouts};
}

/* Which of its parts are due. */
static void note_parts(struct view *v, struct image *m, const struct end_rec *rec, uint32_t slot,
		       const struct ipc_obs_end *e)
{
	if (e->in.messages != rec->in.messages) {
		image_set_due(m, TABLE_HISTOGRAMS, slot,
			      (struct part_key){rec->life, rec->in.messages});
		v->stale[e->channel] = true;
	}
	if (rec->failed) {
		image_set_due(m, TABLE_FAILURES, slot, (struct part_key){rec->life, rec->failed});
		v->n_failed[e->channel]++;
	}
}

/* All of it but whose it is, and its tasks: tell_tasks(). */
static void end_words(struct view *v, struct image *m, const struct end_rec *rec, uint32_t i)
{
	struct ipc_obs_end     *e = &v->end[i];
	struct ipc_obs_process *p = &v->process[e->process];

	e->rights = rec->rights;
	e->handles = rec->handles;
	e->opened_ns = rec->opened_ns;
	e->out = flow_of(&rec->out);
	e->in = flow_of(&rec->in);
	e->out_site = rec->last_out.site;
	e->in_site = rec->last_in.site;
	e->out_thread = view_thread_of(v, m, rec->last_out.thread);
	e->in_thread = view_thread_of(v, m, rec->last_in.thread);
	v->note[i] = (struct end_note){.tasks_done = rec->in.tasks_done,
				       .tasks_extra = rec->tasks_extra,
				       .high_water = rec->out.high_water,
				       .failed = rec->failed};
	flow_add(&p->out, &e->out);
	flow_add(&p->in, &e->in);
	p->n_ends++;
}

/* Nothing was said to have come or gone; whether the record agrees costs little to see. */
static bool is_its_place(const struct view *v, const struct image *m, const struct end_rec *rec,
			 const struct ipc_obs_end *e)
{
	return life_state(rec->life) == LIFE_LIVE && !rec->carrier &&
	       view_process_of(v, m, rec->process) == e->process &&
	       view_channel_of(v, rec->object) == e->channel;
}

#define AHEAD 8 /* records; picked: some hundred nanoseconds, which memory takes to answer */

/*
 * Channels and their ends are made in one order, and ends are found in another. Always inline: gcc
 * takes a function that only fetches for one without effect, and drops the call.
 */
static inline __attribute__((always_inline)) void fetch(const void *p, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += CACHE_LINE)
		__builtin_prefetch((const char *)p + at, 1);
}

static inline __attribute__((always_inline)) void fetch_end(const struct view *v, size_t slot)
{
	uint32_t i = slot < v->n_end_slots ? v->end_at[slot] : IPC_NO_INDEX;

	if (i != IPC_NO_INDEX)
		fetch(&v->end[i], sizeof(v->end[i]));
}

static inline __attribute__((always_inline)) void fetch_channel(const struct view *v, size_t slot)
{
	uint32_t i = slot < v->n_object_slots ? v->channel_at[slot] : IPC_NO_INDEX;

	if (i == IPC_NO_INDEX)
		return;
	fetch(&v->channel[i], offsetof(struct ipc_obs_channel, ring[1]));
	fetch(&v->end[view_first_end(v, i)], 2 * sizeof(v->end[0])); /* few have more */
}

/* A judgement asks for the ends of what is waited for. */
static void fill_end(void *arg, uint32_t slot, const void *p)
{
	const struct view_pass *pass = arg;
	struct view            *v = pass->v;
	struct image           *m = pass->m;
	const struct end_rec   *rec = p;
	uint32_t                i = v->end_at[slot];

	fetch_end(v, (size_t)slot + AHEAD);
	if (i == IPC_NO_INDEX)
		return;
	note_parts(v, m, rec, slot, &v->end[i]);
	end_words(v, m, rec, i);
	v->placed &= is_its_place(v, m, rec, &v->end[i]);
	if (v->waited[v->end[i].channel])
		image_keep(m, TABLE_ENDS, slot, rec);
}

/* ---- channels --------------------------------------------------------------------- */

static void sum_end(struct ipc_obs_channel *c, const struct ipc_obs_end *e, uint64_t high_water)
{
	int out = view_ring_out(e->rights), in = view_ring_in(e->rights);

	if (out >= 0) {
		flow_add(&c->ring[out].out, &e->out);
		if (c->ring[out].high_water < high_water)
			c->ring[out].high_water = high_water;
	}
	if (in >= 0)
		flow_add(&c->ring[in].in, &e->in);
}

static void sum_ends(struct view *v, struct ipc_obs_channel *c)
{
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if (c->n_rings > 0)
			sum_end(c, &v->end[i], v->note[i].high_water);
		else
			flow_add(&c->lock_waits, &v->end[i].in);
}

/*
 * Of a joinable queue: who has still to say task_done, and for how much; and what is not done of all
 * tasks put, less those that never came whole, or went with the dead.
 */
static void tell_tasks(struct view *v, struct ipc_obs_channel *c, const struct object_rec *rec)
{
	uint64_t gone = rec->ring[0].abandoned + rec->tasks_failed + rec->past_in[0].tasks_done;

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		struct ipc_obs_end    *e = &v->end[i];
		const struct end_note *n = &v->note[i];

		e->owed = e->in.messages > n->tasks_done ? e->in.messages - n->tasks_done : 0;
		e->extra_done = n->tasks_extra;
		gone += n->tasks_done;
	}
	c->unfinished = c->ring[0].sent > gone ? c->ring[0].sent - gone : 0;
}

static void channel_words(struct ipc_obs_channel *c, const struct object_rec *rec)
{
	const uint32_t named = OBJECT_NAMED | OBJECT_UNLINKED | OBJECT_SEALED;

	c->named = (rec->flags & named) == OBJECT_NAMED;
	c->sealed = (rec->flags & (OBJECT_NAMED | OBJECT_SEALED)) == (OBJECT_NAMED | OBJECT_SEALED);
	c->simplex = (rec->flags & OBJECT_SIMPLEX) != 0;
	c->size_bytes = rec->kind >= KIND_SHM ? rec->size_bytes : IPC_UNKNOWN;
	c->unfinished = IPC_UNKNOWN;
	c->tasks_failed = rec->tasks_failed;
	c->failed_pid = rec->failed_pid;
	c->on_death = rec->flags & OBJECT_REQUEUE ? 1 : rec->flags & OBJECT_LOST ? 2 : 0;
	c->requeued = rec->requeued;
	c->returned = (int64_t)rec->returned > 0 ? rec->returned : 0;
}

static void lock_words(struct ipc_obs_channel *c, const struct object_rec *rec)
{
	c->lock_waits = past_flow(&rec->past_in[0]);
	c->lock_vain = rec->vain[0][0];
}

/* What ends that are gone have left. */
static void note_past(struct view *v, struct image *m, const struct object_rec *rec, uint32_t i)
{
	bool     in = rec->past_in[0].ends || rec->past_in[1].ends;
	bool     out = rec->past_out[0].ends || rec->past_out[1].ends;
	uint64_t ends = rec->past_in[0].ends + rec->past_in[1].ends + rec->past_out[0].ends +
			rec->past_out[1].ends;

	v->has_past[i] = in || out;
	if (!v->has_past[i])
		return;
	image_set_due(m, TABLE_PASTS, v->channel_slot[i], (struct part_key){rec->life, ends});
	v->stale[i] |= in;
	v->n_failed[i] += out;
}

static void fill_channel(struct view *v, struct image *m, uint32_t i, const struct object_rec *rec)
{
	struct ipc_obs_channel *c = &v->channel[i];

	note_past(v, m, rec, i);
	channel_words(c, rec);
	for (uint32_t ring = 0; ring < c->n_rings; ring++)
		ring_words(&c->ring[ring], rec, ring);
	if (c->n_rings == 0)
		lock_words(c, rec);
	sum_ends(v, c);
	if (c->kind == IPC_KIND_JOINABLE)
		tell_tasks(v, c, rec);
	v->failed += v->n_failed[i];
	v->filled[i] = c->ring[0].queued > 0 || c->ring[1].queued > 0;
	v->placed &= rec->life == v->life[v->channel_slot[i]] && rec->kind == (uint32_t)c->kind;
}

/* A judgement asks for what is waited for; histograms and failures, for what is gone. */
static void fill_object(void *arg, uint32_t slot, const void *p)
{
	const struct view_pass  *f = arg;
	const struct object_rec *rec = p;
	uint32_t                 i = f->v->channel_at[slot];

	fetch_channel(f->v, (size_t)slot + AHEAD);
	if (i == IPC_NO_INDEX)
		return;
	fill_channel(f->v, f->m, i, rec);
	if (f->v->waited[i] || f->v->has_past[i])
		image_keep(f->m, TABLE_OBJECTS, slot, rec);
}

int view_rings(struct view *v, struct image *m)
{
	struct view_pass f = {v, m};
	int              r;

	v->failed = 0;
	memset(v->n_failed, 0, v->n_channels * sizeof(*v->n_failed));
	r = image_pass(m, TABLE_ENDS, 0, m->n[TABLE_ENDS], fill_end, &f);
	return r < 0 ? r : image_pass(m, TABLE_OBJECTS, 0, m->n[TABLE_OBJECTS], fill_object, &f);
}

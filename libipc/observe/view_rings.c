/*
 * view_rings.c - what passed through the channels, how much is in them, how long it took
 *
 * All that changes from reading to reading without anything coming or going. It is most of
 * what a reading takes where a domain is large: so each record is visited once, an object
 * together with its ends.
 */

#include "base/histogram.h"
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

/* Which ring an end sends to, or receives from; -1: neither. */
static int ring_out(uint32_t rights)
{
	return rights & RIGHT_SEND0 ? 0 : rights & RIGHT_SEND1 ? 1 : -1;
}

static int ring_in(uint32_t rights)
{
	return rights & RIGHT_RECV0 ? 0 : rights & RIGHT_RECV1 ? 1 : -1;
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

/* All of it but whose it is. */
static void end_words(struct view *v, const struct image *m, const struct end_rec *rec, uint32_t i,
		      bool joinable)
{
	struct ipc_obs_end     *e = &v->end[i];
	struct ipc_obs_process *p = &v->process[e->process];

	e->rights = rec->rights;
	e->handles = rec->handles;
	e->opened_ns = rec->opened_ns;
	e->out = flow_of(&rec->out);
	e->in = flow_of(&rec->in);
	e->owed = joinable && rec->in.messages > rec->in.tasks_done
			  ? rec->in.messages - rec->in.tasks_done
			  : 0;
	e->extra_done = joinable ? rec->tasks_extra : 0;
	e->out_site = rec->last_out.site;
	e->in_site = rec->last_in.site;
	e->out_thread = view_thread_of(v, m, rec->last_out.thread);
	e->in_thread = view_thread_of(v, m, rec->last_in.thread);
	flow_add(&p->out, &e->out);
	flow_add(&p->in, &e->in);
	p->n_ends++;
}

static void sum_end(struct ipc_obs_channel *c, const struct ipc_obs_end *e,
		    const struct end_rec *rec)
{
	int out = ring_out(e->rights), in = ring_in(e->rights);

	if (out >= 0) {
		flow_add(&c->ring[out].out, &e->out);
		if (c->ring[out].high_water < rec->out.high_water)
			c->ring[out].high_water = rec->out.high_water;
	}
	if (in >= 0)
		flow_add(&c->ring[in].in, &e->in);
}

/* ---- histograms ------------------------------------------------------------------ */

/*
 * Where the samples of a ring are: as a rule one process takes what is in it, and its
 * copy says it all.
 */
struct samples {
	uint32_t n;    /* ends that have some, and 1 for all that are gone */
	uint32_t slot; /* the last such end's; IPC_NO_INDEX: of those that are gone */
};

/* Changes whenever a histogram of one of the channel's ends does. */
static uint64_t ends_sign(const struct view *v, const struct image *m,
			  const struct ipc_obs_channel *c, const struct object_rec *o)
{
	uint64_t sign = c->n_ends + 1 + o->past_in[0].ends + o->past_in[1].ends;

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct part_key *k;

		if (v->end[i].in.messages == 0 || v->end_slot[i] >= m->n[TABLE_HISTOGRAMS])
			continue;
		k = image_part_key(m, TABLE_HISTOGRAMS, v->end_slot[i]);
		sign = (sign ^ k->life) * UINT64_C(0x9e3779b97f4a7c15) + k->count;
	}
	return sign;
}

static uint64_t quantile(const uint32_t *hist, uint64_t n, double part, double tick_ns)
{
	uint64_t want = (uint64_t)((double)n * part), seen = 0;
	unsigned b = 0;

	for (; b < HIST_BUCKETS - 1; b++) {
		seen += hist[b];
		if (seen > want)
			break;
	}
	return (uint64_t)((double)histogram_bound(b) * tick_ns);
}

static void ring_quantiles(struct ipc_obs_ring *r, double tick_ns)
{
	uint64_t n = 0;
	unsigned last = HIST_BUCKETS - 1;

	r->p50_ns = r->p99_ns = r->max_ns = IPC_UNKNOWN;
	for (unsigned b = 0; r->hist && b < HIST_BUCKETS; b++)
		n += r->hist[b];
	if (n == 0) {
		r->hist = NULL;
		return;
	}
	while (r->hist[last] == 0)
		last--;
	r->p50_ns = quantile(r->hist, n, 0.50, tick_ns);
	r->p99_ns = quantile(r->hist, n, 0.99, tick_ns);
	r->max_ns = (uint64_t)((double)histogram_bound(last) * tick_ns);
}

static struct samples find_samples(const struct view *v, const struct image *m,
				   const struct ipc_obs_channel *c, const struct object_rec *o,
				   uint32_t slot, int ring)
{
	struct samples s = {0, IPC_NO_INDEX};

	if (o->past_in[ring].ends && slot < m->n[TABLE_PASTS])
		s.n++;
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		if (ring_in(v->end[i].rights) != ring || v->end[i].in.messages == 0 ||
		    v->end_slot[i] >= m->n[TABLE_HISTOGRAMS])
			continue;
		s.n++;
		s.slot = v->end_slot[i];
	}
	return s;
}

static void add_buckets(uint32_t *sum, const uint32_t *more)
{
	for (unsigned b = 0; b < HIST_BUCKETS; b++)
		sum[b] = more[b] > UINT32_MAX - sum[b] ? UINT32_MAX : sum[b] + more[b];
}

/* Of several ends, or of some that are gone: what those have sampled was read if there were any. */
static void sum_samples(struct view *v, const struct image *m, const struct ipc_obs_channel *c,
			const struct object_rec *o, uint32_t slot, int ring, uint32_t *sum)
{
	memset(sum, 0, HIST_BUCKETS * sizeof(*sum));
	if (o->past_in[ring].ends && slot < m->n[TABLE_PASTS])
		add_buckets(
			sum,
			((const struct past_rec *)image_at(m, TABLE_PASTS, slot))->bucket[ring]);
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if (ring_in(v->end[i].rights) == ring && v->end[i].in.messages > 0 &&
		    v->end_slot[i] < m->n[TABLE_HISTOGRAMS])
			add_buckets(sum, ((const struct histogram_rec *)image_at(
						  m, TABLE_HISTOGRAMS, v->end_slot[i]))
						 ->bucket);
}

/* The copy may lie elsewhere than at the last reading; numbers are made of it only when it is new. */
static void ring_histogram(struct view *v, const struct image *m, uint32_t i, int ring, bool fresh,
			   double tick_ns)
{
	struct ipc_obs_channel  *c = &v->channel[i];
	uint32_t                 slot = v->channel_slot[i];
	const struct object_rec *o = image_at(m, TABLE_OBJECTS, slot);
	struct samples           s = find_samples(v, m, c, o, slot, ring);
	uint32_t                *sum = v->sum + ((size_t)2 * i + (size_t)ring) * HIST_BUCKETS;

	if (s.n == 0) {
		c->ring[ring].hist = NULL;
	} else if (s.n == 1 && s.slot != IPC_NO_INDEX) {
		c->ring[ring].hist = ((const struct histogram_rec *)image_at(m, TABLE_HISTOGRAMS,
									     s.slot))
					     ->bucket;
	} else {
		if (fresh)
			sum_samples(v, m, c, o, slot, ring, sum);
		c->ring[ring].hist = sum;
	}
	if (fresh || s.n == 0)
		ring_quantiles(&c->ring[ring], tick_ns);
	else if (c->ring[ring].max_ns == IPC_UNKNOWN)
		c->ring[ring].hist = NULL;
}

/* ---- channels --------------------------------------------------------------------- */

/* Tasks put, less those that never came whole, were done, or went with the dead. */
static uint64_t unfinished(const struct view *v, const struct image *m,
			   const struct ipc_obs_channel *c, const struct object_rec *rec)
{
	uint64_t gone = rec->ring[0].abandoned + rec->tasks_failed + rec->past_in[0].tasks_done;

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct end_rec *e = image_at(m, TABLE_ENDS, v->end_slot[i]);

		gone += e->in.tasks_done;
	}
	return c->ring[0].sent > gone ? c->ring[0].sent - gone : 0;
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

static void fill_rings(struct view *v, const struct image *m, uint32_t i, double tick_ns)
{
	struct ipc_obs_channel  *c = &v->channel[i];
	const struct object_rec *rec = image_at(m, TABLE_OBJECTS, v->channel_slot[i]);
	uint64_t                 sign = ends_sign(v, m, c, rec);

	if (c->kind == IPC_KIND_JOINABLE)
		c->unfinished = unfinished(v, m, c, rec);
	for (int ring = 0; ring < (int)c->n_rings; ring++)
		ring_histogram(v, m, i, ring, sign != v->sign[i], tick_ns);
	v->sign[i] = sign;
}

/* Nothing was said to have come or gone; whether the record agrees costs little to see. */
static bool is_its_place(const struct view *v, const struct image *m, const struct end_rec *rec,
			 uint32_t i)
{
	return life_state(rec->life) == LIFE_LIVE && !rec->carrier &&
	       view_process_of(v, m, rec->process) == v->end[i].process &&
	       view_channel_of(v, m, rec->object) == v->end[i].channel;
}

static void fill_ends(struct view *v, const struct image *m, struct ipc_obs_channel *c)
{
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct end_rec *rec = image_at(m, TABLE_ENDS, v->end_slot[i]);

		end_words(v, m, rec, i, c->kind == IPC_KIND_JOINABLE);
		if (c->n_rings > 0)
			sum_end(c, &v->end[i], rec);
		else
			flow_add(&c->lock_waits, &v->end[i].in);
		v->failed += rec->failed != 0;
		v->placed &= is_its_place(v, m, rec, i);
	}
}

void view_rings(struct view *v, const struct image *m, const struct view_facts *f)
{
	v->failed = 0;
	for (uint32_t i = 0; i < v->n_channels; i++) {
		struct ipc_obs_channel  *c = &v->channel[i];
		const struct object_rec *rec = image_at(m, TABLE_OBJECTS, v->channel_slot[i]);

		channel_words(c, rec);
		for (uint32_t ring = 0; ring < c->n_rings; ring++)
			ring_words(&c->ring[ring], rec, ring);
		if (c->n_rings == 0)
			lock_words(c, rec);
		fill_ends(v, m, c);
		if (c->n_rings > 0)
			fill_rings(v, m, i, f->tick_ns);
		v->failed += rec->past_out[0].ends || rec->past_out[1].ends;
		v->placed &= life_state(rec->life) == LIFE_LIVE && rec->kind == (uint32_t)c->kind;
	}
}

uint64_t ipc_obs_hist_ns(const struct ipc_snapshot *s, unsigned i)
{
	return (uint64_t)((double)histogram_bound(i) * s->tick_ns);
}

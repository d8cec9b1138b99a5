/* view_rings.c - what passed through the channels, how much is in them, how long it took */

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
	r->high_water = rec->past_out[ring].spare[0]; /* where the fold of struct flow puts it */
	if (r->high_water < r->queued)
		r->high_water = r->queued;
	r->heap_bytes = (int64_t)c->heap_bytes < 0 ? 0 : c->heap_bytes;
	r->oldest_ns = IPC_UNKNOWN;
	r->abandoned = c->abandoned;
	r->taken_by_dead = c->taken_by_dead;
	r->shut = (c->tail & RING_SHUT) != 0;
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

/* Changes whenever a histogram of one of the channel's ends does. */
static uint64_t ends_sign(const struct view *v, const struct image *m,
			  const struct ipc_obs_channel *c)
{
	uint64_t sign = c->n_ends + 1;

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct end_rec *rec = image_at(m, TABLE_ENDS, v->end_slot[i]);

		sign = (sign ^ rec->life) * UINT64_C(0x9e3779b97f4a7c15) + rec->in.messages;
	}
	return sign;
}

static uint64_t quantile(const uint64_t *hist, uint64_t n, double part, double tick_ns)
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
	unsigned last = 0;

	for (unsigned b = 0; b < HIST_BUCKETS; b++) {
		n += r->hist[b];
		last = r->hist[b] ? b : last;
	}
	r->p50_ns = r->p99_ns = r->max_ns = IPC_UNKNOWN;
	if (n == 0)
		return;
	r->p50_ns = quantile(r->hist, n, 0.50, tick_ns);
	r->p99_ns = quantile(r->hist, n, 0.99, tick_ns);
	r->max_ns = (uint64_t)((double)histogram_bound(last) * tick_ns);
}

static void sum_histograms(struct view *v, const struct image *m, struct ipc_obs_channel *c,
			   double tick_ns)
{
	for (uint32_t ring = 0; ring < 2; ring++)
		memset(c->ring[ring].hist, 0, sizeof(c->ring[ring].hist));
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		int                         ring = ring_in(v->end[i].rights);
		const struct histogram_rec *h;

		if (ring < 0 || v->end[i].in.messages == 0 ||
		    v->end_slot[i] >= m->n[TABLE_HISTOGRAMS])
			continue;
		h = image_at(m, TABLE_HISTOGRAMS, v->end_slot[i]);
		for (unsigned b = 0; b < HIST_BUCKETS; b++)
			c->ring[ring].hist[b] += h->bucket[b];
	}
	for (uint32_t ring = 0; ring < 2; ring++)
		ring_quantiles(&c->ring[ring], tick_ns);
}

static void sum_ends(struct view *v, const struct image *m, struct ipc_obs_channel *c)
{
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct end_rec *rec = image_at(m, TABLE_ENDS, v->end_slot[i]);
		int                   out = ring_out(rec->rights), in = ring_in(rec->rights);

		if (out >= 0) {
			flow_add(&c->ring[out].out, &v->end[i].out);
			if (c->ring[out].high_water < rec->out.high_water)
				c->ring[out].high_water = rec->out.high_water;
		}
		if (in >= 0)
			flow_add(&c->ring[in].in, &v->end[i].in);
	}
}

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

void view_rings(struct view *v, const struct image *m, const struct view_facts *f)
{
	for (uint32_t i = 0; i < v->n_channels; i++) {
		struct ipc_obs_channel  *c = &v->channel[i];
		const struct object_rec *rec = image_at(m, TABLE_OBJECTS, v->channel_slot[i]);
		uint64_t                 sign;

		if (c->n_rings == 0)
			continue;
		for (uint32_t ring = 0; ring < 2; ring++)
			ring_words(&c->ring[ring], rec, ring);
		sum_ends(v, m, c);
		if (c->kind == IPC_KIND_JOINABLE)
			c->unfinished = unfinished(v, m, c, rec);
		sign = ends_sign(v, m, c);
		if (sign != v->sign[i]) {
			sum_histograms(v, m, c, f->tick_ns);
			v->sign[i] = sign;
		}
	}
}

uint64_t ipc_obs_hist_ns(const struct ipc_snapshot *s, unsigned i)
{
	return (uint64_t)((double)histogram_bound(i) * s->tick_ns);
}

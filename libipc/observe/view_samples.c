/*
 * view_samples.c - how long messages lay in the channels
 *
 * Of a histogram that is as it was the percentiles are, too: a channel is looked at when one of
 * its ends has a new one.
 */

#include "base/histogram.h"
#include "observe/view.h"

/*
 * Where the samples of a ring are: as a rule one process takes what is in it, and its
 * copy says it all.
 */
struct samples {
	uint32_t n;    /* ends that have some, and 1 for all that are gone */
	uint32_t slot; /* the last such end's; IPC_NO_INDEX: of those that are gone */
};

/* How many of those who took from the ring are gone, and have left samples that were read. */
static uint64_t gone(const struct view *v, const struct image *m, uint32_t channel, int ring)
{
	uint32_t                 slot = v->channel_slot[channel];
	const struct object_rec *rec = image_object(m, slot);

	return v->has_past[channel] && slot < m->n[TABLE_PASTS] ? rec->past_in[ring].ends : 0;
}

static uint64_t sign_with(uint64_t sign, const struct part_key *k)
{
	return (sign ^ k->life) * UINT64_C(0x9e3779b97f4a7c15) + k->count;
}

/* Changes whenever a histogram of one of the channel's ends does. */
static uint64_t ends_sign(const struct view *v, const struct image *m, uint32_t channel)
{
	const struct ipc_obs_channel *c = &v->channel[channel];
	uint64_t                      sign = c->n_ends + 1;

	if (gone(v, m, channel, 0) > 0 || gone(v, m, channel, 1) > 0)
		sign = sign_with(sign, image_part_key(m, TABLE_PASTS, v->channel_slot[channel]));
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if (v->end[i].in.messages > 0 && v->end_slot[i] < m->n[TABLE_HISTOGRAMS])
			sign = sign_with(sign, image_part_key(m, TABLE_HISTOGRAMS, v->end_slot[i]));
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

static struct samples find_samples(const struct view *v, const struct image *m, uint32_t channel,
				   int ring)
{
	const struct ipc_obs_channel *c = &v->channel[channel];
	struct samples                s = {gone(v, m, channel, ring) > 0, IPC_NO_INDEX};

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		if (view_ring_in(v->end[i].rights) != ring || v->end[i].in.messages == 0 ||
		    v->end_slot[i] >= m->n[TABLE_HISTOGRAMS])
			continue;
		s.n++;
		s.slot = v->end_slot[i];
	}
	return s;
}

/* Of the end in @slot, as they were read last. */
static const uint32_t *samples_of(const struct image *m, uint32_t slot)
{
	const struct histogram_rec *rec = image_kept(m, TABLE_HISTOGRAMS, slot);

	return rec->bucket;
}

/* Of several ends, or of some that are gone: what those have sampled was read if there were any. */
static void sum_samples(const struct view *v, const struct image *m, uint32_t channel, int ring,
			uint32_t *sum)
{
	const struct ipc_obs_channel *c = &v->channel[channel];
	const struct past_rec        *past = image_kept(m, TABLE_PASTS, v->channel_slot[channel]);

	memset(sum, 0, HIST_BUCKETS * sizeof(*sum));
	if (gone(v, m, channel, ring) > 0)
		histogram_sum(sum, sum, past->bucket[ring]);
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if (view_ring_in(v->end[i].rights) == ring && v->end[i].in.messages > 0 &&
		    v->end_slot[i] < m->n[TABLE_HISTOGRAMS])
			histogram_sum(sum, sum, samples_of(m, v->end_slot[i]));
}

/* The copy may lie elsewhere than at the last reading; numbers are made of it only when it is new. */
static void ring_histogram(struct view *v, const struct image *m, uint32_t i, int ring, bool fresh,
			   double tick_ns)
{
	struct ipc_obs_channel *c = &v->channel[i];
	struct samples          s = find_samples(v, m, i, ring);
	uint32_t               *sum = v->sum + ((size_t)2 * i + (size_t)ring) * HIST_BUCKETS;

	if (s.n == 0) {
		c->ring[ring].hist = NULL;
	} else if (s.n == 1 && s.slot != IPC_NO_INDEX) {
		c->ring[ring].hist = samples_of(m, s.slot);
	} else {
		if (fresh)
			sum_samples(v, m, i, ring, sum);
		c->ring[ring].hist = sum;
	}
	if (fresh || s.n == 0)
		ring_quantiles(&c->ring[ring], tick_ns);
	else if (c->ring[ring].max_ns == IPC_UNKNOWN)
		c->ring[ring].hist = NULL;
}

/* What became of its histograms, all of it together: enum part_due. */
static unsigned parts_due(const struct view *v, const struct image *m, uint32_t i)
{
	unsigned due = image_due(m, TABLE_PASTS, v->channel_slot[i]);

	for (uint32_t e = view_first_end(v, i); e < v->ends_to[i]; e++)
		due |= image_due(m, TABLE_HISTOGRAMS, v->end_slot[e]);
	return due;
}

static void fill_samples(struct view *v, const struct image *m, uint32_t i, double tick_ns)
{
	uint64_t sign = ends_sign(v, m, i);

	for (int ring = 0; ring < (int)v->channel[i].n_rings; ring++)
		ring_histogram(v, m, i, ring, sign != v->sign[i], tick_ns);
	v->sign[i] = sign;
}

void view_samples(struct view *v, const struct image *m, double tick_ns)
{
	bool anew = v->placed_anew || v->histograms != m->mem[TABLE_HISTOGRAMS].p;

	for (uint32_t i = 0; i < v->n_channels; i++) {
		unsigned due = v->stale[i] ? parts_due(v, m, i) : PART_KEPT;

		if (anew || due & PART_READ)
			fill_samples(v, m, i, tick_ns);
		v->stale[i] = (due & PART_DUE) != 0;
	}
	v->histograms = m->mem[TABLE_HISTOGRAMS].p;
}

uint64_t ipc_obs_hist_ns(const struct ipc_snapshot *s, unsigned i)
{
	return (uint64_t)((double)histogram_bound(i) * s->tick_ns);
}

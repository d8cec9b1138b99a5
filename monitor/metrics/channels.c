/*
 * channels.c - a series for each channel that has a name of its own to be told by
 */
#include "metrics/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/grouping.h"
#include "text/mem.h"

/* ---- what is told of each ----------------------------------------------------------- */

enum { PUT, GET };

/* NAN: not of this channel. */
typedef double value_fn(const struct frame *f, uint32_t i, unsigned child);

struct channel_metric {
	struct metric m;
	value_fn     *value;
	int           is_greatest; /* of the channels of a series; else their sum */
};

static const char *const ops[] = {"put", "get", NULL};
static const char *const losses[] = {"abandoned", "taken_by_dead", NULL};

/* A sum over the directions. */
#define SUM(name, expression)                                                         \
	static double name(const struct frame *f, uint32_t i, unsigned child)         \
	{                                                                             \
		const struct ipc_obs_channel *c = &f->s->channels[i];                 \
		double                        sum = c->n_rings > 0 ? 0 : (double)NAN; \
                                                                                      \
		(void)child;                                                          \
		for (uint32_t k = 0; k < c->n_rings; k++) {                           \
			const struct ipc_obs_ring *r = &c->ring[k];                   \
                                                                                      \
			sum += (double)(expression);                                  \
		}                                                                     \
		return sum;                                                           \
	}

SUM(depth, r->queued)
SUM(capacity, r->capacity > 0 ? (double)r->capacity : (double)INFINITY)
SUM(heap, r->heap_bytes)
SUM(put_messages, r->sent)
SUM(get_messages, r->received)
SUM(put_bytes, r->out.bytes)
SUM(get_bytes, r->in.bytes)
SUM(lost, child == 0 ? r->abandoned : r->taken_by_dead)
SUM(timeouts, child == PUT ? r->out.timeouts : r->in.timeouts)
SUM(blocked_threads, child == PUT ? r->blocked_senders : r->blocked_receivers)
SUM(blocks, child == PUT ? r->out.blocks : r->in.blocks)
SUM(vain, child == PUT ? r->vain_out : r->vain_in)
SUM(waited_ns, child == PUT ? r->out.blocked_ns : r->in.blocked_ns)

/* Of sleeps that last there is only the age, which would be taken back if they are not counted. */
static double blocked_seconds(const struct frame *f, uint32_t i, unsigned child)
{
	return waited_ns(f, i, child) / 1e9;
}

/* Counted from the first reading on: who looks seldom has it roughly. */
static double full_seconds(const struct frame *f, uint32_t i, unsigned child)
{
	(void)child;
	return f->s->channels[i].n_rings > 0 ? (double)f->channels[i].full_ns / 1e9 : (double)NAN;
}

static double empty_seconds(const struct frame *f, uint32_t i, unsigned child)
{
	(void)child;
	return f->s->channels[i].n_rings > 0 ? (double)f->channels[i].empty_ns / 1e9 : (double)NAN;
}

static double memory(const struct frame *f, uint32_t i, unsigned child)
{
	uint64_t bytes = f->s->channels[i].memory_bytes;

	(void)child;
	return bytes == IPC_UNKNOWN ? (double)NAN : (double)bytes;
}

static double high_water(const struct frame *f, uint32_t i, unsigned child)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];
	uint64_t                      most = 0;

	(void)child;
	for (uint32_t k = 0; k < c->n_rings; k++)
		most = c->ring[k].high_water > most ? c->ring[k].high_water : most;
	return c->n_rings > 0 ? (double)most : (double)NAN;
}

static double oldest_seconds(const struct frame *f, uint32_t i, unsigned child)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];
	uint64_t                      most = 0;

	(void)child;
	for (uint32_t k = 0; k < c->n_rings; k++)
		if (c->ring[k].oldest_ns != IPC_UNKNOWN && c->ring[k].oldest_ns > most)
			most = c->ring[k].oldest_ns;
	return c->n_rings > 0 ? (double)most / 1e9 : (double)NAN;
}

static int is_of(enum ipc_op op, unsigned child)
{
	return child == PUT ? op == IPC_OP_SEND || op == IPC_OP_PUT
			    : op == IPC_OP_RECV || op == IPC_OP_GET || op == IPC_OP_POLL;
}

static int is_on(const struct frame *f, const struct ipc_obs_wait *w, uint32_t i, unsigned child)
{
	if (w->op != IPC_OP_WAIT)
		return w->channel == i && is_of(w->op, child);
	for (uint32_t k = w->first_item; k < w->first_item + w->n_listed; k++)
		if (f->s->items[k].channel == i && is_of(f->s->items[k].op, child))
			return 1;
	return 0;
}

/* The longest waits come first. */
static double longest_wait_seconds(const struct frame *f, uint32_t i, unsigned child)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];
	uint64_t                      asleep = 0;

	if (c->n_rings == 0)
		return (double)NAN;
	for (uint32_t k = 0; k < c->n_rings; k++)
		asleep += child == PUT ? c->ring[k].blocked_senders : c->ring[k].blocked_receivers;
	for (size_t w = 0; asleep > 0 && w < f->s->n_waits; w++)
		if (is_on(f, &f->s->waits[w], i, child))
			return (double)f->waits[w].age_ns / 1e9;
	return 0;
}

static double unfinished(const struct frame *f, uint32_t i, unsigned child)
{
	uint64_t n = f->s->channels[i].unfinished;

	(void)child;
	return n == IPC_UNKNOWN ? (double)NAN : (double)n;
}

static double tasks_failed(const struct frame *f, uint32_t i, unsigned child)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];

	(void)child;
	return c->kind == IPC_KIND_JOINABLE ? (double)c->tasks_failed : (double)NAN;
}

/* Of what has no messages: waits for the locks in it. */
static double lock_seconds(const struct frame *f, uint32_t i, unsigned child)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];

	(void)child;
	return c->n_rings == 0 ? (double)c->lock_waits.blocked_ns / 1e9 : (double)NAN;
}

static double lock_blocks(const struct frame *f, uint32_t i, unsigned child)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];

	(void)child;
	return c->n_rings == 0 ? (double)c->lock_waits.blocks : (double)NAN;
}

/* clang-format off */
static const struct channel_metric channel_metrics[] = {
	{{"ipc_channel_depth_messages", METRIC_GAUGE, "Messages queued, in both directions of a pipe.", NULL, NULL}, depth, 0},
	{{"ipc_channel_capacity_messages", METRIC_GAUGE, "Messages that fit; +Inf: as many as there is memory for.", NULL, NULL}, capacity, 0},
	{{"ipc_channel_high_water_messages", METRIC_GAUGE, "Most messages ever seen queued.", NULL, NULL}, high_water, 1},
	{{"ipc_channel_payload_bytes", METRIC_GAUGE, "Payload queued that lies outside the slots of its ring.", NULL, NULL}, heap, 0},
	{{"ipc_channel_memory_bytes", METRIC_GAUGE, "Memory that the object itself takes; looked up now and then.", NULL, NULL}, memory, 0},
	{{"ipc_channel_oldest_age_seconds", METRIC_GAUGE, "Age of the oldest message queued; 0: none is.", NULL, NULL}, oldest_seconds, 1},
	{{"ipc_channel_full_seconds", METRIC_COUNTER, "Time that it was full, one direction of a pipe at least, as seen at the readings of this ipcmon.", NULL, NULL}, full_seconds, 0},
	{{"ipc_channel_empty_seconds", METRIC_COUNTER, "Time that it was empty, as seen at the readings of this ipcmon.", NULL, NULL}, empty_seconds, 0},
	{{"ipc_channel_put_messages", METRIC_COUNTER, "Messages put or sent.", NULL, NULL}, put_messages, 0},
	{{"ipc_channel_get_messages", METRIC_COUNTER, "Messages got or received.", NULL, NULL}, get_messages, 0},
	{{"ipc_channel_put_bytes", METRIC_COUNTER, "Payload put or sent.", NULL, NULL}, put_bytes, 0},
	{{"ipc_channel_get_bytes", METRIC_COUNTER, "Payload got or received.", NULL, NULL}, get_bytes, 0},
	{{"ipc_channel_lost_messages", METRIC_COUNTER, "Messages lost with a process that died: abandoned by their writer, or taken by their reader.", "reason", losses}, lost, 0},
	{{"ipc_channel_timeouts", METRIC_COUNTER, "Calls that ended by their time limit.", "op", ops}, timeouts, 0},
	{{"ipc_channel_blocked_threads", METRIC_GAUGE, "Threads asleep in a call on it.", "op", ops}, blocked_threads, 0},
	{{"ipc_channel_blocked_seconds", METRIC_COUNTER, "Time that threads slept in calls on it, by sleeps that are over.", "op", ops}, blocked_seconds, 0},
	{{"ipc_channel_blocks", METRIC_COUNTER, "Sleeps in calls on it that are over.", "op", ops}, blocks, 0},
	{{"ipc_channel_longest_wait_seconds", METRIC_GAUGE, "Age of the longest sleep that lasts; 0: nobody sleeps.", "op", ops}, longest_wait_seconds, 1},
	{{"ipc_channel_vain_wakeups", METRIC_COUNTER, "Wake-ups that found nothing to do.", "op", ops}, vain, 0},
	{{"ipc_channel_unfinished_tasks", METRIC_GAUGE, "Joinable queues: tasks put and not done.", NULL, NULL}, unfinished, 0},
	{{"ipc_channel_failed_tasks", METRIC_COUNTER, "Joinable queues: tasks owed by processes that died.", NULL, NULL}, tasks_failed, 0},
	{{"ipc_lock_blocked_seconds", METRIC_COUNTER, "Time that threads slept for the locks in it, by sleeps that are over.", NULL, NULL}, lock_seconds, 0},
	{{"ipc_lock_blocks", METRIC_COUNTER, "Sleeps for a lock in it that are over.", NULL, NULL}, lock_blocks, 0},
};
/* clang-format on */

#define N_CHANNEL_METRICS (sizeof(channel_metrics) / sizeof(channel_metrics[0]))

/* ---- printing ------------------------------------------------------------------------ */

static void merge(double *sum, double value, int is_greatest)
{
	if (isnan(value))
		return;
	if (isnan(*sum))
		*sum = value;
	else
		*sum = is_greatest ? fmax(*sum, value) : *sum + value;
}

static void print_child(const struct metric_out *out, const struct grouping *g,
			const struct frame *f, const struct channel_metric *cm, unsigned child)
{
	double sum[METRICS_CHANNELS_MAX + 1];

	for (uint32_t k = 0; k < g->n; k++)
		sum[k] = (double)NAN;
	for (uint32_t i = 0; i < f->s->n_channels; i++)
		merge(&sum[g->of[i]], cm->value(f, i, child), cm->is_greatest);
	for (uint32_t k = 0; k < g->n; k++) {
		char labels[METRIC_LABELS_BYTES];

		if (isnan(sum[k]) || !grouping_tells(g, k, cm->m.type))
			continue;
		grouping_labels(labels, &g->v[k]);
		if (cm->m.label != NULL)
			metric_label(labels, cm->m.label, cm->m.values[child]);
		metric_sample(out, &cm->m, "", labels, sum[k]);
	}
}

static void print_metric(const struct metric_out *out, const struct grouping *g,
			 const struct frame *f, const struct channel_metric *cm)
{
	metric_begin(out, &cm->m);
	if (cm->m.label == NULL)
		print_child(out, g, f, cm, 0);
	for (unsigned child = 0; cm->m.label != NULL && cm->m.values[child] != NULL; child++)
		print_child(out, g, f, cm, child);
}

/* ---- put to get ------------------------------------------------------------------------ */

static const struct metric sojourn = {
	"ipc_channel_sojourn_seconds", METRIC_HISTOGRAM,
	"Time from put to get of the messages sampled; the sum is of the middles of finer buckets.",
	NULL, NULL};

/* The bounds: 1, 2.5 and 5 of each decade from a microsecond to ten seconds. */
static const double bounds[] = {1e-6,   2.5e-6, 5e-6,   1e-5, 2.5e-5, 5e-5,   1e-4, 2.5e-4,
				5e-4,   1e-3,   2.5e-3, 5e-3, 1e-2,   2.5e-2, 5e-2, 1e-1,
				2.5e-1, 5e-1,   1,      2.5,  5,      10};

#define N_BOUNDS (sizeof(bounds) / sizeof(bounds[0]))

struct buckets {
	double n[N_BOUNDS + 1], sum; /* each bucket's own, the last one's without a bound */
	int    is_any;
};

static void add_samples(struct buckets *b, double tick_ns, const uint32_t *hist)
{
	const struct ipc_snapshot ticks = {.tick_ns = tick_ns};
	double                    below = 0;
	size_t                    at = 0;

	for (unsigned i = 0; i < IPC_OBS_HIST; i++) {
		double bound = (double)ipc_obs_hist_ns(&ticks, i) / 1e9;

		while (at < N_BOUNDS && bound > bounds[at])
			at++;
		b->n[at] += hist[i];
		if (hist[i] > 0)
			b->sum += hist[i] * (below + bound) / 2;
		below = bound;
	}
}

static void print_buckets(const struct metric_out *out, const struct series *s,
			  const struct buckets *b)
{
	char   labels[METRIC_LABELS_BYTES], le[METRIC_LABELS_BYTES], text[32];
	double n = 0;

	grouping_labels(labels, s);
	for (size_t i = 0; i <= N_BOUNDS; i++) {
		n += b->n[i];
		memcpy(le, labels, sizeof(le));
		snprintf(text, sizeof(text), "%g", i < N_BOUNDS ? bounds[i] : 0);
		metric_label(le, "le", i < N_BOUNDS ? text : "+Inf");
		metric_sample(out, &sojourn, "_bucket", le, n);
	}
	metric_sample(out, &sojourn, "_sum", labels, b->sum);
	metric_sample(out, &sojourn, "_count", labels, n);
}

static void print_sojourn(const struct metric_out *out, const struct grouping *g,
			  const struct metrics *m)
{
	const struct frame *f = m->frame;
	struct buckets     *b = mem_new(g->n + 1, sizeof(*b));

	for (uint32_t i = 0; i < f->s->n_channels; i++) {
		const struct ipc_obs_channel *c = &f->s->channels[i];
		struct buckets               *of = &b[g->of[i]];

		of->is_any |= c->n_rings > 0;
		for (uint32_t k = 0; k < c->n_rings; k++)
			if (c->ring[k].hist != NULL)
				add_samples(of, m->tick_ns, c->ring[k].hist);
	}
	metric_begin(out, &sojourn);
	for (uint32_t k = 0; k < g->n; k++)
		if (b[k].is_any && grouping_tells(g, k, sojourn.type))
			print_buckets(out, &g->v[k], &b[k]);
	free(b);
}

/* ---- all of it --------------------------------------------------------------------------- */

static const struct metric dropped = {
	"ipc_channels_dropped", METRIC_GAUGE,
	"Channels without series of their own: they are the one called _other.", NULL, NULL};

void metrics_of_channels(const struct metric_out *out, const struct metrics *m)
{
	const struct frame *f = m->frame;
	struct grouping     g;

	grouping_init(&g, f->s);
	for (size_t i = 0; i < N_CHANNEL_METRICS; i++)
		print_metric(out, &g, f, &channel_metrics[i]);
	print_sojourn(out, &g, m);
	metric_begin(out, &dropped);
	metric_sample(out, &dropped, "", "", g.n_dropped);
	if (m->per_endpoint)
		metrics_of_endpoints(out, f, &g);
	grouping_fini(&g);
}

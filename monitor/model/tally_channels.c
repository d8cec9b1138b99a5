/* tally_channels.c - what passes through each channel, and what it keeps waiting */

#include <math.h>
#include <stddef.h>

#include "model/flow.h"
#include "model/latency.h"
#include "model/tally_parts.h"

struct channel_past {
	uint64_t t_ns; /* 0: never seen */
	double   put, get, put_bytes, get_bytes;
	double   put_blocks, get_blocks, put_timeouts, get_timeouts;
	double   asleep_put, asleep_get; /* thread-nanoseconds, so far */
	double   before_put, before_get; /* of those, until it was first seen */
	double   caused_put, caused_get; /* and since */
	uint64_t full_ns, empty_ns;
};

/* What is copied at each reading, and what is not. */
struct channel_memory {
	struct channel_past was;
	unsigned            layer;
	struct history      history;
};

static void channel_now(const struct ipc_obs_channel *c, struct channel_past *now)
{
	for (uint32_t i = 0; i < c->n_rings; i++) {
		const struct ipc_obs_ring *r = &c->ring[i];

		now->put += (double)r->sent;
		now->get += (double)r->received;
		now->put_bytes += (double)r->out.bytes;
		now->get_bytes += (double)r->in.bytes;
		now->put_blocks += (double)r->out.blocks;
		now->get_blocks += (double)r->in.blocks;
		now->put_timeouts += (double)r->out.timeouts;
		now->get_timeouts += (double)r->in.timeouts;
		now->asleep_put += (double)r->out.blocked_ns;
		now->asleep_get += (double)r->in.blocked_ns;
	}
}

static void channel_fill(const struct ipc_obs_channel *c, struct channel_stat *st)
{
	for (uint32_t i = 0; i < c->n_rings; i++) {
		const struct ipc_obs_ring *r = &c->ring[i];
		double fill = r->capacity > 0 ? (double)r->queued / (double)r->capacity : NAN;

		if (i == 0 || fill > st->fill ||
		    (isnan(fill) && r->queued > c->ring[st->ring].queued)) {
			st->fill = fill;
			st->ring = i;
		}
	}
}

/*
 * What lasted when it was first seen counts from its beginning: it is what people
 * came for. A reading between the end of a sleep and its being counted sees less
 * than the one before; the most seen so far is right.
 */
static void caused(struct channel_stat *st, const struct channel_past *past,
		   struct channel_past *now)
{
	int first = past->t_ns == 0;

	now->before_put = first ? now->asleep_put - (double)st->asleep_put_ns : past->before_put;
	now->before_get = first ? now->asleep_get - (double)st->asleep_get_ns : past->before_get;
	now->caused_put = fmax(past->caused_put, now->asleep_put - now->before_put);
	now->caused_get = fmax(past->caused_get, now->asleep_get - now->before_get);
	st->caused_put_ns = (uint64_t)now->caused_put;
	st->caused_get_ns = (uint64_t)now->caused_get;
}

/* What it is at a reading it was since the last one, as far as anybody knows. */
static void filled(const struct ipc_obs_channel *c, struct channel_stat *st,
		   const struct channel_past *past, struct channel_past *now)
{
	uint64_t since_ns = past->t_ns != 0 ? now->t_ns - past->t_ns : 0;
	int      full = 0, empty = c->n_rings > 0;

	for (uint32_t i = 0; i < c->n_rings; i++) {
		const struct ipc_obs_ring *r = &c->ring[i];

		full |= r->capacity > 0 && r->queued >= r->capacity;
		empty &= r->queued == 0;
	}
	st->full_ns = now->full_ns = past->full_ns + (full ? since_ns : 0);
	st->empty_ns = now->empty_ns = past->empty_ns + (empty ? since_ns : 0);
}

static void channel_history(struct channel_memory *memory, const struct channel_past *now,
			    const struct channel_stat *st)
{
	struct history_step step = {
		.put = fmax(0, now->put - memory->was.put),
		.get = fmax(0, now->get - memory->was.get),
		.fill = isnan(st->fill) ? 0 : st->fill,
		.blocked = st->blocked_put + st->blocked_get,
	};

	history_add(&memory->history, memory->was.t_ns, now->t_ns, &step);
}

/*
 * Who sleeps is read before the ends are, so a sleep that ends in between is seen twice. But no
 * more can be asleep there than there are threads in those who hold it.
 */
static double no_more_than_threads(const struct ipc_snapshot *s, const struct ipc_obs_channel *c,
				   double asleep)
{
	uint64_t n = 0;

	if (!(asleep > 1))
		return asleep;
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		n += s->processes[s->ends[i].process].n_threads;
	return fmin(asleep, n > 1 ? (double)n : 1);
}

#define AHEAD 8 /* channels; picked: memory takes as long to answer */

/* What is kept of channels lies all over the heap; and of each channel some is passed over. */
static void fetch_next(const struct tally *m, uint32_t i)
{
	const struct ipc_obs_channel *c = m->frame.s->channels, *far;

	if (i + 2 * AHEAD >= m->frame.s->n_channels)
		return;
	far = &c[i + 2 * AHEAD];
	__builtin_prefetch(far);
	__builtin_prefetch(&far->ring[0].sent);
	__builtin_prefetch(&far->ring[0].out);
	__builtin_prefetch(&far->ring[0].in.timeouts);
	table_fetch(&m->channels, c[i + AHEAD].id, offsetof(struct channel_memory, history.put));
}

void tally_channel(struct tally *m, uint32_t i)
{
	const struct ipc_snapshot    *s = m->frame.s;
	const struct ipc_obs_channel *c = &s->channels[i];
	struct channel_stat          *st = &m->frame.channels[i];
	struct channel_memory        *memory = table_get(&m->channels, c->id, sizeof(*memory));
	struct channel_past          *past = &memory->was;
	struct channel_past           now = {.t_ns = s->t_mono_ns};
	double                        dt = (double)(s->t_mono_ns - past->t_ns) / NS;

	fetch_next(m, i);
	channel_now(c, &now);
	now.asleep_put += (double)st->asleep_put_ns;
	now.asleep_get += (double)st->asleep_get_ns;
	channel_fill(c, st);
	if (past->t_ns != 0 && s->t_mono_ns > past->t_ns) {
		st->put = tally_rate(now.put, past->put, dt);
		st->get = tally_rate(now.get, past->get, dt);
		st->put_bytes = tally_rate(now.put_bytes, past->put_bytes, dt);
		st->get_bytes = tally_rate(now.get_bytes, past->get_bytes, dt);
		st->put_blocks = tally_rate(now.put_blocks, past->put_blocks, dt);
		st->get_blocks = tally_rate(now.get_blocks, past->get_blocks, dt);
		st->put_timeouts = tally_rate(now.put_timeouts, past->put_timeouts, dt);
		st->get_timeouts = tally_rate(now.get_timeouts, past->get_timeouts, dt);
		st->blocked_put = no_more_than_threads(
			s, c, tally_rate(now.asleep_put, past->asleep_put, dt * NS));
		st->blocked_get = no_more_than_threads(
			s, c, tally_rate(now.asleep_get, past->asleep_get, dt * NS));
		channel_history(memory, &now, st);
	}
	if (past->t_ns == 0)
		m->layers_ns = 0; /* a new one has none yet */
	caused(st, past, &now);
	filled(c, st, past, &now);
	st->latency = latencies_look(&m->latencies, s, c);
	*past = now;
	st->layer = memory->layer;
	st->history = &memory->history;
}

#define LAYERS_NS UINT64_C(1000000000) /* who feeds whom changes more slowly than numbers do */

void tally_layers(struct tally *m)
{
	struct frame *f = &m->frame;
	size_t        n = f->s->n_channels;

	if (m->layers_ns != 0 && f->s->t_mono_ns - m->layers_ns < LAYERS_NS)
		return;
	m->layers_ns = f->s->t_mono_ns;
	flow_layers(f);
	for (size_t i = 0; i < n; i++)
		((struct channel_memory *)table_find(&m->channels, f->s->channels[i].id))->layer =
			f->channels[i].layer;
}

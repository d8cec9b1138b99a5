/*
 * field_latency.c - the columns of latencies
 */
#include "view/field.h"

#include <math.h>

#include "view/render.h"

typedef const struct frame frame;

static const struct ipc_obs_channel *channel(frame *f, uint32_t i)
{
	return &f->s->channels[i];
}

static enum role role(frame *f, uint32_t i)
{
	return channel_listing.role(f, i);
}

/* ---- over the window ---------------------------------------------------------- */

static const struct percentiles *window(frame *f, uint32_t i)
{
	const struct latency *l = f->channels[i].latency;

	return l != NULL && l->window.n > 0 ? &l->window : NULL;
}

static double n_key(frame *f, uint32_t i)
{
	return window(f, i) != NULL ? (double)window(f, i)->n : 0;
}

static double p50_key(frame *f, uint32_t i)
{
	return window(f, i) != NULL ? (double)window(f, i)->p50_ns : NAN;
}

static double p99_key(frame *f, uint32_t i)
{
	return window(f, i) != NULL ? (double)window(f, i)->p99_ns : NAN;
}

static double p999_key(frame *f, uint32_t i)
{
	return window(f, i) != NULL ? (double)window(f, i)->p999_ns : NAN;
}

static double max_key(frame *f, uint32_t i)
{
	return window(f, i) != NULL ? (double)window(f, i)->max_ns : NAN;
}

/* ---- since it was made ----------------------------------------------------------- */

static double all_p50_key(frame *f, uint32_t i)
{
	struct percentiles p = latency_total(f->s, channel(f, i));

	return p.n > 0 ? (double)p.p50_ns : NAN;
}

static double all_p99_key(frame *f, uint32_t i)
{
	struct percentiles p = latency_total(f->s, channel(f, i));

	return p.n > 0 ? (double)p.p99_ns : NAN;
}

static double all_p999_key(frame *f, uint32_t i)
{
	struct percentiles p = latency_total(f->s, channel(f, i));

	return p.n > 0 ? (double)p.p999_ns : NAN;
}

static double all_max_key(frame *f, uint32_t i)
{
	struct percentiles p = latency_total(f->s, channel(f, i));

	return p.n > 0 ? (double)p.max_ns : NAN;
}

static double oldest_key(frame *f, uint32_t i)
{
	double v = NAN;

	for (uint32_t k = 0; k < channel(f, i)->n_rings; k++)
		v = fmax(v, field_known(channel(f, i)->ring[k].oldest_ns));
	return v;
}

static void name_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_put(ret, role(f, i), channel(f, i)->name);
}

/* clang-format off */
static const struct field fields[] = {
	{"p999", "p99.9", "latency_window_p999_ns", "time from put to get in the last minute: 999 of 1000 messages were faster",
	 6, 7, 1, 0, UNIT_DURATION, p999_key, NULL},
	{"p99", "p99", "latency_window_p99_ns", "in the last minute: 99 of 100 were faster",
	 6, 7, 1, 0, UNIT_DURATION, p99_key, NULL},
	{"p50", "p50", "latency_window_p50_ns", "in the last minute: half of them were faster",
	 6, 7, 1, 0, UNIT_DURATION, p50_key, NULL},
	{"max", "MAX", "latency_window_max_ns", "in the last minute: none was slower",
	 6, 7, 1, 1, UNIT_DURATION, max_key, NULL},
	{"samples", "OF", "latency_window_samples", "samples these are of; not every message is timed",
	 5, 6, 1, 5, UNIT_COUNT, n_key, NULL},
	{"oldest", "OLDEST", "oldest_ns", "age of the oldest message that nobody has taken yet",
	 6, 7, 1, 2, UNIT_DURATION, oldest_key, NULL},
	{"all_p999", "ALL-999", "latency_p999_ns", "999 of 1000 since the channel's ends were made",
	 7, 7, 1, 4, UNIT_DURATION, all_p999_key, NULL},
	{"all_p99", "ALL-99", "latency_p99_ns", "99 of 100 since then",
	 6, 7, 1, 6, UNIT_DURATION, all_p99_key, NULL},
	{"all_p50", "ALL-50", "latency_p50_ns", "half since then",
	 6, 7, 1, 7, UNIT_DURATION, all_p50_key, NULL},
	{"all_max", "ALL-MAX", "latency_max_ns", "the slowest since then",
	 7, 7, 1, 3, UNIT_DURATION, all_max_key, NULL},
	{"name", "NAME", "name", "the channel",
	 12, 200, 0, 0, UNIT_NONE, NULL, name_text},
};
/* clang-format on */

static int has(frame *f, uint32_t i)
{
	return channel(f, i)->n_rings > 0;
}

const struct listing latency_listing = {
	.name = "Latencies",
	.none = "no channel that messages go through",
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.n_rows = field_channels,
	.id = field_channel_id,
	.role = role,
	.has = has,
	.json = "latencies",
};

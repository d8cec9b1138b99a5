/*
 * field_channel.c - the columns of channels
 */
#include "view/field.h"

#include <math.h>
#include <stdio.h>

#include "text/number.h"
#include "view/more.h"
#include "view/words.h"

typedef const struct frame frame;

static const struct ipc_obs_channel *channel(frame *f, uint32_t i)
{
	return &f->s->channels[i];
}

/* The direction a row speaks of: the fuller one. NULL: shared memory has none. */
static const struct ipc_obs_ring *ring(frame *f, uint32_t i)
{
	return channel(f, i)->n_rings > 0 ? &channel(f, i)->ring[f->channels[i].ring] : NULL;
}

static uint32_t sleepers(frame *f, uint32_t i, int senders)
{
	const struct ipc_obs_channel *c = channel(f, i);
	uint32_t                      n = 0;

	for (uint32_t r = 0; r < c->n_rings; r++)
		n += senders ? c->ring[r].blocked_senders : c->ring[r].blocked_receivers;
	return n;
}

static enum role role(frame *f, uint32_t i)
{
	uint32_t v = f->channels[i].verdict;

	if (f->channels[i].behind)
		return ROLE_NOTICE;
	return v != IPC_NO_INDEX ? words_role(f->s->verdicts[v].class_) : ROLE_NORMAL;
}

/* ---- ! ------------------------------------------------------------------------- */

static void mark_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	uint32_t v = f->channels[i].verdict;

	if (v != IPC_NO_INDEX && !f->channels[i].behind &&
	    frame_grade(f->s->verdicts[v].class_) == IPC_GRADE_CRITICAL)
		field_put(ret, ROLE_CRITICAL, "D");
	else if (v != IPC_NO_INDEX || (f->channels[i].fill >= 0.9 && sleepers(f, i, 1) > 0))
		field_put(ret, ROLE_WARN, "!");
	else
		field_put(ret, ROLE_NORMAL, "");
}

static uint64_t mark_sign(frame *f, uint32_t i)
{
	uint32_t v = f->channels[i].verdict;
	uint64_t class_ = v == IPC_NO_INDEX ? 0 : (uint64_t)f->s->verdicts[v].class_ + 1;

	return class_ << 2 | (f->channels[i].behind != 0) << 1 |
	       (f->channels[i].fill >= 0.9 && sleepers(f, i, 1) > 0);
}

/* Findings first, then who made senders sleep longest, then sleep of any kind. */
static double mark_key(frame *f, uint32_t i)
{
	const struct channel_stat *c = &f->channels[i];
	double                     key = c->verdict != IPC_NO_INDEX ? 1e15 / (1 + c->verdict) : 0;

	return key + (double)c->caused_put_ns / 1e9 + (double)c->caused_get_ns / 1e12;
}

/* ---- what it is ------------------------------------------------------------------ */

/* The names that are longer than the column. */
const char *field_short_kind(enum ipc_kind kind)
{
	switch (kind) {
	case IPC_KIND_JOINABLE: return "joinq";
	case IPC_KIND_SEMAPHORE: return "sem";
	case IPC_KIND_CONDITION: return "cond";
	case IPC_KIND_BARRIER: return "barr";
	default: return ipc_kind_name(kind);
	}
}

static void kind_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_put(ret, ROLE_NORMAL, field_short_kind(channel(f, i)->kind));
}

static void name_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_put(ret, role(f, i), channel(f, i)->name);
}

static uint64_t kind_sign(frame *f, uint32_t i)
{
	return channel(f, i)->kind;
}

/*
 * Its name lies where it was for as long as it is this channel, and is another only where its maker
 * was not known before; what else there is, is colour, which a sheet has not.
 */
static uint64_t name_sign(frame *f, uint32_t i)
{
	const char *name = channel(f, i)->name;

	return (uint64_t)(uintptr_t)name ^ (uint64_t)(unsigned char)name[0] << 56;
}

static double ends_key(frame *f, uint32_t i)
{
	return channel(f, i)->n_ends;
}

/* ---- how full it is ---------------------------------------------------------------- */

static void depth_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct ipc_obs_ring *r = ring(f, i);
	char                       text[2 * NUMBER_BYTES];

	if (r == NULL) {
		field_put(ret, ROLE_NORMAL, number_bytes(channel(f, i)->size_bytes).text);
		return;
	}
	if (r->capacity > 0)
		snprintf(text, sizeof(text), "%s/%s", number_count(r->queued).text,
			 number_count(r->capacity).text);
	else
		snprintf(text, sizeof(text), "%s", number_count(r->queued).text);
	field_put(ret, r->queued > 0 ? ROLE_NORMAL : ROLE_DIM, text);
}

static double depth_key(frame *f, uint32_t i)
{
	return ring(f, i) != NULL ? (double)ring(f, i)->queued : NAN;
}

static uint64_t depth_sign(frame *f, uint32_t i)
{
	const struct ipc_obs_ring *r = ring(f, i);

	return r == NULL ? channel(f, i)->size_bytes
			 : r->queued * UINT64_C(0x9e3779b97f4a7c15) ^ r->capacity;
}

static void bar_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct ipc_obs_ring *r = ring(f, i);

	/* No capacity, nothing to be full of. */
	if (r == NULL || r->capacity == 0) {
		field_put(ret, ROLE_DIM, "");
		return;
	}
	bar_level(ret->text, width, f->channels[i].fill,
		  (double)r->high_water / (double)r->capacity, caps.utf8);
	ret->role = bar_role(f->channels[i].fill);
}

static double bar_key(frame *f, uint32_t i)
{
	return 100 * f->channels[i].fill;
}

static double high_key(frame *f, uint32_t i)
{
	return ring(f, i) != NULL ? (double)ring(f, i)->high_water : NAN;
}

static double unfinished_key(frame *f, uint32_t i)
{
	return field_known(channel(f, i)->unfinished);
}

/* ---- how fast it goes ---------------------------------------------------------------- */

static double put_key(frame *f, uint32_t i)
{
	return ring(f, i) != NULL ? f->channels[i].put : NAN;
}

static double get_key(frame *f, uint32_t i)
{
	return ring(f, i) != NULL ? f->channels[i].get : NAN;
}

static double bytes_key(frame *f, uint32_t i)
{
	return ring(f, i) != NULL ? f->channels[i].put_bytes : NAN;
}

/* ---- how long it takes ---------------------------------------------------------------- */

/* Of two directions the worse: a latency that matters must not hide behind the other. */
static double worse(double a, double b)
{
	return fmax(a, b); /* and a number rather than a NaN */
}

static double oldest_key(frame *f, uint32_t i)
{
	const struct ipc_obs_channel *c = channel(f, i);
	double                        v = NAN;

	for (uint32_t k = 0; k < c->n_rings; k++)
		v = worse(v, field_known(c->ring[k].oldest_ns));
	return v;
}

static double p50_key(frame *f, uint32_t i)
{
	const struct ipc_obs_channel *c = channel(f, i);
	double                        v = NAN;

	for (uint32_t k = 0; k < c->n_rings; k++)
		v = worse(v, field_known(c->ring[k].p50_ns));
	return v;
}

static double p99_key(frame *f, uint32_t i)
{
	const struct ipc_obs_channel *c = channel(f, i);
	double                        v = NAN;

	for (uint32_t k = 0; k < c->n_rings; k++)
		v = worse(v, field_known(c->ring[k].p99_ns));
	return v;
}

/* ---- who sleeps here ------------------------------------------------------------------ */

static double receivers_key(frame *f, uint32_t i)
{
	return ring(f, i) != NULL ? sleepers(f, i, 0) : NAN;
}

static double senders_key(frame *f, uint32_t i)
{
	return ring(f, i) != NULL ? sleepers(f, i, 1) : NAN;
}

static double blocked_key(frame *f, uint32_t i)
{
	const struct channel_stat *c = &f->channels[i];

	return ring(f, i) != NULL ? 100 * (c->blocked_put + c->blocked_get) : NAN;
}

static double caused_key(frame *f, uint32_t i)
{
	const struct channel_stat *c = &f->channels[i];

	return ring(f, i) != NULL ? (double)c->caused_put_ns + (double)c->caused_get_ns : NAN;
}

/* clang-format off */
static const struct field fields[] = {
	{"mark", "!", "verdict", "D: a finding of the gravest kind is about it; !: a lesser one, or full with senders asleep",
	 1, 1, 0, 0, UNIT_NONE, mark_key, mark_text},
	{"kind", "KIND", "kind", "pipe, queue, joinq (joinable queue), simple, shm (shared memory)",
	 6, 6, 0, 0, UNIT_NONE, NULL, kind_text},
	{"depth", "DEPTH/CAP", "queued_messages", "messages in it / most it takes; of a duplex pipe the fuller direction, in JSON and CSV both",
	 11, 11, 1, 0, UNIT_COUNT, depth_key, depth_text},
	{"level", "LEVEL", "fill_ratio", "depth / cap drawn; ^: the highest it has been",
	 10, 24, 0, 3, UNIT_PERCENT, bar_key, bar_text},
	{"hwm", "HWM", "high_water_messages", "high-water mark: most messages ever in it",
	 5, 6, 1, 8, UNIT_COUNT, high_key, NULL},
	{"put", "PUT/s", "sent_messages_per_s", "messages put in, a second",
	 5, 6, 1, 0, UNIT_RATE, put_key, NULL},
	{"get", "GET/s", "received_messages_per_s", "messages taken out, a second",
	 5, 6, 1, 0, UNIT_RATE, get_key, NULL},
	{"bytes", "B/s", "sent_bytes_per_s", "bytes put in, a second",
	 5, 6, 1, 9, UNIT_BYTE_RATE, bytes_key, NULL},
	{"oldest", "OLDEST", "oldest_ns", "age of the oldest message in it",
	 6, 7, 1, 2, UNIT_DURATION, oldest_key, NULL},
	{"p50", "p50", "latency_p50_ns", "time from put to get: half of the messages are faster",
	 6, 7, 1, 7, UNIT_DURATION, p50_key, NULL},
	{"p99", "p99", "latency_p99_ns", "time from put to get: 99 of 100 are faster",
	 6, 7, 1, 1, UNIT_DURATION, p99_key, NULL},
	{"unfinished", "UNFIN", "unfinished_tasks", "joinable queue: tasks put and not yet done",
	 5, 6, 1, 10, UNIT_COUNT, unfinished_key, NULL},
	{"ends", "ENDS", "n_ends", "processes that hold it",
	 4, 5, 1, 11, UNIT_COUNT, ends_key, NULL},
	{"blkr", "BLK-R", "blocked_receivers", "threads asleep now because it is empty",
	 5, 5, 1, 5, UNIT_COUNT, receivers_key, NULL},
	{"blks", "BLK-S", "blocked_senders", "threads asleep now because it is full",
	 5, 5, 1, 4, UNIT_COUNT, senders_key, NULL},
	{"blk", "BLK%", "blocked_percent", "sleep it caused: 100 is one thread asleep all the time",
	 4, 5, 1, 1, UNIT_PERCENT, blocked_key, NULL},
	{"caused", "CAUSED", "caused_ns", "sleep it caused since it is watched, of all threads together; sleeps that lasted then count whole",
	 6, 7, 1, 6, UNIT_DURATION, caused_key, NULL},
	{"name", "NAME", "name", "its name, or pid.number of its maker; ?: that was gone",
	 12, 200, 0, 0, UNIT_NONE, NULL, name_text},
};
/* clang-format on */

static const struct field_sign signs[] = {{"mark", mark_sign},
					  {"kind", kind_sign},
					  {"depth", depth_sign},
					  {"name", name_sign},
					  {NULL, NULL}};

const struct listing channel_listing = {
	.name = "Channels",
	.none = "no channel exists",
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.n_rows = field_channels,
	.id = field_channel_id,
	.role = role,
	.json = "channels",
	.more = more_of_channel,
	.signs = signs,
};

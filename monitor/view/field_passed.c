/*
 * field_passed.c - the columns of what has passed in all, where others show rates
 */
#include "view/field.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "view/render.h"

typedef const struct frame frame;

/* ---- channels --------------------------------------------------------------------- */

static const struct ipc_obs_channel *channel(frame *f, uint32_t i)
{
	return &f->s->channels[i];
}

static enum role channel_role(frame *f, uint32_t i)
{
	return channel_listing.role(f, i);
}

/* Both ways together; @of picks what is counted. NaN: nothing passes through it. */
static double sum(frame *f, uint32_t i, uint64_t (*of)(const struct ipc_obs_ring *))
{
	const struct ipc_obs_channel *c = channel(f, i);
	double                        n = 0;

	for (uint32_t k = 0; k < c->n_rings; k++)
		n += (double)of(&c->ring[k]);
	return c->n_rings > 0 ? n : NAN;
}

#define OF_RING(name, member)                                   \
	static uint64_t name##_of(const struct ipc_obs_ring *r) \
	{                                                       \
		return r->member;                               \
	}                                                       \
	static double name##_key(frame *f, uint32_t i)          \
	{                                                       \
		return sum(f, i, name##_of);                    \
	}

OF_RING(put, sent)
OF_RING(get, received)
OF_RING(put_bytes, out.bytes)
OF_RING(get_bytes, in.bytes)
OF_RING(put_blocks, out.blocks)
OF_RING(get_blocks, in.blocks)
OF_RING(put_blocked, out.blocked_ns)
OF_RING(get_blocked, in.blocked_ns)
OF_RING(lost, abandoned + r->taken_by_dead)

static double failed_key(frame *f, uint32_t i)
{
	double n = 0;

	for (size_t k = 0; k < f->s->n_failures; k++)
		if (f->s->failures[k].channel == i)
			n += (double)f->s->failures[k].count;
	return n;
}

static void name_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_put(ret, channel_role(f, i), channel(f, i)->name);
}

/* clang-format off */
static const struct field channel_fields[] = {
	{"put", "PUT", "sent_messages_total", "messages put in since it was made",
	 6, 7, 1, 0, UNIT_COUNT, put_key, NULL},
	{"get", "GOT", "received_messages_total", "messages taken out",
	 6, 7, 1, 0, UNIT_COUNT, get_key, NULL},
	{"putbytes", "PUT-B", "sent_bytes_total", "bytes put in",
	 6, 7, 1, 2, UNIT_BYTES, put_bytes_key, NULL},
	{"getbytes", "GOT-B", "received_bytes_total", "bytes taken out",
	 6, 7, 1, 5, UNIT_BYTES, get_bytes_key, NULL},
	{"putslept", "SLEPT-S", "send_blocks_total", "sleeps of senders that are over: it was full",
	 7, 7, 1, 3, UNIT_COUNT, put_blocks_key, NULL},
	{"putasleep", "FOR-S", "send_blocked_ns_total", "how long senders slept, added up; sleeps that are over",
	 6, 7, 1, 0, UNIT_DURATION, put_blocked_key, NULL},
	{"getslept", "SLEPT-R", "receive_blocks_total", "sleeps of receivers that are over: it was empty",
	 7, 7, 1, 4, UNIT_COUNT, get_blocks_key, NULL},
	{"getasleep", "FOR-R", "receive_blocked_ns_total", "how long receivers slept, added up",
	 6, 7, 1, 0, UNIT_DURATION, get_blocked_key, NULL},
	{"failed", "FAILED", "failed_total", "calls that failed: full, empty, too late, nobody there; the views of errors and details say which",
	 6, 6, 1, 1, UNIT_COUNT, failed_key, NULL},
	{"lost", "LOST", "lost_messages_total", "messages never finished by their senders, or taken by processes that died with them",
	 5, 6, 1, 1, UNIT_COUNT, lost_key, NULL},
	{"name", "NAME", "name", "the channel",
	 12, 200, 0, 0, UNIT_NONE, NULL, name_text},
};
/* clang-format on */

static size_t n_channels(frame *f)
{
	return f->s->n_channels;
}

static uint64_t channel_id(frame *f, uint32_t i)
{
	return channel(f, i)->id;
}

const struct listing channel_total_listing = {
	.name = "Channels in all",
	.none = "no channel exists",
	.fields = channel_fields,
	.n_fields = sizeof(channel_fields) / sizeof(channel_fields[0]),
	.n_rows = n_channels,
	.id = channel_id,
	.role = channel_role,
	.json = "channel_totals",
};

/* ---- processes ----------------------------------------------------------------------- */

static const struct ipc_obs_process *process(frame *f, uint32_t i)
{
	return &f->s->processes[i];
}

#define OF_PROCESS(name, member)                       \
	static double name##_key(frame *f, uint32_t i) \
	{                                              \
		return (double)process(f, i)->member;  \
	}

OF_PROCESS(out, out.messages)
OF_PROCESS(in, in.messages)
OF_PROCESS(out_bytes, out.bytes)
OF_PROCESS(in_bytes, in.bytes)
OF_PROCESS(out_blocks, out.blocks)
OF_PROCESS(in_blocks, in.blocks)
OF_PROCESS(out_blocked, out.blocked_ns)
OF_PROCESS(in_blocked, in.blocked_ns)

static double timeouts_key(frame *f, uint32_t i)
{
	return (double)(process(f, i)->out.timeouts + process(f, i)->in.timeouts);
}

static void process_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	snprintf(ret->text, sizeof(ret->text), "%" PRIu64 "/%.100s", process(f, i)->pid,
		 process(f, i)->name);
	ret->role = process_listing.role(f, i);
}

/* clang-format off */
static const struct field process_fields[] = {
	{"out", "SENT", "sent_messages_total", "messages it sent since it came",
	 6, 7, 1, 0, UNIT_COUNT, out_key, NULL},
	{"in", "RECVD", "received_messages_total", "messages it received",
	 6, 7, 1, 0, UNIT_COUNT, in_key, NULL},
	{"outbytes", "SENT-B", "sent_bytes_total", "bytes it sent",
	 6, 7, 1, 2, UNIT_BYTES, out_bytes_key, NULL},
	{"inbytes", "RECVD-B", "received_bytes_total", "bytes it received",
	 7, 7, 1, 3, UNIT_BYTES, in_bytes_key, NULL},
	{"outslept", "SLEPT-S", "send_blocks_total", "sleeps to send that are over",
	 7, 7, 1, 4, UNIT_COUNT, out_blocks_key, NULL},
	{"outasleep", "FOR-S", "send_blocked_ns_total", "how long, added up; sleeps that are over",
	 6, 7, 1, 0, UNIT_DURATION, out_blocked_key, NULL},
	{"inslept", "SLEPT-R", "receive_blocks_total", "sleeps to receive that are over",
	 7, 7, 1, 5, UNIT_COUNT, in_blocks_key, NULL},
	{"inasleep", "FOR-R", "receive_blocked_ns_total", "how long, added up",
	 6, 7, 1, 0, UNIT_DURATION, in_blocked_key, NULL},
	{"timeouts", "LATE", "timeouts_total", "calls that gave up at their time limit",
	 5, 6, 1, 1, UNIT_COUNT, timeouts_key, NULL},
	{"name", "PROCESS", "process", "its pid and name",
	 12, 200, 0, 0, UNIT_NONE, NULL, process_text},
};
/* clang-format on */

static size_t n_processes(frame *f)
{
	return f->s->n_processes;
}

static uint64_t process_id(frame *f, uint32_t i)
{
	return process(f, i)->id;
}

static enum role process_role(frame *f, uint32_t i)
{
	return process_listing.role(f, i);
}

const struct listing process_total_listing = {
	.name = "Processes in all",
	.none = "no process is here",
	.fields = process_fields,
	.n_fields = sizeof(process_fields) / sizeof(process_fields[0]),
	.n_rows = n_processes,
	.id = process_id,
	.role = process_role,
	.json = "process_totals",
};

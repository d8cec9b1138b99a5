/*
 * more_channel.c - channels for programs: sums over their directions
 */
#include "view/more.h"

#include <math.h>
#include <stddef.h>

typedef const struct frame frame;

static const struct ipc_obs_channel *channel(frame *f, uint32_t i)
{
	return &f->s->channels[i];
}

/* A member of every direction, by where it lies in it; shared memory and locks have none. */
static uint64_t sum(frame *f, uint32_t i, size_t offset)
{
	const struct ipc_obs_channel *c = channel(f, i);
	uint64_t                      n = 0;

	for (uint32_t k = 0; k < c->n_rings; k++)
		n += *(const uint64_t *)(const void *)((const char *)&c->ring[k] + offset);
	return c->n_rings > 0 ? n : IPC_UNKNOWN;
}

#define NO_MESSAGES "messages do not go through it"

#define SUM(name, member)                                                                        \
	static void name(frame *f, uint32_t i, struct data *ret)                                 \
	{                                                                                        \
		data_number(ret, sum(f, i, offsetof(struct ipc_obs_ring, member)), NO_MESSAGES); \
	}

SUM(sent, sent)
SUM(received, received)
SUM(sent_bytes, out.bytes)
SUM(received_bytes, in.bytes)
SUM(send_blocks, out.blocks)
SUM(send_blocked, out.blocked_ns)
SUM(send_timeouts, out.timeouts)
SUM(receive_blocks, in.blocks)
SUM(receive_blocked, in.blocked_ns)
SUM(receive_timeouts, in.timeouts)
SUM(heap, heap_bytes)
SUM(abandoned, abandoned)
SUM(taken_by_dead, taken_by_dead)
SUM(send_vain, vain_out)
SUM(receive_vain, vain_in)

static void depth(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, sum(f, i, offsetof(struct ipc_obs_ring, queued)), NO_MESSAGES);
}

static void fill(frame *f, uint32_t i, struct data *ret)
{
	const struct ipc_obs_channel *c = channel(f, i);

	data_real(ret, f->channels[i].fill, c->n_rings > 0 ? "it has no limit" : NO_MESSAGES);
}

static void capacity(frame *f, uint32_t i, struct data *ret)
{
	uint64_t n = sum(f, i, offsetof(struct ipc_obs_ring, capacity));

	data_number(ret, n > 0 ? n : IPC_UNKNOWN, n > 0 ? NO_MESSAGES : "it has no limit");
}

static void verdict(frame *f, uint32_t i, struct data *ret)
{
	uint32_t v = f->channels[i].verdict;

	data_text(ret, v != IPC_NO_INDEX ? ipc_verdict_name(f->s->verdicts[v].class_) : NULL, NULL);
}

static void kind(frame *f, uint32_t i, struct data *ret)
{
	data_text(ret, ipc_kind_name(channel(f, i)->kind), NULL);
}

/* Of two directions the worse. */
static uint64_t worse(frame *f, uint32_t i, size_t offset)
{
	const struct ipc_obs_channel *c = channel(f, i);
	uint64_t                      most = IPC_UNKNOWN;

	for (uint32_t k = 0; k < c->n_rings; k++) {
		uint64_t v = *(const uint64_t *)(const void *)((const char *)&c->ring[k] + offset);

		if (v != IPC_UNKNOWN && (most == IPC_UNKNOWN || v > most))
			most = v;
	}
	return most;
}

static void oldest(frame *f, uint32_t i, struct data *ret)
{
	uint64_t queued = sum(f, i, offsetof(struct ipc_obs_ring, queued));

	data_number(ret, worse(f, i, offsetof(struct ipc_obs_ring, oldest_ns)),
		    queued == IPC_UNKNOWN ? NO_MESSAGES
		    : queued == 0         ? "it is empty"
				  : "it changed, or too many others had messages, in this reading");
}

#define NOT_SAMPLED "no message has been timed"

#define LATENCY(name, member)                                                        \
	static void name(frame *f, uint32_t i, struct data *ret)                     \
	{                                                                            \
		data_number(ret, worse(f, i, offsetof(struct ipc_obs_ring, member)), \
			    channel(f, i)->n_rings > 0 ? NOT_SAMPLED : NO_MESSAGES); \
	}

LATENCY(p50, p50_ns)
LATENCY(p99, p99_ns)
LATENCY(latency_max, max_ns)

static void id(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, channel(f, i)->id, NULL);
}

static void named(frame *f, uint32_t i, struct data *ret)
{
	data_bool(ret, channel(f, i)->named);
}

static void sealed(frame *f, uint32_t i, struct data *ret)
{
	data_bool(ret, channel(f, i)->sealed);
}

static void simplex(frame *f, uint32_t i, struct data *ret)
{
	data_bool(ret, channel(f, i)->simplex);
}

static void created(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, channel(f, i)->created_ns, NULL);
}

/* Of who looks once it is nothing. */
static void full(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, channel(f, i)->n_rings > 0 ? f->channels[i].full_ns : IPC_UNKNOWN,
		    NO_MESSAGES);
}

static void empty(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, channel(f, i)->n_rings > 0 ? f->channels[i].empty_ns : IPC_UNKNOWN,
		    NO_MESSAGES);
}

static void size(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, channel(f, i)->size_bytes, "it is not shared memory");
}

static void failed(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret,
		    channel(f, i)->kind == IPC_KIND_JOINABLE ? channel(f, i)->tasks_failed
							     : IPC_UNKNOWN,
		    "it is not a joinable queue");
}

/* clang-format off */
const struct more more_of_channel[] = {
	{"verdict", NULL, DATA_TEXT, verdict},
	{"kind", NULL, DATA_TEXT, kind},
	{"queued_messages", NULL, DATA_NUMBER, depth},
	{"fill_ratio", NULL, DATA_REAL, fill},
	{"oldest_ns", NULL, DATA_NUMBER, oldest},
	{"latency_p50_ns", NULL, DATA_NUMBER, p50},
	{"latency_p99_ns", NULL, DATA_NUMBER, p99},
	{"id", "tells it from every other channel there was", DATA_NUMBER, id},
	{"named", "others can open it by its name", DATA_BOOL, named},
	{"sealed", "it has a name, by which nobody can open it any more", DATA_BOOL, sealed},
	{"simplex", "a pipe that goes one way", DATA_BOOL, simplex},
	{"created_ns", "when it was made", DATA_NUMBER, created},
	{"capacity_messages", "most it takes; of a duplex pipe in both directions", DATA_NUMBER, capacity},
	{"sent_messages_total", "messages put in", DATA_NUMBER, sent},
	{"received_messages_total", "messages taken out", DATA_NUMBER, received},
	{"sent_bytes_total", "bytes put in", DATA_NUMBER, sent_bytes},
	{"received_bytes_total", "bytes taken out", DATA_NUMBER, received_bytes},
	{"send_blocks_total", "sleeps of senders that are over", DATA_NUMBER, send_blocks},
	{"send_blocked_ns_total", "time senders were asleep", DATA_NUMBER, send_blocked},
	{"send_timeouts_total", "calls that gave up putting", DATA_NUMBER, send_timeouts},
	{"receive_blocks_total", "sleeps of receivers that are over", DATA_NUMBER, receive_blocks},
	{"receive_blocked_ns_total", "time receivers were asleep", DATA_NUMBER, receive_blocked},
	{"receive_timeouts_total", "calls that gave up getting", DATA_NUMBER, receive_timeouts},
	{"heap_bytes", "payload outside its slots, now", DATA_NUMBER, heap},
	{"latency_max_ns", "time from put to get: the longest that was timed", DATA_NUMBER, latency_max},
	{"abandoned_messages_total", "messages never finished, as their writer died", DATA_NUMBER, abandoned},
	{"taken_by_dead_messages_total", "messages taken by somebody who died with them", DATA_NUMBER, taken_by_dead},
	{"send_vain_wakeups_total", "times that a sender was woken and there was no room", DATA_NUMBER, send_vain},
	{"receive_vain_wakeups_total", "times that a receiver was woken and there was nothing", DATA_NUMBER, receive_vain},
	{"full_ns_total", "time that it was full, as seen at the readings so far", DATA_NUMBER, full},
	{"empty_ns_total", "time that it was empty, as seen at the readings so far", DATA_NUMBER, empty},
	{"size_bytes", "shared memory: its size", DATA_NUMBER, size},
	{"failed_tasks_total", "joinable queue: tasks owed by processes that died", DATA_NUMBER, failed},
	{NULL, NULL, DATA_TEXT, NULL},
};
/* clang-format on */

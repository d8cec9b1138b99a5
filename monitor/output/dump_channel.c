/*
 * dump_channel.c - channels as JSON: sums over the directions, then each of them
 */
#include "output/dump.h"

void dump_flows(struct json *j, const struct ipc_obs_flow *out, const struct ipc_obs_flow *in)
{
	json_number(j, "sent_bytes_total", out->bytes);
	json_number(j, "received_bytes_total", in->bytes);
	json_number(j, "send_blocks_total", out->blocks);
	json_number(j, "send_blocked_ns_total", out->blocked_ns);
	json_number(j, "send_timeouts_total", out->timeouts);
	json_number(j, "receive_blocks_total", in->blocks);
	json_number(j, "receive_blocked_ns_total", in->blocked_ns);
	json_number(j, "receive_timeouts_total", in->timeouts);
}

static void ring(struct json *j, const struct ipc_obs_ring *r)
{
	json_object(j, NULL);
	json_number(j, "sent_messages_total", r->sent);
	json_number(j, "received_messages_total", r->received);
	json_number(j, "queued_messages", r->queued);
	json_number(j, "capacity_messages", r->capacity > 0 ? r->capacity : IPC_UNKNOWN);
	json_number(j, "high_water_messages", r->high_water);
	dump_flows(j, &r->out, &r->in);
	json_number(j, "heap_bytes", r->heap_bytes);
	json_number(j, "oldest_ns", r->oldest_ns);
	json_number(j, "latency_p50_ns", r->p50_ns);
	json_number(j, "latency_p99_ns", r->p99_ns);
	json_number(j, "latency_max_ns", r->max_ns);
	json_number(j, "blocked_senders", r->blocked_senders);
	json_number(j, "blocked_receivers", r->blocked_receivers);
	json_number(j, "abandoned_messages_total", r->abandoned);
	json_number(j, "taken_by_dead_messages_total", r->taken_by_dead);
	json_bool(j, "shut", r->shut);
	json_end(j);
}

static void end(struct json *j, const struct frame *f, const struct ipc_obs_end *e)
{
	static const char *const rights[] = {"send0", "recv0", "send1", "recv1", "done", "map"};

	json_object(j, NULL);
	json_number(j, "pid", f->s->processes[e->process].pid);
	json_string(j, "name", f->s->processes[e->process].name);
	json_array(j, "rights");
	for (unsigned i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if ((e->rights & 1u << i) != 0)
			json_string(j, NULL, rights[i]);
	json_end(j);
	json_number(j, "handles", e->handles);
	json_number(j, "sent_messages_total", e->out.messages);
	json_number(j, "received_messages_total", e->in.messages);
	dump_flows(j, &e->out, &e->in);
	json_number(j, "owed_tasks", e->owed);
	json_end(j);
}

static void sums(struct json *j, const struct ipc_obs_channel *c)
{
	uint64_t sent = 0, received = 0, queued = 0, sent_bytes = 0, received_bytes = 0,
		 senders = 0, receivers = 0;

	for (uint32_t i = 0; i < c->n_rings; i++) {
		sent += c->ring[i].sent;
		received += c->ring[i].received;
		queued += c->ring[i].queued;
		sent_bytes += c->ring[i].out.bytes;
		received_bytes += c->ring[i].in.bytes;
		senders += c->ring[i].blocked_senders;
		receivers += c->ring[i].blocked_receivers;
	}
	json_number(j, "sent_messages_total", c->n_rings > 0 ? sent : IPC_UNKNOWN);
	json_number(j, "received_messages_total", c->n_rings > 0 ? received : IPC_UNKNOWN);
	json_number(j, "queued_messages", c->n_rings > 0 ? queued : IPC_UNKNOWN);
	json_number(j, "sent_bytes_total", c->n_rings > 0 ? sent_bytes : IPC_UNKNOWN);
	json_number(j, "received_bytes_total", c->n_rings > 0 ? received_bytes : IPC_UNKNOWN);
	json_number(j, "blocked_senders", senders);
	json_number(j, "blocked_receivers", receivers);
}

static void channel(struct json *j, const struct frame *f, const struct ipc_obs_channel *c)
{
	json_object(j, NULL);
	json_number(j, "id", c->id);
	json_string(j, "kind", ipc_kind_name(c->kind));
	json_string(j, "name", c->name);
	json_bool(j, "named", c->named);
	json_bool(j, "simplex", c->simplex);
	json_number(j, "created_ns", c->created_ns);
	sums(j, c);
	json_number(j, "size_bytes", c->size_bytes);
	json_number(j, "unfinished_tasks", c->unfinished);
	json_number(j, "failed_tasks_total",
		    c->kind == IPC_KIND_JOINABLE ? c->tasks_failed : IPC_UNKNOWN);
	json_array(j, "directions");
	for (uint32_t i = 0; i < c->n_rings; i++)
		ring(j, &c->ring[i]);
	json_end(j);
	json_array(j, "ends");
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		end(j, f, &f->s->ends[i]);
	json_end(j);
	json_end(j);
}

void dump_channels(struct json *j, const struct frame *f)
{
	json_array(j, "channels");
	for (size_t i = 0; i < f->s->n_channels; i++)
		channel(j, f, &f->s->channels[i]);
	json_end(j);
}

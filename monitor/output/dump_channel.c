/*
 * dump_channel.c - what a channel has several of: directions, ends
 */
#include "output/dump.h"

static void flows(struct json *j, const struct ipc_obs_flow *out, const struct ipc_obs_flow *in)
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
	flows(j, &r->out, &r->in);
	json_number(j, "heap_bytes", r->heap_bytes);
	json_number(j, "oldest_ns", r->oldest_ns);
	json_number(j, "latency_p50_ns", r->p50_ns);
	json_number(j, "latency_p99_ns", r->p99_ns);
	json_number(j, "latency_max_ns", r->max_ns);
	json_number(j, "blocked_senders", r->blocked_senders);
	json_number(j, "blocked_receivers", r->blocked_receivers);
	json_number(j, "abandoned_messages_total", r->abandoned);
	json_number(j, "taken_by_dead_messages_total", r->taken_by_dead);
	json_number(j, "send_vain_wakeups_total", r->vain_out);
	json_number(j, "receive_vain_wakeups_total", r->vain_in);
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
	flows(j, &e->out, &e->in);
	json_number(j, "owed_tasks", e->owed);
	json_end(j);
}

void dump_directions(struct json *j, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];

	json_array(j, "directions");
	for (uint32_t k = 0; k < c->n_rings; k++)
		ring(j, &c->ring[k]);
	json_end(j);
	json_array(j, "ends");
	for (uint32_t k = c->first_end; k < c->first_end + c->n_ends; k++)
		end(j, f, &f->s->ends[k]);
	json_end(j);
}

/*
 * field_flow.c - the columns of the topology: from processes through a channel to processes
 */
#include "text/utf8.h"
#include "view/field.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "model/flow.h"
#include "text/number.h"
#include "view/more.h"
#include "view/render.h"

typedef const struct frame frame;

/* As many as a wide column holds; the rest is counted. */
#define PEERS_NAMED 6

static const struct ipc_obs_channel *channel(frame *f, uint32_t i)
{
	return &f->s->channels[i];
}

static enum role role(frame *f, uint32_t i)
{
	return channel_listing.role(f, i);
}

/* Who has ever gone this way; who only may is named if nobody has. */
static int takes_part(const struct ipc_obs_end *e, int sends, int may)
{
	uint32_t rights = sends ? IPC_RIGHT_SEND0 | IPC_RIGHT_SEND1
				: IPC_RIGHT_RECV0 | IPC_RIGHT_RECV1;

	if (may)
		return (e->rights & (rights | IPC_RIGHT_MAP)) != 0;
	return sends ? flow_sends(e) : flow_receives(e);
}

static size_t peers(frame *f, uint32_t i, int sends, int may, char *ret, size_t size)
{
	const struct ipc_obs_channel *c = channel(f, i);
	size_t                        n = 0, used = 0;

	for (uint32_t k = c->first_end; k < c->first_end + c->n_ends; k++) {
		const struct ipc_obs_process *p = &f->s->processes[f->s->ends[k].process];
		double                        rate = sends ? f->ends[k].out : f->ends[k].in;

		if (!takes_part(&f->s->ends[k], sends, may) || ++n > PEERS_NAMED)
			continue;
		used += (size_t)snprintf(ret + used, size - used, "%s%" PRIu64 "/%.20s",
					 n > 1 ? ", " : "", p->pid, utf8_part(p->name, 20).text);
		if (!may && !isnan(rate))
			used += (size_t)snprintf(ret + used, size - used, " %s",
						 number_rate(rate).text);
	}
	if (n > PEERS_NAMED)
		snprintf(ret + used, size - used, " +%zu", n - PEERS_NAMED);
	return n;
}

static void peers_text(frame *f, uint32_t i, int sends, struct field_text *ret)
{
	ret->role = ROLE_NORMAL;
	if (peers(f, i, sends, 0, ret->text, sizeof(ret->text)) > 0)
		return;
	ret->role = ROLE_DIM;
	if (peers(f, i, sends, 1, ret->text, sizeof(ret->text)) == 0)
		field_put(ret, ROLE_WARN, "nobody");
}

static void from_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	peers_text(f, i, 1, ret);
}

static void to_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	peers_text(f, i, 0, ret);
}

static void arrow_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	int    both = channel(f, i)->n_rings != 1;
	double put = f->channels[i].put;

	if (caps.utf8)
		field_put(ret, put > 0 ? ROLE_MOVING : ROLE_DIM, both ? "\u21c4" : "\u2192");
	else
		field_put(ret, put > 0 ? ROLE_MOVING : ROLE_DIM, both ? "<>" : "->");
}

static void name_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_put(ret, role(f, i), channel(f, i)->name);
}

static double order_key(frame *f, uint32_t i)
{
	/* Within a layer the busier first; a rate never reaches the size of a step. */
	double rate = f->channels[i].put;

	return 1e12 * (FLOW_LAYERS - (double)f->channels[i].layer) + (isnan(rate) ? 0 : rate);
}

static double put_key(frame *f, uint32_t i)
{
	return channel(f, i)->n_rings > 0 ? f->channels[i].put : NAN;
}

static double get_key(frame *f, uint32_t i)
{
	return channel(f, i)->n_rings > 0 ? f->channels[i].get : NAN;
}

static void depth_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct ipc_obs_channel *c = channel(f, i);
	const struct ipc_obs_ring    *r = &c->ring[f->channels[i].ring];

	if (c->n_rings == 0 || r->capacity == 0) {
		field_put(ret, ROLE_DIM, c->n_rings == 0 ? "" : number_count(r->queued).text);
		return;
	}
	bar_level(ret->text, width, f->channels[i].fill,
		  (double)r->high_water / (double)r->capacity, caps.utf8);
	ret->role = bar_role(f->channels[i].fill);
}

static double depth_key(frame *f, uint32_t i)
{
	return f->channels[i].fill;
}

/* clang-format off */
static const struct field fields[] = {
	{"order", "FROM", "from", "processes that put into it, each with its messages a second; dimmed: that could, and never have. "
	 "Sorted by it, channels come in the order in which messages pass them",
	 20, 80, 0, 0, UNIT_NONE, order_key, from_text},
	{"put", "PUT/s", "sent_messages_per_s", "messages put in, a second",
	 5, 6, 1, 2, UNIT_RATE, put_key, NULL},
	{"way", "", "", "one way, or both",
	 2, 2, 0, 0, UNIT_NONE, NULL, arrow_text},
	{"name", "CHANNEL", "channel", "its name",
	 12, 40, 0, 0, UNIT_NONE, NULL, name_text},
	{"level", "LEVEL", "fill_ratio", "how full it is; ^: the highest it has been",
	 8, 16, 0, 1, UNIT_NONE, depth_key, depth_text},
	{"way2", "", "", "",
	 2, 2, 0, 3, UNIT_NONE, NULL, arrow_text},
	{"get", "GET/s", "received_messages_per_s", "messages taken out, a second",
	 5, 6, 1, 0, UNIT_RATE, get_key, NULL},
	{"to", "TO", "to", "processes that take out of it, each with its messages a second",
	 20, 80, 0, 0, UNIT_NONE, NULL, to_text},
};
/* clang-format on */

const struct listing flow_listing = {
	.name = "Topology",
	.none = "no channel exists",
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.n_rows = field_channels,
	.id = field_channel_id,
	.role = role,
	.json = "topology",
	.more = more_of_flow,
};

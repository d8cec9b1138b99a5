/*
 * latency.c - match the two ends of every message
 *
 * Of the messages under way each takes some 80 bytes, here and in its table; of
 * those that arrived only the histogram of their channel and the ten slowest are
 * kept. So memory goes with the depth of the queues, not with the length of the
 * trace - unless receivers were not recorded.
 */

#include "latency.h"

#include "memory.h"

#include <stdbool.h>

struct flight {
	uint64_t seq, len;
	int64_t  time_ns;
	uint32_t channel;
	uint32_t who;       /* index of a person */
	uint32_t next_free; /* + 1; 0: none */
	bool     received;  /* the receive came first */
	bool     live;
};

/* ---- objects and channels -------------------------------------------------- */

static uint32_t object_of(struct latency *l, uint32_t domain, uint64_t id)
{
	uint32_t i = table_get(&l->by_id, id, domain);

	if (i != TABLE_NONE)
		return i;
	i = l->n_objects++;
	l->objects = memory_grow(l->objects, i, sizeof(*l->objects));
	l->objects[i] = (struct latency_object){
		.id = id, .domain = domain, .name = memory_string("")};
	table_put(&l->by_id, id, domain, i);
	return i;
}

static void learn_object(struct latency *l, uint32_t domain, const struct event *e)
{
	uint32_t               i = object_of(l, domain, e->object);
	struct latency_object *o = &l->objects[i];

	o->kind = e->object_kind;
	if (!e->name[0])
		return;
	free(o->name);
	o->name = memory_string(e->name);
}

static uint32_t channel_of(struct latency *l, uint32_t domain, const struct event *e)
{
	uint32_t object = object_of(l, domain, e->object);
	uint32_t i = table_get(&l->by_ring, object, e->ring);

	if (i != TABLE_NONE)
		return i;
	i = l->n_channels++;
	l->channels = memory_grow(l->channels, i, sizeof(struct latency_channel *));
	l->channels[i] = memory_zero(1, sizeof(**l->channels));
	l->channels[i]->object = object;
	l->channels[i]->ring = e->ring;
	table_put(&l->by_ring, object, e->ring, i);
	return i;
}

/* ---- messages under way ---------------------------------------------------- */

static uint32_t flight_new(struct latency *l)
{
	uint32_t i = l->free_flight;

	if (i) {
		l->free_flight = l->flights[i - 1].next_free;
		return i - 1;
	}
	i = l->n_flights++;
	l->flights = memory_grow(l->flights, i, sizeof(*l->flights));
	return i;
}

static void flight_free(struct latency *l, uint32_t i)
{
	l->flights[i] = (struct flight){.next_free = l->free_flight};
	l->free_flight = i + 1;
}

static void count_unmatched(struct latency *l, const struct flight *f)
{
	struct latency_channel *c = l->channels[f->channel];

	if (f->received)
		c->unmatched_received++;
	else
		c->unmatched_sent++;
}

/* ---- messages that arrived ------------------------------------------------- */

static void keep_if_slow(struct latency *l, const struct latency_message *m)
{
	uint32_t i = l->n_slowest;

	if (i == LATENCY_SLOWEST && m->latency_ns <= l->slowest[i - 1].latency_ns)
		return;
	if (i < LATENCY_SLOWEST)
		l->n_slowest++;
	else
		i--;
	for (; i && l->slowest[i - 1].latency_ns < m->latency_ns; i--)
		l->slowest[i] = l->slowest[i - 1];
	l->slowest[i] = *m;
}

static void arrived(struct latency *l, const struct flight *sent, const struct flight *received)
{
	struct latency_channel *c = l->channels[sent->channel];
	struct latency_message  m = {
		 .channel = sent->channel,
		 .sender = sent->who,
		 .receiver = received->who,
		 .seq = sent->seq,
		 .len = sent->len,
		 .sent_ns = sent->time_ns,
		 .received_ns = received->time_ns,
        };

	if (received->time_ns >= sent->time_ns) {
		m.latency_ns = (uint64_t)(received->time_ns - sent->time_ns);
	} else {
		c->clamped++;
		l->clamped++;
	}
	hist_add(&c->hist, m.latency_ns);
	keep_if_slow(l, &m);
}

static void seen(struct latency *l, const struct flight *now)
{
	uint32_t i = table_take(&l->by_seq, now->seq, now->channel);

	if (i != TABLE_NONE) {
		const struct flight before = l->flights[i];

		flight_free(l, i);
		if (before.received != now->received) {
			arrived(l, now->received ? &before : now, now->received ? now : &before);
			return;
		}
		/* Twice at one end: its other end was discarded, or never recorded. */
		count_unmatched(l, &before);
	}
	i = flight_new(l);
	l->flights[i] = *now;
	table_put(&l->by_seq, now->seq, now->channel, i);
}

/* ---- events ---------------------------------------------------------------- */

void latency_event(struct latency *l, const struct event *e)
{
	uint32_t who = people_meet(&l->people, e);
	uint32_t domain = l->people.persons[who].domain;

	switch (e->kind) {
	case EVENT_OBJECT_CREATE:
	case EVENT_OBJECT_OPEN: learn_object(l, domain, e); break;
	case EVENT_SEND_END:
	case EVENT_RECV_END:
		if (e->result < 0 || e->seq == UINT64_MAX)
			break;
		seen(l, &(struct flight){
				.seq = e->seq,
				.len = e->len,
				.time_ns = e->time_ns,
				.channel = channel_of(l, domain, e),
				.who = who,
				.received = e->kind == EVENT_RECV_END,
				.live = true,
			});
		break;
	default: break;
	}
}

void latency_end(struct latency *l)
{
	for (uint32_t i = 0; i < l->n_flights; i++)
		if (l->flights[i].live)
			count_unmatched(l, &l->flights[i]);
	l->n_flights = 0;
	l->free_flight = 0;
	table_fini(&l->by_seq);
}

void latency_fini(struct latency *l)
{
	for (uint32_t i = 0; i < l->n_objects; i++)
		free(l->objects[i].name);
	for (uint32_t i = 0; i < l->n_channels; i++)
		free(l->channels[i]);
	free(l->objects);
	free(l->channels);
	free(l->flights);
	table_fini(&l->by_id);
	table_fini(&l->by_ring);
	table_fini(&l->by_seq);
	people_fini(&l->people);
	*l = (struct latency){0};
}

#include "model/flow.h"

#include <stdlib.h>

#include "text/mem.h"

#define NONE IPC_NO_INDEX

int flow_sends(const struct ipc_obs_end *e)
{
	return e->out.messages > 0;
}

int flow_receives(const struct ipc_obs_end *e)
{
	return e->in.messages > 0;
}

/* Ends: of each channel the one most is put in by, of each process the one it takes most by. */
struct main_ways {
	uint32_t *into, *from;
};

static void find_main_ways(const struct frame *f, struct main_ways *w)
{
	const struct ipc_obs_end *ends = f->s->ends;

	for (size_t i = 0; i < f->s->n_channels; i++)
		w->into[i] = NONE;
	for (size_t i = 0; i < f->s->n_processes; i++)
		w->from[i] = NONE;
	for (uint32_t i = 0; i < f->s->n_ends; i++) {
		uint32_t *into = &w->into[ends[i].channel], *from = &w->from[ends[i].process];

		if (flow_sends(&ends[i]) &&
		    (*into == NONE || ends[i].out.messages > ends[*into].out.messages))
			*into = i;
		if (flow_receives(&ends[i]) &&
		    (*from == NONE || ends[i].in.messages > ends[*from].in.messages))
			*from = i;
	}
}

static unsigned hops_back(const struct frame *f, const struct main_ways *w, uint32_t channel)
{
	unsigned hops = 0;

	for (; hops < FLOW_LAYERS && w->into[channel] != NONE; hops++) {
		uint32_t from = w->from[f->s->ends[w->into[channel]].process];

		if (from == NONE)
			return hops;
		channel = f->s->ends[from].channel;
	}
	return hops;
}

void flow_layers(struct frame *f)
{
	struct main_ways w = {.into = mem_new(f->s->n_channels, sizeof(*w.into)),
			      .from = mem_new(f->s->n_processes, sizeof(*w.from))};

	find_main_ways(f, &w);
	for (uint32_t i = 0; i < f->s->n_channels; i++)
		f->channels[i].layer = w.into[i] == NONE ? FLOW_LAYERS : hops_back(f, &w, i);
	free(w.into);
	free(w.from);
}

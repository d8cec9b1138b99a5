/*
 * grouping.c - which channels have series of their own
 */
#include "metrics/grouping.h"

#include <stdlib.h>
#include <string.h>

#include "text/mem.h"

#define OTHER "_other"

static const struct ipc_obs_channel *sorted; /* qsort(3) hands on no context */

static int by_birth(const void *a, const void *b)
{
	const struct ipc_obs_channel *x = &sorted[*(const uint32_t *)a],
				     *y = &sorted[*(const uint32_t *)b];

	if (x->created_ns != y->created_ns)
		return x->created_ns < y->created_ns ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static int by_name(const void *a, const void *b)
{
	const struct ipc_obs_channel *x = &sorted[*(const uint32_t *)a],
				     *y = &sorted[*(const uint32_t *)b];
	int r = strcmp(x->name, y->name);

	if (r == 0 && x->kind != y->kind)
		r = x->kind < y->kind ? -1 : 1;
	return r != 0 ? r : by_birth(a, b);
}

static int same_series(const struct ipc_obs_channel *x, const struct ipc_obs_channel *y)
{
	return x->kind == y->kind && strcmp(x->name, y->name) == 0;
}

/* Per channel, the youngest one of its kind and name. */
static uint32_t *youngest_namesakes(const struct ipc_snapshot *s, uint32_t *order)
{
	uint32_t *last = mem_new(s->n_channels + 1, sizeof(*last)), youngest = 0;

	qsort(order, s->n_channels, sizeof(*order), by_name);
	for (size_t i = s->n_channels; i-- > 0;) {
		if (i + 1 == s->n_channels ||
		    !same_series(&s->channels[order[i]], &s->channels[youngest]))
			youngest = order[i];
		last[order[i]] = youngest;
	}
	return last;
}

static uint32_t add_series(struct grouping *g, const struct ipc_obs_channel *c)
{
	if (g->n >= METRICS_CHANNELS_MAX)
		return METRICS_CHANNELS_MAX;
	g->v[g->n] = (struct series){ipc_kind_name(c->kind), c->name};
	return g->n++;
}

void grouping_init(struct grouping *g, const struct ipc_snapshot *s)
{
	uint32_t *order = mem_new(s->n_channels + 1, sizeof(*order)), *last;

	sorted = s->channels;
	for (size_t i = 0; i < s->n_channels; i++)
		order[i] = (uint32_t)i;
	last = youngest_namesakes(s, order);
	qsort(order, s->n_channels, sizeof(*order), by_birth);
	*g = (struct grouping){.of = mem_new(s->n_channels + 1, sizeof(*g->of))};
	for (size_t i = 0; i < s->n_channels; i++) {
		uint32_t c = order[i];

		g->of[c] = last[c] == c ? add_series(g, &s->channels[c]) : METRICS_CHANNELS_MAX;
		g->n_dropped += g->of[c] == METRICS_CHANNELS_MAX;
	}
	g->n_own = g->n;
	g->v[g->n_own] = (struct series){OTHER, OTHER};
	g->n += g->n_dropped > 0;
	for (size_t i = 0; i < s->n_channels; i++)
		if (g->of[i] == METRICS_CHANNELS_MAX)
			g->of[i] = g->n_own;
	free(order);
	free(last);
}

void grouping_fini(struct grouping *g)
{
	free(g->of);
	*g = (struct grouping){.n = 0};
}

void grouping_labels(char labels[METRIC_LABELS_BYTES], const struct series *s)
{
	labels[0] = 0;
	metric_label(labels, "channel", s->name);
	metric_label(labels, "kind", s->kind);
}

/* What only grows is told of a channel alone. */
int grouping_tells(const struct grouping *g, uint32_t series, enum metric_type type)
{
	return type == METRIC_GAUGE || series < g->n_own;
}

/* tally_ends.c - what each end passes, and from which lines */

#include <stdlib.h>

#include "model/tally_parts.h"
#include "symbols.h"
#include "text/mem.h"

/* An end has no id, but keeps its place among the others: so both readings are walked along. */
struct end_past {
	uint64_t    channel, process; /* ids */
	uint64_t    out, in;
	uint64_t    out_at, in_at; /* addresses, and what they are in the source */
	const char *out_site, *in_site;
};

/* How far an end may have moved by others' coming and going and still be found. */
#define ENDS_LOOKED_AT 64

static const struct end_past *same_end(const struct tally *m, const struct end_past *e,
				       size_t *cursor)
{
	for (size_t k = *cursor; k < m->n_ends && k < *cursor + ENDS_LOOKED_AT; k++)
		if (m->ends[k].channel == e->channel && m->ends[k].process == e->process) {
			*cursor = k + 1;
			return &m->ends[k];
		}
	return NULL;
}

/* New places named in one reading: the first one must not keep people waiting. Picked. */
#define SITES_NAMED 64

/* A busy end passes at the same line over and over. */
static const char *name_site(struct tally *m, const struct ipc_obs_end *e, uint64_t at,
			     uint64_t past_at, const char *past, unsigned *budget)
{
	if (at == 0 || m->symbols == NULL || m->brief)
		return "";
	const struct ipc_obs_process *p = &m->frame.s->processes[e->process];
	const char                   *known;

	if (at == past_at && past[0] != 0)
		return past;
	known = symbols_known(m->symbols, p, at);
	if (known != NULL || *budget == 0)
		return known != NULL ? known : "";
	--*budget;
	return symbols_text(m->symbols, p, at);
}

static void name_sites(struct tally *m, size_t i, struct end_past *now, const struct end_past *past,
		       unsigned *budget)
{
	static const struct end_past unknown = {.out_site = "", .in_site = ""};
	const struct ipc_obs_end    *e = &m->frame.s->ends[i];

	if (past == NULL)
		past = &unknown;
	now->out_at = e->out_site;
	now->in_at = e->in_site;
	now->out_site = name_site(m, e, e->out_site, past->out_at, past->out_site, budget);
	now->in_site = name_site(m, e, e->in_site, past->in_at, past->in_site, budget);
	m->frame.ends[i].out_site = now->out_site;
	m->frame.ends[i].in_site = now->in_site;
}

void tally_ends(struct tally *m)
{
	struct frame    *f = &m->frame;
	size_t           n = f->s->n_ends, cursor = 0;
	struct end_past *now = mem_new(n, sizeof(*now));
	unsigned         budget = SITES_NAMED;

	for (size_t i = 0; i < n; i++) {
		const struct ipc_obs_end *e = &f->s->ends[i];
		const struct end_past    *past;

		now[i] = (struct end_past){.channel = f->s->channels[e->channel].id,
					   .process = f->s->processes[e->process].id,
					   .out = e->out.messages,
					   .in = e->in.messages};
		past = same_end(m, &now[i], &cursor);
		name_sites(m, i, &now[i], past, &budget);
		if (past == NULL || !(f->interval_s > 0))
			continue;
		f->ends[i].out = tally_rate((double)now[i].out, (double)past->out, f->interval_s);
		f->ends[i].in = tally_rate((double)now[i].in, (double)past->in, f->interval_s);
	}
	free(m->ends);
	m->ends = now;
	m->n_ends = n;
}

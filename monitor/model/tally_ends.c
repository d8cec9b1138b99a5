/* tally_ends.c - what each end passes, and from which lines */

#include <stdlib.h>
#include <string.h>

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

static int is_of(const struct end_past *e, const struct ipc_snapshot *s,
		 const struct ipc_obs_end *x)
{
	return e->channel == s->channels[x->channel].id &&
	       e->process == s->processes[x->process].id;
}

/* What was kept of end @x: @*cursor, or close behind. */
static struct end_past *same_end(const struct tally *m, const struct ipc_obs_end *x, size_t *cursor)
{
	for (size_t k = *cursor; k < m->n_ends && k < *cursor + ENDS_LOOKED_AT; k++)
		if (is_of(&m->ends[k], m->frame.s, x)) {
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

static void name_sites(struct tally *m, size_t i, struct end_past *e, unsigned *budget)
{
	const struct ipc_obs_end *x = &m->frame.s->ends[i];

	e->out_site = name_site(m, x, x->out_site, e->out_at, e->out_site, budget);
	e->in_site = name_site(m, x, x->in_site, e->in_at, e->in_site, budget);
	e->out_at = x->out_site;
	e->in_at = x->in_site;
	m->frame.ends[i].out_site = e->out_site;
	m->frame.ends[i].in_site = e->in_site;
}

/* From @e, which was kept of it @since_s ago, or is new. */
static void update_end(struct tally *m, size_t i, struct end_past *e, double since_s,
		       unsigned *budget)
{
	struct frame             *f = &m->frame;
	const struct ipc_obs_end *x = &f->s->ends[i];

	name_sites(m, i, e, budget);
	if (since_s > 0) {
		f->ends[i].out = tally_rate((double)x->out.messages, (double)e->out, since_s);
		f->ends[i].in = tally_rate((double)x->in.messages, (double)e->in, since_s);
	}
	e->out = x->out.messages;
	e->in = x->in.messages;
}

static struct end_past new_end(const struct ipc_snapshot *s, const struct ipc_obs_end *x)
{
	return (struct end_past){.channel = s->channels[x->channel].id,
				 .process = s->processes[x->process].id,
				 .out_site = "",
				 .in_site = ""};
}

/* From end @first on they are not where they were: some have come or gone. */
static void move_ends(struct tally *m, size_t first, double since_s, unsigned *budget)
{
	const struct ipc_snapshot *s = m->frame.s;
	struct end_past           *now = mem_new(s->n_ends, sizeof(*now));
	size_t                     cursor = first;

	if (first > 0)
		memcpy(now, m->ends, first * sizeof(*now));
	for (size_t i = first; i < s->n_ends; i++) {
		const struct end_past *past = same_end(m, &s->ends[i], &cursor);

		now[i] = past != NULL ? *past : new_end(s, &s->ends[i]);
		update_end(m, i, &now[i], past == NULL ? NAN : since_s, budget);
	}
	free(m->ends);
	m->ends = now;
	m->n_ends = s->n_ends;
}

/*
 * Few look at an end, and each change of many takes its time: of more than these they are gone
 * through once a second. Picked: as many take a tenth of a millisecond.
 */
#define ENDS_EACH 2048
#define ENDS_NS   UINT64_C(1000000000)

static int are_due(const struct tally *m)
{
	const struct ipc_snapshot *s = m->frame.s;

	return s->n_ends <= ENDS_EACH || m->frame.ends == NULL || m->ends_generation == 0 ||
	       m->ends_generation != s->generation || m->n_ends != s->n_ends ||
	       s->t_mono_ns - m->ends_ns >= ENDS_NS;
}

static void update_ends(struct tally *m)
{
	const struct ipc_snapshot *s = m->frame.s;
	double   since_s = m->t_ns != 0 ? (double)(s->t_mono_ns - m->ends_ns) / NS : NAN;
	unsigned budget = SITES_NAMED;
	size_t   i = 0;

	for (; i < s->n_ends && i < m->n_ends && is_of(&m->ends[i], s, &s->ends[i]); i++)
		update_end(m, i, &m->ends[i], since_s, &budget);
	if (i < s->n_ends || i < m->n_ends)
		move_ends(m, i, since_s, &budget);
	/* While some have no names or rates yet, the next reading has to go on with it. */
	m->ends_generation = m->brief || budget == 0 || isnan(since_s) ? 0 : s->generation;
	m->ends_ns = s->t_mono_ns;
}

void tally_ends(struct tally *m)
{
	if (!are_due(m))
		return;
	frame_renew_ends(&m->frame);
	update_ends(m);
}

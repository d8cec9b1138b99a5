#include "model/tally.h"

#include <stdlib.h>

#include "lint/events.h"
#include "model/tally_parts.h"
#include "symbols.h"
#include "text/mem.h"

/* ---- waits and verdicts --------------------------------------------------------- */

/*
 * The counters of ends know of sleeps that are over; those that last are in the wait
 * records. Together they grow by one second a second for each thread asleep.
 */
static void asleep_at(struct frame *f, uint32_t i_wait, enum ipc_op op, uint32_t channel)
{
	uint64_t             age_ns = f->waits[i_wait].age_ns;
	struct channel_stat *c = &f->channels[channel];
	struct process_stat *p = &f->processes[frame_thread(f, &f->s->waits[i_wait])->process];

	if (op == IPC_OP_SEND || op == IPC_OP_PUT) {
		c->asleep_put_ns += age_ns;
		p->asleep_out_ns += age_ns;
	} else if (op != IPC_OP_JOIN) { /* no end counts those */
		c->asleep_get_ns += age_ns;
		p->asleep_in_ns += age_ns;
	}
}

/* For several things, at each of them: so their ends count it. */
static void update_channels(struct frame *f, uint32_t i_wait)
{
	const struct ipc_obs_wait *w = &f->s->waits[i_wait];

	if (w->n_listed == 0 && w->channel != IPC_NO_INDEX)
		asleep_at(f, i_wait, w->op, w->channel);
	for (uint32_t i = w->first_item; i < w->first_item + w->n_listed; i++)
		if (f->s->items[i].channel != IPC_NO_INDEX)
			asleep_at(f, i_wait, f->s->items[i].op, f->s->items[i].channel);
}

static void update_wait(struct tally *m, uint32_t i)
{
	struct frame              *f = &m->frame;
	const struct ipc_obs_wait *w = &f->s->waits[i];
	struct process_stat       *p = &f->processes[frame_thread(f, w)->process];
	struct wait_stat          *st = &f->waits[i];

	st->age_ns = f->s->t_mono_ns > w->since_ns ? f->s->t_mono_ns - w->since_ns : 0;
	p->asleep_ns += st->age_ns;
	if (p->wait == IPC_NO_INDEX) /* they come longest first */
		p->wait = i;
	update_channels(f, i);
	if (m->symbols != NULL && !m->brief && w->site != 0)
		symbols_site(m->symbols, frame_process(f, w), w->site, st->site, sizeof(st->site));
}

static void update_hold(struct tally *m, uint32_t i)
{
	struct frame              *f = &m->frame;
	const struct ipc_obs_hold *h = &f->s->holds[i];

	if (m->symbols != NULL && !m->brief && h->site != 0)
		symbols_site(m->symbols, &f->s->processes[f->s->threads[h->thread].process],
			     h->site, f->holds[i].site, sizeof(f->holds[i].site));
}

/* Verdicts come gravest first: the first mark stays. */
static void mark(struct frame *f, uint32_t i_verdict, uint32_t i_wait, int behind)
{
	const struct ipc_obs_wait *w = &f->s->waits[i_wait];
	struct process_stat       *p = &f->processes[frame_thread(f, w)->process];

	if (f->waits[i_wait].verdict == IPC_NO_INDEX) {
		f->waits[i_wait].verdict = i_verdict;
		f->waits[i_wait].behind = behind;
	}
	if (p->verdict == IPC_NO_INDEX)
		p->verdict = i_verdict;
	if (w->channel != IPC_NO_INDEX && f->channels[w->channel].verdict == IPC_NO_INDEX) {
		f->channels[w->channel].verdict = i_verdict;
		f->channels[w->channel].behind = behind;
	}
}

static void mark_verdicts(struct frame *f)
{
	for (uint32_t i = 0; i < f->s->n_verdicts; i++)
		for (size_t k = 0; k < f->s->verdicts[i].n_core; k++)
			mark(f, i, f->s->verdicts[i].core[k], 0);
	for (uint32_t i = 0; i < f->s->n_verdicts; i++)
		for (size_t k = 0; k < f->s->verdicts[i].n_behind; k++)
			mark(f, i, f->s->verdicts[i].behind[k], 1);
}

/* ---- who runs and is waited for -------------------------------------------------- */

/* Where process @p last did what wait @w is for; "": it never has, or nobody knows. */
static const char *last_site(const struct frame *f, uint32_t p, const struct ipc_obs_wait *w)
{
	const struct ipc_obs_channel *c;
	int gets = w->op == IPC_OP_PUT || w->op == IPC_OP_SEND || w->op == IPC_OP_JOIN;

	if (w->channel == IPC_NO_INDEX)
		return "";
	c = &f->s->channels[w->channel];
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if (f->s->ends[i].process == p)
			return gets ? f->ends[i].in_site : f->ends[i].out_site;
	return "";
}

/* Nobody who runs has a wait that says where; its last get or put does. */
static void update_runners(struct frame *f)
{
	const struct chain *c = &f->chain;

	for (size_t i = 0; i + 1 < c->n; i++)
		/* The line below is of who has waited for it longest. */
		if (c->lines[i].wait == IPC_NO_INDEX)
			f->processes[c->lines[i].process].site = last_site(
				f, c->lines[i].process, &f->s->waits[c->lines[i + 1].wait]);
}

static void find_events(struct tally *m)
{
	if (m->events == NULL)
		m->events = mem_new(1, sizeof(*m->events));
	events_find(&m->frame, m->events, LINT_ALL & ~m->lints_off);
}

void tally_update(struct tally *m, const struct ipc_snapshot *s)
{
	/* A successor of the same name counts from zero: nothing old applies. */
	if (m->nonce != s->nonce || s->t_mono_ns < m->t_ns)
		tally_forget(m);
	frame_renew(&m->frame, s);
	m->frame.recorded = m->usage != NULL;
	if (m->t_ns != 0)
		m->frame.interval_s = (double)(s->t_mono_ns - m->t_ns) / NS;
	for (uint32_t i = 0; i < s->n_waits; i++)
		update_wait(m, i);
	for (uint32_t i = 0; i < s->n_holds; i++)
		update_hold(m, i);
	for (uint32_t i = 0; i < s->n_channels; i++)
		tally_channel(m, i);
	for (uint32_t i = 0; i < s->n_processes; i++)
		tally_process(m, i);
	tally_ends(m);
	mark_verdicts(&m->frame);
	chain_init(&m->frame.chain, &m->frame);
	tally_layers(m);
	locks_find(&m->frame, &m->locks);
	if (!m->without_events)
		find_events(m);
	update_runners(&m->frame);
	table_sweep(&m->channels);
	table_sweep(&m->processes);
	latencies_sweep(&m->latencies);
	m->nonce = s->nonce;
	m->t_ns = s->t_mono_ns;
}

void tally_drop_frame(struct tally *m)
{
	frame_fini(&m->frame);
}

void tally_forget(struct tally *m)
{
	table_fini(&m->channels);
	table_fini(&m->processes);
	latencies_fini(&m->latencies);
	locks_past_fini(&m->locks);
	events_fini(m->events);
	m->events = NULL;
	m->n_ends = 0;
	m->ends_generation = 0;
	m->t_ns = m->layers_ns = 0;
}

void tally_fini(struct tally *m)
{
	frame_fini(&m->frame);
	namespaces_fini(&m->namespaces);
	table_fini(&m->channels);
	table_fini(&m->processes);
	latencies_fini(&m->latencies);
	locks_past_fini(&m->locks);
	events_fini(m->events);
	free(m->ends);
}

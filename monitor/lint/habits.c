#include "lint/habits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/mem.h"
#include "text/utf8.h"

static habit_rule *const rules[] = {
	rule_channels, rule_shares, rule_polls, rule_orders, rule_watching,
};

struct habit_name habit_name(const struct frame *f, uint32_t process)
{
	const struct ipc_obs_process *p = &f->s->processes[process];
	struct habit_name             n;

	snprintf(n.text, sizeof(n.text), "%.40s %" PRIu64, utf8_part(p->name, 40).text, p->pid);
	return n;
}

static void keep(struct habits *h, const struct frame *f, const struct lint *t)
{
	h->found[h->n++] = (struct habit){
		*t, t->process == IPC_NO_INDEX ? 0 : f->s->processes[t->process].id,
		t->channel == IPC_NO_INDEX ? 0 : f->s->channels[t->channel].id};
}

void habits_look(struct habits *h, const struct frame *f)
{
	struct lints l = {0};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		rules[i](&l, f, h);
	h->n = 0;
	for (size_t i = 0; i < l.n && h->n < HABITS_MAX; i++)
		keep(h, f, &l.v[i]);
	lints_fini(&l);
	table_sweep(&h->channels);
	table_sweep(&h->ends);
	table_sweep(&h->polls);
	table_sweep(&h->threads);
}

/* ---- showing ---------------------------------------------------------------------------- */

/* Things mostly are where they were. IPC_NO_INDEX: it has gone. */
static uint32_t process_of(const struct frame *f, const struct habit *t)
{
	if (t->lint.process < f->s->n_processes &&
	    f->s->processes[t->lint.process].id == t->process)
		return t->lint.process;
	for (uint32_t i = 0; i < f->s->n_processes; i++)
		if (f->s->processes[i].id == t->process)
			return i;
	return IPC_NO_INDEX;
}

static uint32_t channel_of(const struct frame *f, const struct habit *t)
{
	if (t->lint.channel < f->s->n_channels && f->s->channels[t->lint.channel].id == t->channel)
		return t->lint.channel;
	for (uint32_t i = 0; i < f->s->n_channels; i++)
		if (f->s->channels[i].id == t->channel)
			return i;
	return IPC_NO_INDEX;
}

void habits_show(const struct habits *h, struct frame *f)
{
	f->habits = mem_new(h->n, sizeof(*f->habits));
	f->n_habits = 0;
	for (size_t i = 0; i < h->n; i++) {
		const struct habit *t = &h->found[i];
		struct lint         l = t->lint;

		l.process = t->process == 0 ? IPC_NO_INDEX : process_of(f, t);
		l.channel = t->channel == 0 ? IPC_NO_INDEX : channel_of(f, t);
		if ((t->process == 0) == (l.process == IPC_NO_INDEX) &&
		    (t->channel == 0) == (l.channel == IPC_NO_INDEX))
			f->habits[f->n_habits++] = l;
	}
}

void habits_fini(struct habits *h)
{
	table_fini(&h->channels);
	table_fini(&h->ends);
	table_fini(&h->polls);
	table_fini(&h->threads);
	orders_free(h->orders);
	*h = (struct habits){.n = 0};
}

#include "lint/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/table.h"
#include "text/mem.h"

/* Of what one reading shows; for the others see habits.c. */
static lint_rule *const rules[N_LINTS] = {
	[LINT_JOIN_BEFORE_DRAIN] = rule_join_before_drain,
	[LINT_DEAD_OWNER] = rule_dead_owner,
	[LINT_NOBODY_THERE] = rule_nobody_there,
	[LINT_LOST_TASK_DONE] = rule_lost_task_done,
	[LINT_EXTRA_TASK_DONE] = rule_extra_task_done,
	[LINT_LEAKED_END] = rule_leaked_end,
	[LINT_FORK_WHILE_LOCKED] = rule_fork_while_locked,
	[LINT_TRUNCATED_MESSAGE] = rule_truncated_message,
	[LINT_LATE] = rule_late,
};

uint64_t lint_key(const struct frame *f, const struct lint *l)
{
	uint64_t p = l->process == IPC_NO_INDEX ? 0 : f->s->processes[l->process].id;
	uint64_t c = l->channel == IPC_NO_INDEX ? 0 : f->s->channels[l->channel].id;

	return table_mix(table_mix((uint64_t)l->id + 1, p), c) | 1;
}

static struct lint *add(struct lints *l)
{
	l->v = mem_grow(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n] = (struct lint){.process = IPC_NO_INDEX, .channel = IPC_NO_INDEX};
	return &l->v[l->n++];
}

static void add_history(struct lint *l, const struct frame *f)
{
	uint64_t key = lint_key(f, l);

	for (size_t i = 0; i < f->n_events; i++)
		if (f->events[i].kind == EVENT_LINT && f->events[i].id == key) {
			l->count = f->events[i].count;
			l->first_ns = f->events[i].first_ns;
			l->last_ns = f->events[i].last_ns;
			return;
		}
}

void lints_find(struct lints *ret, const struct frame *f, uint64_t enabled)
{
	*ret = (struct lints){0};
	for (unsigned i = 0; i < N_LINTS; i++) {
		if ((enabled >> i & 1) == 0)
			continue;
		if (rules[i] != NULL)
			rules[i](ret, f);
		for (size_t k = 0; k < f->n_habits; k++)
			if (f->habits[k].id == i)
				*add(ret) = f->habits[k];
	}
	for (size_t i = 0; i < ret->n; i++)
		add_history(&ret->v[i], f);
}

/* What an event was about may be gone by now: its text says what it was. */
static void add_past(struct lints *l, const struct event *e)
{
	struct lint *new = add(l);

	new->id = (enum lint_id)e->code;
	new->count = e->count;
	new->first_ns = e->first_ns;
	new->last_ns = e->last_ns;
	snprintf(new->text, sizeof(new->text), "%s", e->text);
}

void lints_seen(struct lints *ret, const struct frame *f, uint64_t enabled)
{
	lints_find(ret, f, enabled);
	for (size_t i = 0; i < f->n_events; i++) {
		const struct event *e = &f->events[i];

		if (e->kind == EVENT_LINT && e->now == EVENT_GONE && (enabled >> e->code & 1) != 0)
			add_past(ret, e);
	}
}

void lints_fini(struct lints *l)
{
	free(l->v);
	*l = (struct lints){0};
}

void lint_add(struct lints *l, enum lint_id id, uint32_t process, uint32_t channel, const char *fmt,
	      ...)
{
	struct lint *new = add(l);
	va_list args;

	new->is_now = 1;
	new->id = id;
	new->process = process;
	new->channel = channel;
	va_start(args, fmt);
	vsnprintf(new->text, sizeof(new->text), fmt, args);
	va_end(args);
}

int lint_tells(const struct lints *l, enum lint_id id, uint32_t process, uint32_t channel)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].id == id && l->v[i].process == process && l->v[i].channel == channel)
			return 1;
	return 0;
}

const struct ipc_obs_end *lint_end(const struct frame *f, uint32_t c, uint32_t process,
				   uint32_t rights)
{
	const struct ipc_obs_channel *channel = &f->s->channels[c];

	if (f->s->processes[process].life == IPC_OBS_DEAD)
		return NULL;
	for (uint32_t i = channel->first_end; i < channel->first_end + channel->n_ends; i++)
		if (f->s->ends[i].process == process && (f->s->ends[i].rights & rights) != 0)
			return &f->s->ends[i];
	return NULL;
}

int lint_all_asleep(const struct frame *f, uint32_t process)
{
	const struct ipc_obs_process *p = &f->s->processes[process];

	return p->life == IPC_OBS_ALIVE && p->n_threads > 0 && p->n_blocked >= p->n_threads;
}

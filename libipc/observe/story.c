/*
 * story.c - a finding in words that need no manual
 *
 * First who and what in one line; then a line for each thread of the core, with
 * all that could have helped it (to say "A waits for B" is a lie if C could do it
 * as well). What follows these is in reasons.c.
 */

#include <inttypes.h>
#include <stdio.h>

#include <ipc/queue.h>

#include "observe/scene.h"

#define NAMED_MAX 6  /* of a list, before "and N more" */
#define WAYS_MAX  16 /* of those who could help: each may be the one that should have */

void story_add(struct story *s, const char *fmt, ...)
{
	va_list ap;
	int     n;

	if (s->n + 1 >= s->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(s->buf + s->n, s->size - s->n, fmt, ap);
	va_end(ap);
	if (n > 0)
		s->n = (size_t)n < s->size - s->n ? s->n + (size_t)n : s->size - 1;
}

void story_process(struct story *s, const struct view *v, uint32_t process)
{
	const struct ipc_obs_process *p = &v->process[process];

	story_add(s, "%s %" PRIu64, p->name[0] ? p->name : "process", p->pid);
}

/* A thread by its process; by its own name and number too where there are several. */
void story_thread(struct story *out, const struct scene *s, uint32_t t)
{
	const struct ipc_obs_thread *thread = &s->v->thread[t];

	story_process(out, s->v, thread->process);
	if (s->v->process[thread->process].n_threads > 1)
		story_add(out, " thread %" PRIu64, thread->tid);
}

static void add_age(struct story *out, uint64_t ns)
{
	double s = (double)ns / 1e9;

	if (s < 60)
		story_add(out, "%.1f s", s);
	else if (s < 3600)
		story_add(out, "%.0f min %.0f s", (double)(int)(s / 60), s - 60 * (int)(s / 60));
	else
		story_add(out, "%.1f h", s / 3600);
}

static uint64_t age(const struct scene *s, uint32_t t)
{
	uint64_t since = scene_wait(s, t)->since_ns;

	return s->now_ns > since ? s->now_ns - since : 0;
}

static const char *helping_act(const struct scene *s, uint32_t op, const struct model_group *g)
{
	switch (op) {
	case IPC_OP_SEND: return "recv";
	case IPC_OP_PUT: return "get";
	case IPC_OP_LOCK:
	case IPC_OP_RDLOCK:
	case IPC_OP_WRLOCK: return "unlock";
	case IPC_OP_SEM: return "post";
	case IPC_OP_EVENT: return "set";
	case IPC_OP_COND: return "notify";
	case IPC_OP_BARRIER: return "arrival";
	case IPC_OP_PROC: return "exit";
	case IPC_OP_JOIN: return g->death != DEATH_CLOSES ? "task_done" : "get and task_done";
	case IPC_OP_GET:
		return s->v->channel[g->tag].on_death == IPC_TASKS_REQUEUE ? "put or give back"
									   : "put";
	default: return "send";
	}
}

static void add_way(struct story *out, const struct scene *s, uint32_t t, const struct model_way *w)
{
	uint32_t p = w->is_thread ? s->m->thread[w->index].process : w->index;
	bool     any_stuck = false, any_stopped = s->m->process[p].stopped;

	if (w->is_thread ? w->index == t : p == s->m->thread[t].process) {
		story_add(out, "itself");
		return;
	}
	if (w->is_thread)
		story_thread(out, s, w->index);
	else
		story_process(out, s->v, p);
	for (uint32_t k = s->m->of_members[p]; k < s->m->of_members[p + 1]; k++) {
		any_stuck = any_stuck || s->stuck[s->m->members[k]];
		any_stopped = any_stopped || s->m->thread[s->m->members[k]].stopped;
	}
	if (any_stopped)
		story_add(out, " (stopped)");
	else if (s->m->process[p].opaque)
		story_add(out, " (not certain, see below)");
	else if (any_stuck)
		story_add(out, " (stuck too)");
}

static void add_group(struct story *out, const struct scene *s, uint32_t t, uint32_t op,
		      const struct model_group *g)
{
	if (g->n_ways == 0) {
		story_add(out, "nobody is left who could %s", helping_act(s, op, g));
		return;
	}
	story_add(out, "only %s by ", helping_act(s, op, g));
	if (g->need > 1)
		story_add(out, "%u of ", g->need);
	for (uint32_t k = 0; k < g->n_ways && k < WAYS_MAX; k++) {
		story_add(out, !k ? "" : g->need > 1 ? ", " : " or ");
		add_way(out, s, t, &s->m->way[g->first_way + k]);
	}
	if (g->n_ways > WAYS_MAX)
		story_add(out, " or %u more", g->n_ways - WAYS_MAX);
	story_add(out, " could end it");
}

/*
 * The @k-th group of @item as it is told; NULL: not at all. Of those who could come to a
 * barrier, who have not come is told rather than who could get at it.
 */
static const struct model_group *told_group(const struct scene *s, const struct model_item *item,
					    uint32_t k)
{
	const uint32_t           *group = &s->m->item_group[item->first_group];
	const struct model_group *g = &s->m->group[group[k]], *next;

	if (g->crowd)
		return NULL;
	next = k + 1 < item->n_groups ? &s->m->group[group[k + 1]] : NULL;
	return next && next->crowd && next->n_ways ? next : g;
}

void story_line(struct story *out, const struct scene *s, uint32_t t)
{
	const struct model_thread *thread = &s->m->thread[t];
	const struct ipc_obs_wait *w = scene_wait(s, t);
	unsigned                   n = 0;

	story_thread(out, s, t);
	story_add(out, ": %s, for ", w->text);
	add_age(out, age(s, t));
	for (uint32_t i = thread->first_item; i < thread->first_item + thread->n_items; i++) {
		const struct model_item *item = &s->m->item[i];

		for (uint32_t k = 0; k < item->n_groups && n < NAMED_MAX; k++) {
			const struct model_group *g = told_group(s, item, k);

			if (!g)
				continue;
			story_add(out, !n                            ? "; "
				       : thread->need == 1 && k == 0 ? "; or "
								     : "; and ");
			add_group(out, s, t, item->tag, g);
			n++;
		}
	}
	if (w->op == IPC_OP_JOIN && w->channel != IPC_NO_INDEX &&
	    s->v->channel[w->channel].tasks_failed)
		story_add(out,
			  "; %" PRIu64 " tasks went with processes that died, the last %" PRIu64,
			  s->v->channel[w->channel].tasks_failed,
			  s->v->channel[w->channel].failed_pid);
	story_add(out, "\n");
}

static void add_names(struct story *out, const struct scene *s, const uint32_t *t, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < NAMED_MAX; i++) {
		story_add(out, i == 0 ? "" : i + 1 == n ? " and " : ", ");
		story_thread(out, s, t[i]);
	}
	if (n > NAMED_MAX)
		story_add(out, " and %u more", n - NAMED_MAX);
}

/* "parent 12 and worker 13 wait for one another", or what a single one waits for */
static void add_circle(struct story *out, const struct scene *s)
{
	add_names(out, s, s->core, s->n_core);
	if (s->n_core > 1)
		story_add(out, " wait for one another: ");
	else
		story_add(out, " waits for what cannot come: ");
	for (uint32_t i = 0; i < s->n_core && i < 3; i++)
		story_add(out, "%s%s", i ? ", " : "", scene_wait(s, s->core[i])->text);
	story_add(out, s->n_core > 3 ? ", …" : "");
}

/* "; core of 2, 5 more behind it", where the names alone do not say so */
static void add_sizes(struct story *out, const struct scene *s)
{
	if (s->n_core > NAMED_MAX || s->n_behind > 0)
		story_add(out, "; core of %u", s->n_core);
	if (s->n_behind > 0)
		story_add(out, ", %u more behind it", s->n_behind);
}

static void add_time_left(struct story *out, const struct scene *s)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < s->n_core; i++) {
		uint64_t end = scene_wait(s, s->core[i])->deadline_ns;

		if (end && end < least)
			least = end;
	}
	story_add(out, "; a time limit ends that in ");
	add_age(out, least != UINT64_MAX && least > s->now_ns ? least - s->now_ns : 0);
}

static void add_only_helper(struct story *out, const struct scene *s)
{
	story_thread(out, s, s->core[0]);
	story_add(out, " waits in %s since ", scene_wait(s, s->core[0])->text);
	add_age(out, age(s, s->core[0]));
}

void story_headline(struct story *out, const struct scene *s)
{
	switch (s->class_) {
	case IPC_DEADLOCK:
		story_add(out, "DEADLOCK (%s): ", ipc_strength_name(s->strength));
		add_circle(out, s);
		add_sizes(out, s);
		break;
	case IPC_ORPHANED:
		story_add(out, "ORPHANED (%s): ", ipc_strength_name(s->strength));
		add_circle(out, s);
		add_sizes(out, s);
		break;
	case IPC_SUSPECTED:
		story_add(out, "SUSPECTED: ");
		add_circle(out, s);
		story_add(out, "; not certain: %s", s->why_not);
		break;
	case IPC_TIMED:
		story_add(out, "TIMED: ");
		add_circle(out, s);
		add_time_left(out, s);
		break;
	case IPC_STOPPED:
		story_add(out, "STOPPED: ");
		add_only_helper(out, s);
		story_add(out, ", and who could help is stopped: %s", s->why_not);
		break;
	case IPC_STALLED:
		story_add(out, "STALLED: ");
		add_only_helper(out, s);
		story_add(out, "; somebody alive could end it: not a deadlock");
		break;
	case IPC_LOST_WAKEUP:
		story_add(out, "LOST WAKE-UP: ");
		add_only_helper(out, s);
		story_add(
			out,
			" although what it waits for is there: a bug of the library, please report");
		break;
	case IPC_POISONED:
		story_add(out, "POISONED: ");
		add_only_helper(out, s);
		story_add(out, "; its owner is dead and nobody has recovered it");
		break;
	}
}

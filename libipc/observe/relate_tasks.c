/*
 * relate_tasks.c - conditions of waits that tasks of a joinable queue decide
 *
 *     join               each that owes a task must finish it; what is queued must find a
 *                        taker. The dead finish nothing: their tasks are about to be counted
 *                        as failed, or to be queued again
 *     get, of a queue    who may put; and who owes a task, as it comes back by an exit, or by
 *     that takes back    closing the queue. What the dead owe comes back by itself
 */

#include "observe/relate_state.h"

/* Tasks of which it can be told where they are. */
static uint64_t tasks_known(const struct state *s)
{
	const struct view            *v = s->r->v;
	const struct ipc_obs_channel *c = &v->channel[s->channel];
	uint64_t                      n = c->ring[0].queued + c->returned;

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		n += v->end[i].owed;
	return n;
}

bool relate_takes_back(const struct state *s)
{
	const struct object_rec *o = relate_object(s);

	return o->kind == KIND_JOINABLE && (o->flags & OBJECT_REQUEUE);
}

/*
 * A task on its way from the queue to its taker is in neither's count: whoever has it may be
 * dead, or leave. The books say that there is one.
 */
bool relate_task_returns(const struct state *s)
{
	const struct view            *v = s->r->v;
	const struct ipc_obs_channel *c = &v->channel[s->channel];

	if (!relate_takes_back(s))
		return false;
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if (v->end[i].owed > 0 && s->m->process[v->end[i].process].dead)
			return true;
	return tasks_known(s) < c->unfinished;
}

/* A condition for each of the living that owe some; how many. */
static uint32_t add_owers(struct state *s)
{
	const struct view            *v = s->r->v;
	const struct ipc_obs_channel *c = &v->channel[s->channel];
	uint32_t                      first = s->m->n_groups;

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		if (v->end[i].owed == 0 || s->m->process[v->end[i].process].dead)
			continue;
		(void)relate_single(s, false, v->end[i].process);
		if (relate_takes_back(s) && !s->m->no_memory)
			s->m->group[s->m->n_groups - 1].death = DEATH_RETURNS;
	}
	return s->m->n_groups - first;
}

void relate_join(struct state *s)
{
	const struct ipc_obs_channel *c = &s->r->v->channel[s->channel];
	uint32_t                      takers = MODEL_NOBODY, first = s->m->n_groups, n;

	if (c->unfinished == 0 || c->unfinished == IPC_UNKNOWN || relate_object(s)->inflight > 0) {
		relate_add(s, c->unfinished == 0, c->unfinished != 0);
		return;
	}
	n = add_owers(s);
	if (c->ring[0].queued + c->returned > 0)
		takers = relate_shared(s, TAKERS, RIGHT_RECV0 | RIGHT_DONE, true, DEATH_CLOSES);
	if (tasks_known(s) < c->unfinished || (n == 0 && takers == MODEL_NOBODY)) {
		/* the books do not balance: somebody unknown; or all is owed by the dead */
		relate_add(s, false, true);
		return;
	}
	relate_add(s, false, false);
	for (uint32_t i = 0; i < n; i++)
		model_add_item_group(s->m, first + i);
	if (takers != MODEL_NOBODY)
		model_add_item_group(s->m, takers);
}

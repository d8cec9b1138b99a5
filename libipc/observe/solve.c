/* solve.c - the least fixed point; see model.h */

#include "observe/model.h"

struct solving {
	struct model *m;
	bool         *live;
	unsigned      beliefs;
	uint32_t      killed;
	uint32_t      n_todo;
};

static bool is_dead(const struct solving *s, uint32_t process)
{
	return s->m->process[process].dead || process == s->killed;
}

static bool may_run(const struct solving *s, const struct model_thread *t)
{
	return !t->stopped || (s->beliefs & BELIEVE_STOPPED);
}

static void wake(struct solving *s, uint32_t t)
{
	const struct model_thread *thread = &s->m->thread[t];

	if (s->live[t] || is_dead(s, thread->process) || !may_run(s, thread))
		return;
	s->live[t] = true;
	s->m->todo[s->n_todo++] = t;
}

static void fulfil_item(struct solving *s, uint32_t i)
{
	uint32_t t = s->m->item[i].thread;

	if (s->m->thread_left[t] > 0 && --s->m->thread_left[t] == 0)
		wake(s, t);
}

/* One more way of the group is open, or it is as if it were. */
static void open_way(struct solving *s, uint32_t g)
{
	struct model *m = s->m;

	if (m->group_left[g] == 0 || --m->group_left[g] > 0)
		return;
	for (uint32_t k = m->of_group[g]; k < m->of_group[g + 1]; k++) {
		uint32_t i = m->group_items[k];

		if (m->item_left[i] > 0 && --m->item_left[i] == 0)
			fulfil_item(s, i);
	}
}

static void wake_process(struct solving *s, uint32_t p)
{
	struct model *m = s->m;

	if (m->process_live[p] || is_dead(s, p))
		return;
	m->process_live[p] = true;
	for (uint32_t k = m->of_process[p]; k < m->of_process[p + 1]; k++)
		open_way(s, m->process_groups[k]);
	if (s->beliefs & BELIEVE_EXITS)
		for (uint32_t g = m->process[p].first_exit; g; g = m->group[g - 1].next_exit)
			open_way(s, g - 1);
}

static void reset(struct solving *s)
{
	struct model *m = s->m;

	for (uint32_t g = 0; g < m->n_groups; g++)
		m->group_left[g] = m->group[g].need;
	for (uint32_t i = 0; i < m->n_items; i++)
		m->item_left[i] = m->item[i].n_groups;
	for (uint32_t t = 0; t < m->n_threads; t++) {
		m->thread_left[t] = m->thread[t].need ? m->thread[t].need : 1;
		s->live[t] = false;
	}
	for (uint32_t p = 0; p < m->n_processes; p++)
		m->process_live[p] = false;
}

static bool runs(const struct solving *s, const struct model_thread *t)
{
	if (!t->blocked)
		return true; /* as far as it may: wake() */
	return (t->timed && (s->beliefs & BELIEVE_LIMITS)) ||
	       (t->unsure && (s->beliefs & BELIEVE_OPAQUE));
}

/* Whatever it is about to do, nobody can tell: it may be anything. */
static bool may_do_anything(const struct solving *s, const struct model_process *p)
{
	return (p->unseen && (!p->stopped || (s->beliefs & BELIEVE_STOPPED))) ||
	       (p->opaque && (s->beliefs & BELIEVE_OPAQUE));
}

/* What is live by itself. */
static void find_roots(struct solving *s)
{
	struct model *m = s->m;

	for (uint32_t t = 0; t < m->n_threads; t++)
		if (runs(s, &m->thread[t]))
			wake(s, t);
	for (uint32_t p = 0; p < m->n_processes; p++)
		if (may_do_anything(s, &m->process[p]))
			wake_process(s, p);
	for (uint32_t g = 0; (s->beliefs & BELIEVE_MORE) && g < m->n_groups; g++) {
		if (!m->group[g].crowd)
			continue;
		m->group_left[g] = 1;
		open_way(s, g);
	}
	for (uint32_t i = 0; i < m->n_items; i++) {
		if ((m->item[i].satisfied || m->item[i].open) && m->item_left[i] > 0) {
			m->item_left[i] = 0;
			fulfil_item(s, i);
		} else if (m->item[i].satisfied || m->item[i].open) {
			fulfil_item(s, i); /* it has no group at all */
		}
	}
}

static bool way_died(const struct solving *s, const struct model_way *w)
{
	return s->killed == (w->is_thread ? s->m->thread[w->index].process : w->index);
}

/* What the death of s->killed does to those that wait for it. */
static void bury(struct solving *s, uint32_t g)
{
	const struct model_group *group = &s->m->group[g];
	uint32_t                  n_died = 0, n_dead = 0;

	for (uint32_t k = 0; k < group->n_ways; k++) {
		const struct model_way *w = &s->m->way[group->first_way + k];
		uint32_t p = w->is_thread ? s->m->thread[w->index].process : w->index;

		n_died += way_died(s, w);
		n_dead += is_dead(s, p);
	}
	if (n_died == 0 || group->death == DEATH_CLOSES || group->death == DEATH_RETURNS)
		return;
	if (group->death == DEATH_OF_LAST)
		n_died = n_dead == group->n_ways ? s->m->group_left[g] : 0;
	while (n_died-- > 0)
		open_way(s, g);
}

void model_solve(struct model *m, unsigned beliefs, uint32_t killed, bool *live)
{
	struct solving s = {.m = m, .live = live, .beliefs = beliefs, .killed = killed};

	reset(&s);
	find_roots(&s);
	for (uint32_t g = 0; killed != MODEL_NOBODY && g < m->n_groups; g++)
		bury(&s, g);
	while (s.n_todo > 0) {
		uint32_t t = m->todo[--s.n_todo];

		wake_process(&s, m->thread[t].process);
		for (uint32_t k = m->of_thread[t]; k < m->of_thread[t + 1]; k++)
			open_way(&s, m->thread_groups[k]);
	}
}

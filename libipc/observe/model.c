/* model.c - making a model; see model.h */

#include <errno.h>

#include "observe/model.h"

/* Append @record; false: no memory, and the model says so. */
static bool append(struct model *m, enum model_memory where, void *array, uint32_t n,
		   const void *record, size_t bytes)
{
	char *p = grow_to(&m->mem[where], ((size_t)n + 1) * bytes);

	if (!p) {
		m->no_memory = true;
		return false;
	}
	memcpy(p + n * bytes, record, bytes);
	memcpy(array, &p, sizeof(p)); /* array is a pointer to some pointer */
	return true;
}

void model_clear(struct model *m)
{
	m->n_processes = m->n_threads = m->n_items = 0;
	m->n_groups = m->n_ways = m->n_item_groups = 0;
	m->no_memory = false;
}

uint32_t model_add_process(struct model *m, struct model_process p)
{
	if (append(m, MODEL_PROCESSES, &m->process, m->n_processes, &p, sizeof(p)))
		m->n_processes++;
	return m->n_processes - 1;
}

uint32_t model_add_thread(struct model *m, struct model_thread t)
{
	t.first_item = t.n_items = 0;
	if (append(m, MODEL_THREADS, &m->thread, m->n_threads, &t, sizeof(t)))
		m->n_threads++;
	return m->n_threads - 1;
}

uint32_t model_add_group(struct model *m, struct model_group g)
{
	g.first_way = m->n_ways;
	g.n_ways = 0;
	if (append(m, MODEL_GROUPS, &m->group, m->n_groups, &g, sizeof(g)))
		m->n_groups++;
	return m->n_groups - 1;
}

void model_add_way(struct model *m, bool is_thread, uint32_t index)
{
	struct model_way w = {.is_thread = is_thread, .index = index};

	if (m->n_groups && append(m, MODEL_WAYS, &m->way, m->n_ways, &w, sizeof(w))) {
		m->n_ways++;
		m->group[m->n_groups - 1].n_ways++;
	}
}

void model_add_exit(struct model *m, uint32_t process)
{
	struct model_group *g;

	if (m->no_memory || m->n_groups == 0)
		return;
	g = &m->group[m->n_groups - 1];
	g->exits = process + 1;
	g->next_exit = m->process[process].first_exit;
	m->process[process].first_exit = m->n_groups;
}

uint32_t model_add_item(struct model *m, uint32_t thread, bool satisfied, bool open)
{
	struct model_item i = {.thread = thread,
			       .first_group = m->n_item_groups,
			       .satisfied = satisfied,
			       .open = open};

	if (append(m, MODEL_ITEMS, &m->item, m->n_items, &i, sizeof(i))) {
		if (m->thread[thread].n_items++ == 0)
			m->thread[thread].first_item = m->n_items;
		m->n_items++;
	}
	return m->n_items - 1;
}

void model_add_item_group(struct model *m, uint32_t group)
{
	if (m->n_items &&
	    append(m, MODEL_ITEM_GROUPS, &m->item_group, m->n_item_groups, &group, sizeof(group))) {
		m->n_item_groups++;
		m->item[m->n_items - 1].n_groups++;
	}
}

static void take(uint32_t **ret, uint32_t **from, size_t n)
{
	*ret = *from;
	*from += n;
}

static int seal_reserve(struct model *m)
{
	size_t    p = m->n_processes, t = m->n_threads, i = m->n_items, g = m->n_groups;
	size_t    w = m->n_ways, ig = m->n_item_groups;
	uint32_t *index = grow_to(&m->mem[MODEL_INDEX],
				  (2 * p + 2 * t + g + 4 + 2 * w + ig) * sizeof(*index));
	uint32_t *left = grow_to(&m->mem[MODEL_LEFT], (g + i + 2 * t) * sizeof(*left) + p);

	if (!index || !left || m->no_memory)
		return -ENOMEM;
	memset(index, 0, (2 * p + t + g + 4) * sizeof(*index));
	take(&m->of_process, &index, p + 1);
	take(&m->of_thread, &index, t + 1);
	take(&m->of_group, &index, g + 1);
	take(&m->of_members, &index, p + 1);
	take(&m->members, &index, t);
	take(&m->process_groups, &index, w);
	take(&m->thread_groups, &index, w);
	take(&m->group_items, &index, ig);
	take(&m->group_left, &left, g);
	take(&m->item_left, &left, i);
	take(&m->thread_left, &left, t);
	take(&m->todo, &left, t);
	m->process_live = (bool *)left;
	return 0;
}

/* Counts to starts: afterwards start[i] is where list i begins, once each was filled backwards. */
static void sums(uint32_t *start, uint32_t n)
{
	for (uint32_t i = 1; i <= n; i++)
		start[i] += start[i - 1];
}

static void count(struct model *m)
{
	for (uint32_t w = 0; w < m->n_ways; w++)
		(m->way[w].is_thread ? m->of_thread : m->of_process)[m->way[w].index]++;
	for (uint32_t k = 0; k < m->n_item_groups; k++)
		m->of_group[m->item_group[k]]++;
	for (uint32_t t = 0; t < m->n_threads; t++)
		m->of_members[m->thread[t].process]++;
	sums(m->of_process, m->n_processes);
	sums(m->of_thread, m->n_threads);
	sums(m->of_group, m->n_groups);
	sums(m->of_members, m->n_processes);
}

static void place_group(struct model *m, uint32_t g)
{
	for (uint32_t k = 0; k < m->group[g].n_ways; k++) {
		const struct model_way *w = &m->way[m->group[g].first_way + k];

		if (w->is_thread)
			m->thread_groups[--m->of_thread[w->index]] = g;
		else
			m->process_groups[--m->of_process[w->index]] = g;
	}
}

int model_seal(struct model *m)
{
	int r = seal_reserve(m);

	if (r < 0)
		return r;
	count(m);
	for (uint32_t g = 0; g < m->n_groups; g++)
		place_group(m, g);
	for (uint32_t i = 0; i < m->n_items; i++)
		for (uint32_t k = 0; k < m->item[i].n_groups; k++)
			m->group_items[--m->of_group[m->item_group[m->item[i].first_group + k]]] =
				i;
	for (uint32_t t = 0; t < m->n_threads; t++)
		m->members[--m->of_members[m->thread[t].process]] = t;
	return 0;
}

void model_fini(struct model *m)
{
	for (int i = 0; i < N_MODEL_MEMORY; i++)
		grow_free(&m->mem[i]);
}

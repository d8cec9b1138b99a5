/*
 * cores.c - Tarjan's components, without recursion: a chain of thousands of
 * threads must not end the observer's stack
 *
 * Groups and processes are nodes of their own: a thousand waiters on a queue of
 * a thousand holders are two thousand edges, not a million. Components come out
 * sinks first, so what a component leads to is known when it is closed.
 */

#include <errno.h>

#include "observe/cores.h"

#define NONE MODEL_NOBODY

static uint32_t n_nodes(const struct model *m)
{
	return m->n_threads + m->n_groups + m->n_processes;
}

static uint32_t group_node(const struct model *m, uint32_t g)
{
	return m->n_threads + g;
}

static uint32_t process_node(const struct model *m, uint32_t p)
{
	return m->n_threads + m->n_groups + p;
}

static uint32_t next_group(const struct cores *c, uint32_t t, uint32_t *at)
{
	const struct model        *m = c->m;
	const struct model_thread *thread = &m->thread[t];
	uint32_t                   first, end;

	if (thread->n_items == 0)
		return NONE;
	first = m->item[thread->first_item].first_group; /* groups of one thread lie together */
	end = m->item[thread->first_item + thread->n_items - 1].first_group +
	      m->item[thread->first_item + thread->n_items - 1].n_groups;
	while (first + *at < end) {
		uint32_t g = m->item_group[first + (*at)++];

		if (m->group_left[g] > 0)
			return group_node(m, g);
	}
	return NONE;
}

static uint32_t next_way(const struct cores *c, uint32_t g, uint32_t *at)
{
	const struct model *m = c->m;

	while (*at < m->group[g].n_ways) {
		const struct model_way *w = &m->way[m->group[g].first_way + (*at)++];

		if (!w->is_thread)
			return process_node(m, w->index);
		if (c->stuck[w->index])
			return w->index;
	}
	return NONE;
}

/* The next node that @node waits for, or NONE; *at counts where we are. */
static uint32_t next_edge(const struct cores *c, uint32_t node, uint32_t *at)
{
	const struct model *m = c->m;
	uint32_t            p;

	if (node < m->n_threads)
		return next_group(c, node, at);
	if (node < process_node(m, 0))
		return next_way(c, node - m->n_threads, at);
	p = node - process_node(m, 0);
	while (m->of_members[p] + *at < m->of_members[p + 1]) {
		uint32_t t = m->members[m->of_members[p] + (*at)++];

		if (c->stuck[t])
			return t;
	}
	return NONE;
}

static void enter(struct cores *c, uint32_t node)
{
	c->order[node] = c->low[node] = c->n_order++;
	c->edge[node] = 0;
	c->stack[c->n_stack++] = node;
	c->path[c->n_path++] = node;
}

/* The core a closed component leads to: that of any neighbour that leads to one. */
static uint32_t leads_to(const struct cores *c, const uint32_t *node, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = 0, to;

		while ((to = next_edge(c, node[i], &at)) != NONE)
			if (c->component[to] != c->n_components && c->low[to] != NONE)
				return c->low[to];
	}
	return NONE;
}

/*
 * The nodes above @root on the stack are a component. Once closed, a node's
 * place in low[] holds the core it leads to.
 */
static void close_component(struct cores *c, uint32_t root)
{
	uint32_t first = c->n_stack, core, n;
	bool     threads = false, new_core;

	do {
		first--;
		c->component[c->stack[first]] = c->n_components;
		threads = threads || c->stack[first] < c->m->n_threads;
	} while (c->stack[first] != root);
	n = c->n_stack - first;
	core = leads_to(c, &c->stack[first], n);
	new_core = core == NONE && threads;
	if (new_core)
		core = c->n_cores++;
	for (uint32_t i = first; i < c->n_stack; i++) {
		uint32_t node = c->stack[i];

		c->low[node] = core;
		if (node < c->m->n_threads) {
			c->core_of[node] = core;
			c->in_core[node] = new_core;
		}
	}
	c->n_stack = first;
	c->n_components++;
}

static void visit(struct cores *c, uint32_t start)
{
	enter(c, start);
	while (c->n_path > 0) {
		uint32_t node = c->path[c->n_path - 1];
		uint32_t to = next_edge(c, node, &c->edge[node]);

		if (to != NONE) {
			if (c->order[to] == NONE)
				enter(c, to);
			else if (c->component[to] == NONE && c->order[to] < c->low[node])
				c->low[node] = c->order[to];
			continue;
		}
		c->n_path--;
		if (c->n_path > 0 && c->low[node] < c->low[c->path[c->n_path - 1]])
			c->low[c->path[c->n_path - 1]] = c->low[node];
		if (c->low[node] == c->order[node])
			close_component(c, node);
	}
}

static int reserve(struct cores *c, const struct model *m)
{
	size_t    n = n_nodes(m), t = m->n_threads;
	uint32_t *at = grow_to(&c->mem[0], (6 * n + t + 1) * sizeof(*at));

	c->in_core = grow_to(&c->mem[1], t + 1);
	if (!at || !c->in_core)
		return -ENOMEM;
	c->order = at;
	c->low = at + n;
	c->component = at + 2 * n;
	c->stack = at + 3 * n;
	c->path = at + 4 * n;
	c->edge = at + 5 * n;
	c->core_of = at + 6 * n;
	memset(c->order, 0xff, n * sizeof(*at));
	memset(c->component, 0xff, n * sizeof(*at));
	memset(c->core_of, 0xff, t * sizeof(*at));
	memset(c->in_core, 0, t);
	return 0;
}

int cores_find(struct cores *c, struct model *m, const bool *stuck)
{
	int r = reserve(c, m);

	if (r < 0)
		return r;
	c->m = m;
	c->stuck = stuck;
	c->n_order = c->n_components = c->n_stack = c->n_path = c->n_cores = 0;
	for (uint32_t t = 0; t < m->n_threads; t++)
		if (stuck[t] && c->order[t] == NONE)
			visit(c, t);
	return 0;
}

void cores_fini(struct cores *c)
{
	grow_free(&c->mem[0]);
	grow_free(&c->mem[1]);
}

#include "model/chain.h"

#include <stdlib.h>

#include "model/frame.h"
#include "text/mem.h"

/* Who could end a wait is looked at so far; of more, one is as good as another. */
#define BRANCH_MOST 16

#define NONE        IPC_NO_INDEX

/* Nodes are the waits, and behind them the processes: node n_waits + i is process i. */
struct node {
	uint32_t blocker; /* node; NONE */
	uint32_t child, sibling;
	int      closes;
	/* Of all below, and itself. */
	uint32_t verdict; /* gravest; NONE */
	uint64_t urgent_ns, all_ns;
	uint32_t n_waits;
};

struct build {
	const struct frame *f;
	struct node        *nodes;
	size_t              n_waits, n_nodes;
};

/* ---- who blocks whom ------------------------------------------------------------- */

/* The wait of a member of @verdict in @process; NONE. */
static uint32_t core_wait(const struct frame *f, uint32_t verdict, uint32_t process)
{
	const struct ipc_obs_verdict *v;

	if (verdict == NONE)
		return NONE;
	v = &f->s->verdicts[verdict];
	for (size_t i = 0; i < v->n_core; i++)
		if (f->s->threads[f->s->waits[v->core[i]].thread].process == process)
			return v->core[i];
	return NONE;
}

/* The node that stands for @r to somebody who waits in @wait for it. */
static uint32_t node_of(const struct build *b, uint32_t wait, const struct releaser *r)
{
	const struct frame           *f = b->f;
	const struct ipc_obs_process *p = &f->s->processes[r->process];
	uint32_t                      own = (uint32_t)b->n_waits + r->process, core;

	if (p->life == IPC_OBS_DEAD)
		return own;
	if (r->thread != NONE)
		return f->s->threads[r->thread].wait != NONE ? f->s->threads[r->thread].wait : own;
	core = core_wait(f, f->waits[wait].verdict, r->process);
	if (core != NONE)
		return core;
	return p->n_blocked < p->n_threads || f->processes[r->process].wait == NONE
		       ? own
		       : f->processes[r->process].wait;
}

/*
 * How much of an answer @node, which stands for @r, is to why @wait lasts: one in the same
 * finding, then one that has ended such waits before, then one that runs. Its own process is the
 * answer only where nobody else could be.
 */
static int preference(const struct build *b, uint32_t wait, uint32_t node, const struct releaser *r)
{
	const struct frame     *f = b->f;
	const struct wait_stat *w = &f->waits[wait];
	int p = f->s->threads[f->s->waits[wait].thread].process == r->process ? 0 : 16;

	if (node < b->n_waits && w->verdict != NONE && f->waits[node].verdict == w->verdict)
		return p + 8;
	if (node >= b->n_waits && f->s->processes[r->process].life == IPC_OBS_DEAD)
		return p + 1;
	return p + (r->idle ? 0 : 4) + (node < b->n_waits ? 2 : 3);
}

static uint32_t blocker_of(const struct build *b, uint32_t wait)
{
	struct releaser by[BRANCH_MOST];
	uint32_t        best = NONE;
	int             most = 0;
	size_t          n;

	if (b->f->s->waits[wait].satisfied)
		return NONE;
	n = frame_releasers(b->f, wait, by, BRANCH_MOST);
	for (size_t i = 0; i < n && i < BRANCH_MOST; i++) {
		uint32_t node = node_of(b, wait, &by[i]);
		int      p = preference(b, wait, node, &by[i]);

		if (node != wait && p > most) {
			most = p;
			best = node;
		}
	}
	return best;
}

/* ---- circles ------------------------------------------------------------------------ */

/* Of the circle that @node lies on: who is named first in its finding, else who sleeps longest. */
static uint32_t speaker(const struct build *b, uint32_t node)
{
	uint32_t verdict = b->f->waits[node].verdict, least = node, i = node;
	uint32_t first = verdict != NONE && b->f->s->verdicts[verdict].n_core > 0
				 ? b->f->s->verdicts[verdict].core[0]
				 : NONE;

	do {
		if (i == first)
			return i;
		if (i < least) /* waits come longest first */
			least = i;
		i = b->nodes[i].blocker;
	} while (i != node);
	return least;
}

/* Opens each circle at its speaker, so that trees are left. */
static void cut_circles(struct build *b)
{
	uint32_t *seen = mem_new(b->n_nodes, sizeof(*seen)); /* walk that came by; 0: none */

	for (uint32_t i = 0; i < b->n_waits; i++) {
		uint32_t k = i, root;

		while (k != NONE && seen[k] == 0) {
			seen[k] = i + 1;
			k = b->nodes[k].blocker;
		}
		if (k == NONE || seen[k] != i + 1)
			continue;
		root = speaker(b, k);
		b->nodes[b->nodes[root].blocker].closes = 1;
		b->nodes[root].blocker = NONE;
	}
	free(seen);
}

/* ---- trees ---------------------------------------------------------------------------- */

/* Who waits to receive may just have nothing to do; everybody else is kept from doing it. */
static int is_urgent(enum ipc_op op)
{
	return op != IPC_OP_RECV && op != IPC_OP_GET && op != IPC_OP_POLL && op != IPC_OP_FD &&
	       op != IPC_OP_WAIT;
}

/* From behind, so that the first child is the one that sleeps longest. */
static void link_those(struct build *b, int urgent)
{
	for (uint32_t i = (uint32_t)b->n_waits; i-- > 0;) {
		struct node *n = &b->nodes[i];

		if (n->blocker == NONE || is_urgent(b->f->s->waits[i].op) != urgent)
			continue;
		n->sibling = b->nodes[n->blocker].child;
		b->nodes[n->blocker].child = i;
	}
}

static void link_children(struct build *b)
{
	link_those(b, 0);
	link_those(b, 1); /* and so these stand first */
}

/* The node after @i, parents before children; NONE after the last below @root. */
static uint32_t next_below(const struct build *b, uint32_t root, uint32_t i)
{
	if (b->nodes[i].child != NONE)
		return b->nodes[i].child;
	while (i != root && b->nodes[i].sibling == NONE)
		i = b->nodes[i].blocker;
	return i == root ? NONE : b->nodes[i].sibling;
}

static void weigh(struct build *b, uint32_t root)
{
	struct node *r = &b->nodes[root];

	for (uint32_t i = root; i != NONE; i = next_below(b, root, i)) {
		const struct wait_stat *w = &b->f->waits[i];

		if (i >= b->n_waits)
			continue;
		if (!w->behind && w->verdict < r->verdict)
			r->verdict = w->verdict;
		r->urgent_ns += is_urgent(b->f->s->waits[i].op) ? w->age_ns : 0;
		r->all_ns += w->age_ns;
	}
}

struct root {
	const struct node *node;
	uint32_t           i;
};

static int worse_first(const void *a, const void *b)
{
	const struct root *x = a, *y = b;
	const struct node *p = x->node, *q = y->node;

	if (p->verdict != q->verdict)
		return p->verdict < q->verdict ? -1 : 1;
	if (p->urgent_ns != q->urgent_ns)
		return p->urgent_ns > q->urgent_ns ? -1 : 1;
	if (p->all_ns != q->all_ns)
		return p->all_ns > q->all_ns ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

/* Waits that wait for nobody, and processes that are waited for. */
static struct root *find_roots(struct build *b, size_t *ret_n)
{
	struct root *roots = mem_new(b->n_nodes, sizeof(*roots));
	size_t       n = 0;

	for (uint32_t i = 0; i < b->n_nodes; i++) {
		if (i < b->n_waits ? b->nodes[i].blocker != NONE : b->nodes[i].child == NONE)
			continue;
		weigh(b, i);
		roots[n++] = (struct root){&b->nodes[i], i};
	}
	qsort(roots, n, sizeof(*roots), worse_first);
	*ret_n = n;
	return roots;
}

/* ---- lines ---------------------------------------------------------------------------- */

static struct chain_line line_of(const struct build *b, uint32_t node, uint32_t parent)
{
	struct chain_line l = {.wait = NONE, .parent = parent, .closes = b->nodes[node].closes};

	if (node < b->n_waits) {
		l.wait = node;
		l.process = b->f->s->threads[b->f->s->waits[node].thread].process;
	} else {
		l.process = node - (uint32_t)b->n_waits;
	}
	return l;
}

static void write_tree(struct chain *c, const struct build *b, uint32_t root, uint32_t *line)
{
	for (uint32_t i = root; i != NONE; i = next_below(b, root, i)) {
		uint32_t blocker = b->nodes[i].blocker, parent = i == root ? NONE : line[blocker];

		line[i] = (uint32_t)c->n;
		c->lines[c->n] = line_of(b, i, parent);
		c->lines[c->n].depth = parent == NONE ? 0 : c->lines[parent].depth + 1;
		c->lines[c->n].last = parent == NONE || b->nodes[i].sibling == NONE;
		if (i < b->n_waits)
			b->f->waits[i].line = line[i];
		c->n++;
	}
}

static void add_up(struct chain *c, const struct frame *f)
{
	for (size_t i = c->n; i-- > 0;) {
		const struct chain_line *l = &c->lines[i];

		if (l->parent == NONE)
			continue;
		c->lines[l->parent].n_behind += 1 + l->n_behind;
		c->lines[l->parent].behind_ns += f->waits[l->wait].age_ns + l->behind_ns;
	}
}

void chain_init(struct chain *c, const struct frame *f)
{
	struct build b = {.f = f, .n_waits = f->s->n_waits};
	struct root *roots;
	uint32_t    *line;
	size_t       n;

	b.n_nodes = b.n_waits + f->s->n_processes;
	b.nodes = mem_new(b.n_nodes, sizeof(*b.nodes));
	for (size_t i = 0; i < b.n_nodes; i++)
		b.nodes[i] = (struct node){NONE, NONE, NONE, .verdict = NONE};
	for (uint32_t i = 0; i < b.n_waits; i++)
		b.nodes[i].blocker = blocker_of(&b, i);
	cut_circles(&b);
	link_children(&b);
	roots = find_roots(&b, &n);
	line = mem_new(b.n_nodes, sizeof(*line));
	*c = (struct chain){.lines = mem_new(b.n_nodes, sizeof(*c->lines))};
	for (size_t i = 0; i < n; i++)
		write_tree(c, &b, roots[i].i, line);
	add_up(c, f);
	free(line);
	free(roots);
	free(b.nodes);
}

void chain_fini(struct chain *c)
{
	free(c->lines);
	*c = (struct chain){0};
}

/* ---- questions -------------------------------------------------------------------------- */

uint32_t chain_line_of_process(const struct frame *f, uint32_t process)
{
	const struct chain *c = &f->chain;

	for (uint32_t i = 0; i < c->n; i++)
		if (c->lines[i].process == process && c->lines[i].wait == NONE)
			return i;
	return f->processes[process].wait != NONE ? f->waits[f->processes[process].wait].line
						  : NONE;
}

uint32_t chain_root(const struct chain *c, uint32_t line)
{
	while (c->lines[line].parent != NONE)
		line = c->lines[line].parent;
	return line;
}

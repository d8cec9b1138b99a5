/*
 * ui_graph.c - along the chains of waits
 */
#include "view/render.h"
#include "view/ui_parts.h"

/* A wait is the same thing in the list and in the trees, and stays selected. */
static void show_kind(struct ui *ui, enum object_kind kind)
{
	struct object *o = &ui->lists[ui->view].selected;

	ui->mode = MODE_LIST;
	ui->kinds[ui->view] = kind;
	if (o->kind == OBJECT_WAIT || o->kind == OBJECT_CHAIN)
		o->kind = kind;
}

unsigned ui_tree(struct ui *ui, const struct frame *f, int arg)
{
	if (ui->view != VIEW_GRAPH && ui->view != VIEW_WAITS) {
		ui_show(ui, f, VIEW_GRAPH);
		show_kind(ui, OBJECT_CHAIN);
	} else {
		show_kind(ui, ui->kinds[ui->view] == OBJECT_CHAIN ? OBJECT_WAIT : OBJECT_CHAIN);
	}
	return 0;
}

unsigned ui_topology(struct ui *ui, const struct frame *f, int arg)
{
	int there = ui->view == VIEW_GRAPH && ui->kinds[VIEW_GRAPH] == OBJECT_FLOW;

	ui_show(ui, f, VIEW_GRAPH);
	show_kind(ui, there ? OBJECT_CHAIN : OBJECT_FLOW);
	return 0;
}

/* ---- w ------------------------------------------------------------------------------ */

/* The line of the wait that lasts longest of those for channel @i. */
static uint32_t line_of_channel(const struct frame *f, uint32_t i)
{
	for (uint32_t k = 0; k < f->s->n_waits; k++)
		if (f->s->waits[k].channel == i)
			return f->waits[k].line;
	return IPC_NO_INDEX;
}

static uint32_t line_of_lock(const struct frame *f, const struct lock_stat *l)
{
	return l->wait != IPC_NO_INDEX ? f->waits[l->wait].line : IPC_NO_INDEX;
}

static uint32_t line_of_finding(const struct frame *f, uint32_t i)
{
	const struct ipc_obs_verdict *v = &f->s->verdicts[i];

	return v->n_core > 0 ? f->waits[v->core[0]].line : IPC_NO_INDEX;
}

static uint32_t line_of(const struct frame *f, struct object o)
{
	uint32_t i = object_index(f, o);

	if (i == IPC_NO_INDEX)
		return i;
	switch (o.kind) {
	case OBJECT_CHAIN: return i;
	case OBJECT_WAIT: return f->waits[i].line;
	case OBJECT_PROCESS:
	case OBJECT_PROCESS_TOTAL: return chain_line_of_process(f, i);
	case OBJECT_FINDING: return line_of_finding(f, i);
	case OBJECT_LOCK: return line_of_lock(f, &f->locks[i]);
	case OBJECT_CHANNEL:
	case OBJECT_CHANNEL_TOTAL:
	case OBJECT_FLOW:
	case OBJECT_BLOCK:
	case OBJECT_LATENCY: return line_of_channel(f, i);
	default: return IPC_NO_INDEX;
	}
}

/* Whoever @line waits for; from the root of a circle on to the line that closes it. */
static uint32_t step_up(const struct chain *c, uint32_t line)
{
	if (c->lines[line].parent != IPC_NO_INDEX)
		return c->lines[line].parent;
	for (uint32_t i = line; i < c->n && (i == line || c->lines[i].depth > 0); i++)
		if (c->lines[i].closes)
			return i;
	return line;
}

unsigned ui_follow_wait(struct ui *ui, const struct frame *f, int arg)
{
	struct object o = f->s != NULL ? ui_subject(ui, f) : (struct object){0};
	uint32_t      line = o.id != 0 ? line_of(f, o) : IPC_NO_INDEX;
	int in_trees = ui->view == VIEW_GRAPH && ui->mode == MODE_LIST && o.kind == OBJECT_CHAIN;

	if (line == IPC_NO_INDEX)
		return 0;
	if (in_trees)
		line = step_up(&f->chain, line);
	ui_show(ui, f, VIEW_GRAPH);
	show_kind(ui, OBJECT_CHAIN);
	o = object_of(f, (struct row){OBJECT_CHAIN, line});
	ui_select(ui, f, o);
	/* Somebody pressed a key to see it: no filter keeps it away. */
	if (ui_subject(ui, f).id != o.id) {
		ui->filter[0] = 0;
		ui_select(ui, f, o);
	}
	return 0;
}

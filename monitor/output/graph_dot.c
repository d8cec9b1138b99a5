/*
 * graph_dot.c - who waits for whom, for dot(1)
 *
 * A box for each thread that waits, an edge to each who could help: solid where it needs
 * that one, dashed where any of several would do; round boxes run.
 * What is in a deadlock is red.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "output/text.h"
#include "text/mem.h"
#include "text/number.h"
#include "text/utf8.h"
#include "view/words.h"

struct dot {
	FILE               *to;
	const struct frame *f;
	unsigned char      *shown; /* per process: its box is there */
};

/*
 * Inside a dot string: quotes and backslashes are escaped, and what is no character, or steers
 * a terminal, is replaced. dot(1) reads UTF-8 whatever the locale, and refuses what is not.
 */
static void label(FILE *to, const char *text)
{
	for (uint32_t c; (c = utf8_next(&text)) != 0;) {
		char   bytes[UTF8_MAX];
		size_t n = utf8_put(bytes, utf8_harmless(c));

		if (c == '"' || c == '\\')
			putc('\\', to);
		fwrite(bytes, 1, n, to);
	}
}

static int is_grave(const struct frame *f, uint32_t i)
{
	return f->waits[i].verdict != IPC_NO_INDEX && !f->waits[i].behind &&
	       frame_grade(f->s->verdicts[f->waits[i].verdict].class_) == IPC_GRADE_CRITICAL;
}

static void thread_node(FILE *to, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_wait *w = &f->s->waits[i];

	fprintf(to, "  t%" PRIu32 " [shape=box%s label=\"", w->thread,
		is_grave(f, i) ? " color=red" : "");
	label(to, words_who(f, w).text);
	fputs("\\n", to);
	label(to, w->text);
	fprintf(to, "\\n%s", number_duration(f->waits[i].age_ns).text);
	if (f->waits[i].site[0] != 0) {
		fputs("\\n", to);
		label(to, f->waits[i].site);
	}
	fputs("\"];\n", to);
}

/* Once, however many wait for it. */
static void process_node(struct dot *d, uint32_t i)
{
	const struct ipc_obs_process *p = &d->f->s->processes[i];

	if (d->shown[i])
		return;
	d->shown[i] = 1;
	fprintf(d->to, "  p%" PRIu32 " [shape=box style=rounded label=\"%" PRIu64 "/", i, p->pid);
	label(d->to, p->name);
	fprintf(d->to, "\\n%s\"];\n", p->life == IPC_OBS_DEAD ? "dead" : "running");
}

/* The threads of a process that wait, or else the process, which runs. */
static void edges_to(struct dot *d, uint32_t from, const struct releaser *r, int one_of_many)
{
	const struct frame           *f = d->f;
	const char                   *how = one_of_many ? "dashed" : "solid";
	const struct ipc_obs_process *p = &f->s->processes[r->process];
	int                           any = 0;

	for (uint32_t k = 0; k < f->s->n_waits; k++) {
		uint32_t t = f->s->waits[k].thread;

		if (r->thread != IPC_NO_INDEX ? t != r->thread
					      : f->s->threads[t].process != r->process)
			continue;
		fprintf(d->to, "  t%" PRIu32 " -> t%" PRIu32 " [style=%s%s];\n",
			f->s->waits[from].thread, t, how,
			is_grave(f, from) && is_grave(f, k) ? " color=red" : "");
		any = 1;
	}
	if (any && (r->thread != IPC_NO_INDEX || p->n_blocked >= p->n_threads))
		return;
	process_node(d, r->process);
	fprintf(d->to, "  t%" PRIu32 " -> p%" PRIu32 " [style=%s];\n", f->s->waits[from].thread,
		r->process, how);
}

static void wait_edges(struct dot *d, uint32_t i)
{
	const struct frame *f = d->f;
	uint32_t            own = f->s->threads[f->s->waits[i].thread].process, others = 0;
	size_t              n = frame_releasers(f, i, NULL, 0);
	struct releaser    *by = mem_new(n, sizeof(*by));

	frame_releasers(f, i, by, n);
	for (size_t k = 0; k < n; k++)
		others += by[k].process != own;
	for (size_t k = 0; k < n; k++)
		/* its own process adds nothing where others could help as well */
		if (others == 0 || by[k].process != own)
			edges_to(d, i, &by[k], others > 1 && f->s->waits[i].op != IPC_OP_JOIN);
	free(by);
}

void graph_dot(FILE *to, const struct frame *f)
{
	struct dot d = {.to = to, .f = f, .shown = mem_new(f->s->n_processes, 1)};

	fputs("digraph waits {\n  rankdir=LR;\n  node [fontname=monospace];\n", to);
	for (uint32_t i = 0; i < f->s->n_waits; i++) {
		thread_node(to, f, i);
		wait_edges(&d, i);
	}
	fputs("}\n", to);
	fflush(to);
	free(d.shown);
}

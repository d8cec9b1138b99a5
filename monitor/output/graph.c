/*
 * graph.c - who waits for whom
 *
 * Each chain is followed from a wait that nobody else waits for, or, in a
 * circle, from a member of the finding about it, down to whoever could end it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output/dump.h"
#include "output/text.h"
#include "text/mem.h"
#include "text/number.h"
#include "view/words.h"

#define DEPTH_MOST  12
#define BRANCH_MOST 8

struct walk {
	const struct text_style *st;
	const struct frame      *f;
	char                    *seen;  /* per wait: was drawn */
	char                    *above; /* per wait: is on the way from the root to here */
};

static void draw_wait(struct walk *w, uint32_t i, int depth);

static void line(struct walk *w, int depth, enum role role, const char *text)
{
	char out[WORDS_BYTES + 64];

	snprintf(out, sizeof(out), "%*s%s%s", depth > 0 ? 5 * depth - 3 : 0, "",
		 depth > 0 ? "`- " : "", text);
	text_line(w->st, role, out);
}

/* A process that is asleep: its waits; one that runs is where the chain ends. */
static void draw_releaser(struct walk *w, const struct releaser *r, int depth)
{
	const struct ipc_obs_process *p = &w->f->s->processes[r->process];
	char                          text[160];
	int                           asleep = 0;

	for (uint32_t i = 0; i < w->f->s->n_waits; i++) {
		const struct ipc_obs_wait *x = &w->f->s->waits[i];

		if (r->thread != IPC_NO_INDEX ? x->thread != r->thread
					      : frame_thread(w->f, x)->process != r->process)
			continue;
		asleep = 1;
		draw_wait(w, i, depth);
	}
	if (asleep && (r->thread != IPC_NO_INDEX || p->n_blocked >= p->n_threads))
		return;
	snprintf(text, sizeof(text), "%" PRIu64 "/%.63s %s", p->pid, p->name,
		 p->life == IPC_OBS_DEAD ? "is dead" : "is running");
	line(w, depth, p->life == IPC_OBS_DEAD ? ROLE_DEAD : ROLE_OK, text);
}

static void draw_wait(struct walk *w, uint32_t i, int depth)
{
	const struct frame *f = w->f;
	struct releaser     by[BRANCH_MOST];
	char                text[WORDS_BYTES];
	size_t              n;

	snprintf(text, sizeof(text), "%s%.120s  %.160s  %s  %.100s%s", depth == 0 ? "ROOT " : "",
		 words_who(f, &f->s->waits[i]).text, f->s->waits[i].text,
		 number_duration(f->waits[i].age_ns).text, f->waits[i].site,
		 w->above[i] ? "  <== closes the circle" : "");
	line(w, depth, w->above[i] ? ROLE_CRITICAL : object_listing(OBJECT_WAIT)->role(f, i), text);
	w->seen[i] = 1;
	if (w->above[i] || depth >= DEPTH_MOST)
		return;
	snprintf(text, sizeof(text), "needs %.200s", words_needs(f, i).text);
	line(w, depth + 1, ROLE_NORMAL, text);
	w->above[i] = 1;
	n = frame_releasers(f, i, by, BRANCH_MOST);
	for (size_t k = 0; k < n && k < BRANCH_MOST; k++)
		/* Its own process adds nothing where others are left to look at. */
		if (n == 1 || f->s->threads[f->s->waits[i].thread].process != by[k].process)
			draw_releaser(w, &by[k], depth + 2);
	w->above[i] = 0;
}

/* Is anybody's wait for the one who sleeps in wait @i? */
static int is_needed(const struct frame *f, uint32_t i)
{
	uint32_t        thread = f->s->waits[i].thread, process = f->s->threads[thread].process;
	struct releaser by[BRANCH_MOST];

	for (uint32_t k = 0; k < f->s->n_waits; k++) {
		size_t n = frame_releasers(f, k, by, BRANCH_MOST);

		for (size_t m = 0; m < n && m < BRANCH_MOST; m++)
			if (by[m].thread == thread ||
			    (by[m].thread == IPC_NO_INDEX && by[m].process == process))
				return 1;
	}
	return 0;
}

void text_graph(const struct text_style *st, const struct frame *f)
{
	size_t      n = f->s->n_waits;
	struct walk w = {.st = st, .f = f, .seen = mem_new(n, 1), .above = mem_new(n, 1)};

	for (size_t i = 0; i < f->s->n_verdicts; i++)
		if (f->s->verdicts[i].n_core > 0 && !w.seen[f->s->verdicts[i].core[0]])
			draw_wait(&w, f->s->verdicts[i].core[0], 0);
	for (uint32_t i = 0; i < n; i++)
		if (!w.seen[i] && !is_needed(f, i))
			draw_wait(&w, i, 0);
	/* What is left is in circles without a finding: they move too fast to be one. */
	for (uint32_t i = 0; i < n; i++)
		if (!w.seen[i])
			draw_wait(&w, i, 0);
	if (n == 0)
		text_line(st, ROLE_OK, "no thread is waiting");
	free(w.seen);
	free(w.above);
}

void graph_json(FILE *to, const struct frame *f)
{
	struct json j;

	json_init(&j, to);
	json_object(&j, NULL);
	json_string(&j, "schema", "ipcmon.graph/1");
	json_number(&j, "t_mono_ns", f->s->t_mono_ns);
	json_string(&j, "domain", f->s->domain);
	dump_waits(&j, f); /* an edge from each to each of its holders */
	dump_verdicts(&j, f);
	json_end(&j);
	putc('\n', to);
	fflush(to);
}

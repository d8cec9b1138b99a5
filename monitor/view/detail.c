/*
 * detail.c - all about one thing: findings, waits and processes
 */
#include "view/detail.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/number.h"
#include "view/plot.h"
#include "view/tree.h"
#include "view/words.h"

void detail_page(struct page *page, const struct frame *f, const struct ui *ui)
{
	uint32_t i = object_index(f, ui->detail);

	if (i == IPC_NO_INDEX)
		page_add(page, ROLE_DIM, 0,
			 "It is gone: it ended, was closed, or woke up. Esc goes back.");
	else
		object_classes[ui->detail.kind].detail(page, f, i, ui);
}

void explain_finding(struct page *page, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_verdict *v = &f->s->verdicts[i];
	char                         *text = words_explanation(f, v), *end = strchr(text, '\n');
	char                         *rest = end != NULL ? end + 1 : text + strlen(text);
	size_t                        n = strlen(rest);

	while (n > 0 && rest[n - 1] == '\n')
		rest[--n] = 0;
	if (n > 0)
		page_add(page, ROLE_NORMAL, 4, rest);
	/* Where the explanation has said them already, once is enough. */
	if (strstr(rest, v->pattern) == NULL)
		page_printf(page, ROLE_NORMAL, 2, "Pattern: %s", v->pattern);
	if (strstr(rest, v->fix) == NULL)
		page_printf(page, ROLE_OK, 2, "Fix: %s", v->fix);
	free(text);
}

void detail_finding(struct page *page, const struct frame *f, uint32_t i, const struct ui *ui)
{
	const struct ipc_obs_verdict *v = &f->s->verdicts[i];

	page_add(page, words_role(v->class_), 2, v->headline);
	explain_finding(page, f, i);
}

/* ---- a wait ---------------------------------------------------------------------- */

#define RELEASERS_SHOWN 32
#define CHAIN_SHOWN     16

static void one_releaser(struct page *page, const struct frame *f, const struct releaser *r)
{
	const struct ipc_obs_process *p = &f->s->processes[r->process];
	uint32_t                      i_wait = f->processes[r->process].wait;

	if (r->thread != IPC_NO_INDEX)
		i_wait = f->s->threads[r->thread].wait;
	if (p->life == IPC_OBS_DEAD)
		page_printf(page, ROLE_DEAD, 4, "  %" PRIu64 " %s: dead", p->pid, p->name);
	else if (i_wait == IPC_NO_INDEX ||
		 (r->thread == IPC_NO_INDEX && p->n_blocked < p->n_threads))
		page_printf(page, ROLE_OK, 4, "  %" PRIu64 " %s: running", p->pid, p->name);
	else
		page_printf(page, ROLE_NOTICE, 4, "  %" PRIu64 " %s: itself asleep %s in %s  at %s",
			    p->pid, p->name, number_duration(f->waits[i_wait].age_ns).text,
			    f->s->waits[i_wait].text,
			    f->waits[i_wait].site[0] != 0 ? f->waits[i_wait].site : "?");
}

static void wait_releasers(struct page *page, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_wait *w = &f->s->waits[i];
	struct releaser            by[RELEASERS_SHOWN];
	size_t                     n = frame_releasers(f, i, by, RELEASERS_SHOWN);

	if (w->op == IPC_OP_FD) {
		page_add(page, ROLE_DIM, 0, "What ends it is outside of the domain.");
		return;
	}
	page_printf(page, ROLE_NORMAL, 0, "Ends with: %s. Who can do that:", frame_need(w->op));
	for (size_t k = 0; k < n && k < RELEASERS_SHOWN; k++)
		one_releaser(page, f, &by[k]);
	if (n > RELEASERS_SHOWN)
		page_printf(page, ROLE_DIM, 4, "  and %zu more", n - RELEASERS_SHOWN);
	if (n == 0)
		page_add(page, ROLE_WARN, 4,
			 w->op == IPC_OP_PROC ? "  a process outside of the domain" : "  nobody");
}

static void wait_lines(struct page *page, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_wait *w = &f->s->waits[i];

	page_printf(page, ROLE_NORMAL, 2, "%s: asleep %s in %s", words_who(f, w).text,
		    number_duration(f->waits[i].age_ns).text, w->text);
	if (f->waits[i].site[0] != 0)
		page_printf(page, ROLE_ACCENT, 2, "  at %s", f->waits[i].site);
}

/* From this one to whoever has to do something first. */
static void wait_chain(struct page *page, const struct frame *f, uint32_t i)
{
	uint32_t line = f->waits[i].line, steps = 0;

	if (line == IPC_NO_INDEX || f->chain.lines[line].parent == IPC_NO_INDEX)
		return;
	page_title(page, "It waits for, and that one for, and so on");
	while ((line = f->chain.lines[line].parent) != IPC_NO_INDEX && steps++ < CHAIN_SHOWN) {
		struct words w = tree_words(f, line);
		const char  *site = tree_site(f, line);

		page_printf(page, w.role, 4, "  %s%s%s", w.text, site[0] != 0 ? "  at " : "", site);
	}
}

void detail_wait(struct page *page, const struct frame *f, uint32_t i, const struct ui *ui)
{
	const struct ipc_obs_wait *w = &f->s->waits[i];
	const struct wait_stat    *st = &f->waits[i];
	uint64_t                   now = f->s->t_mono_ns;

	wait_lines(page, f, i);
	page_printf(page, ROLE_NORMAL, 2, "Thread %" PRIu64 " \"%s\" of process %" PRIu64 " \"%s\"",
		    frame_thread(f, w)->tid, frame_thread(f, w)->name, frame_process(f, w)->pid,
		    frame_process(f, w)->name);
	if (w->deadline_ns == 0)
		page_add(page, ROLE_NORMAL, 2, "Time limit: none");
	else
		page_printf(page, ROLE_NORMAL, 2, "Time limit: gives up in %s",
			    number_duration(w->deadline_ns > now ? w->deadline_ns - now : 0).text);
	if (w->satisfied)
		page_add(page, ROLE_NOTICE, 2,
			 "What it waits for is there: it only has to wake up.");
	wait_releasers(page, f, i);
	wait_chain(page, f, i);
	if (st->verdict == IPC_NO_INDEX)
		return;
	page_title(page, st->behind ? "It hangs behind this" : "It is part of this");
	detail_finding(page, f, st->verdict, ui);
}

/* ---- a process -------------------------------------------------------------------- */

static void process_threads(struct page *page, const struct frame *f, uint32_t i)
{
	page_title(page, "Threads");
	for (size_t k = 0; k < f->s->n_threads; k++) {
		const struct ipc_obs_thread *t = &f->s->threads[k];

		if (t->process != i)
			continue;
		if (t->wait == IPC_NO_INDEX)
			page_printf(page, ROLE_OK, 4, "  %" PRIu64 " %s: running", t->tid, t->name);
		else
			page_printf(page, ROLE_NORMAL, 4,
				    "  %" PRIu64 " %s: asleep %s in %s  at %s", t->tid, t->name,
				    number_duration(f->waits[t->wait].age_ns).text,
				    f->s->waits[t->wait].text,
				    f->waits[t->wait].site[0] != 0 ? f->waits[t->wait].site : "?");
	}
}

static void flow_text(char *ret, size_t size, const struct ipc_obs_flow *flow)
{
	snprintf(ret, size, "%s messages, %s; slept %s times, %s in all; %s timeouts",
		 number_count(flow->messages).text, number_bytes_unit(flow->bytes).text,
		 number_count(flow->blocks).text, number_duration(flow->blocked_ns).text,
		 number_count(flow->timeouts).text);
}

void detail_end_sites(struct page *page, const struct frame *f, size_t i_end)
{
	const struct end_stat *st = &f->ends[i_end];

	if (st->out_site[0] != 0)
		page_printf(page, ROLE_NORMAL, 6, "    last put at %s", st->out_site);
	if (st->in_site[0] != 0)
		page_printf(page, ROLE_NORMAL, 6, "    last got at %s", st->in_site);
}

static void process_ends(struct page *page, const struct frame *f, uint32_t i)
{
	char text[160];

	page_title(page, "Ends it holds");
	for (size_t k = 0; k < f->s->n_ends; k++) {
		const struct ipc_obs_end     *e = &f->s->ends[k];
		const struct ipc_obs_channel *c = &f->s->channels[e->channel];

		if (e->process != i)
			continue;
		page_printf(page, ROLE_NORMAL, 4, "  %s \"%s\"", ipc_kind_name(c->kind), c->name);
		if (e->out.messages + e->out.blocks > 0) {
			flow_text(text, sizeof(text), &e->out);
			page_printf(page, ROLE_DIM, 4, "    out %s", text);
		}
		if (e->in.messages + e->in.blocks > 0) {
			flow_text(text, sizeof(text), &e->in);
			page_printf(page, ROLE_DIM, 4, "    in  %s", text);
		}
		detail_end_sites(page, f, k);
		if (e->owed > 0)
			page_printf(page, ROLE_NOTICE, 4,
				    "    owes task_done for %" PRIu64 " tasks", e->owed);
	}
}

static void process_counters(struct page *page, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_process *p = &f->s->processes[i];
	const struct process_stat    *st = &f->processes[i];
	struct counters               two[2] = {
			      {"out",
			       p->out,
			       {st->out, st->out_bytes, st->out_blocks, st->out_timeouts, st->blocked_out}},
			      {"in",
			       p->in,
			       {st->in, st->in_bytes, st->in_blocks, st->in_timeouts, st->blocked_in}},
        };

	detail_counters(page, two);
	page_printf(page, ROLE_NORMAL, 2, "  %s threads asleep on average, in any call",
		    number_rate(st->blocked).text);
}

void detail_process(struct page *page, const struct frame *f, uint32_t i, const struct ui *ui)
{
	const struct ipc_obs_process *p = &f->s->processes[i];
	const struct process_stat    *st = &f->processes[i];

	page_printf(page, ROLE_ACCENT, 2, "Process %" PRIu64 " \"%s\"", p->pid, p->name);
	page_printf(page, ROLE_NORMAL, 2, "Program: %s", p->exe[0] != 0 ? p->exe : "unknown");
	if (p->foreign_ns && st->pid_here != 0)
		page_printf(page, ROLE_NORMAL, 2,
			    "It lives in another pid namespace, where its number is %" PRIu64
			    "; here it is %" PRIu64 ".",
			    p->pid, st->pid_here);
	else if (p->foreign_ns)
		page_add(
			page, ROLE_NOTICE, 2,
			"It lives in another pid namespace: its number here, processor time and memory are not known, as the kernel "
			"shows them only to root or to its user, from a namespace that its own lies in.");
	if (p->parent != IPC_NO_INDEX)
		page_printf(page, ROLE_NORMAL, 2, "Started by: %" PRIu64 " %s",
			    f->s->processes[p->parent].pid, f->s->processes[p->parent].name);
	page_printf(
		page, ROLE_NORMAL, 2, "Here for %s; %s%% of a core, %s",
		number_duration(f->s->t_mono_ns > p->joined_ns ? f->s->t_mono_ns - p->joined_ns : 0)
			.text,
		number_percent(st->cpu).text, number_bytes_unit(st->rss_bytes).text);
	if (st->verdict != IPC_NO_INDEX) {
		page_title(page, "It is part of this");
		detail_finding(page, f, st->verdict, ui);
	}
	process_threads(page, f, i);
	page_title(page, "Since it came");
	process_counters(page, f, i);
	detail_history(page, st->history, "out/s", "in/s", plot_height(ui->rows));
	process_ends(page, f, i);
}

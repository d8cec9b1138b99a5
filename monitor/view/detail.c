/*
 * detail.c - all about one thing: findings, waits and processes
 */
#include "view/render.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/number.h"
#include "view/words.h"

void detail_page(struct page *page, const struct frame *f, struct object o, struct caps caps)
{
	uint32_t i = object_index(f, o);

	if (i == IPC_NO_INDEX) {
		page_add(page, ROLE_DIM, 0,
			 "It is gone: it ended, was closed, or woke up. Esc goes back.");
		return;
	}
	switch (o.kind) {
	case OBJECT_FINDING: detail_finding(page, f, i); break;
	case OBJECT_WAIT: detail_wait(page, f, i); break;
	case OBJECT_CHANNEL: detail_channel(page, f, i, caps); break;
	case OBJECT_PROCESS: detail_process(page, f, i); break;
	case N_OBJECTS: break;
	}
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

void detail_finding(struct page *page, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_verdict *v = &f->s->verdicts[i];

	page_add(page, words_role(v->class_), 2, v->headline);
	explain_finding(page, f, i);
}

/* ---- a wait ---------------------------------------------------------------------- */

#define RELEASERS_SHOWN 32

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

	if (w->op == IPC_OP_POLL) {
		page_add(page, ROLE_DIM, 0, "It waits for any of several things.");
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

void detail_wait(struct page *page, const struct frame *f, uint32_t i)
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
	if (st->verdict == IPC_NO_INDEX)
		return;
	page_title(page, st->behind ? "It hangs behind this" : "It is part of this");
	detail_finding(page, f, st->verdict);
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
		if (e->owed > 0)
			page_printf(page, ROLE_NOTICE, 4,
				    "    owes task_done for %" PRIu64 " tasks", e->owed);
	}
}

void detail_process(struct page *page, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_process *p = &f->s->processes[i];
	const struct process_stat    *st = &f->processes[i];
	char                          text[160];

	page_printf(page, ROLE_ACCENT, 2, "Process %" PRIu64 " \"%s\"", p->pid, p->name);
	page_printf(page, ROLE_NORMAL, 2, "Program: %s", p->exe[0] != 0 ? p->exe : "unknown");
	if (p->foreign_ns)
		page_add(
			page, ROLE_NOTICE, 2,
			"It lives in another pid namespace: its number, processor time and memory cannot be looked up from here.");
	if (p->parent != IPC_NO_INDEX)
		page_printf(page, ROLE_NORMAL, 2, "Started by: %" PRIu64 " %s",
			    f->s->processes[p->parent].pid, f->s->processes[p->parent].name);
	page_printf(
		page, ROLE_NORMAL, 2, "Here for %s; %s%% of a core, %s",
		number_duration(f->s->t_mono_ns > p->joined_ns ? f->s->t_mono_ns - p->joined_ns : 0)
			.text,
		number_percent(st->cpu).text, number_bytes_unit(st->rss_bytes).text);
	flow_text(text, sizeof(text), &p->out);
	page_printf(page, ROLE_NORMAL, 4, "Out: %s/s now; %s", number_rate(st->out).text, text);
	flow_text(text, sizeof(text), &p->in);
	page_printf(page, ROLE_NORMAL, 4, "In:  %s/s now; %s", number_rate(st->in).text, text);
	if (st->verdict != IPC_NO_INDEX) {
		page_title(page, "It is part of this");
		detail_finding(page, f, st->verdict);
	}
	process_threads(page, f, i);
	process_ends(page, f, i);
}

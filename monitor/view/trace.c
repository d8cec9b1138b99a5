/*
 * trace.c - how to record, with LTTng, what the selected thing does: commands to copy, never run
 */
#include <inttypes.h>
#include <stdio.h>

#include "view/render.h"

#define SESSION "ipcmon"

/* What is asked for: the events that have to do with it, and the condition that picks its own. */
struct ask {
	const char *events;
	char        what[160], condition[160];
};

#define MESSAGES "libipc:send_*,libipc:recv_*,libipc:*block"
#define LOCKS    "libipc:*lock" /* and block, and unblock */

static void ask_channel(struct ask *a, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];

	a->events = c->n_rings > 0 ? MESSAGES : LOCKS;
	snprintf(a->what, sizeof(a->what), "%s \"%.100s\"", ipc_kind_name(c->kind), c->name);
	snprintf(a->condition, sizeof(a->condition), "object == %" PRIu64, c->id);
}

static void ask_process(struct ask *a, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_process *p = &f->s->processes[i];

	snprintf(a->what, sizeof(a->what), "process %" PRIu64 " \"%.100s\"", p->pid, p->name);
	snprintf(a->condition, sizeof(a->condition), "$ctx.vpid == %" PRIu64, p->pid);
}

static void ask_lock(struct ask *a, const struct frame *f, const struct lock_stat *l)
{
	if (l->channel == IPC_NO_INDEX) {
		ask_process(a, f, l->process);
		return;
	}
	ask_channel(a, f, l->channel);
	a->events = LOCKS;
}

static void ask_wait(struct ask *a, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_wait *w = &f->s->waits[i];

	if (w->channel != IPC_NO_INDEX)
		ask_channel(a, f, w->channel);
	else
		ask_process(a, f, f->s->threads[w->thread].process);
}

static struct ask ask_of(const struct frame *f, struct object o)
{
	struct ask a = {.events = "libipc:*", .what = "everything that libipc does"};
	uint32_t   i = o.id != 0 ? object_index(f, o) : IPC_NO_INDEX;

	if (i == IPC_NO_INDEX)
		return a;
	switch (o.kind) {
	case OBJECT_WAIT: ask_wait(&a, f, i); break;
	case OBJECT_PROCESS:
	case OBJECT_PROCESS_TOTAL: ask_process(&a, f, i); break;
	case OBJECT_CHAIN:
		if (f->chain.lines[i].wait != IPC_NO_INDEX)
			ask_wait(&a, f, f->chain.lines[i].wait);
		else
			ask_process(&a, f, f->chain.lines[i].process);
		break;
	case OBJECT_LOCK: ask_lock(&a, f, &f->locks[i]); break;
	case OBJECT_CHANNEL:
	case OBJECT_CHANNEL_TOTAL:
	case OBJECT_FLOW:
	case OBJECT_LATENCY:
	case OBJECT_BLOCK: ask_channel(&a, f, i); break;
	default: break;
	}
	return a;
}

static void command(struct page *page, const char *text)
{
	page_line(page, ROLE_ACCENT, text);
}

void trace_page(struct page *page, const struct frame *f, const struct ui *ui)
{
	struct ask a = ask_of(f, ui->detail);
	char       line[512];

	page_printf(
		page, ROLE_NORMAL, 0,
		"Commands that record %s in memory, and write it down when you say so. They are for you to "
		"copy: ipcmon runs nothing. The program must have been started with IPC_TRACE=1, or with "
		"LD_PRELOAD=libipc-trace.so; see libipc-trace(7).",
		a.what);
	page_title(page, "Begin");
	command(page, "  lttng create " SESSION " --snapshot");
	snprintf(line, sizeof(line), "  lttng enable-event --userspace '%s'%s", a.events,
		 a.condition[0] != 0 ? " \\" : "");
	command(page, line);
	if (a.condition[0] != 0) {
		snprintf(line, sizeof(line), "    --filter '%s'", a.condition);
		command(page, line);
	}
	command(page, "  lttng add-context --userspace -t vpid -t vtid -t procname");
	command(page, "  lttng start");
	page_title(page, "When it has happened");
	command(page, "  lttng snapshot record");
	page_title(page, "End");
	command(page, "  lttng destroy " SESSION);
	page_title(page, "Read");
	command(page, "  ipc-latency ~/lttng-traces/" SESSION "-*");
	command(page, "  babeltrace2 ~/lttng-traces/" SESSION "-* | less");
}

/*
 * more_process.c - processes for programs
 */
#include "view/more.h"

#include <stdio.h>

typedef const struct frame frame;

static const struct ipc_obs_process *process(frame *f, uint32_t i)
{
	return &f->s->processes[i];
}

static void pid(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, process(f, i)->pid, NULL);
}

static void blocked_threads(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, process(f, i)->n_blocked, NULL);
}

/* Why the kernel was not asked, or did not answer. */
static const char *why_unseen(frame *f, uint32_t i)
{
	if (f->s->post_mortem)
		return "this is a copy: its processes are not here";
	if (process(f, i)->life == IPC_OBS_DEAD)
		return "it has died";
	if (process(f, i)->foreign_ns)
		return f->processes[i].pid_here != 0 ? "/proc does not show it to this user"
						     : "it lives in another pid namespace";
	return "/proc does not show it to this user";
}

static void cpu(frame *f, uint32_t i, struct data *ret)
{
	int seen = f->processes[i].rss_bytes != IPC_UNKNOWN;

	data_real(ret, f->processes[i].cpu, seen ? "a rate takes two readings" : why_unseen(f, i));
}

static void memory(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, f->processes[i].rss_bytes, why_unseen(f, i));
}

static void uid(frame *f, uint32_t i, struct data *ret)
{
	uint64_t user = f->processes[i].user;

	data_number(ret, user > 0 ? user - 1 : IPC_UNKNOWN, why_unseen(f, i));
}

static void waits_for(frame *f, uint32_t i, struct data *ret)
{
	uint32_t w = f->processes[i].wait;

	data_text(ret, w != IPC_NO_INDEX ? f->s->waits[w].text : NULL, NULL);
}

#define NUMBER(name, expression)                                 \
	static void name(frame *f, uint32_t i, struct data *ret) \
	{                                                        \
		const struct ipc_obs_process *p = process(f, i); \
                                                                 \
		data_number(ret, expression, NULL);              \
	}

NUMBER(id, p->id)
NUMBER(joined, p->joined_ns)
NUMBER(threads, p->n_threads)
NUMBER(ends, p->n_ends)
NUMBER(asleep, p->asleep_ns)
NUMBER(sent_bytes, p->out.bytes)
NUMBER(received_bytes, p->in.bytes)
NUMBER(send_blocks, p->out.blocks)
NUMBER(send_blocked, p->out.blocked_ns)
NUMBER(send_timeouts, p->out.timeouts)
NUMBER(receive_blocks, p->in.blocks)
NUMBER(receive_blocked, p->in.blocked_ns)
NUMBER(receive_timeouts, p->in.timeouts)

static void foreign(frame *f, uint32_t i, struct data *ret)
{
	data_bool(ret, process(f, i)->foreign_ns);
}

static void life(frame *f, uint32_t i, struct data *ret)
{
	static const char *const      lives[] = {"unknown", "alive", "starting", "dead"};
	const struct ipc_obs_process *p = process(f, i);

	data_text(ret, lives[p->life <= IPC_OBS_DEAD ? p->life : 0], NULL);
}

static void exe(frame *f, uint32_t i, struct data *ret)
{
	data_text(ret, process(f, i)->exe, NULL);
}

#define BUILD_ID_MAX 64 /* bytes; the linker's are 20 */

static void build_id(frame *f, uint32_t i, struct data *ret)
{
	const struct ipc_obs_process *p = process(f, i);

	ret->room[0] = 0;
	for (size_t k = 0; k < p->build_id_len && k < BUILD_ID_MAX; k++)
		snprintf(ret->room + 2 * k, 3, "%02x", p->build_id[k]);
	data_text(ret, ret->room, "its program was linked without one");
}

static void parent(frame *f, uint32_t i, struct data *ret)
{
	uint32_t p = process(f, i)->parent;

	data_number(ret, p != IPC_NO_INDEX ? process(f, p)->pid : IPC_UNKNOWN,
		    "its parent is not of the domain");
}

static void verdict(frame *f, uint32_t i, struct data *ret)
{
	uint32_t v = f->processes[i].verdict;

	data_text(ret, v != IPC_NO_INDEX ? ipc_verdict_name(f->s->verdicts[v].class_) : NULL, NULL);
}

/* clang-format off */
const struct more more_of_process[] = {
	{"pid", NULL, DATA_NUMBER, pid},
	{"blocked_threads", NULL, DATA_NUMBER, blocked_threads},
	{"cpu_percent", NULL, DATA_REAL, cpu},
	{"rss_bytes", NULL, DATA_NUMBER, memory},
	{"waits_for", NULL, DATA_TEXT, waits_for},
	{"uid", "its user, by number", DATA_NUMBER, uid},
	{"id", "tells it from every other process there was", DATA_NUMBER, id},
	{"foreign_pid_namespace", "it lives in another pid namespace: pid is its number there", DATA_BOOL, foreign},
	{"life", "alive, starting (forked, not here yet), dead (not cleaned up after yet)", DATA_TEXT, life},
	{"verdict", "class of the gravest finding it is part of", DATA_TEXT, verdict},
	{"exe", "path of its program", DATA_TEXT, exe},
	{"build_id", "of its program", DATA_TEXT, build_id},
	{"parent_pid", "who forked it", DATA_NUMBER, parent},
	{"joined_ns", "when it came into the domain", DATA_NUMBER, joined},
	{"threads", "threads that have used the library", DATA_NUMBER, threads},
	{"ends", "channels it holds", DATA_NUMBER, ends},
	{"asleep_ns_total", "time its threads were asleep, in calls of all kinds", DATA_NUMBER, asleep},
	{"sent_bytes_total", "bytes it has sent", DATA_NUMBER, sent_bytes},
	{"received_bytes_total", "bytes it has received", DATA_NUMBER, received_bytes},
	{"send_blocks_total", "sleeps to send that are over", DATA_NUMBER, send_blocks},
	{"send_blocked_ns_total", "time it was asleep sending", DATA_NUMBER, send_blocked},
	{"send_timeouts_total", "times it gave up sending", DATA_NUMBER, send_timeouts},
	{"receive_blocks_total", "sleeps to receive that are over", DATA_NUMBER, receive_blocks},
	{"receive_blocked_ns_total", "time it was asleep receiving", DATA_NUMBER, receive_blocked},
	{"receive_timeouts_total", "times it gave up receiving", DATA_NUMBER, receive_timeouts},
	{NULL, NULL, DATA_TEXT, NULL},
};
/* clang-format on */

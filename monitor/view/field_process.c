/*
 * field_process.c - the columns of processes
 */
#include "text/utf8.h"
#include "view/field.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "text/number.h"
#include "view/more.h"
#include "view/words.h"

typedef const struct frame frame;

static const struct ipc_obs_process *process(frame *f, uint32_t i)
{
	return &f->s->processes[i];
}

static enum role role(frame *f, uint32_t i)
{
	uint32_t v = f->processes[i].verdict;

	if (process(f, i)->life == IPC_OBS_DEAD)
		return ROLE_DEAD;
	return v != IPC_NO_INDEX ? words_role(f->s->verdicts[v].class_) : ROLE_NORMAL;
}

static void state_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	char letter[2] = {frame_process_letter(f, i), 0};

	field_put(ret, letter[0] == 'R' ? ROLE_OK : role(f, i), letter);
}

/* Who is part of a finding first, then who sleeps most. */
static double state_key(frame *f, uint32_t i)
{
	const struct process_stat *p = &f->processes[i];
	double                     key = p->verdict != IPC_NO_INDEX ? 1e15 / (1 + p->verdict) : 0;

	return key + (isnan(p->blocked) ? (double)p->asleep_ns / 1e9 : 1e3 * p->blocked);
}

/* In another pid namespace the number is somebody else's here, unless it is known as ours. */
static void pid_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct ipc_obs_process *p = process(f, i);
	uint64_t                      here = f->processes[i].pid_here;

	snprintf(ret->text, sizeof(ret->text), "%" PRIu64, here != 0 ? here : p->pid);
	ret->role = p->foreign_ns && here == 0 ? ROLE_DIM : ROLE_NORMAL;
}

static uint64_t pid_sign(frame *f, uint32_t i)
{
	return process(f, i)->pid * UINT64_C(0x9e3779b97f4a7c15) ^ f->processes[i].pid_here;
}

/* Small first, unlike all other numbers: it is a name. */
static double pid_key(frame *f, uint32_t i)
{
	return -(double)process(f, i)->pid;
}

static void name_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct ipc_obs_process *p = process(f, i);

	field_put(ret, role(f, i), p->name);
	if (p->foreign_ns && f->processes[i].pid_here != 0)
		snprintf(ret->text, sizeof(ret->text), "%.40s (ns %" PRIu64 ")",
			 utf8_part(p->name, 40).text, p->pid);
}

static void threads_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	snprintf(ret->text, sizeof(ret->text), "%" PRIu32 "/%" PRIu32, process(f, i)->n_blocked,
		 process(f, i)->n_threads);
	ret->role = ROLE_NORMAL;
}

static uint64_t threads_sign(frame *f, uint32_t i)
{
	return (uint64_t)process(f, i)->n_blocked << 32 | process(f, i)->n_threads;
}

static double threads_key(frame *f, uint32_t i)
{
	return process(f, i)->n_blocked;
}

static double out_key(frame *f, uint32_t i)
{
	return f->processes[i].out;
}

static double in_key(frame *f, uint32_t i)
{
	return f->processes[i].in;
}

static double out_bytes_key(frame *f, uint32_t i)
{
	return f->processes[i].out_bytes;
}

static double in_bytes_key(frame *f, uint32_t i)
{
	return f->processes[i].in_bytes;
}

static double sent_key(frame *f, uint32_t i)
{
	return (double)process(f, i)->out.messages;
}

static double received_key(frame *f, uint32_t i)
{
	return (double)process(f, i)->in.messages;
}

static double blocked_key(frame *f, uint32_t i)
{
	return 100 * f->processes[i].blocked;
}

static double cpu_key(frame *f, uint32_t i)
{
	return f->processes[i].cpu;
}

static double memory_key(frame *f, uint32_t i)
{
	return field_known(f->processes[i].rss_bytes);
}

static void waits_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	uint32_t w = f->processes[i].wait;

	if (process(f, i)->life == IPC_OBS_DEAD) {
		field_put(ret, ROLE_DEAD, "dead, not cleaned up yet");
		return;
	}
	if (w == IPC_NO_INDEX) {
		field_put(ret, ROLE_DIM, "");
		return;
	}
	snprintf(ret->text, sizeof(ret->text), "%s %s", number_duration(f->waits[w].age_ns).text,
		 f->s->waits[w].text);
	ret->role = role(f, i);
}

static double waits_key(frame *f, uint32_t i)
{
	uint32_t w = f->processes[i].wait;

	return w == IPC_NO_INDEX ? NAN : (double)f->waits[w].age_ns;
}

/* clang-format off */
static const struct field fields[] = {
	{"state", "S", "state", "R running, + starting, Z dead, not cleaned up; asleep: as in waits",
	 1, 1, 0, 0, UNIT_NONE, state_key, state_text},
	{"pid", "PID", "pid", "process; dimmed: the number it has in another pid namespace, as none here is known",
	 7, 7, 1, 0, UNIT_NONE, pid_key, pid_text},
	{"name", "NAME", "name", "its name; (ns 12): its number in its own pid namespace",
	 12, 40, 0, 0, UNIT_NONE, NULL, name_text},
	{"threads", "BLK/THR", "blocked_threads", "threads asleep in a call / threads that have used the library",
	 7, 7, 1, 3, UNIT_NONE, threads_key, threads_text},
	{"out", "OUT/s", "sent_messages_per_s", "messages it sends, a second",
	 5, 6, 1, 0, UNIT_RATE, out_key, NULL},
	{"in", "IN/s", "received_messages_per_s", "messages it receives, a second",
	 5, 6, 1, 0, UNIT_RATE, in_key, NULL},
	{"outbytes", "OUT-B/s", "sent_bytes_per_s", "bytes it sends, a second",
	 7, 7, 1, 6, UNIT_BYTE_RATE, out_bytes_key, NULL},
	{"inbytes", "IN-B/s", "received_bytes_per_s", "bytes it receives, a second",
	 6, 7, 1, 6, UNIT_BYTE_RATE, in_bytes_key, NULL},
	{"sent", "SENT", "sent_messages_total", "messages it has sent",
	 5, 6, 1, 8, UNIT_COUNT, sent_key, NULL},
	{"received", "RECVD", "received_messages_total", "messages it has received",
	 5, 6, 1, 8, UNIT_COUNT, received_key, NULL},
	{"blk", "BLK%", "blocked_percent", "its threads' sleep: 100 is one thread asleep all the time",
	 4, 5, 1, 1, UNIT_PERCENT, blocked_key, NULL},
	{"cpu", "CPU%", "cpu_percent", "processor time, of one core",
	 4, 5, 1, 2, UNIT_PERCENT, cpu_key, NULL},
	{"mem", "MEM", "rss_bytes", "memory it occupies",
	 5, 6, 1, 4, UNIT_BYTES, memory_key, NULL},
	{"waits", "WAITS FOR", "waits_for", "its longest wait: since when, for what",
	 16, 120, 0, 0, UNIT_NONE, waits_key, waits_text},
};
/* clang-format on */

static const struct field_sign signs[] = {
	{"pid", pid_sign}, {"threads", threads_sign}, {NULL, NULL}};

static size_t n_rows(frame *f)
{
	return f->s->n_processes;
}

static uint64_t id(frame *f, uint32_t i)
{
	return process(f, i)->id;
}

const struct listing process_listing = {
	.name = "Processes",
	.none = "no process is here",
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.n_rows = n_rows,
	.id = id,
	.role = role,
	.json = "processes",
	.more = more_of_process,
	.signs = signs,
};

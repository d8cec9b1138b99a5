/*
 * more_wait.c - waits, and the lines of their trees, for programs
 */
#include "view/more.h"

#include <stdio.h>

#include "view/tree.h"
#include "view/words.h"

typedef const struct frame frame;

static const struct ipc_obs_wait *wait_(frame *f, uint32_t i)
{
	return &f->s->waits[i];
}

static void pid(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, frame_process(f, wait_(f, i))->pid, NULL);
}

static void op(frame *f, uint32_t i, struct data *ret)
{
	data_text(ret, ipc_op_name(wait_(f, i)->op), NULL);
}

static void deadline(frame *f, uint32_t i, struct data *ret)
{
	uint64_t ns = wait_(f, i)->deadline_ns;

	data_number(ret, ns != 0 ? ns : IPC_UNKNOWN, "it never gives up by itself");
}

static void age(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, f->waits[i].age_ns, NULL);
}

static void needs_text(frame *f, uint32_t i, struct data *ret)
{
	struct words w = words_needs(f, i);

	snprintf(ret->room, sizeof(ret->room), "%s", w.text);
	data_text(ret, ret->room, NULL);
}

static void site(frame *f, uint32_t i, struct data *ret)
{
	data_text(ret, f->waits[i].site, "no symbols were found for it");
}

static void tid(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, frame_thread(f, wait_(f, i))->tid, NULL);
}

static void name(frame *f, uint32_t i, struct data *ret)
{
	data_text(ret, frame_process(f, wait_(f, i))->name, NULL);
}

static void thread_name(frame *f, uint32_t i, struct data *ret)
{
	data_text(ret, frame_thread(f, wait_(f, i))->name, NULL);
}

static void channel_id(frame *f, uint32_t i, struct data *ret)
{
	uint32_t c = wait_(f, i)->channel;

	data_number(ret, c != IPC_NO_INDEX ? f->s->channels[c].id : IPC_UNKNOWN,
		    "it is not about a channel");
}

static void text(frame *f, uint32_t i, struct data *ret)
{
	data_text(ret, wait_(f, i)->text, NULL);
}

static void since(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, wait_(f, i)->since_ns, NULL);
}

static void satisfied(frame *f, uint32_t i, struct data *ret)
{
	data_bool(ret, wait_(f, i)->satisfied);
}

static void needs(frame *f, uint32_t i, struct data *ret)
{
	data_text(ret, frame_need(wait_(f, i)->op), NULL);
}

static void verdict(frame *f, uint32_t i, struct data *ret)
{
	uint32_t v = f->waits[i].verdict;

	data_text(ret, v != IPC_NO_INDEX ? ipc_verdict_name(f->s->verdicts[v].class_) : NULL, NULL);
}

/* clang-format off */
const struct more more_of_wait[] = {
	{"age_ns", NULL, DATA_NUMBER, age},
	{"pid", NULL, DATA_NUMBER, pid},
	{"op", NULL, DATA_TEXT, op},
	{"needs_text", NULL, DATA_TEXT, needs_text},
	{"deadline_ns", NULL, DATA_NUMBER, deadline},
	{"site", NULL, DATA_TEXT, site},
	{"tid", "thread", DATA_NUMBER, tid},
	{"name", "of the process", DATA_TEXT, name},
	{"thread_name", "of the thread", DATA_TEXT, thread_name},
	{"channel_id", "of what the call is about", DATA_NUMBER, channel_id},
	{"text", "the call in words", DATA_TEXT, text},
	{"since_ns", "when it fell asleep", DATA_NUMBER, since},
	{"satisfied", "what it waits for is there: it has only to wake up", DATA_BOOL, satisfied},
	{"needs", "what would end it, in a word: get, put, exit, unlock", DATA_TEXT, needs},
	{"verdict", "class of the finding it belongs to", DATA_TEXT, verdict},
	{NULL, NULL, DATA_TEXT, NULL},
};
/* clang-format on */

/* ---- trees ------------------------------------------------------------------------ */

static const struct chain_line *line(frame *f, uint32_t i)
{
	return &f->chain.lines[i];
}

static void line_number(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, i, NULL);
}

static void line_parent(frame *f, uint32_t i, struct data *ret)
{
	uint32_t p = line(f, i)->parent;

	data_number(ret, p != IPC_NO_INDEX ? p : IPC_UNKNOWN, "it is a root");
}

static void line_depth(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, line(f, i)->depth, NULL);
}

static void line_pid(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, f->s->processes[line(f, i)->process].pid, NULL);
}

#define DOES_NOT_WAIT "it is a process that does not wait"

static void line_tid(frame *f, uint32_t i, struct data *ret)
{
	uint32_t w = line(f, i)->wait;

	data_number(ret, w != IPC_NO_INDEX ? frame_thread(f, wait_(f, w))->tid : IPC_UNKNOWN,
		    DOES_NOT_WAIT);
}

static void line_age(frame *f, uint32_t i, struct data *ret)
{
	uint32_t w = line(f, i)->wait;

	data_number(ret, w != IPC_NO_INDEX ? f->waits[w].age_ns : IPC_UNKNOWN, DOES_NOT_WAIT);
}

static void line_closes(frame *f, uint32_t i, struct data *ret)
{
	data_bool(ret, line(f, i)->closes);
}

static void line_text(frame *f, uint32_t i, struct data *ret)
{
	struct words w = tree_words(f, i);

	snprintf(ret->room, sizeof(ret->room), "%s", w.text);
	data_text(ret, ret->room, NULL);
}

/* clang-format off */
const struct more more_of_chain[] = {
	{"line", "its place in the drawing, from 0", DATA_NUMBER, line_number},
	{"parent_line", "the line that it waits for", DATA_NUMBER, line_parent},
	{"depth", "lines above it up to the root", DATA_NUMBER, line_depth},
	{"pid", "process", DATA_NUMBER, line_pid},
	{"tid", "the thread that waits", DATA_NUMBER, line_tid},
	{"text", NULL, DATA_TEXT, line_text},
	{"age_ns", NULL, DATA_NUMBER, line_age},
	{"closes_circle", "the root waits for it", DATA_BOOL, line_closes},
	{NULL, NULL, DATA_TEXT, NULL},
};
/* clang-format on */

/* ---- topology ---------------------------------------------------------------------- */

static void flow_fill(frame *f, uint32_t i, struct data *ret)
{
	data_real(ret, f->channels[i].fill, "it has no limit");
}

static void flow_id(frame *f, uint32_t i, struct data *ret)
{
	data_number(ret, f->s->channels[i].id, NULL);
}

/* clang-format off */
const struct more more_of_flow[] = {
	{"fill_ratio", NULL, DATA_REAL, flow_fill},
	{"channel_id", "tells it from every other channel there was", DATA_NUMBER, flow_id},
	{NULL, NULL, DATA_TEXT, NULL},
};
/* clang-format on */

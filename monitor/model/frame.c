#include "model/frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lint/lint.h"
#include "text/mem.h"

/* What the reading itself does not tell, and the tally may not fill in. */
static const struct channel_stat no_channel = {
	.put = NAN,
	.get = NAN,
	.put_bytes = NAN,
	.get_bytes = NAN,
	.put_blocks = NAN,
	.get_blocks = NAN,
	.put_timeouts = NAN,
	.get_timeouts = NAN,
	.blocked_put = NAN,
	.blocked_get = NAN,
	.fill = NAN,
	.verdict = IPC_NO_INDEX,
};
static const struct process_stat no_process = {
	.out = NAN,
	.in = NAN,
	.out_bytes = NAN,
	.in_bytes = NAN,
	.out_blocks = NAN,
	.in_blocks = NAN,
	.out_timeouts = NAN,
	.in_timeouts = NAN,
	.blocked_out = NAN,
	.blocked_in = NAN,
	.blocked = NAN,
	.cpu = NAN,
	.rss_bytes = IPC_UNKNOWN,
	.cpu_ns = IPC_UNKNOWN,
	.verdict = IPC_NO_INDEX,
	.wait = IPC_NO_INDEX,
	.site = "",
};
static const struct wait_stat no_wait = {.verdict = IPC_NO_INDEX, .line = IPC_NO_INDEX};
static const struct hold_stat no_hold = {.site = ""};
static const struct end_stat  no_end = {NAN, NAN, "", ""};

/* @n rows that are each as @blank. */
static void *renew(void *rows, size_t *room, size_t n, const void *blank, size_t size)
{
	if (rows == NULL || n > *room) {
		free(rows);
		*room = n;
		rows = mem_new(n, size);
	}
	for (size_t i = 0; i < n; i++)
		memcpy((char *)rows + i * size, blank, size);
	return rows;
}

#define RENEW(f, rows, n, blank) \
	((f)->rows = renew((f)->rows, &(f)->room.rows, n, &(blank), sizeof(blank)))

/* What is made anew at each reading, or not at all. */
static void drop_found(struct frame *f)
{
	free(f->locks);
	free(f->habits);
	chain_fini(&f->chain);
}

void frame_renew(struct frame *f, const struct ipc_snapshot *s)
{
	struct frame old = *f;

	drop_found(f);
	*f = (struct frame){.s = s,
			    .channels = old.channels,
			    .processes = old.processes,
			    .waits = old.waits,
			    .holds = old.holds,
			    .ends = old.ends,
			    .events = old.events,
			    .room = old.room,
			    .interval_s = NAN};
	RENEW(f, channels, s->n_channels, no_channel);
	RENEW(f, processes, s->n_processes, no_process);
	RENEW(f, waits, s->n_waits, no_wait);
	RENEW(f, holds, s->n_holds, no_hold);
}

void frame_renew_ends(struct frame *f)
{
	RENEW(f, ends, f->s->n_ends, no_end);
}

/* ---- copies ---------------------------------------------------------------- */

static void copy_verdicts(struct ipc_snapshot *to, const struct ipc_snapshot *s)
{
	struct ipc_obs_verdict *v = mem_copy(s->verdicts, s->n_verdicts, sizeof(*v));

	for (size_t i = 0; i < s->n_verdicts; i++) {
		v[i].core = mem_copy(v[i].core, v[i].n_core, sizeof(*v[i].core));
		v[i].behind = mem_copy(v[i].behind, v[i].n_behind, sizeof(*v[i].behind));
		v[i].headline = mem_string(v[i].headline);
		v[i].text = mem_string(v[i].text);
		v[i].pattern = mem_string(v[i].pattern);
		v[i].fix = mem_string(v[i].fix);
	}
	to->verdicts = v;
}

/* All of them in one block. */
static uint32_t *copy_histograms(struct ipc_obs_channel *c, size_t n_channels)
{
	const size_t bytes = IPC_OBS_HIST * sizeof(uint32_t);
	size_t       n = 0;
	uint32_t    *all, *to;

	for (size_t i = 0; i < 2 * n_channels; i++)
		n += c[i / 2].ring[i % 2].hist != NULL;
	to = all = mem_new(n, bytes);
	for (size_t i = 0; i < 2 * n_channels; i++) {
		const uint32_t **hist = &c[i / 2].ring[i % 2].hist;

		if (*hist == NULL)
			continue;
		memcpy(to, *hist, bytes);
		*hist = to;
		to += IPC_OBS_HIST;
	}
	return all;
}

static const struct ipc_snapshot *copy_snapshot(const struct ipc_snapshot *s, uint32_t **ret_hists)
{
	struct ipc_snapshot    *to = mem_copy(s, 1, sizeof(*s));
	struct ipc_obs_process *p = mem_copy(s->processes, s->n_processes, sizeof(*p));
	struct ipc_obs_thread  *t = mem_copy(s->threads, s->n_threads, sizeof(*t));
	struct ipc_obs_channel *c = mem_copy(s->channels, s->n_channels, sizeof(*c));

	to->domain = mem_string(s->domain);
	to->dir = mem_string(s->dir);
	for (size_t i = 0; i < s->n_processes; i++) {
		p[i].name = mem_string(p[i].name);
		p[i].exe = mem_string(p[i].exe);
		p[i].build_id = mem_copy(p[i].build_id, p[i].build_id_len, 1);
	}
	for (size_t i = 0; i < s->n_threads; i++)
		t[i].name = mem_string(t[i].name);
	for (size_t i = 0; i < s->n_channels; i++)
		c[i].name = mem_string(c[i].name);
	*ret_hists = copy_histograms(c, s->n_channels);
	to->processes = p;
	to->threads = t;
	to->channels = c;
	to->ends = mem_copy(s->ends, s->n_ends, sizeof(*s->ends));
	to->waits = mem_copy(s->waits, s->n_waits, sizeof(*s->waits));
	to->holds = mem_copy(s->holds, s->n_holds, sizeof(*s->holds));
	to->failures = mem_copy(s->failures, s->n_failures, sizeof(*s->failures));
	to->items = mem_copy(s->items, s->n_items, sizeof(*s->items));
	copy_verdicts(to, s);
	return to;
}

/* The copies are const to everybody but their owner, and this is where it ends. */
static void drop(const void *p)
{
	union {
		const void *as_shown;
		void       *as_owned;
	} u = {.as_shown = p};

	free(u.as_owned);
}

static void free_snapshot(const struct ipc_snapshot *s)
{
	for (size_t i = 0; i < s->n_processes; i++) {
		drop(s->processes[i].name);
		drop(s->processes[i].exe);
		drop(s->processes[i].build_id);
	}
	for (size_t i = 0; i < s->n_threads; i++)
		drop(s->threads[i].name);
	for (size_t i = 0; i < s->n_channels; i++)
		drop(s->channels[i].name);
	for (size_t i = 0; i < s->n_verdicts; i++) {
		const struct ipc_obs_verdict *v = &s->verdicts[i];
		const void                   *parts[] = {v->core, v->behind,  v->headline,
							 v->text, v->pattern, v->fix};

		for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
			drop(parts[k]);
	}
	const void *arrays[] = {s->domain,   s->dir,      s->processes, s->threads,
				s->channels, s->verdicts, s->ends,      s->waits,
				s->holds,    s->failures, s->items,     s};

	for (size_t k = 0; k < sizeof(arrays) / sizeof(arrays[0]); k++)
		drop(arrays[k]);
}

static void copy_histories(struct frame *to)
{
	static const struct history none;
	struct history             *h = mem_new(to->s->n_channels + to->s->n_processes, sizeof(*h));

	to->histories = h;
	for (size_t i = 0; i < to->s->n_channels; i++, h++) {
		*h = to->channels[i].history != NULL ? *to->channels[i].history : none;
		to->channels[i].history = h;
	}
	for (size_t i = 0; i < to->s->n_processes; i++, h++) {
		*h = to->processes[i].history != NULL ? *to->processes[i].history : none;
		to->processes[i].history = h;
	}
}

/* All of them in one block. */
static void copy_events(struct frame *to, const struct frame *f)
{
	size_t bytes = 0, at = 0;

	for (size_t i = 0; i < f->n_events; i++)
		bytes += strlen(f->events[i].text) + 1;
	to->texts = mem_new(bytes, 1);
	to->events = mem_copy(f->events, f->n_events, sizeof(*f->events));
	for (size_t i = 0, n; i < f->n_events; i++, at += n) {
		n = strlen(f->events[i].text) + 1;
		to->events[i].text = memcpy(to->texts + at, f->events[i].text, n);
	}
}

void frame_copy(struct frame *to, const struct frame *f)
{
	*to = *f;
	to->s = copy_snapshot(f->s, &to->hists);
	to->channels = mem_copy(f->channels, f->s->n_channels, sizeof(*f->channels));
	for (size_t i = 0; i < f->s->n_channels; i++)
		latency_ref(to->channels[i].latency);
	to->processes = mem_copy(f->processes, f->s->n_processes, sizeof(*f->processes));
	to->waits = mem_copy(f->waits, f->s->n_waits, sizeof(*f->waits));
	to->holds = mem_copy(f->holds, f->s->n_holds, sizeof(*f->holds));
	to->ends = mem_copy(f->ends, f->s->n_ends, sizeof(*f->ends));
	to->locks = mem_copy(f->locks, f->n_locks, sizeof(*f->locks));
	copy_events(to, f);
	to->habits = mem_copy(f->habits, f->n_habits, sizeof(*f->habits));
	to->chain.lines = mem_copy(f->chain.lines, f->chain.n, sizeof(*f->chain.lines));
	copy_histories(to);
	to->owned = 1;
}

void frame_fini(struct frame *f)
{
	for (size_t i = 0; f->owned && i < f->s->n_channels; i++)
		latency_unref(f->channels[i].latency);
	free(f->channels);
	free(f->processes);
	free(f->waits);
	free(f->holds);
	free(f->ends);
	free(f->events);
	drop_found(f);
	free(f->histories);
	free(f->hists);
	free(f->texts);
	if (f->owned)
		free_snapshot(f->s);
	*f = (struct frame){0};
}

#include "model/frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lint/lint.h"
#include "text/mem.h"

void frame_init(struct frame *f, const struct ipc_snapshot *s)
{
	*f = (struct frame){.s = s, .interval_s = NAN};
	f->channels = mem_new(s->n_channels, sizeof(*f->channels));
	f->processes = mem_new(s->n_processes, sizeof(*f->processes));
	f->waits = mem_new(s->n_waits, sizeof(*f->waits));
	f->holds = mem_new(s->n_holds, sizeof(*f->holds));
	f->ends = mem_new(s->n_ends, sizeof(*f->ends));
	for (size_t i = 0; i < s->n_channels; i++) {
		struct channel_stat *c = &f->channels[i];

		c->put = c->get = c->put_bytes = c->get_bytes = NAN;
		c->put_blocks = c->get_blocks = c->put_timeouts = c->get_timeouts = NAN;
		c->blocked_put = c->blocked_get = c->fill = NAN;
		c->verdict = IPC_NO_INDEX;
	}
	for (size_t i = 0; i < s->n_processes; i++) {
		struct process_stat *p = &f->processes[i];

		p->out_blocks = p->in_blocks = p->out_timeouts = p->in_timeouts = NAN;
		p->blocked_out = p->blocked_in = NAN;
		p->out = p->in = p->out_bytes = p->in_bytes = p->blocked = p->cpu = NAN;
		p->rss_bytes = p->cpu_ns = IPC_UNKNOWN;
		p->verdict = p->wait = IPC_NO_INDEX;
		p->site = "";
	}
	for (size_t i = 0; i < s->n_waits; i++)
		f->waits[i].verdict = f->waits[i].line = IPC_NO_INDEX;
	for (size_t i = 0; i < s->n_ends; i++)
		f->ends[i] = (struct end_stat){NAN, NAN, "", ""};
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
	to->events = mem_copy(f->events, f->n_events, sizeof(*f->events));
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
	free(f->locks);
	free(f->events);
	free(f->habits);
	free(f->histories);
	free(f->hists);
	chain_fini(&f->chain);
	if (f->owned)
		free_snapshot(f->s);
	*f = (struct frame){0};
}

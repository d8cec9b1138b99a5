#include "model/frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"

void frame_init(struct frame *f, const struct ipc_snapshot *s)
{
	*f = (struct frame){.s = s, .interval_s = NAN};
	f->channels = mem_new(s->n_channels, sizeof(*f->channels));
	f->processes = mem_new(s->n_processes, sizeof(*f->processes));
	f->waits = mem_new(s->n_waits, sizeof(*f->waits));
	for (size_t i = 0; i < s->n_channels; i++) {
		struct channel_stat *c = &f->channels[i];

		c->put = c->get = c->put_bytes = c->get_bytes = NAN;
		c->blocked_put = c->blocked_get = c->fill = NAN;
		c->verdict = IPC_NO_INDEX;
	}
	for (size_t i = 0; i < s->n_processes; i++) {
		struct process_stat *p = &f->processes[i];

		p->out = p->in = p->out_bytes = p->in_bytes = p->blocked = p->cpu = NAN;
		p->rss_bytes = IPC_UNKNOWN;
		p->verdict = p->wait = IPC_NO_INDEX;
	}
	for (size_t i = 0; i < s->n_waits; i++)
		f->waits[i].verdict = IPC_NO_INDEX;
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

static const struct ipc_snapshot *copy_snapshot(const struct ipc_snapshot *s)
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
	to->processes = p;
	to->threads = t;
	to->channels = c;
	to->ends = mem_copy(s->ends, s->n_ends, sizeof(*s->ends));
	to->waits = mem_copy(s->waits, s->n_waits, sizeof(*s->waits));
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
	const void *arrays[] = {s->domain,   s->dir,  s->processes, s->threads, s->channels,
				s->verdicts, s->ends, s->waits,     s};

	for (size_t k = 0; k < sizeof(arrays) / sizeof(arrays[0]); k++)
		drop(arrays[k]);
}

void frame_copy(struct frame *to, const struct frame *f)
{
	*to = *f;
	to->s = copy_snapshot(f->s);
	to->channels = mem_copy(f->channels, f->s->n_channels, sizeof(*f->channels));
	to->processes = mem_copy(f->processes, f->s->n_processes, sizeof(*f->processes));
	to->waits = mem_copy(f->waits, f->s->n_waits, sizeof(*f->waits));
	to->owned = 1;
}

void frame_fini(struct frame *f)
{
	free(f->channels);
	free(f->processes);
	free(f->waits);
	if (f->owned)
		free_snapshot(f->s);
	*f = (struct frame){0};
}

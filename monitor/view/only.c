#include "view/only.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"

struct only {
	int      any;
	uint8_t *processes; /* by index: is one of them */
	uint8_t *channels;  /* by index: one of them holds an end */
};

static int called(const struct ipc_obs_process *p, const char *text)
{
	char pid[24];

	snprintf(pid, sizeof(pid), "%" PRIu64, p->pid);
	return strcmp(pid, text) == 0 || strcasestr(p->name, text) != NULL;
}

/* The uid + 1 of the user called so; 0: nobody is. */
static uint64_t user_called(const char *text)
{
	/* cppcheck-suppress getpwnamCalled - ipcmon has one thread */
	const struct passwd *who = getpwnam(text);

	return who != NULL ? (uint64_t)who->pw_uid + 1 : 0;
}

struct only *only_new(const struct frame *f, const char *text)
{
	const struct ipc_snapshot *s = f->s;
	struct only               *o;
	uint64_t                   user;

	if (text[0] == 0 || s == NULL)
		return NULL;
	o = mem_new(1, sizeof(*o));
	o->processes = mem_new(s->n_processes, 1);
	o->channels = mem_new(s->n_channels, 1);
	user = user_called(text);
	for (size_t i = 0; i < s->n_processes; i++)
		o->any |= o->processes[i] = (uint8_t)(called(&s->processes[i], text) ||
						      (user != 0 && f->processes[i].user == user));
	for (size_t i = 0; i < s->n_ends; i++)
		if (o->processes[s->ends[i].process])
			o->channels[s->ends[i].channel] = 1;
	return o;
}

struct only *only_free(struct only *o)
{
	if (o != NULL) {
		free(o->processes);
		free(o->channels);
	}
	free(o);
	return NULL;
}

int only_any(const struct only *o)
{
	return o == NULL || o->any;
}

static int of_wait(const struct only *o, const struct frame *f, uint32_t i)
{
	return o->processes[f->s->threads[f->s->waits[i].thread].process];
}

static int of_finding(const struct only *o, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_verdict *v = &f->s->verdicts[i];
	int                           is = 0;

	for (size_t k = 0; k < v->n_core && !is; k++)
		is = of_wait(o, f, v->core[k]);
	for (size_t k = 0; k < v->n_behind && !is; k++)
		is = of_wait(o, f, v->behind[k]);
	return is;
}

/* Somebody of them holds it, or waits for it. */
static int of_lock(const struct only *o, const struct frame *f, uint32_t i)
{
	const struct lock_stat *l = &f->locks[i];
	int                     is = l->process != IPC_NO_INDEX && o->processes[l->process];

	for (uint32_t k = 0; k < f->s->n_waits && !is && l->n_waits > 0; k++)
		is = lock_has_wait(f, l, k) && of_wait(o, f, k);
	for (uint32_t k = 0; k < f->s->n_holds && !is && l->n_holds > 0; k++)
		is = lock_has_hold(f, l, k) &&
		     o->processes[f->s->threads[f->s->holds[k].thread].process];
	return is;
}

int only_passes(const struct only *o, const struct frame *f, enum object_kind kind, uint32_t row)
{
	if (o == NULL)
		return 1;
	switch (kind) {
	case OBJECT_FINDING: return of_finding(o, f, row);
	case OBJECT_WAIT: return of_wait(o, f, row);
	case OBJECT_LOCK: return of_lock(o, f, row);
	case OBJECT_PROCESS:
	case OBJECT_PROCESS_TOTAL: return o->processes[row];
	case OBJECT_CHAIN: return o->processes[f->chain.lines[row].process];
	case OBJECT_BLOCK:
	case OBJECT_CHANNEL:
	case OBJECT_CHANNEL_TOTAL:
	case OBJECT_FLOW:
	case OBJECT_LATENCY: return o->channels[row];
	default: return 1;
	}
}

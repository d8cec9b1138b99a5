/*
 * diagnose.c - a thread that has slept for long asks whether it will ever wake up
 *
 * The diagnosis is the monitor's: a snapshot of this process's own domain, read as any
 * observer would. It changes nothing, so the thread may stay published as blocked, which
 * it must for the verdict to hold. What follows from it (a callback, words on standard
 * error, an event, an error) comes after the record is withdrawn. What the verdict said is
 * true for ever, unless somebody is killed or a stranger comes; and after an error the
 * call tries once more, so that it never fails where it could have gone on.
 *
 * When to ask is decided in runtime/deadlock.c.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ipc/observe.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "runtime/deadlock.h"
#include "runtime/domain.h"
#include "runtime/thread.h"
#include "runtime/trace.h"

/* A verdict that outlives its snapshot. */
struct finding {
	struct ipc_deadlock d;
	bool                chosen;
	size_t              n, size;
	char               *text; /* the headline, a 0, all of it */
};

/* ---- while asleep ------------------------------------------------------------------ */

static bool is_this_thread(const struct ipc_snapshot *s, uint32_t wait)
{
	return s->threads[s->waits[wait].thread].id == thread_ref(thread_rec_self);
}

static bool in_core(const struct ipc_snapshot *s, const struct ipc_obs_verdict *v)
{
	for (size_t i = 0; i < v->n_core; i++)
		if (is_this_thread(s, v->core[i]))
			return true;
	return false;
}

__attribute__((format(printf, 2, 3))) static void add(struct finding *f, const char *fmt, ...)
{
	va_list ap;
	int     n;

	va_start(ap, fmt);
	n = vsnprintf(f->text + f->n, f->size - f->n, fmt, ap);
	va_end(ap);
	if (n > 0)
		f->n = f->n + (size_t)n < f->size ? f->n + (size_t)n : f->size - 1;
}

/* The call that waits, as addr2line(1) takes it. */
static void add_site(struct finding *f, const struct ipc_snapshot *s, const struct ipc_obs_wait *w)
{
	const struct ipc_obs_process *p = &s->processes[s->threads[w->thread].process];
	const char                   *slash = strrchr(p->exe, '/');

	/* the call stands before the address it returns to */
	if (w->site >= p->exe_base && w->site < p->exe_end && p->exe[0])
		add(f, "  at %s+0x%" PRIx64, slash ? slash + 1 : p->exe, w->site - 1 - p->exe_base);
}

/* Line 1 + k of a verdict's text is about core[k]: there its call site is added. */
static void add_text(struct finding *f, const struct ipc_snapshot *s,
		     const struct ipc_obs_verdict *v)
{
	const char *line = v->text;

	for (size_t i = 0; *line; i++) {
		size_t len = strcspn(line, "\n");

		add(f, "%.*s", (int)len, line);
		if (i > 0 && i <= v->n_core && i <= IPC_OBS_TEXT_CORE)
			add_site(f, s, &s->waits[v->core[i - 1]]);
		add(f, "\n");
		line += len + (line[len] != '\0');
	}
}

static struct finding *finding_new(const struct ipc_snapshot *s, const struct ipc_obs_verdict *v)
{
	struct finding *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->size = strlen(v->headline) + strlen(v->text) + IPC_OBS_TEXT_CORE * 96 + 2;
	f->text = malloc(f->size);
	if (!f->text) {
		free(f);
		return NULL;
	}
	add(f, "%s", v->headline);
	f->n++;
	add_text(f, s, v);
	f->chosen = v->chosen != IPC_NO_INDEX && is_this_thread(s, v->chosen);
	f->d = (struct ipc_deadlock){
		.sz = sizeof(f->d),
		.class_ = v->class_,
		.strength = v->strength,
		.action = v->chosen_error ? IPC_DEADLOCK_ERROR : IPC_DEADLOCK_REPORT,
		.headline = f->text,
		.text = f->text + strlen(f->text) + 1,
		.pattern = v->pattern, /* static */
		.fix = v->fix,
	};
	return f;
}

/* Somebody else was chosen: have it look soon. */
static void nudge(const struct ipc_snapshot *s, uint32_t wait)
{
	struct thread_rec *t = thread_find(s->threads[s->waits[wait].thread].id);

	if (t)
		store_relaxed(&t->nudge, load_relaxed(&t->wait.seq));
}

static bool tracer_listens(void)
{
	const struct ipc_trace_ops *ops = load_acquire(&trace_ops);

	return ops && ops->deadlock;
}

static void consider(struct wait *w, const struct ipc_snapshot *s, const struct ipc_obs_verdict *v)
{
	bool chosen = v->chosen != IPC_NO_INDEX && is_this_thread(s, v->chosen);

	if (v->class_ != IPC_DEADLOCK && v->class_ != IPC_ORPHANED)
		return;
	if (v->chosen != IPC_NO_INDEX && !chosen)
		nudge(s, v->chosen);
	if (!w->finding && (chosen || (tracer_listens() && in_core(s, v))))
		w->finding = finding_new(s, v);
}

static enum wait_answer look(struct wait *w)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	int                        before = cancel_off();

	if (ipc_observer_open_dir(&o, the_domain.dir) < 0)
		goto out;
	if (ipc_observer_read(o, &s) == 0)
		for (size_t i = 0; i < s->n_verdicts; i++)
			consider(w, s, &s->verdicts[i]);
	(void)ipc_observer_close(o);
out:
	cancel_on(before);
	return w->finding ? WAIT_TOLD : WAIT_ON;
}

/* ---- awake ----------------------------------------------------------------------------- */

static void print(const char *text)
{
	size_t  n = strlen(text);
	ssize_t r;

	while (n > 0) {
		r = file_write(STDERR_FILENO, text, n);
		if (r < 0 && r != -EINTR)
			return; /* nobody reads it: nothing more can be said */
		if (r > 0) {
			text += r;
			n -= (size_t)r;
		}
	}
}

static enum ipc_deadlock_action decide(const struct finding *f)
{
	const struct ipc_deadlock_opts *o = deadlock_options();
	enum ipc_deadlock_action        action = f->d.action, said;

	if (!o || !o->found)
		return action;
	said = o->found(&f->d, o->arg);
	if (said != IPC_DEADLOCK_ERROR || f->d.strength == IPC_CERTAIN ||
	    (f->d.strength == IPC_CLOSED_WORLD && o->flags & IPC_DEADLOCK_CLOSED))
		return said;
	return IPC_DEADLOCK_OFF;
}

static int act(struct wait *w)
{
	struct finding          *f = w->finding;
	enum ipc_deadlock_action action;
	int                      r = 0, saved = errno;

	w->finding = NULL;
	w->told = true;
	TRACE(deadlock, w->object_id, f->d.headline);
	action = f->chosen ? decide(f) : IPC_DEADLOCK_OFF;
	if (action == IPC_DEADLOCK_REPORT)
		print(f->d.text);
	if (action == IPC_DEADLOCK_ERROR && !(deadlock_flags() & WAIT_STAYS))
		r = fail(-EDEADLK, "%s", f->d.headline);
	free(f->text);
	free(f);
	errno = saved;
	return r;
}

static const struct wait_doctor doctor = {.look = look, .act = act};

__attribute__((constructor)) static void provide(void)
{
	wait_doctor = &doctor;
}

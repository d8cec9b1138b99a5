/*
 * diagnose.c - a thread that has slept for long tells the tracer if it is in a deadlock
 *
 * The diagnosis is the monitor's: a snapshot of this process's own domain, read as any
 * observer would. It changes nothing, so the thread may stay published as blocked, which
 * it must for the verdict to hold. It is made only where somebody listens: while a
 * tracepoint provider with a deadlock hook is installed.
 */

#include <unistd.h>

#include <ipc/observe.h>

#include "runtime/domain.h"
#include "runtime/trace.h"
#include "runtime/wait.h"

static bool is_this_thread(const struct ipc_snapshot *s, uint32_t wait)
{
	const struct ipc_obs_thread *t = &s->threads[s->waits[wait].thread];

	return t->tid == (uint64_t)gettid() && s->processes[t->process].pid == (uint64_t)getpid();
}

static bool concerns_us(const struct ipc_snapshot *s, const struct ipc_obs_verdict *v)
{
	if (v->class_ != IPC_DEADLOCK && v->class_ != IPC_ORPHANED)
		return false;
	for (size_t i = 0; i < v->n_core; i++)
		if (is_this_thread(s, v->core[i]))
			return true;
	return false;
}

/* True: it was found, and told. */
static bool diagnose(const struct wait *w)
{
	const struct ipc_trace_ops *ops = load_acquire(&trace_ops);
	const struct ipc_snapshot  *s;
	ipc_observer               *o;
	bool                        found = false;

	if (!ops || !ops->deadlock || ipc_observer_open_dir(&o, the_domain.dir) < 0)
		return false;
	if (ipc_observer_read(o, &s) == 0) {
		for (size_t i = 0; i < s->n_verdicts && !found; i++) {
			found = concerns_us(s, &s->verdicts[i]);
			if (found)
				ops->deadlock(w->object_id, s->verdicts[i].headline);
		}
	}
	(void)ipc_observer_close(o);
	return found;
}

__attribute__((constructor)) static void provide(void)
{
	wait_diagnose = diagnose;
}

/* rule_late.c - calls that outlast their time limit */

#include <inttypes.h>

#include "lint/lint.h"
#include "model/procfs.h"
#include "text/number.h"
#include "text/utf8.h"

/* ---- I018 ------------------------------------------------------------------------------ */

void rule_late(struct lints *l, const struct frame *f)
{
	if (f->s->post_mortem || f->recorded) /* nobody can be asked whether he may run */
		return;
	for (size_t i = 0; i < f->s->n_waits; i++) {
		const struct ipc_obs_wait    *w = &f->s->waits[i];
		uint32_t                      p = f->s->threads[w->thread].process;
		const struct ipc_obs_process *process = &f->s->processes[p];

		/* who is stopped, or starved of processor time, cannot help being late */
		if (w->deadline_ns == 0 || f->s->t_mono_ns < w->deadline_ns + LINT_LASTS_NS ||
		    process->life != IPC_OBS_ALIVE || process->foreign_ns ||
		    procfs_is_asleep(process->pid) != 1)
			continue;
		lint_add(l, LINT_LATE, p, w->channel,
			 "%s %" PRIu64 " waits in %.100s %s beyond its time limit, asleep",
			 process->name, process->pid, utf8_part(w->text, 100).text,
			 number_duration(f->s->t_mono_ns - w->deadline_ns).text);
	}
}

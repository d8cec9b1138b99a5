/* signals.c - who may set an event although it sleeps; see signals.h */

#include "observe/signals.h"

#include <signal.h>

#include "observe/evidence.h"

#define BIT(sig) (UINT64_C(1) << ((sig)-1))

/*
 * Those that a thread brings on itself by an instruction: asleep, it does not. And the
 * two that glibc catches for its own purposes.
 */
#define OF_ITSELF                                                                              \
	(BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGFPE) | BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGSYS) | \
	 BIT(SIGABRT) | BIT(SIGPIPE) | BIT(32) | BIT(33))

static bool catches(const struct view *v, uint32_t process)
{
	const struct ipc_obs_process *p = &v->process[process];

	return p->life == IPC_OBS_ALIVE && !p->foreign_ns &&
	       (evidence_caught(p->pid) & ~OF_ITSELF) != 0;
}

static bool any_way_catches(const struct model *m, const struct relate *r,
			    const struct model_item *item)
{
	for (uint32_t k = 0; k < item->n_groups; k++) {
		const struct model_group *g = &m->group[m->item_group[item->first_group + k]];

		for (uint32_t w = 0; w < g->n_ways; w++) {
			const struct model_way *way = &m->way[g->first_way + w];

			if (catches(r->v,
				    way->is_thread ? m->thread[way->index].process : way->index))
				return true;
		}
	}
	return false;
}

void signals_open(struct model *m, const struct relate *r, const bool *stuck)
{
	for (uint32_t t = 0; !r->as_recorded && t < m->n_threads; t++) {
		const struct thread_rec *rec = image_at(r->image, TABLE_THREADS,
							r->v->thread_slot[t]);

		for (uint32_t i = 0; stuck[t] && i < m->thread[t].n_items; i++) {
			struct model_item *item = &m->item[m->thread[t].first_item + i];

			if (i < rec->wait.n_items && rec->wait.item[i].op == OP_EVENT)
				item->open = item->open || any_way_catches(m, r, item);
		}
	}
}

/* view_people.c - processes and their threads */

#include <stdio.h>

#include "observe/view.h"

static enum ipc_obs_life life_of(const struct process_rec *p, bool alive)
{
	if (!alive)
		return IPC_OBS_DEAD;
	return life_state(p->life) == LIFE_FORKING ? IPC_OBS_STARTING : IPC_OBS_ALIVE;
}

static void label_process(struct view *v, const struct image *m, struct ipc_obs_process *p,
			  size_t slot)
{
	struct process_label *l;

	p->name = p->exe = "";
	p->exe_base = p->exe_end = 0;
	p->build_id = NULL;
	p->build_id_len = 0;
	if (slot >= m->n[TABLE_PROCESS_LABELS])
		return;
	l = image_at(m, TABLE_PROCESS_LABELS, slot);
	v->damaged += view_clean(l->name, sizeof(l->name));
	v->damaged += view_clean(l->exe, sizeof(l->exe));
	p->name = l->name;
	p->exe = l->exe;
	p->exe_base = l->exe_base;
	p->exe_end = l->exe_end;
	p->build_id = l->build_id;
	if (l->build_id_len <= sizeof(l->build_id))
		p->build_id_len = l->build_id_len;
	else
		v->damaged++;
}

static void add_process(struct view *v, const struct image *m, size_t slot)
{
	const struct process_rec *rec = image_at(m, TABLE_PROCESSES, slot);
	struct ipc_obs_process   *p = &v->process[v->n_processes];

	*p = (struct ipc_obs_process){
		.id = ref_make(life_gen(rec->life), (uint32_t)slot),
		.pid = rec->pid,
		.parent = IPC_NO_INDEX,
		.joined_ns = rec->joined_ns,
		.ns_inode = rec->ns_inode,
		.asleep_ns = rec->asleep_ns,
	};
	label_process(v, m, p, slot);
	v->process_at[slot] = v->n_processes;
	v->process_slot[v->n_processes++] = (uint32_t)slot;
}

void view_processes(struct view *v, const struct image *m)
{
	v->n_processes = 0;
	for (size_t slot = 0; slot < m->n[TABLE_PROCESSES]; slot++) {
		const struct process_rec *rec = image_at(m, TABLE_PROCESSES, slot);

		v->process_at[slot] = IPC_NO_INDEX;
		switch (life_state(rec->life)) {
		case LIFE_LIVE:
		case LIFE_FORKING:
		case LIFE_DYING: add_process(v, m, slot); break;
		case LIFE_FREE:
		case LIFE_MAKING: break;
		default: v->damaged++; break;
		}
	}
	for (uint32_t i = 0; i < v->n_processes; i++) {
		const struct process_rec *rec = image_at(m, TABLE_PROCESSES, v->process_slot[i]);

		v->process[i].parent = view_process_of(v, m, rec->parent);
	}
}

void view_lives(struct view *v, const struct image *m, const struct view_facts *f)
{
	for (uint32_t i = 0; i < v->n_processes; i++) {
		uint32_t                  slot = v->process_slot[i];
		const struct process_rec *rec = image_at(m, TABLE_PROCESSES, slot);

		v->process[i].life = life_of(rec, f->alive[slot]);
		v->process[i].foreign_ns = rec->ns_inode != f->self_ns;
	}
}

static void add_thread(struct view *v, struct thread_rec *rec, size_t slot, uint32_t process)
{
	struct ipc_obs_thread *t = &v->thread[v->n_threads];

	v->damaged += view_clean(rec->name, sizeof(rec->name));
	*t = (struct ipc_obs_thread){
		.id = ref_make(life_gen(rec->life), (uint32_t)slot),
		.tid = rec->tid,
		.name = rec->name,
		.process = process,
		.wait = IPC_NO_INDEX,
	};
	v->process[process].n_threads++;
	v->thread_at[slot] = v->n_threads;
	v->thread_slot[v->n_threads++] = (uint32_t)slot;
}

void view_threads(struct view *v, const struct image *m)
{
	v->n_threads = 0;
	for (size_t slot = 0; slot < m->n[TABLE_THREADS]; slot++) {
		struct thread_rec *rec = image_at(m, TABLE_THREADS, slot);
		uint32_t           process;

		v->thread_at[slot] = IPC_NO_INDEX;
		if (life_state(rec->life) != LIFE_LIVE)
			continue;
		process = view_process_of(v, m, rec->process);
		if (process == IPC_NO_INDEX)
			v->damaged++;
		else
			add_thread(v, rec, slot, process);
	}
}

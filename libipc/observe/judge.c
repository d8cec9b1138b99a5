/* judge.c - the order of a judgement; see judge.h */

#include <errno.h>
#include <stdio.h>

#include "base/error.h"
#include "observe/doubts.h"
#include "observe/evidence.h"
#include "observe/judge.h"
#include "observe/signals.h"

#define SECOND         UINT64_C(1000000000)
#define OLD_NS         SECOND        /* before that, nobody asks whether a helper is stopped */
#define STALLED_NS     (60 * SECOND) /* picked: longer than any healthy pause we know */
#define STOP_LOOKS_MAX 256           /* threads looked up in /proc in one reading */

bool *judge_set(const struct judge *j, enum judge_set set)
{
	return (bool *)j->sets.p + (size_t)set * (j->v->n_threads + 1);
}

char *judge_reason(const struct judge *j, uint32_t process)
{
	return (char *)j->reasons.p + (size_t)process * REASON_BYTES;
}

/* The words of all locks waited for that lie in shared memory of the domain. */
static int read_locks(struct judge *j)
{
	struct lock_seen *l = grow_to(&j->locks, (j->v->n_waits + 1) * sizeof(*l));

	if (!l)
		return -ENOMEM;
	for (uint32_t i = 0; i < j->v->n_waits; i++) {
		const struct ipc_obs_wait *w = &j->v->wait[i];

		l[i] = (struct lock_seen){0};
		if (view_is_lock(w->op) && w->channel != IPC_NO_INDEX)
			lock_read(j->files, j->v->channel[w->channel].id, w->op, w->lock_offset,
				  &l[i]);
	}
	return 0;
}

static int prepare(struct judge *j)
{
	size_t t = j->v->n_threads + 1;
	int    r = read_locks(j);

	if (r < 0 || !grow_to(&j->sets, N_SETS * t) ||
	    !grow_to(&j->reasons, (size_t)(j->v->n_processes + 1) * REASON_BYTES))
		return -ENOMEM;
	for (uint32_t p = 0; p < j->v->n_processes; p++)
		judge_reason(j, p)[0] = '\0';
	j->relate.v = j->v;
	j->relate.image = j->image;
	j->relate.locks = j->locks.p;
	j->relate.as_recorded = j->post_mortem;
	r = relate(&j->model, &j->relate);
	for (uint32_t i = 0; r == 0 && i < j->v->n_waits; i++)
		wait_describe(j->v, j->image, &j->v->wait[i]);
	return r < 0 ? r : findings_begin(j);
}

/* Stuck with @beliefs, and not in @but (may be NULL), into STUCK; true: somebody is. */
static bool find_stuck(struct judge *j, unsigned beliefs, const bool *but)
{
	bool *stuck = judge_set(j, STUCK), *live = judge_set(j, LIVE);
	bool  any = false;

	model_solve(&j->model, beliefs, MODEL_NOBODY, live);
	for (uint32_t t = 0; t < j->model.n_threads; t++) {
		stuck[t] = model_stuck(&j->model, live, t) && !(but && but[t]);
		any = any || stuck[t];
	}
	return any;
}

/* ---- kernel evidence ------------------------------------------------------------- */

/* Would it run but for being stopped? Nor does what ends its wait help who is. */
static bool could_run(const struct judge *j, const struct model_thread *t)
{
	return !t->blocked || t->timed || j->v->wait[t->wait].satisfied;
}

static bool is_stopped(const struct ipc_obs_process *p, uint64_t tid)
{
	char state = evidence_task(p->pid, tid).state;

	return state == 'T' || state == 't';
}

static void look_if_stopped(struct judge *j, uint32_t p, unsigned *n_looks)
{
	struct model                 *m = &j->model;
	const struct ipc_obs_process *process = &j->v->process[p];

	if (process->foreign_ns || process->life == IPC_OBS_DEAD)
		return;
	if (m->process[p].unseen) {
		++*n_looks;
		m->process[p].stopped = is_stopped(process, process->pid);
	}
	for (uint32_t k = m->of_members[p]; k < m->of_members[p + 1]; k++) {
		uint32_t t = m->members[k];

		if (!could_run(j, &m->thread[t]) || *n_looks >= STOP_LOOKS_MAX)
			continue;
		++*n_looks;
		m->thread[t].stopped = is_stopped(process, j->v->thread[t].tid);
	}
}

/* Of those who could end a long wait, which are stopped? */
static void look_for_stopped(struct judge *j)
{
	struct model *m = &j->model;
	unsigned      n_looks = 0;

	for (uint32_t g = 0; g < m->n_groups && n_looks < STOP_LOOKS_MAX; g++) {
		bool old = false;

		for (uint32_t k = m->of_group[g]; k < m->of_group[g + 1] && !old; k++) {
			uint32_t w = m->thread[m->item[m->group_items[k]].thread].wait;

			old = j->now_ns > j->v->wait[w].since_ns + OLD_NS;
		}
		for (uint32_t k = 0; old && k < m->group[g].n_ways; k++) {
			const struct model_way *w = &m->way[m->group[g].first_way + k];
			uint32_t p = w->is_thread ? m->thread[w->index].process : w->index;

			if (m->process[p].asked)
				continue;
			m->process[p].asked = true;
			look_if_stopped(j, p, &n_looks);
		}
	}
}

/* ---- verdicts --------------------------------------------------------------------- */

#define BELIEVE_ALL (BELIEVE_LIMITS | BELIEVE_STOPPED | BELIEVE_OPAQUE | BELIEVE_MORE)

/* What lies between believing everything and believing all but @doubt. */
static int between(struct judge *j, unsigned doubt, enum ipc_verdict_class class_)
{
	bool     suspects = doubt == BELIEVE_OPAQUE || doubt == BELIEVE_MORE;
	unsigned most = suspects ? BELIEVE_ALL : BELIEVE_ALL & ~(unsigned)BELIEVE_OPAQUE;
	bool    *sure = judge_set(j, SURE), *few = judge_set(j, TOO_FEW);

	(void)find_stuck(j, most, NULL);
	for (uint32_t t = 0; t < j->v->n_threads; t++)
		sure[t] = judge_set(j, STUCK)[t] || few[t];
	if (!find_stuck(j, most & ~doubt, sure))
		return 0;
	if (doubt == BELIEVE_MORE)
		memcpy(few, judge_set(j, STUCK), j->v->n_threads);
	return findings_of_set(j, class_, most & ~doubt);
}

static int judge_stuck(struct judge *j)
{
	int r = 0;

	memset(judge_set(j, TOO_FEW), 0, j->v->n_threads);
	(void)find_stuck(j, BELIEVE_ALL | BELIEVE_EXITS, NULL);
	memcpy(judge_set(j, FIRM), judge_set(j, STUCK), j->v->n_threads);
	if (find_stuck(j, BELIEVE_ALL, NULL))
		r = findings_of_set(j, IPC_DEADLOCK, BELIEVE_ALL);
	if (r == 0)
		r = between(j, BELIEVE_MORE, IPC_SUSPECTED);
	if (r == 0)
		r = between(j, BELIEVE_OPAQUE, IPC_SUSPECTED);
	if (r == 0)
		r = between(j, BELIEVE_STOPPED, IPC_STOPPED);
	if (r == 0)
		r = between(j, BELIEVE_LIMITS, IPC_TIMED);
	return r;
}

/* Waits that somebody alive could end, and that are odd all the same. */
static int judge_others(struct judge *j)
{
	const struct view *v = j->v;
	int                r = 0;

	for (uint32_t i = 0; i < v->n_waits && r == 0; i++) {
		const struct ipc_obs_wait *w = &v->wait[i];
		bool full = w->op == IPC_OP_SEND || w->op == IPC_OP_PUT || w->op == IPC_OP_LOCK;

		if (judge_set(j, ASKED)[w->thread] || w->deadline_ns)
			continue; /* in a verdict already, or ends by itself */
		if (watch_lost(&j->watch, &j->relate, j->files, i, j->now_ns))
			r = findings_of_one(j,
					    w->op == IPC_OP_LOCK ? IPC_POISONED : IPC_LOST_WAKEUP,
					    w->thread);
		else if (full && !w->satisfied && j->now_ns > w->since_ns + STALLED_NS)
			r = findings_of_one(j, IPC_STALLED, w->thread);
	}
	return r;
}

int judge_read(struct judge *j)
{
	int r = prepare(j);

	if (r < 0)
		return fail(r, "no memory to judge %u waits", j->v->n_waits);
	j->proof.shaky = false;
	if (!j->post_mortem)
		look_for_stopped(j);
	if (find_stuck(j, 0, NULL)) {
		doubts_look(j);
		signals_open(&j->model, &j->relate, judge_set(j, STUCK));
		j->proof.m = &j->model;
		j->proof.r = &j->relate;
		j->proof.vitals = j->vitals;
		j->proof.believed = j->believed;
		j->proof.files = j->files;
		proof_check(&j->proof, judge_set(j, STUCK));
		(void)find_stuck(j, 0, NULL);
		memcpy(judge_set(j, ASKED), judge_set(j, STUCK), j->v->n_threads);
		r = judge_stuck(j);
	} else {
		memset(judge_set(j, ASKED), 0, j->v->n_threads + 1);
	}
	if (r == 0 && !j->post_mortem)
		r = judge_others(j);
	findings_end(j);
	return r;
}

void judge_fini(struct judge *j)
{
	model_fini(&j->model);
	cores_fini(&j->cores);
	watch_fini(&j->watch);
	grow_free(&j->relate.groups);
	proof_fini(&j->proof);
	grow_free(&j->locks);
	grow_free(&j->sets);
	grow_free(&j->members);
	grow_free(&j->texts);
	grow_free(&j->reasons);
	grow_free(&j->pids);
	grow_free(&j->tids);
	grow_free(&j->quiet);
}

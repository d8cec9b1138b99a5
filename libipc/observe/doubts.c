/* doubts.c - see doubts.h */

#include <stdio.h>

#include "observe/doubts.h"
#include "observe/evidence.h"
#include "observe/quiet.h"

#define TIDS_MAX 4096 /* of one process; to compare them costs the square of that */

/*
 * A signal that is near ends a wait as a time limit does, and there is no deadlock where
 * the program has provided for it. One that is far is a watchdog over the whole: until it
 * barks nothing moves, which is what the verdict says, and its words say until when.
 * Picked: longer than anybody's patience with one call, shorter than a watchdog's.
 */
#define ALARM_NEAR_NS UINT64_C(10000000000)

struct looking {
	struct judge                 *j;
	uint32_t                      p;
	const struct ipc_obs_process *process;
	char                         *why;
	const uint64_t               *tid;
	size_t                        n;
	uint64_t                      alarm_ns; /* the last one its threads know of */
	bool                          quiet;    /* as it was found before: quiet.h */
};

/* False: not all of its threads are in @l. On the heap: who looks may have a small stack. */
static bool gather(struct looking *l)
{
	const struct model *m = &l->j->model;
	uint32_t            first = m->of_members[l->p], end = m->of_members[l->p + 1];
	uint64_t           *tid = grow_to(&l->j->tids, (end - first) * sizeof(*tid));

	if (!tid || end - first >= TIDS_MAX)
		return false;
	l->tid = tid;
	for (uint32_t k = first; k < end; k++) {
		const struct ipc_obs_thread *t = &l->j->v->thread[m->members[k]];

		tid[l->n++] = t->tid;
		if (t->wait != IPC_NO_INDEX && l->j->v->wait[t->wait].alarm_ns > l->alarm_ns)
			l->alarm_ns = l->j->v->wait[t->wait].alarm_ns;
	}
	return true;
}

/* A signal may wake any of its threads, or end them all and so free what they hold. */
static void expect_signal(struct looking *l)
{
	struct model *m = &l->j->model;

	m->process[l->p].opaque = true;
	for (uint32_t k = m->of_members[l->p]; k < m->of_members[l->p + 1]; k++)
		m->thread[m->members[k]].unsure = true;
}

static void look_for_alarm(struct looking *l)
{
	uint64_t     now = l->j->now_ns, at = l->alarm_ns;
	char        *who = l->why;
	struct story out = {.buf = who, .size = REASON_BYTES};

	if (at > now && (at == UINT64_MAX || at - now < ALARM_NEAR_NS) &&
	    evidence_heeds_alarm(l->process->pid, l->tid, l->n)) {
		expect_signal(l);
		story_process(&out, l->j->v, l->p);
		if (at == UINT64_MAX)
			story_add(&out, " has an interval timer, which sends it SIGALRM");
		else
			story_add(&out, " has an alarm: SIGALRM comes in %.1f s",
				  (double)(at - now) / 1e9);
	} else if (!l->quiet && evidence_has_timer(l->process->pid)) {
		expect_signal(l);
		story_process(&out, l->j->v, l->p);
		story_add(&out, " has a timer (timer_create), which may send it a signal");
	}
}

/* Might process @p do what its known threads do not? Then it is opaque, with a reason. */
static void look_into(struct judge *j, uint32_t p)
{
	struct model_process *m = &j->model.process[p];
	struct looking        l = {
		       .j = j, .p = p, .process = &j->v->process[p], .why = judge_reason(j, p)};
	uint64_t sleeps;
	bool     all;

	if (j->post_mortem)
		(void)snprintf(l.why, REASON_BYTES,
			       "this is a copy; the processes could not be asked");
	else if (l.process->foreign_ns)
		(void)snprintf(l.why, REASON_BYTES, "process %lu is in another pid namespace",
			       (unsigned long)l.process->pid);
	m->opaque = l.why[0] != '\0';
	if (m->opaque)
		return;
	all = gather(&l);
	sleeps = quiet_sleeps(j, p);
	l.quiet = quiet_still(j, p, sleeps);
	m->opaque = !all ||
		    (!l.quiet && evidence_opaque(l.process->pid, l.tid, l.n, l.why, REASON_BYTES));
	if (!m->opaque)
		look_for_alarm(&l);
	if (!m->opaque)
		quiet_from_now(j, p, sleeps);
}

static bool has_unknown_threads(struct judge *j, uint32_t p)
{
	char           why[REASON_BYTES];
	struct looking l = {.j = j, .p = p};

	return j->v->process[p].foreign_ns || !gather(&l) ||
	       evidence_opaque(j->v->process[p].pid, l.tid, l.n, why, sizeof(why));
}

/*
 * Who could come to a barrier is counted by threads that have called the library before.
 * A process that has others may send as many as are missing, also where all that are known
 * have arrived.
 */
static void look_at_crowd(struct judge *j, struct model_group *g)
{
	const struct model           *m = &j->model;
	const struct ipc_obs_channel *c = &j->v->channel[g->tag];
	uint32_t                      last = MODEL_NOBODY;

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends && g->need > 1; i++) {
		uint32_t p = j->v->end[i].process;

		if (!(j->v->end[i].rights & RIGHT_MAP))
			continue;
		if (p != last && !m->process[p].dead && has_unknown_threads(j, p))
			g->need = 1;
		last = p;
	}
}

/* Who waits in @group may be let go by what @p does unseen, and not for want of others. */
static void share_doubt(struct judge *j, uint32_t group, uint32_t p)
{
	const struct model *m = &j->model;

	for (uint32_t k = m->of_group[group]; k < m->of_group[group + 1]; k++) {
		struct model_thread *t = &m->thread[m->item[m->group_items[k]].thread];

		t->unsure = true;
		if (t->process != p && !judge_reason(j, t->process)[0])
			memcpy(judge_reason(j, t->process), judge_reason(j, p), REASON_BYTES);
	}
}

/* Of a crowd one more of which is enough: could that be one of a process that is opaque? */
static void doubt_crowd(struct judge *j, uint32_t group)
{
	const struct ipc_obs_channel *c = &j->v->channel[j->model.group[group].tag];

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct ipc_obs_end *e = &j->v->end[i];

		if ((e->rights & RIGHT_MAP) && j->model.process[e->process].opaque) {
			share_doubt(j, group, e->process);
			return;
		}
	}
}

/* Somebody whom the library does not know may have inherited anything: so all may be helped. */
static void look_for_strangers(struct judge *j, const bool *asked)
{
	char why[REASON_BYTES];

	if (!strangers_find(j, why, sizeof(why)))
		return;
	for (uint32_t p = 0; p < j->model.n_processes; p++) {
		uint32_t first = j->model.of_members[p];

		if (first == j->model.of_members[p + 1] || !asked[j->model.members[first]])
			continue;
		j->model.process[p].opaque = true;
		for (uint32_t k = first; k < j->model.of_members[p + 1]; k++)
			j->model.thread[j->model.members[k]].unsure = true;
		if (!judge_reason(j, p)[0])
			memcpy(judge_reason(j, p), why, sizeof(why));
	}
}

void doubts_look(struct judge *j)
{
	struct model *m = &j->model;
	bool         *asked = judge_set(j, ASKED);

	memset(asked, 0, j->v->n_threads + 1);
	for (uint32_t t = 0; t < m->n_threads; t++) {
		uint32_t p = m->thread[t].process, first = m->of_members[p];

		/* whoever could help a stuck thread is stuck as well, so their processes are all */
		if (!judge_set(j, STUCK)[t] || asked[m->members[first]])
			continue;
		asked[m->members[first]] = true;
		look_into(j, p);
	}
	if (j->post_mortem)
		return;
	for (uint32_t g = 0; g < m->n_groups; g++) {
		if (m->group[g].crowd)
			look_at_crowd(j, &m->group[g]);
		if (m->group[g].crowd && m->group[g].need == 1)
			doubt_crowd(j, g);
	}
	look_for_strangers(j, asked);
}

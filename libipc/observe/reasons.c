/*
 * reasons.c - what stands below the lines of a finding: why it is so, what to
 * change, who is behind it, and what killing whom would free
 */

#include <inttypes.h>
#include <ipc/queue.h>

#include "observe/scene.h"

#define NAMED_MAX    6    /* of a list, before "and N more" */
#define MANY_THREADS 1024 /* picked: each thing that might help costs a solution of them all */

static bool is_way(const struct scene *s, uint32_t thread, const struct model_group *g)
{
	for (uint32_t k = 0; k < g->n_ways; k++) {
		const struct model_way *w = &s->m->way[g->first_way + k];

		if (w->index == (w->is_thread ? thread : s->v->thread[thread].process))
			return true;
	}
	return false;
}

/* A lock's owner or reader; or all permits of a semaphore, where death gives them back. */
bool scene_is_own_lock(const struct scene *s, uint32_t thread)
{
	const struct ipc_obs_wait *w = scene_wait(s, thread);
	const struct model_thread *t = &s->m->thread[thread];
	const struct model_item   *i = &s->m->item[t->first_item];

	if (!scene_locks(w) && w->op != IPC_OP_SEM)
		return false;
	for (uint32_t k = 0; t->n_items > 0 && k < i->n_groups; k++) {
		const struct model_group *g = &s->m->group[s->m->item_group[i->first_group + k]];

		if (g->death == DEATH_FREES && is_way(s, thread, g))
			return true;
	}
	return false;
}

static void add_why(struct story *out, const struct scene *s, const struct match *m)
{
	story_add(out, "Why: ");
	for (const char *p = m->pattern->why; *p; p++) {
		if (p[0] != '{') {
			story_add(out, "%c", *p);
			continue;
		}
		if (p[1] == 'o' && m->o != IPC_NO_INDEX)
			story_add(out, "%s \"%s\"", ipc_kind_name(s->v->channel[m->o].kind),
				  s->v->channel[m->o].name);
		else if (p[1] == 'o')
			story_add(out, "it");
		else
			story_process(out, s->v, s->v->thread[p[1] == 'a' ? m->a : m->b].process);
		p += 2;
	}
	story_add(out, "\nPattern: %s (man 7 ipc-deadlocks).   Fix: %s.\n", m->pattern->name,
		  m->pattern->fix);
}

static bool is_known_process(const struct scene *s, uint32_t upto)
{
	for (uint32_t i = 0; i < upto; i++)
		if (s->m->thread[s->core[i]].process == s->m->thread[s->core[upto]].process)
			return true;
	return false;
}

/* The threads of the finding, those behind it last. */
static uint32_t concerned(const struct scene *s, uint32_t i)
{
	return i < s->n_core ? s->core[i] : s->behind[i - s->n_core];
}

/* Does @thread wait at a barrier to which one of @process has come? */
static bool meets(const struct scene *s, uint32_t thread, uint32_t process)
{
	const struct ipc_obs_wait *w = scene_wait(s, thread);

	if (w->op != IPC_OP_BARRIER || w->channel == IPC_NO_INDEX)
		return false;
	for (uint32_t i = 0; i < s->v->n_holds; i++) {
		const struct ipc_obs_hold *h = &s->v->hold[i];

		if (h->kind == IPC_HOLD_ARRIVAL && h->channel == w->channel &&
		    h->lock_offset == w->lock_offset && s->v->thread[h->thread].process == process)
			return true;
	}
	return false;
}

/* A barrier breaks with the death of who has come to it, and lets all others go. */
static void break_barriers(const struct scene *s, uint32_t process, bool broken)
{
	for (uint32_t i = 0; i < s->n_core + s->n_behind; i++)
		if (meets(s, concerned(s, i), process))
			s->m->item[s->m->thread[concerned(s, i)].first_item].open = broken;
}

/* Does @process owe tasks of that queue, and would they come back? */
static bool would_return(const struct scene *s, uint32_t channel, uint32_t process)
{
	const struct ipc_obs_channel *c = &s->v->channel[channel];

	if (c->on_death != IPC_TASKS_REQUEUE)
		return false;
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if (s->v->end[i].process == process && s->v->end[i].owed > 0)
			return true;
	return false;
}

/* Who gets from a queue goes on with the tasks that come back with the death of who owes them. */
static void give_back(const struct scene *s, uint32_t thread, uint32_t process, bool back)
{
	const struct model_thread *t = &s->m->thread[thread];

	for (uint32_t k = t->first_item; k < t->first_item + t->n_items; k++) {
		struct model_item *item = &s->m->item[k];

		if (item->tag == IPC_OP_GET && item->n_groups > 0 &&
		    would_return(s, s->m->group[s->m->item_group[item->first_group]].tag, process))
			item->open = back;
	}
}

static void give_all_back(const struct scene *s, uint32_t process, bool back)
{
	for (uint32_t i = 0; i < s->n_core + s->n_behind; i++)
		give_back(s, concerned(s, i), process, back);
}

/* How many of the finding's threads could go on if @process were killed, its own included. */
static uint32_t freed_by_killing(const struct scene *s, uint32_t process, bool *live)
{
	uint32_t n = 0;

	break_barriers(s, process, true);
	give_all_back(s, process, true);
	model_solve(s->m, s->beliefs, process, live);
	break_barriers(s, process, false);
	give_all_back(s, process, false);
	for (uint32_t i = 0; i < s->n_core + s->n_behind; i++) {
		uint32_t t = concerned(s, i);

		n += live[t] || s->m->thread[t].process == process;
	}
	return n;
}

/* A way out that costs nobody his life: what each of the core could do for another. */
static const char *act_of(const struct model_group *g, uint32_t op)
{
	switch (op) {
	case IPC_OP_SEND:
	case IPC_OP_PUT: return "takes a message out of";
	case IPC_OP_RECV:
	case IPC_OP_GET:
	case IPC_OP_POLL: return "puts a message into";
	case IPC_OP_JOIN:
		return g->death != DEATH_CLOSES ? "says task_done for"
						: "gets and finishes the tasks of";
	case IPC_OP_LOCK:
	case IPC_OP_RDLOCK:
	case IPC_OP_WRLOCK: return "unlocks";
	case IPC_OP_SEM: return "posts";
	case IPC_OP_EVENT: return "sets";
	case IPC_OP_COND: return "notifies";
	default: return NULL;
	}
}

/* How many could go on if item @i were fulfilled. */
static uint32_t freed_by_acting(const struct scene *s, uint32_t i, bool *live)
{
	bool     before = s->m->item[i].open;
	uint32_t n = 0;

	s->m->item[i].open = true;
	model_solve(s->m, s->beliefs, MODEL_NOBODY, live);
	s->m->item[i].open = before;
	for (uint32_t k = 0; k < s->n_core + s->n_behind; k++)
		n += live[concerned(s, k)];
	return n;
}

static void add_acting(struct story *out, const struct scene *s, bool *live)
{
	for (uint32_t i = 0; i < s->n_core && i < STORY_LINES; i++) {
		const struct model_thread *t = &s->m->thread[s->core[i]];
		const struct ipc_obs_wait *w = scene_wait(s, s->core[i]);
		const struct model_item   *item = &s->m->item[t->first_item];
		const struct model_group  *g;
		const char                *act;

		if (t->n_items != 1 || item->n_groups == 0 || w->channel == IPC_NO_INDEX)
			continue;
		g = &s->m->group[s->m->item_group[item->first_group]];
		act = act_of(g, w->op);
		if (!act || g->n_ways == 0)
			continue;
		story_add(out, "           if one of those named for ");
		story_thread(out, s, s->core[i]);
		story_add(out, " %s \"%s\"", act, s->v->channel[w->channel].name);
		if (view_is_lock(w->op) && s->v->channel[w->channel].kind == IPC_KIND_SHM)
			story_add(out, "+0x%" PRIx64, w->lock_offset);
		story_add(out, ", that frees %u of %u\n", freed_by_acting(s, t->first_item, live),
			  s->n_core + s->n_behind);
	}
}

static void add_releasing(struct story *out, const struct scene *s, bool *live)
{
	uint32_t n = 0, most = s->m->n_threads > MANY_THREADS ? NAMED_MAX : STORY_LINES;

	story_add(out, "Releasing: ");
	for (uint32_t i = 0; i < s->n_core && n < most; i++) {
		if (is_known_process(s, i))
			continue;
		story_add(out, n++ ? "; killing " : "killing ");
		story_process(out, s->v, s->m->thread[s->core[i]].process);
		story_add(out, " frees %u of %u",
			  freed_by_killing(s, s->m->thread[s->core[i]].process, live),
			  s->n_core + s->n_behind);
	}
	story_add(out, " (itself included).\n");
	if (s->m->n_threads <= MANY_THREADS)
		add_acting(out, s, live);
}

/* The named objects through which a newcomer could change everything. */
static void add_newcomer(struct story *out, const struct scene *s)
{
	for (uint32_t i = 0; i < s->n_core; i++) {
		const struct ipc_obs_wait *w = scene_wait(s, s->core[i]);

		if (w->channel == IPC_NO_INDEX || !s->v->channel[w->channel].named ||
		    scene_locks(w))
			continue;
		story_add(
			out,
			"Closed world: true unless a process that does not hold %s \"%s\" yet opens "
			"it by name and helps.\n",
			ipc_kind_name(s->v->channel[w->channel].kind),
			s->v->channel[w->channel].name);
		return;
	}
}

/* Who runs in a process whose other thread has the lock that @t waits for? Or MODEL_NOBODY. */
static uint32_t who_could_exit(const struct scene *s, uint32_t t)
{
	const struct model_thread *thread = &s->m->thread[t];

	for (uint32_t i = thread->first_item; i < thread->first_item + thread->n_items; i++)
		for (uint32_t k = 0; k < s->m->item[i].n_groups; k++) {
			const struct model_group *g =
				&s->m->group[s->m->item_group[s->m->item[i].first_group + k]];

			if (g->exits && !s->m->process[g->exits - 1].dead &&
			    s->m->process_live[g->exits - 1])
				return g->exits - 1;
		}
	return MODEL_NOBODY;
}

/* What is known of the thread that could end process @p. */
static const char *other_thread(const struct scene *s, uint32_t p)
{
	if (!s->image)
		return "which may have had another thread (of a copy nobody can be asked)";
	if (s->v->process[p].foreign_ns)
		return "which may have another thread (it is in another pid namespace)";
	return "another thread of which runs";
}

/* The processes whose exit would give their locks to those who wait; @scratch: a set of threads. */
static void add_exits(struct story *out, const struct scene *s, bool *scratch)
{
	uint32_t said = MODEL_NOBODY;

	model_solve(s->m, s->beliefs, MODEL_NOBODY, scratch);
	for (uint32_t i = 0; i < s->n_core + s->n_behind; i++) {
		uint32_t t = i < s->n_core ? s->core[i] : s->behind[i - s->n_core];
		uint32_t p = who_could_exit(s, t);

		if (p == MODEL_NOBODY || p == said || s->firm[t])
			continue;
		story_add(out, "Unless: ");
		story_process(out, s->v, p);
		story_add(out, ", %s, exits: then its locks go to those who wait for them.\n",
			  other_thread(s, p));
		said = p;
	}
}

/* A far SIGALRM: see doubts.c. Of several, the first to come. */
static void add_alarm(struct story *out, const struct scene *s)
{
	uint32_t first = MODEL_NOBODY;

	for (uint32_t i = 0; i < s->n_core; i++) {
		uint64_t at = scene_wait(s, s->core[i])->alarm_ns;

		if (at > s->now_ns && at != IPC_UNKNOWN &&
		    (first == MODEL_NOBODY || at < scene_wait(s, first)->alarm_ns))
			first = s->core[i];
	}
	if (first == MODEL_NOBODY)
		return;
	story_add(out, "Until: an alarm (SIGALRM) of ");
	story_process(out, s->v, s->v->thread[first].process);
	story_add(out, " comes in %.0f s.\n",
		  (double)(scene_wait(s, first)->alarm_ns - s->now_ns) / 1e9);
}

static uint64_t seq_of(const struct scene *s, uint32_t t)
{
	const struct thread_rec *rec = image_at(s->image, TABLE_THREADS, s->v->thread_slot[t]);

	return rec->wait.seq;
}

/* What a third party needs to look again: the same numbers mean the same sleeps. */
static void add_evidence(struct story *out, const struct scene *s)
{
	story_add(out, "Evidence: read twice, and nothing moved between: wait");
	for (uint32_t i = 0; i < s->n_core && i < STORY_LINES; i++)
		story_add(out, " %llu:%llu", (unsigned long long)s->v->thread[s->core[i]].tid,
			  (unsigned long long)seq_of(s, s->core[i]));
	story_add(out, s->n_core > STORY_LINES ? " …\n" : "\n");
}

static void add_behind(struct story *out, const struct scene *s)
{
	for (uint32_t i = 0; i < s->n_behind && i < NAMED_MAX; i++) {
		story_add(out, i ? "           " : "Behind it: ");
		story_thread(out, s, s->behind[i]);
		story_add(out, ": %s\n", scene_wait(s, s->behind[i])->text);
	}
	if (s->n_behind > NAMED_MAX)
		story_add(out, "           and %u more\n", s->n_behind - NAMED_MAX);
}

void story_text(struct story *out, const struct scene *s, const char *headline,
		const struct match *match, bool *scratch)
{
	story_add(out, "%s\n", headline);
	for (uint32_t i = 0; i < s->n_core && i < STORY_LINES; i++)
		story_line(out, s, s->core[i]);
	if (s->n_core > STORY_LINES)
		story_add(out, "and %u more\n", s->n_core - STORY_LINES);
	if (match) {
		add_why(out, s, match);
		if (s->strength == IPC_CLOSED_WORLD)
			add_newcomer(out, s);
	}
	if (s->class_ == IPC_DEADLOCK || s->class_ == IPC_ORPHANED) {
		add_exits(out, s, scratch);
		add_alarm(out, s);
	}
	if (s->why_not[0] && s->class_ != IPC_STOPPED)
		story_add(out, "Not certain: %s.\n", s->why_not);
	add_behind(out, s);
	if (match)
		add_releasing(out, s, scratch);
	if (s->image && (s->class_ == IPC_DEADLOCK || s->class_ == IPC_ORPHANED))
		add_evidence(out, s);
}

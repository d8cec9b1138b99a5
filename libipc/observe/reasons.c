/*
 * reasons.c - what stands below the lines of a finding: why it is so, what to
 * change, who is behind it, and what killing whom would free
 */

#include "observe/scene.h"

#define NAMED_MAX 6 /* of a list, before "and N more" */

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

/* How many of the finding's threads could go on if @process were killed, its own included. */
static uint32_t freed_by_killing(const struct scene *s, uint32_t process, bool *live)
{
	uint32_t n = 0;

	model_solve(s->m, s->beliefs, process, live);
	for (uint32_t i = 0; i < s->n_core + s->n_behind; i++) {
		uint32_t t = i < s->n_core ? s->core[i] : s->behind[i - s->n_core];

		n += live[t] || s->m->thread[t].process == process;
	}
	return n;
}

static void add_releasing(struct story *out, const struct scene *s, bool *live)
{
	uint32_t n = 0;

	story_add(out, "Releasing: ");
	for (uint32_t i = 0; i < s->n_core && n < NAMED_MAX; i++) {
		if (is_known_process(s, i))
			continue;
		story_add(out, n++ ? "; killing " : "killing ");
		story_process(out, s->v, s->m->thread[s->core[i]].process);
		story_add(out, " frees %u of %u",
			  freed_by_killing(s, s->m->thread[s->core[i]].process, live),
			  s->n_core + s->n_behind);
	}
	story_add(out, " (itself included).\n");
}

/* The named objects through which a newcomer could change everything. */
static void add_newcomer(struct story *out, const struct scene *s)
{
	for (uint32_t i = 0; i < s->n_core; i++) {
		const struct ipc_obs_wait *w = scene_wait(s, s->core[i]);

		if (w->channel == IPC_NO_INDEX || !s->v->channel[w->channel].named ||
		    w->op == IPC_OP_LOCK)
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
	if (s->why_not[0] && s->class_ != IPC_STOPPED)
		story_add(out, "Not certain: %s.\n", s->why_not);
	add_behind(out, s);
	if (match)
		add_releasing(out, s, scratch);
}

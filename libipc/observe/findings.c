/* findings.c - from stuck sets to the verdicts of a snapshot */

#include <errno.h>
#include <stdio.h>

#include "observe/choose.h"
#include "observe/judge.h"

#define HEADLINE_BYTES 512
#define TEXT_BYTES     12288

/*
 * What could not be checked, or will end by itself, is only worth a word if it
 * lasts: a program may be so for a moment many times a second. Picked: twice the
 * longest sleep between two looks of a waiting thread.
 */
#define DOUBTFUL_AFTER_NS UINT64_C(500000000)

struct text {
	char headline[HEADLINE_BYTES];
	char text[TEXT_BYTES];
};

int findings_begin(struct judge *j)
{
	j->n_verdicts = 0;
	j->n_members = 0;
	j->grade = IPC_GRADE_OK;
	/* a thread is in one verdict of the four sets, and at most in one of its own */
	if (!grow_to(&j->members, ((size_t)j->v->n_threads + 1) * 16 * sizeof(uint32_t)))
		return -ENOMEM;
	return 0;
}

/* The waits of @n threads, kept for as long as the snapshot. */
static const uint32_t *keep_waits(struct judge *j, const uint32_t *thread, uint32_t n)
{
	uint32_t *at = (uint32_t *)j->members.p + j->n_members;

	for (uint32_t i = 0; i < n; i++)
		at[i] = j->v->thread[thread[i]].wait;
	j->n_members += n;
	return at;
}

static uint64_t last_asleep(const struct judge *j, const uint32_t *core, uint32_t n)
{
	uint64_t since = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t s = j->v->wait[j->v->thread[core[i]].wait].since_ns;

		since = s > since ? s : since;
	}
	return since;
}

/* Could a stranger help one of them, by opening what it waits for by name? */
static bool has_door(const struct model *m, const uint32_t *core, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct model_thread *t = &m->thread[core[i]];

		for (uint32_t k = t->first_item; k < t->first_item + t->n_items; k++)
			for (uint32_t g = 0; g < m->item[k].n_groups; g++)
				if (m->group[m->item_group[m->item[k].first_group + g]].named)
					return true;
	}
	return false;
}

/* Of a barrier: how many are missing, and how many there are. False: it is not for that. */
static bool count_crowd(const struct judge *j, const struct scene *s, struct story *out)
{
	const struct model *m = &j->model;
	const bool         *live = judge_set(j, LIVE);

	for (uint32_t i = 0; i < s->n_core; i++) {
		const struct model_item *item = &m->item[m->thread[s->core[i]].first_item];

		for (uint32_t k = 0; k < item->n_groups; k++) {
			const struct model_group *g =
				&m->group[m->item_group[item->first_group + k]];
			uint32_t n = 0;

			for (uint32_t w = 0; w < g->n_ways; w++)
				n += live[m->way[g->first_way + w].index];
			if (!g->crowd || n >= g->need)
				continue;
			story_add(out,
				  "the barrier needs %u more, and only %u of those who live "
				  "can come",
				  g->need, n);
			return true;
		}
	}
	return false;
}

/* The reason of the first process of the core, or of those that could help it, that has one. */
static const char *reason_of(const struct judge *j, const uint32_t *core, uint32_t n)
{
	const struct model *m = &j->model;

	for (uint32_t i = 0; i < n; i++) {
		const struct model_thread *t = &m->thread[core[i]];

		if (judge_reason(j, t->process)[0])
			return judge_reason(j, t->process);
		if (t->unsure)
			return "a lock outside the domain's shared memory cannot be read again";
	}
	return "a process that could help cannot be looked at";
}

static void add_name(const struct judge *j, struct story *out, uint32_t process)
{
	if (out->n)
		story_add(out, ", ");
	story_process(out, j->v, process);
}

static void name_stopped(const struct judge *j, struct story *out)
{
	const struct model *m = &j->model;

	for (uint32_t t = 0; t < m->n_threads; t++)
		if (m->thread[t].stopped)
			add_name(j, out, m->thread[t].process);
	for (uint32_t p = 0; p < m->n_processes; p++)
		if (m->process[p].stopped)
			add_name(j, out, p);
}

/* A single thread is deadlocked only by its own lock; else nobody is there to wait for. */
static enum ipc_verdict_class class_of(const struct scene *s)
{
	if (s->class_ != IPC_DEADLOCK || s->n_core > 1)
		return s->class_;
	return scene_is_own_lock(s, s->core[0]) ? IPC_DEADLOCK : IPC_ORPHANED;
}

static int write_down(struct judge *j, struct scene *s, uint64_t since_ns)
{
	struct ipc_obs_verdict *v = &j->verdict[j->n_verdicts];
	struct text            *text = grow_to(&j->texts, VERDICTS_MAX * sizeof(*text));
	struct story            headline, body;
	struct match            match;
	bool explained = s->class_ == IPC_DEADLOCK || s->class_ == IPC_ORPHANED ||
			 s->class_ == IPC_SUSPECTED || s->class_ == IPC_TIMED;

	if (!text)
		return -ENOMEM;
	text += j->n_verdicts++;
	text->headline[0] = text->text[0] = '\0';
	headline = (struct story){.buf = text->headline, .size = sizeof(text->headline)};
	body = (struct story){.buf = text->text, .size = sizeof(text->text)};
	*v = (struct ipc_obs_verdict){.class_ = s->class_,
				      .strength = s->strength,
				      .since_ns = since_ns,
				      .n_core = s->n_core,
				      .n_behind = s->n_behind,
				      .chosen = IPC_NO_INDEX,
				      .pattern = "",
				      .fix = ""};
	v->core = keep_waits(j, s->core, s->n_core);
	v->behind = keep_waits(j, s->behind, s->n_behind);
	if (explained) {
		match = pattern_match(s);
		v->pattern = match.pattern->name;
		v->fix = match.pattern->fix;
	}
	story_headline(&headline, s);
	v->headline = text->headline;
	story_text(&body, s, v->headline, explained ? &match : NULL, judge_set(j, SCRATCH));
	v->text = text->text;
	return 0;
}

static bool all_parked(const struct model *m, const uint32_t *t, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!m->thread[t[i]].parked)
			return false;
	return true;
}

static bool too_early(const struct judge *j, const struct scene *s, uint64_t since_ns)
{
	if (s->class_ != IPC_SUSPECTED && s->class_ != IPC_TIMED)
		return false;
	return !j->post_mortem && j->now_ns < since_ns + DOUBTFUL_AFTER_NS;
}

static enum ipc_strength strength_of(const struct judge *j, const struct scene *s)
{
	if (s->class_ != IPC_DEADLOCK)
		return IPC_NOT_CERTAIN;
	for (uint32_t i = 0; i < s->n_core; i++)
		if (!s->firm[s->core[i]])
			return IPC_CLOSED_WORLD;
	return has_door(&j->model, s->core, s->n_core) ? IPC_CLOSED_WORLD : IPC_CERTAIN;
}

static void note_chosen(struct judge *j, const struct scene *s)
{
	struct ipc_obs_verdict *v = &j->verdict[j->n_verdicts - 1];
	struct chosen           c = choose(s, j->image);

	if (c.thread == MODEL_NOBODY)
		return;
	v->chosen = j->v->thread[c.thread].wait;
	v->chosen_error = c.error;
}

/* One core, with its threads and those behind it in s->core and s->behind. */
static int report(struct judge *j, struct scene *s)
{
	uint64_t     since = last_asleep(j, s->core, s->n_core);
	char         why[REASON_BYTES] = "";
	int          r;
	struct story out = {.buf = why, .size = sizeof(why)};

	if (j->n_verdicts == VERDICTS_MAX || too_early(j, s, since) ||
	    (s->n_behind == 0 && all_parked(&j->model, s->core, s->n_core)))
		return 0;
	s->strength = strength_of(j, s);
	s->class_ = class_of(s);
	s->why_not = "";
	if (s->class_ == IPC_SUSPECTED && !(s->beliefs & BELIEVE_MORE) && count_crowd(j, s, &out)) {
		s->why_not = why;
	} else if (s->class_ == IPC_SUSPECTED) {
		s->why_not = reason_of(j, s->core, s->n_core);
	} else if (s->class_ == IPC_STOPPED) {
		name_stopped(j, &out);
		s->why_not = why;
	}
	r = write_down(j, s, since);
	if (r == 0 && !j->post_mortem)
		note_chosen(j, s);
	s->why_not = "";
	return r;
}

static uint32_t gather(const struct judge *j, uint32_t core, bool in_core, uint32_t *out)
{
	uint32_t n = 0;

	for (uint32_t t = 0; t < j->model.n_threads; t++)
		if (j->cores.core_of[t] == core && j->cores.in_core[t] == in_core)
			out[n++] = t;
	return n;
}

static int senior_first(const void *a, const void *b, void *judge)
{
	const struct judge *j = judge;
	uint32_t            x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint64_t            p = j->v->process[j->model.thread[x].process].joined_ns;
	uint64_t            q = j->v->process[j->model.thread[y].process].joined_ns;

	if (p != q)
		return p < q ? -1 : 1;
	return x < y ? -1 : x > y;
}

/*
 * Records are used again, so their order says nothing: a child may stand before its
 * parent. Those who were there first are named first, and the same in every run.
 */
static void order(struct judge *j, uint32_t *core, uint32_t n)
{
	qsort_r(core, n, sizeof(*core), senior_first, j);
}

int findings_of_set(struct judge *j, enum ipc_verdict_class class_, unsigned beliefs)
{
	struct scene s = {.v = j->v,
			  .image = j->post_mortem ? NULL : j->image,
			  .m = &j->model,
			  .stuck = judge_set(j, STUCK),
			  .firm = judge_set(j, FIRM),
			  .beliefs = beliefs,
			  .now_ns = j->now_ns};
	uint32_t    *room = (uint32_t *)j->members.p +
			 j->v->n_threads * 12; /* scratch: the last quarter */
	int r = cores_find(&j->cores, &j->model, s.stuck);

	for (uint32_t c = 0; r == 0 && c < j->cores.n_cores && j->n_verdicts < VERDICTS_MAX; c++) {
		s.class_ = class_;
		s.core = room;
		s.n_core = gather(j, c, true, room);
		order(j, room, s.n_core);
		s.behind = room + s.n_core;
		s.n_behind = gather(j, c, false, room + s.n_core);
		r = report(j, &s);
	}
	return r;
}

int findings_of_one(struct judge *j, enum ipc_verdict_class class_, uint32_t t)
{
	struct scene s = {.v = j->v,
			  .m = &j->model,
			  .class_ = class_,
			  .strength = class_ == IPC_STALLED ? IPC_NOT_CERTAIN : IPC_CERTAIN,
			  .stuck = judge_set(j, STUCK),
			  .core = &t,
			  .n_core = 1,
			  .behind = &t,
			  .now_ns = j->now_ns,
			  .why_not = ""};

	if (j->n_verdicts == VERDICTS_MAX)
		return 0;
	return write_down(j, &s, j->v->wait[j->v->thread[t].wait].since_ns);
}

static int rank(enum ipc_verdict_class class_)
{
	static const char ranks[] = {
		[IPC_DEADLOCK] = 0,  [IPC_ORPHANED] = 1, [IPC_POISONED] = 2, [IPC_LOST_WAKEUP] = 3,
		[IPC_SUSPECTED] = 4, [IPC_STOPPED] = 5,  [IPC_STALLED] = 6,  [IPC_TIMED] = 7,
	};

	return ranks[class_];
}

static int graver_first(const void *a, const void *b)
{
	const struct ipc_obs_verdict *x = a, *y = b;

	if (rank(x->class_) != rank(y->class_))
		return rank(x->class_) - rank(y->class_);
	return x->since_ns < y->since_ns ? -1 : x->since_ns > y->since_ns;
}

void findings_end(struct judge *j)
{
	qsort(j->verdict, j->n_verdicts, sizeof(j->verdict[0]), graver_first);
	if (j->n_verdicts == 0 || j->verdict[0].class_ == IPC_TIMED)
		j->grade = IPC_GRADE_OK; /* what ends by itself is no fault */
	else
		j->grade = rank(j->verdict[0].class_) < rank(IPC_SUSPECTED) ? IPC_GRADE_CRITICAL
									    : IPC_GRADE_WARNING;
}

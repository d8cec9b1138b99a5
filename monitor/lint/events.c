#include "lint/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lint/lint.h"
#include "model/table.h"
#include "text/mem.h"
#include "text/utf8.h"

/* 0 is no id. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	return table_mix(a, b) | 1;
}

/* ---- what is remembered ------------------------------------------------------------ */

static struct event *oldest(struct events_past *past)
{
	struct event *o = &past->known[0];

	for (size_t i = 1; i < past->n; i++)
		if (past->known[i].last_ns < o->last_ns)
			o = &past->known[i];
	return o;
}

static struct event *known(struct events_past *past, enum event_kind kind, uint64_t id)
{
	struct event *e;

	for (size_t i = 0; i < past->n; i++)
		if (past->known[i].id == id && past->known[i].kind == kind)
			return &past->known[i];
	e = past->n < EVENTS_MAX ? &past->known[past->n++] : oldest(past);
	*e = (struct event){.kind = kind, .id = id, .text = past->texts[e - past->known]};
	return e;
}

/* It is there, since @since_ns at least: the same one as before, or once more. */
static void note(struct events_past *past, struct event *e, const struct frame *f,
		 uint64_t since_ns, const char *text)
{
	if (e->count == 0)
		e->first_ns = since_ns;
	if (e->now == EVENT_GONE)
		e->count++;
	e->now = EVENT_SEEN;
	e->last_ns = f->s->t_mono_ns;
	utf8_copy(past->texts[e - past->known], EVENT_BYTES, text);
}

/* ---- its sources ---------------------------------------------------------------------- */

static void note_findings(struct frame *f, struct events_past *past)
{
	for (uint32_t i = 0; i < f->s->n_verdicts; i++) {
		const struct ipc_obs_verdict *v = &f->s->verdicts[i];
		struct event *e = known(past, EVENT_FINDING, frame_verdict_id(f, v));

		note(past, e, f, v->since_ns, v->headline);
		e->grade = frame_grade(v->class_);
		e->code = (int)v->class_;
	}
}

static void note_lints(struct frame *f, struct events_past *past, uint64_t enabled)
{
	struct lints l;

	lints_find(&l, f, enabled);
	for (size_t i = 0; i < l.n; i++) {
		const struct lint *t = &l.v[i];
		struct event      *e = known(past, EVENT_LINT, lint_key(f, t));

		note(past, e, f, f->s->t_mono_ns, t->text);
		e->grade = IPC_GRADE_WARNING;
		e->code = (int)t->id;
	}
	lints_fini(&l);
	past->linted_ns = f->s->t_mono_ns;
}

/* What was not seen this time is over; habits, only if they were looked for. */
static void begin(struct events_past *past, int lints)
{
	for (size_t i = 0; i < past->n; i++)
		if (past->known[i].now == EVENT_SEEN &&
		    (lints || past->known[i].kind != EVENT_LINT))
			past->known[i].now = EVENT_MISSED;
}

static void end(struct events_past *past)
{
	for (size_t i = 0; i < past->n; i++)
		if (past->known[i].now == EVENT_MISSED)
			past->known[i].now = EVENT_GONE;
}

/* What the words are made of that can change under the same id. */
static uint64_t words_of(const struct event *e, const struct ipc_obs_process *p)
{
	uint64_t h = e->id;

	for (const char *c = p != NULL ? p->name : ""; *c != 0; c++)
		h = h * 31 + (unsigned char)*c;
	return h | 1;
}

/* Before any is made: they point into what is said. */
static void reserve_failures(struct events_past *past, size_t n)
{
	size_t had = past->n_said;

	past->n_failures = n;
	past->failures = mem_grow(past->failures, n, sizeof(*past->failures));
	if (n <= had)
		return;
	past->n_said = n;
	past->said = mem_grow(past->said, n, sizeof(*past->said));
	memset(&past->said[had], 0, (n - had) * sizeof(*past->said));
}

/* Failure @i is as a rule the one that it was at the last reading, and its words are, too. */
static int said_before(struct events_past *past, uint32_t i, uint64_t words)
{
	if (past->said[i].words == words)
		return 1;
	past->said[i].words = words;
	return 0;
}

static struct event failure(const struct frame *f, struct events_past *past, uint32_t i)
{
	const struct ipc_obs_failure *x = &f->s->failures[i];
	const struct ipc_obs_channel *c = &f->s->channels[x->channel];
	const struct ipc_obs_process *p = x->end == IPC_NO_INDEX
						  ? NULL
						  : &f->s->processes[f->s->ends[x->end].process];
	struct event                  e = {.kind = EVENT_FAILURE,
					   .id = mix(mix(c->id, p == NULL ? 0 : p->id),
						     (uint64_t)(unsigned)-x->code << 1 | (x->put != 0)),
					   .now = EVENT_GONE,
					   .grade = IPC_GRADE_OK,
					   .code = x->code,
					   .count = x->count,
					   .first_ns = x->first_ns,
					   .last_ns = x->last_ns,
					   .text = past->said[i].text};
	char                         *to = past->said[i].text;

	if (said_before(past, i, words_of(&e, p)))
		return e;
	if (p == NULL)
		snprintf(to, EVENT_BYTES, "%s %s of %s \"%.40s\", by ends that are gone",
			 strerrorname_np(-x->code), x->put ? "from put" : "from get",
			 ipc_kind_name(c->kind), utf8_part(c->name, 40).text);
	else
		snprintf(to, EVENT_BYTES, "%s %s of %s \"%.40s\", by %.30s %llu",
			 strerrorname_np(-x->code), x->put ? "from put" : "from get",
			 ipc_kind_name(c->kind), utf8_part(c->name, 40).text,
			 utf8_part(p->name, 30).text, (unsigned long long)p->pid);
	return e;
}

/* ---- all of them ------------------------------------------------------------------------ */

static int newest_first(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	int                 here = (y->now == EVENT_SEEN) - (x->now == EVENT_SEEN);

	if (here != 0)
		return here;
	return x->last_ns < y->last_ns ? 1 : x->last_ns > y->last_ns ? -1 : x->id < y->id ? -1 : 1;
}

#define FAILURES_SOON 256 /* picked: more than anybody reads */

/* As seldom as habits are looked for, and at once when there are others, and not thousands. */
static int failures_due(const struct frame *f, const struct events_past *past)
{
	return past->n_failures != f->s->n_failures && f->s->n_failures <= FAILURES_SOON;
}

static void look_at_failures(const struct frame *f, struct events_past *past)
{
	reserve_failures(past, f->s->n_failures);
	for (uint32_t i = 0; i < past->n_failures; i++)
		past->failures[i] = failure(f, past, i);
	qsort(past->failures, past->n_failures, sizeof(*past->failures), newest_first);
}

/* Both are in order; from behind, the known ones where they are now leave room. */
static void merge_failures(struct frame *f, const struct events_past *past)
{
	size_t known = past->n, failures = past->n_failures;

	for (size_t to = f->n_events; failures > 0; to--)
		if (known > 0 &&
		    newest_first(&f->events[known - 1], &past->failures[failures - 1]) > 0)
			f->events[to - 1] = f->events[--known];
		else
			f->events[to - 1] = past->failures[--failures];
}

static void make_room(struct frame *f, size_t n)
{
	f->n_events = n;
	if (f->events != NULL && n <= f->room.events)
		return;
	free(f->events);
	f->room.events = n + n / 4; /* as a rule there is one more each time */
	f->events = mem_new(f->room.events, sizeof(*f->events));
}

void events_find(struct frame *f, struct events_past *past, uint64_t lints)
{
	int due = past->linted_ns == 0 || f->s->t_mono_ns - past->linted_ns >= EVENTS_LINT_NS;

	if (due)
		habits_look(&past->habits, f);
	habits_show(&past->habits, f);
	begin(past, due);
	note_findings(f, past);
	if (due)
		note_lints(f, past, lints);
	end(past);
	if (due || failures_due(f, past))
		look_at_failures(f, past);
	make_room(f, past->n + past->n_failures);
	memcpy(f->events, past->known, past->n * sizeof(*f->events));
	qsort(f->events, past->n, sizeof(*f->events), newest_first);
	merge_failures(f, past);
}

void events_fini(struct events_past *past)
{
	if (past == NULL)
		return;
	habits_fini(&past->habits);
	free(past->said);
	free(past->failures);
	free(past);
}

/*
 * field_event.c - the columns of events, and all about one
 */
#include "view/field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lint/lint.h"
#include "text/number.h"
#include "view/render.h"
#include "view/words.h"

typedef const struct frame frame;

static const struct event *event(frame *f, uint32_t i)
{
	return &f->events[i];
}

static enum role role(frame *f, uint32_t i)
{
	const struct event *e = event(f, i);

	if (e->now != EVENT_SEEN)
		return ROLE_DIM;
	return e->grade == IPC_GRADE_CRITICAL ? ROLE_CRITICAL
	       : e->grade == IPC_GRADE_OK     ? ROLE_NORMAL
					      : ROLE_WARN;
}

static void state_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	static const char *const letters[] = {
		[EVENT_FINDING] = "D", [EVENT_LINT] = "!", [EVENT_FAILURE] = "e"};
	const struct event *e = event(f, i);

	field_put(ret, role(f, i),
		  e->now == EVENT_SEEN || e->kind == EVENT_FAILURE ? letters[e->kind] : "-");
}

/* As events_find() has them: what is there now, then by when it was last. */
static double state_key(frame *f, uint32_t i)
{
	return -(double)i;
}

static void what_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct event *e = event(f, i);
	const char         *what;

	switch (e->kind) {
	case EVENT_FINDING: what = words_class((enum ipc_verdict_class)e->code); break;
	case EVENT_LINT: what = lint_kinds[e->code].id; break;
	default: what = strerrorname_np(-e->code);
	}
	field_put(ret, role(f, i), what != NULL ? what : "?");
}

static uint64_t ago(frame *f, uint64_t at)
{
	return f->s->t_mono_ns > at ? f->s->t_mono_ns - at : 0;
}

static double count_key(frame *f, uint32_t i)
{
	return (double)event(f, i)->count;
}

static double first_key(frame *f, uint32_t i)
{
	return (double)ago(f, event(f, i)->first_ns);
}

static double last_key(frame *f, uint32_t i)
{
	return (double)ago(f, event(f, i)->last_ns);
}

static void last_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct event *e = event(f, i);

	field_put(ret, e->now == EVENT_SEEN ? ROLE_NORMAL : ROLE_DIM,
		  e->now == EVENT_SEEN ? "now" : number_duration(ago(f, e->last_ns)).text);
}

static void text_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_put(ret, role(f, i), event(f, i)->text);
}

static const struct field fields[] = {
	{"state", "S", "state", "D: a finding, !: a lint, e: calls that failed; -: it is over", 1,
	 1, 0, 0, UNIT_NONE, state_key, state_text},
	{"what", "WHAT", "what", "the finding's class, the lint's number, the error", 9, 13, 0, 0,
	 UNIT_NONE, NULL, what_text},
	{"count", "COUNT", "count", "how often it came; of calls: how many", 6, 6, 1, 0, UNIT_COUNT,
	 count_key, NULL},
	{"first", "FIRST", "first_ago_ns", "first seen so long ago", 6, 6, 1, 2, UNIT_DURATION,
	 first_key, NULL},
	{"last", "LAST", "last_ago_ns", "last seen so long ago", 6, 6, 1, 0, UNIT_DURATION,
	 last_key, last_text},
	{"text", "EVENT", "text", "what it is about", 20, 500, 0, 0, UNIT_NONE, NULL, text_text},
};

static size_t n_events(frame *f)
{
	return f->n_events;
}

static uint64_t id(frame *f, uint32_t i)
{
	return event(f, i)->id;
}

const struct listing event_listing = {
	.name = "Events",
	.none = "nothing was found wrong, and no call has failed",
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(*fields),
	.sort = 0,
	.n_rows = n_events,
	.id = id,
	.role = role,
	.json = "events",
};

/* ---- all about one ---------------------------------------------------------------------- */

static void about_lint(struct page *page, const struct event *e)
{
	const struct lint_kind *k = &lint_kinds[e->code];

	page_printf(page, ROLE_ACCENT, 2, "%s %s: it fires when %s.", k->id, k->name, k->when);
	page_add(page, ROLE_NORMAL, 0, k->explain);
	page_printf(page, ROLE_DIM, 2, "Seen by: %s.", k->limits);
	page_printf(page, ROLE_OK, 2, "Fix: %s", k->fix);
}

void detail_event(struct page *page, const struct frame *f, uint32_t i, const struct ui *ui)
{
	const struct event *e = event(f, i);

	uint32_t v = 0;

	while (v < f->s->n_verdicts &&
	       (e->kind != EVENT_FINDING || frame_verdict_id(f, &f->s->verdicts[v]) != e->id))
		v++;
	if (v == f->s->n_verdicts)
		page_add(page, role(f, i), 2, e->text);
	else
		detail_finding(page, f, v, ui);
	page_printf(page, ROLE_NORMAL, 2, "%" PRIu64 " time%s, first %s ago, last %s%s.", e->count,
		    e->count == 1 ? "" : "s", number_duration(ago(f, e->first_ns)).text,
		    e->now == EVENT_SEEN ? "now" : number_duration(ago(f, e->last_ns)).text,
		    e->now == EVENT_SEEN ? "" : " ago");
	if (e->kind == EVENT_LINT)
		about_lint(page, e);
	if (e->kind == EVENT_FAILURE)
		page_printf(page, ROLE_NORMAL, 2, "It means: %s.", ipc_strerror(e->code));
}

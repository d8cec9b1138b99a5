/*
 * field_wait.c - the columns of waits, and of findings
 */
#include "view/field.h"

#include <stdio.h>
#include <string.h>

#include "text/number.h"
#include "text/utf8.h"
#include "view/more.h"
#include "view/words.h"

typedef const struct frame frame;

static const struct ipc_obs_wait *wait_(frame *f, uint32_t i)
{
	return &f->s->waits[i];
}

static enum role role(frame *f, uint32_t i)
{
	uint32_t v = f->waits[i].verdict;

	if (v == IPC_NO_INDEX)
		return ROLE_NORMAL;
	return f->waits[i].behind ? ROLE_NOTICE : words_role(f->s->verdicts[v].class_);
}

static void state_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	char letter[2] = {frame_wait_letter(f, i), 0};

	field_put(ret, role(f, i), letter);
}

/* As the trees have them: the worst first, and in it who has to do something first. */
static double state_key(frame *f, uint32_t i)
{
	return -(double)f->waits[i].line;
}

static void age_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_put(ret, role(f, i), number_duration(f->waits[i].age_ns).text);
}

static double age_key(frame *f, uint32_t i)
{
	return (double)f->waits[i].age_ns;
}

static void from_words(const struct words *w, struct field_text *ret)
{
	field_put(ret, w->role, w->text);
}

static void who_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	struct words w = words_who(f, wait_(f, i));

	from_words(&w, ret);
}

static void op_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_put(ret, ROLE_NORMAL, words_op(wait_(f, i)->op));
}

static void on_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	struct words w = words_on(f, wait_(f, i));

	from_words(&w, ret);
}

static void needs_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	struct words w = words_needs(f, i);

	from_words(&w, ret);
}

static void left_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	uint64_t deadline = wait_(f, i)->deadline_ns, now = f->s->t_mono_ns;

	if (deadline == 0)
		field_put(ret, ROLE_DIM, "never");
	else
		field_put(ret, ROLE_NORMAL,
			  number_duration(deadline > now ? deadline - now : 0).text);
}

static double left_key(frame *f, uint32_t i)
{
	return wait_(f, i)->deadline_ns == 0 ? -1e30 : -(double)wait_(f, i)->deadline_ns;
}

static void site_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_site(ret, f->waits[i].site, width, caps);
}

/* clang-format off */
static const struct field fields[] = {
	{"state", "S", "state", "g in get or recv, p in put or send, l lock, w other locks, j join, s poll or several things, t with a time limit; in a finding: "
	 "D deadlock, O orphaned, ? suspected, S stalled, T stopped, L lost wake-up, P poisoned",
	 1, 1, 0, 0, UNIT_NONE, state_key, state_text},
	{"age", "AGE", "age_ns", "asleep since",
	 6, 7, 1, 0, UNIT_DURATION, age_key, age_text},
	{"who", "PID/NAME", "pid", "process, and thread where it has several",
	 15, 40, 0, 0, UNIT_NONE, NULL, who_text},
	{"op", "OP", "op", "the call it is in",
	 4, 4, 0, 0, UNIT_NONE, NULL, op_text},
	{"on", "ON", "object", "what the call is about: a channel, a child, a lock",
	 12, 40, 0, 0, UNIT_NONE, NULL, on_text},
	{"needs", "HELD BY/NEEDS", "needs_text", "what would end the wait, and which processes could do it",
	 16, 48, 0, 1, UNIT_NONE, NULL, needs_text},
	{"limit", "LIMIT", "deadline_ns", "time left until it gives up by itself",
	 6, 7, 1, 3, UNIT_NONE, left_key, left_text},
	{"site", "SITE", "site", "where in the source the call stands",
	 18, 60, 0, 2, UNIT_NONE, NULL, site_text},
};
/* clang-format on */

static size_t n_rows(frame *f)
{
	return f->s->n_waits;
}

static uint64_t id(frame *f, uint32_t i)
{
	return frame_thread(f, wait_(f, i))->id;
}

const struct listing wait_listing = {
	.name = "Waits",
	.none = "no thread is waiting",
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.n_rows = n_rows,
	.id = id,
	.role = role,
	.json = "waits",
	.more = more_of_wait,
};

/* ---- findings ------------------------------------------------------------------------ */

static const struct ipc_obs_verdict *verdict(frame *f, uint32_t i)
{
	return &f->s->verdicts[i];
}

static enum role finding_role(frame *f, uint32_t i)
{
	return words_role(verdict(f, i)->class_);
}

static void finding_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	struct words w = words_verdict(f, verdict(f, i));

	from_words(&w, ret);
}

static double finding_key(frame *f, uint32_t i)
{
	return -(double)i; /* as the observer ranks them */
}

static const struct field finding_fields[] = {
	{"finding", "FINDING", "summary", "what is wrong, since when, and who is part of it", 20,
	 500, 0, 0, UNIT_NONE, finding_key, finding_text},
};

static size_t n_findings(frame *f)
{
	return f->s->n_verdicts;
}

static uint64_t finding_id(frame *f, uint32_t i)
{
	return frame_verdict_id(f, verdict(f, i));
}

const struct listing finding_listing = {
	.name = "Findings",
	.none = "nothing found",
	.fields = finding_fields,
	.n_fields = 1,
	.n_rows = n_findings,
	.id = finding_id,
	.role = finding_role,
	.json = "findings",
};

/*
 * field_chain.c - the columns of the tree of waits
 */
#include "view/field.h"

#include <stdio.h>

#include "text/number.h"
#include "view/more.h"
#include "view/render.h"
#include "view/tree.h"

typedef const struct frame frame;

/* Threads and processes are counted apart: a bit that no id has tells which it is. */
#define OF_PROCESS (UINT64_C(1) << 63)

static const struct chain_line *line(frame *f, uint32_t i)
{
	return &f->chain.lines[i];
}

static enum role role(frame *f, uint32_t i)
{
	return tree_words(f, i).role;
}

static void state_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	char letter[2] = {0};

	letter[0] = line(f, i)->wait != IPC_NO_INDEX ? frame_wait_letter(f, line(f, i)->wait)
		    : f->s->processes[line(f, i)->process].life == IPC_OBS_DEAD ? 'Z'
										: 'R';
	field_put(ret, role(f, i), letter);
}

static uint64_t age(frame *f, uint32_t i)
{
	return line(f, i)->wait != IPC_NO_INDEX ? f->waits[line(f, i)->wait].age_ns : IPC_UNKNOWN;
}

static double age_key(frame *f, uint32_t i)
{
	return field_known(age(f, i));
}

static void age_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_put(ret, role(f, i), number_duration(age(f, i)).text);
}

static void tree_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	struct words w = tree_words(f, i);
	char         branch[128];

	tree_branch(f, i, caps, branch, sizeof(branch));
	snprintf(ret->text, sizeof(ret->text), "%s%.*s", branch,
		 (int)(sizeof(ret->text) - sizeof(branch)), w.text);
	ret->role = w.role;
}

static double tree_key(frame *f, uint32_t i)
{
	return -(double)i;
}

static double keeps_key(frame *f, uint32_t i)
{
	return line(f, i)->n_behind;
}

static double behind_key(frame *f, uint32_t i)
{
	return (double)line(f, i)->behind_ns;
}

static void needs_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	struct words w = tree_needs(f, i);

	field_put(ret, w.role, w.text);
}

static void site_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_site(ret, tree_site(f, i), width, caps);
}

/* clang-format off */
static const struct field fields[] = {
	{"tree", "WHO KEEPS WHOM WAITING", "text", "below each stand those that wait for it, so whoever stands leftmost has to do something first; "
	 "<==: and the leftmost waits for this one, a circle",
	 44, 150, 0, 0, UNIT_NONE, tree_key, tree_text},
	{"state", "S", "state", "as in waits; R: runs, so it is he who has not done it yet; Z: dead",
	 1, 1, 0, 0, UNIT_NONE, NULL, state_text},
	{"age", "AGE", "age_ns", "asleep since",
	 6, 7, 1, 0, UNIT_DURATION, age_key, age_text},
	{"keeps", "KEEPS", "behind_threads", "threads that wait for it, and for those, and so on",
	 5, 5, 1, 3, UNIT_COUNT, keeps_key, NULL},
	{"behind", "BEHIND", "behind_ns", "how long those wait, added up",
	 6, 7, 1, 4, UNIT_DURATION, behind_key, NULL},
	{"needs", "NEEDS", "needs_text", "what would end the wait, and which processes could do it",
	 16, 40, 0, 5, UNIT_NONE, NULL, needs_text},
	{"site", "SITE", "site", "where in the source the call stands; of one that runs: where it last did what the others wait for",
	 18, 60, 0, 0, UNIT_NONE, NULL, site_text},
};
/* clang-format on */

static size_t n_rows(frame *f)
{
	return f->chain.n;
}

static uint64_t id(frame *f, uint32_t i)
{
	const struct chain_line *l = line(f, i);

	return l->wait != IPC_NO_INDEX ? frame_thread(f, &f->s->waits[l->wait])->id
				       : f->s->processes[l->process].id | OF_PROCESS;
}

const struct listing chain_listing = {
	.name = "Graph",
	.none = "no thread is waiting",
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.n_rows = n_rows,
	.id = id,
	.role = role,
	.json = "tree",
	.more = more_of_chain,
};

void detail_chain(struct page *page, const struct frame *f, uint32_t i, const struct ui *ui)
{
	if (line(f, i)->wait != IPC_NO_INDEX)
		detail_wait(page, f, line(f, i)->wait, ui);
	else
		detail_process(page, f, line(f, i)->process, ui);
}

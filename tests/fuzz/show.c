/* show.c - see show.h. Apart, because the monitor and the registry have names in common. */

#include "fuzz/show.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/tally.h"
#include "output/dump.h"
#include "view/render.h"

struct shown {
	struct tally tally;
};

struct shown *shown_new(void)
{
	struct shown *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	return s;
}

void shown_free(struct shown *s)
{
	tally_fini(&s->tally);
	free(s);
}

void show(struct shown *shown, const struct ipc_snapshot *s, unsigned choice)
{
	struct tally *m = &shown->tally;
	static FILE  *nowhere;
	struct status status = {.domain = "fuzz", .attached = 1};
	struct lints  lints = {0};
	struct ui     ui;
	struct grid   g;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	tally_update(m, s);
	lints_find(&lints, &m->frame, LINT_ALL);
	dump_json(nowhere, &m->frame, DUMP_ALL, &lints);
	lints_fini(&lints);
	ui_init(&ui, 1000000000);
	ui.view = (enum view)(choice % N_VIEWS);
	ui.rows = 24;
	ui.cols = 80;
	ui_settle(&ui, &m->frame);
	grid_init(&g, ui.rows, ui.cols, (struct caps){.utf8 = choice & 1});
	render(&g, &m->frame, &ui, &status);
	(void)ui_key(&ui, &m->frame, '\n');
	render(&g, &m->frame, &ui, &status);
	grid_fini(&g);
}

#include "view/overview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/number.h"
#include "view/render.h"
#include "view/words.h"

#define GRAPH_LINES 2

/* Fewest lines a kind gets before any gets more. */
#define ROWS_FIRST 2

/* Kept free below the lists: a good third of the screen to explain a finding, or a graph. */
static int reserved(int rows, int finding)
{
	if (finding)
		return rows < 20 ? 0 : rows * 3 / 8;
	return rows < RENDER_GRAPH_ROWS ? 0 : GRAPH_LINES;
}

void overview_fit(struct overview *ret, int rows, const struct rows parts[N_OBJECTS])
{
	int left = rows - RENDER_HEADER - RENDER_FOOTER -
		   reserved(rows, parts[OBJECT_FINDING].n > 0);

	*ret = (struct overview){0};
	for (size_t round = 1, given = 1; left > 0 && given; round++) {
		given = 0;
		for (int k = 0; k < N_OBJECTS; k++) {
			size_t want = round == 1 ? ROWS_FIRST : 1;

			if (ret->shown[k] == 0) {
				/* Not worth its titles without a line below them. */
				if (parts[k].n == 0 || left < object_classes[k].lines + 1)
					continue;
				left -= object_classes[k].lines;
			}
			for (; want > 0 && left > 0 && ret->shown[k] < parts[k].n; want--) {
				ret->shown[k]++;
				left--;
				given = 1;
			}
		}
	}
}

static void section_title(struct grid *g, int y, enum object_kind kind, size_t shown, size_t n)
{
	char title[64];

	if (shown < n)
		snprintf(title, sizeof(title), "%s %zu of %zu", object_listing(kind)->name, shown,
			 n);
	else
		snprintf(title, sizeof(title), "%s %zu", object_listing(kind)->name, n);
	grid_rule(g, y, title);
}

/* Draws the rows of one kind, which start at @rows[@i]; returns where it stopped. */
static size_t section(struct grid *g, int *y, const struct frame *f, const struct ui *ui,
		      const struct rows *rows, size_t i, size_t selected)
{
	enum object_kind      kind = rows->rows[i].kind;
	const struct listing *l = object_listing(kind);
	size_t                first = i, n = i;

	while (n < rows->n && rows->rows[n].kind == kind)
		n++;
	section_title(g, (*y)++, kind, n - first, l->n_rows(f));
	if (object_classes[kind].lines > 1)
		table_head(g, (*y)++, ui, kind);
	for (; i < n && *y < g->rows - RENDER_FOOTER; i++)
		table_row(g, (*y)++, ui, f, rows, i, i == selected);
	return n;
}

static uint32_t finding_shown(const struct rows *rows, size_t selected)
{
	return rows->rows[selected].kind == OBJECT_FINDING ? rows->rows[selected].index : 0;
}

/* What room is left explains the finding that is selected, or the gravest. */
static void explain(struct grid *g, int y, const struct frame *f, uint32_t i)
{
	struct page page;

	page_init(&page, g->cols, g->caps);
	explain_finding(&page, f, i); /* its headline stands above already */
	grid_rule(g, y++, "Why");
	for (size_t k = 0; k < page.n && y < g->rows - RENDER_FOOTER; k++)
		grid_text(g, y++, 0, g->cols, page.lines[k].role, page.lines[k].text);
	page_fini(&page);
}

static void graph(struct grid *g, int y, const struct frame *f, uint32_t i)
{
	const struct channel_stat *c = &f->channels[i];
	char                       bar[BAR_BYTES], title[160];
	int                        width = g->cols < HISTORY_SECONDS ? g->cols : HISTORY_SECONDS;
	double most = bar_history(bar, width < 120 ? width : 120, c->history, c->history->put,
				  g->caps.utf8);

	snprintf(title, sizeof(title), "put/s %.63s, 2 min, most %s", f->s->channels[i].name,
		 number_rate(most).text);
	grid_rule(g, y++, title);
	grid_text(g, y, 0, g->cols, ROLE_MOVING, bar);
}

/* The selected channel, else the busiest of those on the screen. */
static uint32_t channel_shown(const struct frame *f, const struct rows *rows, size_t selected)
{
	uint32_t best = IPC_NO_INDEX;

	if (rows->rows[selected].kind == OBJECT_CHANNEL)
		return rows->rows[selected].index;
	for (size_t i = 0; i < rows->n; i++) {
		uint32_t c = rows->rows[i].index;

		if (rows->rows[i].kind == OBJECT_CHANNEL && f->s->channels[c].n_rings > 0 &&
		    (best == IPC_NO_INDEX || f->channels[c].put > f->channels[best].put))
			best = c;
	}
	return best;
}

void render_overview(struct grid *g, const struct frame *f, const struct ui *ui)
{
	struct rows rows = ui_rows(ui, f);
	size_t      selected = ui_selected(ui, f, &rows);
	int         y = RENDER_HEADER, left;

	if (rows.n == 0)
		grid_text(g, y, 0, g->cols, ROLE_DIM,
			  ui_hides(ui) ? "no line passes the filter" : "nobody is here");
	for (size_t i = 0; i < rows.n;)
		i = section(g, &y, f, ui, &rows, i, selected);
	left = g->rows - RENDER_FOOTER - y;
	if (rows.n > 0 && left >= GRAPH_LINES) {
		uint32_t c = channel_shown(f, &rows, selected);

		if (f->s->n_verdicts > 0 && rows.rows[0].kind == OBJECT_FINDING)
			explain(g, y, f, finding_shown(&rows, selected));
		else if (c != IPC_NO_INDEX && g->rows >= RENDER_GRAPH_ROWS)
			graph(g, y, f, c);
	}
	rows_fini(&rows);
}

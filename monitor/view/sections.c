/*
 * sections.c - a view of rows of several kinds, one kind below the other
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "view/render.h"

/* Memory first: a lock is looked for by the block it lies in. */
struct rows rows_memory(const struct ui *ui, const struct frame *f)
{
	struct rows blocks = rows_sorted(ui, f, OBJECT_BLOCK);
	struct rows locks = rows_sorted(ui, f, OBJECT_LOCK);
	struct rows r = {.rows = mem_new(blocks.n + locks.n, sizeof(*r.rows))};

	for (size_t i = 0; i < blocks.n; i++)
		if (locks_is_block(f->s->channels[blocks.rows[i].index].kind))
			r.rows[r.n++] = blocks.rows[i];
	for (size_t i = 0; i < locks.n; i++)
		r.rows[r.n++] = locks.rows[i];
	rows_fini(&blocks);
	rows_fini(&locks);
	return r;
}

static size_t count(const struct rows *rows, enum object_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		n += rows->rows[i].kind == kind;
	return n;
}

/* A title and the heads of the columns, over the first row of a kind that is shown. */
static void head(struct grid *g, int *y, const struct ui *ui, const struct rows *rows,
		 enum object_kind kind)
{
	char title[64];

	snprintf(title, sizeof(title), "%s %zu", object_listing(kind)->name, count(rows, kind));
	grid_rule(g, (*y)++, title);
	table_head(g, (*y)++, ui, kind);
}

void render_sections(struct grid *g, const struct frame *f, const struct ui *ui)
{
	struct rows rows = ui_rows(ui, f);
	size_t      top = ui->lists[ui->view].top, selected = ui_selected(ui, f, &rows);
	int         y = RENDER_HEADER, last = g->rows - RENDER_FOOTER;

	for (size_t i = top; i < rows.n && y < last; i++) {
		struct row r = rows.rows[i];

		if (i == top || r.kind != rows.rows[i - 1].kind) {
			/* Titles without a row below them say nothing. */
			if (y + 2 >= last)
				break;
			head(g, &y, ui, &rows, r.kind);
		}
		table_row(g, y++, ui, f, &rows, i, i == selected);
	}
	if (rows.n == 0)
		grid_text(g, y, 0, g->cols, ROLE_DIM,
			  ui_hides(ui) ? "no line passes the filter"
				       : "no memory is shared, and no lock is held or waited for");
	rows_fini(&rows);
}

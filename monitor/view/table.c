/*
 * table.c - a listing as lines of a grid
 */
#include "view/render.h"

#include <stdio.h>
#include <string.h>

#include "text/utf8.h"

static void put_aligned(struct grid *g, int y, int x, int width, int right, enum role role,
			const char *text)
{
	int used = utf8_columns(text), indent = right && used < width ? width - used : 0;

	grid_text(g, y, x + indent, width - indent, role, text);
}

static void title_mark(char *title, size_t size, int inverted)
{
	size_t n = strlen(title);

	(void)snprintf(title + n, size - n, "%s", inverted ? "^" : "v");
}

void table_head(struct grid *g, int y, const struct ui *ui, enum object_kind kind)
{
	const struct listing *l = object_listing(kind);
	const struct columns *c = &ui->columns[kind];
	int                   widths[FIELDS_MAX], x = 0;
	char                  title[32];

	field_layout(l, c, g->cols, widths);
	grid_paint(g, y, 0, g->cols, ROLE_HEADER);
	for (int k = 0; k < l->n_fields; k++) {
		int                 i = columns_at(c, k), sorted = i == ui->sort[kind];
		const struct field *f = &l->fields[i];

		if (widths[i] == 0)
			continue;
		utf8_copy(title, sizeof(title), f->title);
		/* The order is marked where there is room; the colour marks it everywhere. */
		if (sorted && utf8_columns(title) < widths[i])
			title_mark(title, sizeof(title), ui->invert[kind]);
		put_aligned(g, y, x, widths[i], f->right, sorted ? ROLE_ACCENT : ROLE_HEADER,
			    title);
		grid_hit(g, (struct hit){HIT_COLUMN, y, x, widths[i] + 1, (size_t)i, (int)kind});
		x += widths[i] + 1;
	}
}

/* Over what says nothing by itself: a row somebody wants to see, or has chosen. */
static void paint_row(struct grid *g, int y, const struct ui *ui, struct object o, int selected)
{
	struct cell *row = &g->cells[(size_t)y * (size_t)g->cols];

	for (int x = 0; ui_is_marked(ui, o) && x < g->cols; x++)
		if (row[x].role == ROLE_NORMAL || row[x].role == ROLE_DIM)
			row[x].role = ROLE_MARKED;
	if (selected)
		grid_paint(g, y, 0, g->cols, ROLE_SELECTION);
}

void table_row(struct grid *g, int y, const struct ui *ui, const struct frame *f,
	       const struct rows *rows, size_t i, int selected)
{
	struct row            row = rows->rows[i];
	const struct listing *l = object_listing(row.kind);
	const struct columns *c = &ui->columns[row.kind];
	int                   widths[FIELDS_MAX], x = 0;
	struct field_text     t;

	field_layout(l, c, g->cols, widths);
	for (int k = 0; k < l->n_fields; k++) {
		const struct field *field = &l->fields[columns_at(c, k)];
		int                 width = widths[columns_at(c, k)];

		if (width == 0)
			continue;
		field_show(field, f, row.index, g->caps, width, &t);
		put_aligned(g, y, x, width, field->right, t.role, t.text);
		x += width + 1;
	}
	paint_row(g, y, ui, object_of(f, row), selected);
	grid_hit(g, (struct hit){HIT_ROW, y, 0, g->cols, i, (int)row.kind});
}

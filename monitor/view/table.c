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

void table_head(struct grid *g, int y, const struct listing *l, int sort, int inverted)
{
	int  widths[FIELDS_MAX], x = 0;
	char title[32];

	field_layout(l, g->cols, widths);
	grid_paint(g, y, 0, g->cols, ROLE_HEADER);
	for (int i = 0; i < l->n_fields; i++) {
		const struct field *f = &l->fields[i];

		if (widths[i] == 0)
			continue;
		utf8_copy(title, sizeof(title), f->title);
		/* The order is marked where there is room; the colour marks it everywhere. */
		if (i == sort && utf8_columns(title) < widths[i])
			title_mark(title, sizeof(title), inverted);
		put_aligned(g, y, x, widths[i], f->right, i == sort ? ROLE_ACCENT : ROLE_HEADER,
			    title);
		x += widths[i] + 1;
	}
}

void table_row(struct grid *g, int y, const struct listing *l, const struct frame *f, uint32_t row,
	       int selected)
{
	int               widths[FIELDS_MAX], x = 0;
	struct field_text t;

	field_layout(l, g->cols, widths);
	for (int i = 0; i < l->n_fields; i++) {
		if (widths[i] == 0)
			continue;
		field_show(&l->fields[i], f, row, g->caps, widths[i], &t);
		put_aligned(g, y, x, widths[i], l->fields[i].right, t.role, t.text);
		x += widths[i] + 1;
	}
	if (selected)
		grid_paint(g, y, 0, g->cols, ROLE_SELECTION);
}

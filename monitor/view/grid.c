#include "view/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/mem.h"
#include "text/utf8.h"

#define ELLIPSIS 0x2026u
#define LINE     0x2500u

void grid_init(struct grid *g, int rows, int cols, struct caps caps)
{
	g->rows = rows > 0 ? rows : 0;
	g->cols = cols > 0 ? cols : 0;
	g->caps = caps;
	g->hits = NULL;
	g->cells = mem_new((size_t)g->rows * (size_t)g->cols, sizeof(*g->cells));
	grid_clear(g);
}

void grid_fini(struct grid *g)
{
	free(g->cells);
	free(g->hits);
	*g = (struct grid){0};
}

void grid_clear(struct grid *g)
{
	g->n_hits = 0;
	for (size_t i = 0; i < (size_t)g->rows * (size_t)g->cols; i++)
		g->cells[i] = (struct cell){' ', ROLE_NORMAL};
}

static struct cell *at(struct grid *g, int y, int x)
{
	return y >= 0 && y < g->rows && x >= 0 && x < g->cols
		       ? &g->cells[(size_t)y * (size_t)g->cols + (size_t)x]
		       : NULL;
}

/* What @c is shown as, and in how many columns. */
static uint32_t shown(const struct grid *g, uint32_t c, int *ret_width)
{
	*ret_width = utf8_width(c);
	if (*ret_width > 0 && (c < 0x80 || g->caps.utf8))
		return c;
	*ret_width = 1;
	if (c == ELLIPSIS)
		return '~';
	return g->caps.utf8 ? UTF8_REPLACE : '?';
}

static void put(struct grid *g, int y, int x, uint32_t c, int width, enum role role)
{
	struct cell *cell = at(g, y, x);

	if (cell == NULL)
		return;
	/* A wide character half over the edge is not shown at all. */
	if (width == 2 && x + 1 >= g->cols)
		c = ' ';
	*cell = (struct cell){c, role};
	if (width == 2 && x + 1 < g->cols)
		*at(g, y, x + 1) = (struct cell){0, role};
}

int grid_text(struct grid *g, int y, int x, int width, enum role role, const char *text)
{
	int used = 0, last = 0, w;

	if (x < g->cols && width > g->cols - x)
		width = g->cols - x;
	for (uint32_t c; (c = utf8_next(&text)) != 0;) {
		c = shown(g, c, &w);
		if (used + w > width) {
			/* Over the last character; if that was a wide one its half is cleared. */
			if (used == width && last == 2)
				put(g, y, x + used - 2, ' ', 1, role);
			if (width > 0)
				put(g, y, x + width - 1, g->caps.utf8 ? ELLIPSIS : '~', 1, role);
			return width > 0 ? width : 0;
		}
		put(g, y, x + used, c, w, role);
		used += w;
		last = w;
	}
	return used;
}

int grid_printf(struct grid *g, int y, int x, int width, enum role role, const char *format, ...)
{
	char    text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return grid_text(g, y, x, width, role, text);
}

void grid_paint(struct grid *g, int y, int x, int width, enum role role)
{
	for (int i = 0; i < width && i < g->cols; i++) {
		struct cell *cell = at(g, y, x + i);

		if (cell != NULL)
			cell->role = role;
	}
}

void grid_hit(struct grid *g, struct hit hit)
{
	g->hits = mem_grow(g->hits, g->n_hits + 1, sizeof(*g->hits));
	g->hits[g->n_hits++] = hit;
}

struct hit grid_hit_at(const struct grid *g, int y, int x)
{
	for (size_t i = g->n_hits; i > 0; i--) {
		const struct hit *h = &g->hits[i - 1];

		if (h->y == y && x >= h->x && x < h->x + h->width)
			return *h;
	}
	return (struct hit){.what = HIT_NONE};
}

void grid_rule(struct grid *g, int y, const char *title)
{
	for (int x = 0; x < g->cols; x++)
		put(g, y, x, g->caps.utf8 ? LINE : '-', 1, ROLE_TITLE);
	if (title[0] == 0 || g->cols < 8)
		return;
	grid_printf(g, y, 1, g->cols - 3, ROLE_TITLE, " %s ", title);
}

void grid_row(const struct grid *g, int y, char *ret, size_t size)
{
	size_t n = 0, end = 0;

	for (int x = 0; x < g->cols && n + UTF8_MAX < size; x++) {
		uint32_t c = g->cells[(size_t)y * (size_t)g->cols + (size_t)x].ch;

		if (c == 0)
			continue;
		n += utf8_put(ret + n, c);
		if (c != ' ')
			end = n;
	}
	if (size > 0)
		ret[end] = 0;
}

#include "view/plot.h"

#include <math.h>
#include <stdio.h>

#include "text/utf8.h"
#include "view/render.h"

#define LABEL         9  /* columns before the picture */
#define AFTER         14 /* columns behind it: "most" and a number */

#define BLANK_BRAILLE 0x2800u
#define BLANK_BLOCK   0x2580u /* and eight that fill up from below */

void plot_history(struct plot *p, const struct history *h, const history_number *series)
{
	for (unsigned i = 0; i < PLOT_SECONDS; i++)
		p->value[i] = h != NULL ? history_at(h, series, i) : 0;
}

void plot_p99(struct plot *p, const struct latency *l, const struct ipc_snapshot *s)
{
	for (unsigned t = 0; t < PLOT_SECONDS; t++)
		p->value[t] = l != NULL ? (double)latency_second_p99(l, s, t) : 0;
}

int plot_height(int rows)
{
	return rows < RENDER_GRAPH_ROWS ? 0 : rows < 40 ? 1 : 3;
}

static double greatest(const struct plot *p, int n)
{
	double most = 0;

	for (int i = 0; i < n; i++)
		most = fmax(most, p->value[i]);
	return most;
}

/* How many of @steps the value @ago reaches into line @line (0 is the lowest) of @height. */
static int part(const struct plot *p, int ago, double scale, int line, int height, int steps)
{
	int all = scale > 0 ? (int)ceil(p->value[ago] / scale * height * steps) : 0;
	int here = all - line * steps;

	return here < 0 ? 0 : here > steps ? steps : here;
}

/* Two seconds a column, four dots high each, filled from below. */
static uint32_t braille(int left, int right)
{
	static const unsigned lefts[] = {0, 0x40, 0x44, 0x46, 0x47};
	static const unsigned rights[] = {0, 0x80, 0xa0, 0xb0, 0xb8};

	return BLANK_BRAILLE + lefts[left] + rights[right];
}

static uint32_t cell(const struct plot *p, int ago, double scale, int line, int height,
		     struct caps caps)
{
	static const char ascii[] = " .:-=+*#@";
	int               n;

	if (caps.utf8 > 1 && height > 1)
		return braille(part(p, ago + 1, scale, line, height, 4),
			       part(p, ago, scale, line, height, 4));
	n = part(p, ago, scale, line, height, 8);
	if (caps.utf8)
		return n > 0 ? BLANK_BLOCK + (unsigned)n : ' ';
	return (unsigned char)ascii[n];
}

void plot_add(struct page *page, const struct plot *p, int height)
{
	int    each = page->caps.utf8 > 1 && height > 1 ? 2 : 1; /* seconds a column */
	int    width = page->cols - LABEL - AFTER;
	double most, scale;
	char   line[PLOT_SECONDS * UTF8_MAX + 128];

	width = width < 1 ? 1 : width * each > PLOT_SECONDS ? PLOT_SECONDS / each : width;
	most = greatest(p, width * each);
	scale = p->scale > 0 ? p->scale : most;
	for (int y = height - 1; y >= 0; y--) {
		size_t n = (size_t)snprintf(line, sizeof(line), "%-*.*s", LABEL, LABEL - 1,
					    y == height - 1 ? p->label : "");

		for (int x = width - 1; x >= 0; x--)
			n += utf8_put(line + n, cell(p, x * each, scale, y, height, page->caps));
		if (y == height - 1)
			snprintf(line + n, sizeof(line) - n, " most %s", p->text(most).text);
		else if (y == 0)
			snprintf(line + n, sizeof(line) - n, " now  %s", p->text(p->value[0]).text);
		else
			line[n] = 0;
		page_line(page, p->role, line);
	}
}

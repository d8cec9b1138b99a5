/*
 * latency.c - view 6: percentiles, and when messages took how long
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text/number.h"
#include "text/utf8.h"
#include "view/render.h"

#define LABEL 8 /* columns before the map: a bound, a space */

/* From nothing to the most, as both character sets put it. */
static const char *const ascii[] = {" ", ".", "o", "O", "#"};
static const char *const blocks[] = {" ", "\u2591", "\u2592", "\u2593", "\u2588"};
static const enum role   roles[] = {ROLE_NORMAL, ROLE_DIM, ROLE_NORMAL, ROLE_MOVING, ROLE_OK};

#define LEVELS 4

/* Memory that is shared is not put and got: it has no latency. */
struct rows rows_latency(const struct ui *ui, const struct frame *f)
{
	struct rows r = rows_listing(ui, f);
	size_t      n = 0;

	for (size_t i = 0; i < r.n; i++)
		if (f->s->channels[r.rows[i].index].n_rings > 0)
			r.rows[n++] = r.rows[i];
	r.n = n;
	return r;
}

/* ---- the map ----------------------------------------------------------------------- */

/* Octaves [first, end) in lines of @each; the top line is the slowest. */
struct scale {
	unsigned first, end, each;
	unsigned most; /* samples of a cell */
};

static unsigned cell(const struct latency *l, const struct scale *sc, unsigned line, unsigned ago)
{
	unsigned sum = 0;

	for (unsigned b = line * sc->each; b < (line + 1) * sc->each; b++)
		if (sc->first + b < sc->end)
			sum += latency_heat(l, ago, sc->first + b);
	return sum;
}

static int has_any(const struct latency *l, unsigned bin, unsigned seconds)
{
	for (unsigned t = 0; t < seconds; t++)
		if (latency_heat(l, t, bin) > 0)
			return 1;
	return 0;
}

static unsigned n_lines(const struct scale *sc)
{
	return (sc->end - sc->first + sc->each - 1) / sc->each;
}

static struct scale scale_of(const struct latency *l, unsigned lines, unsigned seconds)
{
	struct scale sc = {.first = 0, .end = LATENCY_BINS};

	while (sc.first < sc.end && !has_any(l, sc.first, seconds))
		sc.first++;
	while (sc.end > sc.first && !has_any(l, sc.end - 1, seconds))
		sc.end--;
	sc.each = (sc.end - sc.first + lines - 1) / lines;
	for (unsigned i = 0; sc.each > 0 && i < n_lines(&sc); i++)
		for (unsigned t = 0; t < seconds; t++) {
			unsigned v = cell(l, &sc, i, t);

			sc.most = v > sc.most ? v : sc.most;
		}
	return sc;
}

/* By magnitude: one slow message among thousands of fast ones is what one looks for. */
static int level(unsigned v, unsigned most)
{
	int n;

	if (v == 0)
		return 0;
	n = 1 + (int)(LEVELS * log((double)v) / log((double)most + 1));
	return n > LEVELS ? LEVELS : n;
}

static void draw_map(struct grid *g, int y, int lines, const struct ipc_snapshot *s,
		     const struct latency *l)
{
	unsigned     seconds = LATENCY_SECONDS - 1;
	struct scale sc;

	if ((int)seconds > g->cols - LABEL)
		seconds = (unsigned)(g->cols - LABEL);
	sc = scale_of(l, (unsigned)lines - 1, seconds);
	if (sc.most == 0) {
		grid_text(g, y, 0, g->cols, ROLE_DIM, "no message was timed in these two minutes");
		return;
	}
	for (unsigned i = n_lines(&sc); i-- > 0; y++) {
		unsigned bin = sc.first + (i + 1) * sc.each;

		bin = (bin < sc.end ? bin : sc.end) - 1;
		grid_printf(g, y, 0, LABEL, ROLE_DIM, "%7s",
			    number_duration(latency_bin_ns(s, bin)).text);
		for (unsigned t = 0; t < seconds; t++) {
			int n = level(cell(l, &sc, i, seconds - 1 - t), sc.most);

			grid_text(g, y, LABEL + (int)t, 1, roles[n],
				  g->caps.utf8 ? blocks[n] : ascii[n]);
		}
	}
	grid_printf(g, y, LABEL, (int)seconds, ROLE_DIM, "%us ago", seconds);
	grid_text(g, y, LABEL + (int)seconds - 3, 3, ROLE_DIM, "now");
}

/* ---- the view ------------------------------------------------------------------------- */

static void draw_channel(struct grid *g, int y, const struct frame *f, uint32_t i)
{
	const struct latency *l = f->channels[i].latency;
	char                  title[160];

	snprintf(title, sizeof(title), "put to get of %.63s, 2 min, a column a second%s",
		 f->s->channels[i].name, f->s->channels[i].n_rings > 1 ? ", both ways" : "");
	grid_rule(g, y++, title);
	if (l != NULL)
		draw_map(g, y, g->rows - RENDER_FOOTER - y, f->s, l);
	else
		grid_text(
			g, y, 0, g->cols, ROLE_DIM,
			latency_total(f->s, &f->s->channels[i]).n > 0
				? "too many channels: second by second, nothing is kept of this one"
				: "no message was timed yet");
}

void render_latency(struct grid *g, const struct frame *f, const struct ui *ui)
{
	struct rows rows;
	int         below = ui_below(ui);

	render_listing(g, f, ui);
	if (below < 4)
		return;
	rows = ui_rows(ui, f);
	if (rows.n > 0)
		draw_channel(g, g->rows - RENDER_FOOTER - below, f,
			     rows.rows[ui_selected(ui, f, &rows)].index);
	rows_fini(&rows);
}

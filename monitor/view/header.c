/*
 * header.c - the lines above and below every view
 */
#include "view/render.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text/number.h"
#include "text/utf8.h"
#include "view/words.h"

/* "LIVE", or why it is not. */
static enum role state_of(const struct frame *f, const struct ui *ui, const struct status *st,
			  char *ret, size_t size)
{
	if (!st->attached && f->s != NULL) {
		snprintf(ret, size, "GONE %s", number_duration(st->gone_ns).text);
		return ROLE_WARN;
	}
	if (!st->attached) {
		snprintf(ret, size, "WAITING");
		return ROLE_WARN;
	}
	if (ui->frozen) {
		snprintf(ret, size, "FROZEN -%s", number_duration(st->frozen_ns).text);
		return ROLE_PAUSED;
	}
	snprintf(ret, size, "%s", f->s != NULL && f->s->post_mortem ? "POST-MORTEM" : "LIVE");
	return f->s != NULL && f->s->post_mortem ? ROLE_PAUSED : ROLE_OK;
}

static void first_line(struct grid *g, const struct frame *f, const struct ui *ui,
		       const struct status *st)
{
	char      state[48], self[64], counts[96] = "";
	enum role role = state_of(f, ui, st, state, sizeof(state));
	int       x;

	grid_paint(g, 0, 0, g->cols, ROLE_HEADER);
	if (f->s != NULL && f->s->t_mono_ns >= f->s->created_mono_ns)
		snprintf(counts, sizeof(counts), "  %zu proc  %zu chan  up %s", f->s->n_processes,
			 f->s->n_channels,
			 number_duration(f->s->t_mono_ns - f->s->created_mono_ns).text);
	x = grid_printf(g, 0, 0, g->cols, ROLE_HEADER, "ipcmon %s  \"%s\"%s  %s ",
			IPC_VERSION_STRING, st->domain, counts,
			number_duration(ui->interval_ns).text);
	x += grid_text(g, 0, x, g->cols - x, role, state);
	snprintf(self, sizeof(self), "self %s%% %s",
		 isnan(st->self_cpu) ? "-" : number_rate(st->self_cpu).text,
		 number_bytes(st->self_bytes).text);
	if (x + 2 + utf8_columns(self) <= g->cols)
		grid_text(g, 0, g->cols - utf8_columns(self), utf8_columns(self), ROLE_HEADER,
			  self);
}

/* On one line, or on up to @lines if it is a finding: nothing else is as urgent. Returns how many. */
static int verdict_lines(struct grid *g, int y, int lines, const struct frame *f,
			 const struct status *st)
{
	struct words w = {.role = ROLE_WARN};
	struct page  page;
	int          n;

	if (f->s != NULL)
		w = words_summary(f);
	else
		snprintf(w.text, sizeof(w.text), "WAITING for domain \"%.200s\"", st->domain);
	if (w.role == ROLE_OK)
		lines = 1;
	if (w.role == ROLE_CRITICAL)
		w.role = ROLE_ALARM;
	page_init(&page, g->cols);
	page_add(&page, w.role, 2, w.text);
	n = (int)page.n < lines ? (int)page.n : lines;
	for (int i = 0; i < n; i++) {
		grid_paint(g, y + i, 0, g->cols, w.role);
		grid_text(g, y + i, 0, g->cols, w.role, page.lines[i].text);
		if (i == n - 1 && (int)page.n > n && g->cols > 0)
			grid_text(g, y + i, g->cols - 1, 1, w.role, g->caps.utf8 ? "\u2026" : "~");
	}
	page_fini(&page);
	return n;
}

static double sum(const struct frame *f, double (*of)(const struct channel_stat *))
{
	double total = 0;

	for (size_t i = 0; i < f->s->n_channels; i++)
		if (f->s->channels[i].n_rings > 0)
			total += of(&f->channels[i]);
	return total;
}

static double put_of(const struct channel_stat *c)
{
	return c->put;
}

static double get_of(const struct channel_stat *c)
{
	return c->get;
}

static double bytes_of(const struct channel_stat *c)
{
	return c->put_bytes;
}

static void third_line(struct grid *g, const struct frame *f, const struct ui *ui,
		       const struct status *st)
{
	const struct ipc_snapshot *s = f->s;
	int                        x;

	if (!st->attached) {
		grid_text(g, 2, 0, g->cols, ROLE_WARN, st->why);
		return;
	}
	x = grid_printf(g, 2, 0, g->cols, ROLE_NORMAL,
			"put %s/s  get %s/s  %s/s   %zu of %zu threads wait",
			number_rate(sum(f, put_of)).text, number_rate(sum(f, get_of)).text,
			number_byte_rate(sum(f, bytes_of)).text, s->n_waits, s->n_threads);
	if (s->n_verdicts > 0)
		x += grid_printf(g, 2, x, g->cols - x, words_role(s->verdicts[0].class_),
				 "   %zu finding%s", s->n_verdicts, s->n_verdicts == 1 ? "" : "s");
	if (s->n_reaped > 0)
		x += grid_printf(g, 2, x, g->cols - x, ROLE_NOTICE, "   %s died",
				 number_count(s->n_reaped).text);
	if (s->torn + s->damaged > 0)
		x += grid_printf(g, 2, x, g->cols - x, ROLE_WARN, "   torn %u damaged %u", s->torn,
				 s->damaged);
	if (ui->filter[0] != 0)
		grid_printf(g, 2, x, g->cols - x, ROLE_NOTICE, "   only \"%s\"", ui->filter);
}

void render_header(struct grid *g, const struct frame *f, const struct ui *ui,
		   const struct status *st)
{
	if (g->rows < RENDER_LEAST_ROWS || g->cols < RENDER_LEAST_COLS) {
		verdict_lines(g, 0, 1, f, st);
		return;
	}
	first_line(g, f, ui, st);
	/* The third line belongs to a long verdict, unless something about the watching must be said. */
	if (verdict_lines(g, 1, st->attached && ui->filter[0] == 0 ? 2 : 1, f, st) == 1 &&
	    (f->s != NULL || !st->attached))
		third_line(g, f, ui, st);
}

/* As many of the table's entries as fit, most useful first. */
void render_keys(struct grid *g, const struct ui *ui)
{
	int y = g->rows - 1, x = 0;

	grid_paint(g, y, 0, g->cols, ROLE_HEADER);
	if (ui->editing) {
		grid_printf(g, y, 0, g->cols, ROLE_ACCENT, "Filter: %s_", ui->filter);
		return;
	}
	for (size_t i = 0; i < key_table_n; i++) {
		const char *bar = key_table[i].bar;
		int current = key_table[i].action == (enum action)(ACTION_OVERVIEW + (int)ui->view);

		if (bar == NULL || x + utf8_columns(bar) > g->cols)
			continue;
		x += grid_text(g, y, x, g->cols - x, current ? ROLE_ACCENT : ROLE_HEADER, bar) + 1;
	}
}

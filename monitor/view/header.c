/*
 * header.c - the lines above and below every view
 */
#include "view/render.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lint/lint.h"
#include "text/number.h"
#include "text/utf8.h"
#include "view/action.h"
#include "view/words.h"

/* "LIVE", or why it is not. */
static enum role state_of(const struct frame *f, const struct ui *ui, const struct status *st,
			  char *ret, size_t size)
{
	if (st->replay && f->s != NULL) {
		snprintf(ret, size, "%s -%s", ui->frozen ? "REPLAY" : "PLAYING",
			 number_duration(st->behind_ns).text);
		return ROLE_PAUSED;
	}
	if (st->past && f->s != NULL) {
		snprintf(ret, size, "PAST -%s", number_duration(st->behind_ns).text);
		return ROLE_PAUSED;
	}
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
	if (st->recorded_bytes > 0)
		x += grid_printf(g, 0, x, g->cols - x, ROLE_CRITICAL, " REC %s",
				 number_bytes(st->recorded_bytes).text);
	if (st->n_damaged > 0)
		x += grid_printf(g, 0, x, g->cols - x, ROLE_WARN, " DAMAGED %s",
				 number_count(st->n_damaged).text);
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
	page_init(&page, g->cols, g->caps);
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

/* How many there are, which kinds, and where to read more. */
static void lint_count(struct grid *g, int x, const struct frame *f)
{
	char     ids[N_LINTS * 8] = "";
	uint64_t seen = 0;
	size_t   n = 0, n_ids = 0;

	for (size_t i = 0; i < f->n_events; i++) {
		const struct event *e = &f->events[i];

		if (e->kind != EVENT_LINT || e->now != EVENT_SEEN)
			continue;
		n++;
		if ((seen >> e->code & 1) == 0)
			n_ids += (size_t)snprintf(ids + n_ids, sizeof(ids) - n_ids, " %s",
						  lint_kinds[e->code].id);
		seen |= UINT64_C(1) << e->code;
	}
	if (n > 0)
		grid_printf(g, 2, x, g->cols - x, ROLE_WARN, "   [8] %zu lint%s%s", n,
			    n == 1 ? "" : "s", ids);
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
	if (ui->follow.id != 0)
		x += grid_printf(g, 2, x, g->cols - x, ROLE_NOTICE, "   following %.40s",
				 ui->follow_name);
	if (ui_hides(ui))
		x += grid_printf(g, 2, x, g->cols - x, ROLE_NOTICE, "   only %s%s%s%s", ui->only,
				 ui->only[0] != 0 ? " " : "", ui->filter,
				 ui->lints_only && ui->view == VIEW_EVENTS ? " lints" : "");
	lint_count(g, x, f);
}

/* The worst news needs a line; where there is another, why nothing else is there. */
static void tiny(struct grid *g, const struct frame *f, const struct status *st)
{
	verdict_lines(g, 0, 1, f, st);
	if (g->rows > 1)
		grid_printf(g, 1, 0, g->cols, ROLE_DIM, "too small: at least %dx%d",
			    RENDER_LEAST_COLS, RENDER_LEAST_ROWS);
}

void render_header(struct grid *g, const struct frame *f, const struct ui *ui,
		   const struct status *st)
{
	if (g->rows < RENDER_LEAST_ROWS || g->cols < RENDER_LEAST_COLS) {
		tiny(g, f, st);
		return;
	}
	first_line(g, f, ui, st);
	/* The third line belongs to a long verdict, unless something about the watching must be said. */
	if (verdict_lines(g, 1, st->attached && !ui_hides(ui) && ui->follow.id == 0 ? 2 : 1, f,
			  st) == 1 &&
	    (f->s != NULL || !st->attached))
		third_line(g, f, ui, st);
}

/* The line being typed; its end stays in view, and what is wrong with it beside it. */
static void edit_line(struct grid *g, int y, const struct edit *e)
{
	const char *text = e->text, *prompt = ui_prompt(e->kind);
	int         x, room = g->cols - utf8_columns(prompt) - 1;

	while (utf8_columns(text) > room && *text != 0)
		utf8_next(&text);
	x = grid_printf(g, y, 0, g->cols, ROLE_ACCENT, "%s%s_", prompt, text);
	if (e->error[0] != 0)
		grid_printf(g, y, x + 2, g->cols - x - 2, ROLE_WARN, "%s", e->error);
}

/* One key of the bottom line, if it fits whole; returns where the next one goes. */
static int key_text(struct grid *g, int y, int x, enum role role, const char *text, size_t number)
{
	int width = utf8_columns(text);

	if (x + width > g->cols)
		return x;
	grid_text(g, y, x, width, role, text);
	if (number < key_table_n)
		grid_hit(g, (struct hit){HIT_KEY, y, x, width, number, 0});
	return x + width + 1;
}

#define ABOUT (1 << MODE_DETAIL | 1 << MODE_SITES)
#define PAGES (ABOUT | 1 << MODE_HELP)

/* What the bottom line offers over a page; of the setup's own keys there are no actions. */
static const struct page_key {
	unsigned modes; /* 1 << enum mode */
	unsigned (*run)(struct ui *ui, const struct frame *f, int arg);
	int         arg;
	const char *text;
} page_table[] = {
	{1 << MODE_SETUP, NULL, 0, "SpChange"},
	{1 << MODE_SETUP, NULL, 0, "<>Move"},
	{1 << MODE_SETUP, ui_save, 0, "F12Save"},
	{PAGES | 1 << MODE_SETUP, ui_back, 0, "EscBack"},
	{ABOUT | 1 << MODE_SETUP, ui_help, 0, "F1Help"},
	{1 << MODE_DETAIL, ui_sites, 0, "bSites"},
	{ABOUT, ui_follow_wait, 0, "wChain"},
	{PAGES, ui_move, MOVE_UP, "UpDnScroll"},
	{PAGES, ui_edit, EDIT_SEARCH, "/Find"},
	{PAGES, ui_search, 1, "nNext"},
	{ABOUT, ui_follow, 0, "FFollow"},
	{ABOUT, ui_copy_it, 0, "yCopy"},
	{ABOUT, ui_freeze, 0, "SpFreeze"},
	{PAGES | 1 << MODE_SETUP, ui_quit, 0, "qBack"},
};

static size_t key_of(const struct page_key *p)
{
	size_t i = 0;

	while (i < key_table_n && (key_table[i].run != p->run || key_table[i].arg != p->arg))
		i++;
	return i;
}

static void page_keys(struct grid *g, int y, enum mode mode)
{
	int x = 0;

	for (size_t i = 0; i < sizeof(page_table) / sizeof(page_table[0]); i++)
		if (page_table[i].modes & 1u << mode)
			x = key_text(g, y, x, ROLE_HEADER, page_table[i].text,
				     key_of(&page_table[i]));
}

/* As many of the table's entries as fit, most useful first. */
void render_keys(struct grid *g, const struct ui *ui)
{
	int y = g->rows - 1, x = 0;

	grid_paint(g, y, 0, g->cols, ROLE_HEADER);
	if (ui->edit.kind != EDIT_NONE) {
		edit_line(g, y, &ui->edit);
		return;
	}
	if (ui->notice[0] != 0) {
		grid_text(g, y, 0, g->cols, ROLE_NOTICE, ui->notice);
		return;
	}
	if (ui->mode != MODE_LIST)
		page_keys(g, y, ui->mode);
	for (size_t i = 0; i < key_table_n && ui->mode == MODE_LIST; i++) {
		const char *bar = key_table[i].bar;
		int current = key_table[i].run == ui_show && key_table[i].arg == (int)ui->view;

		if (bar != NULL)
			x = key_text(g, y, x, current ? ROLE_ACCENT : ROLE_HEADER, bar, i);
	}
}

#include "view/render.h"

#include <stdio.h>
#include <string.h>

/* What Enter would show of the selected row, as much as fits. */
static void detail_below(struct grid *g, int y, const struct frame *f, const struct ui *ui,
			 struct object o)
{
	struct ui   with = *ui;
	struct page page;

	with.detail = o;
	page_init(&page, g->cols, g->caps);
	detail_page(&page, f, &with);
	grid_rule(g, y++, "Detail");
	for (size_t i = 0; i < page.n && y < g->rows - RENDER_FOOTER; i++)
		grid_text(g, y++, 0, g->cols, page.lines[i].role, page.lines[i].text);
	page_fini(&page);
}

void render_listing(struct grid *g, const struct frame *f, const struct ui *ui)
{
	enum object_kind      kind = ui->kinds[ui->view];
	const struct listing *l = object_listing(kind);
	struct rows           rows = ui_rows(ui, f);
	size_t                top = ui->lists[ui->view].top, selected = ui_selected(ui, f, &rows);
	int                   y = RENDER_HEADER, last = g->rows - RENDER_FOOTER - ui_below(ui);

	table_head(g, y++, ui, kind);
	for (size_t i = top; i < rows.n && y < last; i++)
		table_row(g, y++, ui, f, &rows, i, i == selected);
	if (rows.n == 0)
		grid_text(g, y, 0, g->cols, ROLE_DIM,
			  ui_hides(ui) ? "no line passes the filter" : l->none);
	else if (last < g->rows - RENDER_FOOTER && view_kinds[ui->view].below == 0)
		detail_below(g, last, f, ui, object_of(f, rows.rows[selected]));
	rows_fini(&rows);
}

/* What lies over the list in each mode. */
static const struct {
	const char *title;
	page_fn    *fill;
} pages[N_MODES] = {
	[MODE_DETAIL] = {"Detail", detail_page},
	[MODE_HELP] = {"Help", help_page},
	[MODE_SITES] = {"Call sites", sites_page},
	[MODE_TRACE] = {"How to trace it", trace_page},
};

size_t render_lines(const struct ui *ui, const struct frame *f)
{
	struct page page;
	size_t      n;

	if (pages[ui->mode].fill == NULL)
		return 0;
	page_init(&page, ui->cols, (struct caps){0});
	pages[ui->mode].fill(&page, f, ui);
	n = page.n;
	page_fini(&page);
	return n;
}

void render_text(FILE *to, const struct ui *ui, const struct frame *f, int cols)
{
	struct page page;

	if (pages[ui->mode].fill == NULL)
		return;
	page_init(&page, cols, (struct caps){.utf8 = 1});
	pages[ui->mode].fill(&page, f, ui);
	for (size_t i = 0; i < page.n; i++)
		fprintf(to, "%s\n", page.lines[i].text);
	page_fini(&page);
}

size_t render_find(const struct ui *ui, const struct frame *f, const char *text, size_t from,
		   int step)
{
	struct page page;
	size_t      found = SIZE_MAX;

	if (pages[ui->mode].fill == NULL)
		return found;
	page_init(&page, ui->cols, (struct caps){0});
	pages[ui->mode].fill(&page, f, ui);
	/* Not round the end: on a page one sees where one is. */
	for (size_t i = from + (size_t)step; i < page.n && found == SIZE_MAX;
	     i += (size_t)(step < 0 ? -1 : 1))
		if (strcasestr(page.lines[i].text, text) != NULL)
			found = i;
	page_fini(&page);
	return found;
}

static void page_view(struct grid *g, const struct frame *f, const struct ui *ui)
{
	struct page page;
	int         y = RENDER_HEADER, last = g->rows - RENDER_FOOTER;

	page_init(&page, g->cols, g->caps);
	pages[ui->mode].fill(&page, f, ui);
	grid_rule(g, y++, pages[ui->mode].title);
	for (size_t i = ui->scroll; i < page.n && y < last; i++)
		grid_text(g, y++, 0, g->cols, page.lines[i].role, page.lines[i].text);
	/* There is more: say so where the eye ends. */
	if (ui->scroll + (size_t)(last - RENDER_HEADER - 1) < page.n && g->cols > 12)
		grid_text(g, last - 1, g->cols - 8, 8, ROLE_ACCENT, " more...");
	page_fini(&page);
}

/* Nothing was ever seen: what we wait for, and what would bring it. */
static void waiting_view(struct grid *g, const struct status *status)
{
	struct page page;
	int         y = RENDER_HEADER + 1;

	page_init(&page, g->cols - 2, g->caps);
	page_printf(&page, ROLE_NORMAL, 0, "Waiting for the domain \"%s\".", status->domain);
	page_add(&page, ROLE_NORMAL, 0, "");
	page_add(&page, ROLE_WARN, 0, status->why);
	page_add(&page, ROLE_NORMAL, 0, "");
	page_add(
		&page, ROLE_DIM, 0,
		"It is shown here as soon as a program that uses libipc starts in it. Another one is named with "
		"--domain NAME or $IPC_DOMAIN, a directory with --dir PATH. q quits.");
	for (size_t i = 0; i < page.n && y < g->rows - RENDER_FOOTER; i++)
		grid_text(g, y++, 1, g->cols - 1, page.lines[i].role, page.lines[i].text);
	page_fini(&page);
}

void render(struct grid *g, const struct frame *f, const struct ui *ui, const struct status *status)
{
	grid_clear(g);
	if (g->rows == 0 || g->cols == 0)
		return;
	render_header(g, f, ui, status);
	if (g->rows < RENDER_LEAST_ROWS || g->cols < RENDER_LEAST_COLS)
		return;
	if (ui->mode == MODE_SETUP)
		render_setup(g, ui);
	else if (pages[ui->mode].fill != NULL && (f->s != NULL || ui->mode == MODE_HELP))
		page_view(g, f, ui);
	else if (f->s == NULL)
		waiting_view(g, status);
	else
		view_kinds[ui->view].draw(g, f, ui);
	render_keys(g, ui);
}

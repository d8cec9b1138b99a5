#include "view/render.h"

#include <stdio.h>

static void list_view(struct grid *g, const struct frame *f, const struct ui *ui)
{
	static const enum object_kind kinds[N_VIEWS] = {OBJECT_CHANNEL, OBJECT_CHANNEL,
							OBJECT_PROCESS, OBJECT_WAIT};
	enum object_kind              kind = kinds[ui->view];
	const struct listing         *l = object_listing(kind);
	struct rows                   rows = ui_rows(ui, f);
	size_t top = ui->lists[ui->view].top, selected = ui_selected(ui, f, &rows);
	int    y = RENDER_HEADER;

	table_head(g, y++, l, ui->sort[kind], ui->invert[kind]);
	for (size_t i = top; i < rows.n && y < g->rows - RENDER_FOOTER; i++)
		table_row(g, y++, l, f, rows.rows[i].index, i == selected);
	if (rows.n == 0)
		grid_text(g, y, 0, g->cols, ROLE_DIM,
			  ui->filter[0] != 0 ? "no line holds the filter's text" : l->none);
	rows_fini(&rows);
}

static void fill_page(struct page *page, const struct frame *f, const struct ui *ui,
		      struct caps caps)
{
	if (ui->mode == MODE_HELP)
		help_page(page);
	else
		detail_page(page, f, ui->detail, caps);
}

size_t render_lines(const struct ui *ui, const struct frame *f)
{
	struct page page;
	size_t      n;

	page_init(&page, ui->cols);
	fill_page(&page, f, ui, (struct caps){0, 0});
	n = page.n;
	page_fini(&page);
	return n;
}

static void page_view(struct grid *g, const struct frame *f, const struct ui *ui)
{
	struct page page;
	int         y = RENDER_HEADER, last = g->rows - RENDER_FOOTER;

	page_init(&page, g->cols);
	fill_page(&page, f, ui, g->caps);
	grid_rule(g, y++, ui->mode == MODE_HELP ? "Help" : "Detail");
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

	page_init(&page, g->cols - 2);
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
	if (ui->mode == MODE_HELP || (ui->mode == MODE_DETAIL && f->s != NULL))
		page_view(g, f, ui);
	else if (f->s == NULL)
		waiting_view(g, status);
	else if (ui->view == VIEW_OVERVIEW)
		render_overview(g, f, ui);
	else
		list_view(g, f, ui);
	render_keys(g, ui);
}

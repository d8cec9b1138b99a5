/*
 * ui_list.c - what is selected, what of it is on the screen, and in which order
 */
#include "view/ui_parts.h"

#include "view/render.h"

size_t ui_selected(const struct ui *ui, const struct frame *f, const struct rows *rows)
{
	const struct list_state *l = &ui->lists[ui->view];

	for (size_t i = 0; i < rows->n && l->selected.id != 0; i++)
		if (rows->rows[i].kind == l->selected.kind &&
		    object_of(f, rows->rows[i]).id == l->selected.id)
			return i;
	/* Gone, or filtered out: what took its place. */
	if (l->selected.id != 0 && rows->n > 0)
		return l->position < rows->n ? l->position : rows->n - 1;
	return 0;
}

/* Of a screen, for the detail below a list. */
#define WIDE_EIGHTHS 3

int ui_below(const struct ui *ui)
{
	if (ui->mode != MODE_LIST || ui->rows < RENDER_GRAPH_ROWS)
		return 0;
	if (ui->preset == PRESET_WIDE && view_kinds[ui->view].draw == render_listing)
		return ui->rows * WIDE_EIGHTHS / 8;
	return ui->rows * view_kinds[ui->view].below / 8;
}

int ui_page(const struct ui *ui)
{
	int n = ui->rows - RENDER_HEADER - RENDER_FOOTER - 1; /* and the titles */

	n -= ui_below(ui);
	if (ui->mode == MODE_LIST && view_kinds[ui->view].draw == render_sections)
		n -= 3; /* a title, and those of one more section */
	return n > 1 ? n : 1;
}

void ui_select_row(struct ui *ui, const struct frame *f, const struct rows *rows, size_t i)
{
	struct list_state *l = &ui->lists[ui->view];

	/* Who goes elsewhere has followed it long enough. */
	if (i < rows->n && ui->follow.id != object_of(f, rows->rows[i]).id)
		ui->follow.id = 0;
	l->position = i;
	/* Who stays at the top looks at the worst, whatever that is at the time. */
	l->selected = i > 0 && i < rows->n ? object_of(f, rows->rows[i]) : (struct object){0};
}

static size_t moved(size_t i, size_t n, enum move how, size_t page)
{
	size_t last = n > 0 ? n - 1 : 0;

	switch (how) {
	case MOVE_UP: return i > 0 ? i - 1 : 0;
	case MOVE_DOWN: return i < last ? i + 1 : last;
	case MOVE_PAGE_UP: return i > page ? i - page : 0;
	case MOVE_PAGE_DOWN: return i + page < last ? i + page : last;
	case MOVE_FIRST: return 0;
	case MOVE_LAST: return last;
	}
	return i;
}

unsigned ui_move(struct ui *ui, const struct frame *f, int how)
{
	size_t      page = (size_t)ui_page(ui);
	struct rows rows;

	if (ui->mode != MODE_LIST) {
		size_t most = ui->n_lines > page ? ui->n_lines - page : 0;

		ui->scroll = moved(ui->scroll, most + 1, (enum move)how, page);
		return 0;
	}
	rows = ui_rows(ui, f);
	ui_select_row(ui, f, &rows, moved(ui_selected(ui, f, &rows), rows.n, (enum move)how, page));
	rows_fini(&rows);
	return 0;
}

void ui_settle(struct ui *ui, const struct frame *f)
{
	struct list_state *l = &ui->lists[ui->view];
	struct rows        rows;
	size_t             page = (size_t)ui_page(ui);

	ui_settle_followed(ui, f);
	if (ui->mode == MODE_LIST && f->s != NULL) {
		rows = ui_rows(ui, f);
		l->position = ui_selected(ui, f, &rows);
		if (l->top > l->position)
			l->top = l->position;
		if (l->position >= l->top + page)
			l->top = l->position - page + 1;
		if (l->top + page > rows.n)
			l->top = rows.n > page ? rows.n - page : 0;
		rows_fini(&rows);
		return;
	}
	ui->n_lines = render_lines(ui, f);
	if (ui->scroll + page > ui->n_lines)
		ui->scroll = ui->n_lines > page ? ui->n_lines - page : 0;
}

struct object ui_subject(const struct ui *ui, const struct frame *f)
{
	struct object o = {0};
	struct rows   rows;

	if (ui->mode == MODE_DETAIL || ui->mode == MODE_SITES)
		return ui->detail;
	rows = ui_rows(ui, f);
	if (rows.n > 0)
		o = object_of(f, rows.rows[ui_selected(ui, f, &rows)]);
	rows_fini(&rows);
	return o;
}

void ui_select(struct ui *ui, const struct frame *f, struct object o)
{
	struct list_state *l = &ui->lists[ui->view];
	struct rows        rows;

	l->selected = o;
	rows = ui_rows(ui, f);
	ui_select_row(ui, f, &rows, ui_selected(ui, f, &rows));
	rows_fini(&rows);
}

/* ---- order ---------------------------------------------------------------------------- */

/* Where rows are of several kinds, the kind of the selected one is sorted. */
enum object_kind ui_sorted_kind(const struct ui *ui, const struct frame *f)
{
	if (view_kinds[ui->view].draw == render_sections && f->s != NULL) {
		struct object o = ui_subject(ui, f);

		if (o.id != 0)
			return o.kind;
	}
	return ui->kinds[ui->view];
}

unsigned ui_sort(struct ui *ui, const struct frame *f, int step)
{
	enum object_kind k = ui_sorted_kind(ui, f);
	int              n = object_listing(k)->n_fields, place = 0;

	while (columns_at(&ui->columns[k], place) != ui->sort[k])
		place++;
	do
		place = (place + n + step) % n;
	while (!columns_shows(&ui->columns[k], columns_at(&ui->columns[k], place)));
	ui->sort[k] = columns_at(&ui->columns[k], place);
	return 0;
}

unsigned ui_invert(struct ui *ui, const struct frame *f, int arg)
{
	enum object_kind k = ui_sorted_kind(ui, f);

	ui->invert[k] = !ui->invert[k];
	return 0;
}

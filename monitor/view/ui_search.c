/*
 * ui_search.c - going to what is looked for: a row of a list, a line of a page
 */
#include "view/ui_parts.h"

#include "view/render.h"

/* The first of @n, from @from on in steps of @step and round the end, that @is; @n: none. */
static size_t go_round(size_t n, size_t from, int step, int (*is)(void *arg, size_t i), void *arg)
{
	size_t first = step == 0 ? 0 : 1;

	for (size_t k = first; k < n + first; k++) {
		size_t i = step < 0 ? (from + n - k % n) % n : (from + k) % n;

		if (is(arg, i))
			return i;
	}
	return n;
}

struct looking {
	const struct frame  *f;
	const struct rows   *rows;
	const struct filter *filter;
};

static int row_is(void *arg, size_t i)
{
	const struct looking *l = arg;

	return filter_passes(l->filter, l->rows->rows[i].kind, l->f, l->rows->rows[i].index);
}

static int search_rows(struct ui *ui, const struct frame *f, int step)
{
	char           error[FILTER_ERROR_BYTES];
	struct filter *filter = filter_new(ui->search, error);
	struct rows    rows = ui_rows(ui, f);
	struct looking l = {f, &rows, filter};
	size_t         i = rows.n;

	if (filter != NULL && rows.n > 0)
		i = go_round(rows.n, ui_selected(ui, f, &rows), step, row_is, &l);
	if (i < rows.n)
		ui_select_row(ui, f, &rows, i);
	filter_free(filter);
	i = i < rows.n;
	rows_fini(&rows);
	return (int)i;
}

static int search_lines(struct ui *ui, const struct frame *f, int step)
{
	size_t line = render_find(ui, f, ui->search, ui->scroll, step);

	if (line == SIZE_MAX)
		return 0;
	ui->scroll = line;
	return 1;
}

int ui_search_go(struct ui *ui, const struct frame *f, int step)
{
	return ui->mode == MODE_LIST ? search_rows(ui, f, step) : search_lines(ui, f, step);
}

unsigned ui_search(struct ui *ui, const struct frame *f, int step)
{
	if (ui->search[0] == 0)
		ui_say(ui, "nothing to look for yet: / asks");
	else if (!ui_search_go(ui, f, step))
		ui_say(ui, "not found: %s", ui->search);
	return 0;
}

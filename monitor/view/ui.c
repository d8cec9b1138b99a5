#include "view/ui.h"

#include <string.h>

#include "text/utf8.h"
#include "view/render.h"

void ui_init(struct ui *ui, uint64_t interval_ns)
{
	*ui = (struct ui){.interval_ns = interval_ns, .rows = 24, .cols = 80};
	for (int k = 0; k < N_OBJECTS; k++)
		ui->sort[k] = object_listing((enum object_kind)k)->sort;
}

/* ---- selection -------------------------------------------------------------------- */

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

int ui_page(const struct ui *ui)
{
	int n = ui->rows - RENDER_HEADER - RENDER_FOOTER - 1; /* and the titles */

	return n > 1 ? n : 1;
}

static void select_row(struct ui *ui, const struct frame *f, const struct rows *rows, size_t i)
{
	struct list_state *l = &ui->lists[ui->view];

	l->position = i;
	/* Who stays at the top looks at the worst, whatever that is at the time. */
	l->selected = i > 0 && i < rows->n ? object_of(f, rows->rows[i]) : (struct object){0};
}

static size_t moved(size_t i, size_t n, enum action action, size_t page)
{
	size_t last = n > 0 ? n - 1 : 0;

	switch (action) {
	case ACTION_UP: return i > 0 ? i - 1 : 0;
	case ACTION_DOWN: return i < last ? i + 1 : last;
	case ACTION_PAGE_UP: return i > page ? i - page : 0;
	case ACTION_PAGE_DOWN: return i + page < last ? i + page : last;
	case ACTION_FIRST: return 0;
	case ACTION_LAST: return last;
	default: return i;
	}
}

static void move(struct ui *ui, const struct frame *f, enum action action)
{
	size_t      page = (size_t)ui_page(ui);
	struct rows rows;

	if (ui->mode != MODE_LIST) {
		size_t most = ui->n_lines > page ? ui->n_lines - page : 0;

		ui->scroll = moved(ui->scroll, most + 1, action, page);
		return;
	}
	rows = ui_rows(ui, f);
	select_row(ui, f, &rows, moved(ui_selected(ui, f, &rows), rows.n, action, page));
	rows_fini(&rows);
}

void ui_settle(struct ui *ui, const struct frame *f)
{
	struct list_state *l = &ui->lists[ui->view];
	struct rows        rows;
	size_t             page = (size_t)ui_page(ui);

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

/* ---- actions ------------------------------------------------------------------------ */

static void show(struct ui *ui, enum view view)
{
	ui->view = view;
	ui->mode = MODE_LIST;
}

static void open_detail(struct ui *ui, const struct frame *f)
{
	struct rows rows = ui_rows(ui, f);

	if (rows.n > 0) {
		ui->detail = object_of(f, rows.rows[ui_selected(ui, f, &rows)]);
		ui->mode = MODE_DETAIL;
		ui->scroll = 0;
	}
	rows_fini(&rows);
}

static void sort_by(struct ui *ui, int step)
{
	static const enum object_kind kinds[N_VIEWS] = {OBJECT_CHANNEL, OBJECT_CHANNEL,
							OBJECT_PROCESS, OBJECT_WAIT};
	enum object_kind              k = kinds[ui->view];
	int                           n = object_listing(k)->n_fields;

	ui->sort[k] = (ui->sort[k] + n + step) % n;
}

static void invert(struct ui *ui)
{
	static const enum object_kind kinds[N_VIEWS] = {OBJECT_CHANNEL, OBJECT_CHANNEL,
							OBJECT_PROCESS, OBJECT_WAIT};

	ui->invert[kinds[ui->view]] = !ui->invert[kinds[ui->view]];
}

static unsigned change_interval(struct ui *ui, double by)
{
	uint64_t ns = (uint64_t)((double)ui->interval_ns * by);

	ui->interval_ns = ns < INTERVAL_LEAST_NS  ? INTERVAL_LEAST_NS
			  : ns > INTERVAL_MOST_NS ? INTERVAL_MOST_NS
						  : ns;
	return UI_INTERVAL;
}

static void back(struct ui *ui)
{
	if (ui->mode == MODE_LIST)
		ui->filter[0] = 0;
	ui->mode = MODE_LIST;
	ui->scroll = 0;
}

static unsigned act_on_view(struct ui *ui, const struct frame *f, enum action action)
{
	switch (action) {
	case ACTION_OVERVIEW:
	case ACTION_CHANNELS:
	case ACTION_PROCESSES:
	case ACTION_WAITS: show(ui, (enum view)(action - ACTION_OVERVIEW)); break;
	case ACTION_NEXT_VIEW: show(ui, (enum view)((ui->view + 1) % N_VIEWS)); break;
	case ACTION_PREVIOUS_VIEW: show(ui, (enum view)((ui->view + N_VIEWS - 1) % N_VIEWS)); break;
	case ACTION_HELP:
		ui->mode = ui->mode == MODE_HELP ? MODE_LIST : MODE_HELP;
		ui->scroll = 0;
		break;
	case ACTION_DETAIL:
		if (ui->mode == MODE_LIST)
			open_detail(ui, f);
		else
			back(ui);
		break;
	case ACTION_BACK: back(ui); break;
	default: move(ui, f, action); break;
	}
	return 0;
}

static unsigned act(struct ui *ui, const struct frame *f, enum action action)
{
	switch (action) {
	case ACTION_FILTER:
		show(ui, ui->view);
		ui->editing = 1;
		memcpy(ui->filter_before, ui->filter, sizeof(ui->filter));
		return 0;
	case ACTION_SORT_NEXT: sort_by(ui, 1); return 0;
	case ACTION_SORT_PREVIOUS: sort_by(ui, -1); return 0;
	case ACTION_INVERT: invert(ui); return 0;
	case ACTION_FREEZE: ui->frozen = !ui->frozen; return UI_FREEZE;
	case ACTION_SLOWER: return change_interval(ui, 1.5);
	case ACTION_FASTER: return change_interval(ui, 1 / 1.5);
	case ACTION_REDRAW: return UI_REDRAW;
	case ACTION_SUSPEND: return UI_SUSPEND;
	case ACTION_QUIT:
		if (ui->mode == MODE_LIST)
			return UI_QUIT;
		back(ui);
		return 0;
	default: return act_on_view(ui, f, action);
	}
}

/* ---- the filter being typed ------------------------------------------------------------ */

static unsigned edit(struct ui *ui, uint32_t input)
{
	size_t n = strlen(ui->filter);
	char   bytes[UTF8_MAX];

	switch (input) {
	case INPUT_CTRL('C'): return UI_QUIT;
	case '\r':
	case INPUT_ENTER: ui->editing = 0; return 0;
	case INPUT_ESC:
		ui->editing = 0;
		memcpy(ui->filter, ui->filter_before, sizeof(ui->filter));
		return 0;
	case INPUT_CTRL('U'): ui->filter[0] = 0; return 0;
	case 0x7f:
	case '\b':
	case INPUT_BACKSPACE:
		while (n > 0 && ((unsigned char)ui->filter[--n] & 0xc0) == 0x80)
			;
		ui->filter[n] = 0;
		return 0;
	default: break;
	}
	if (input < 0x110000 && utf8_width(input) > 0 && n + UTF8_MAX < sizeof(ui->filter)) {
		size_t k = utf8_put(bytes, input);

		memcpy(ui->filter + n, bytes, k);
		ui->filter[n + k] = 0;
	}
	return 0;
}

unsigned ui_key(struct ui *ui, const struct frame *f, uint32_t input)
{
	if (ui->editing)
		return edit(ui, input);
	/* These two leave from everywhere. */
	if (input == INPUT_CTRL('C') || input == INPUT_F(10))
		return UI_QUIT;
	return act(ui, f, key_action(input));
}

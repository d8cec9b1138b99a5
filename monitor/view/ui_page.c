/*
 * ui_page.c - which view is shown, and which page over it
 */
#include "view/ui_parts.h"

unsigned ui_show(struct ui *ui, const struct frame *f, int view)
{
	ui->view = (enum view)view;
	ui->mode = MODE_LIST;
	return 0;
}

unsigned ui_step_view(struct ui *ui, const struct frame *f, int step)
{
	return ui_show(ui, f, ((int)ui->view + N_VIEWS + step) % N_VIEWS);
}

unsigned ui_help(struct ui *ui, const struct frame *f, int arg)
{
	ui->mode = ui->mode == MODE_HELP ? MODE_LIST : MODE_HELP;
	ui->scroll = 0;
	return 0;
}

unsigned ui_back(struct ui *ui, const struct frame *f, int arg)
{
	if (ui->mode == MODE_LIST && ui->view == VIEW_OVERVIEW && ui->expanded != N_OBJECTS)
		ui->expanded = N_OBJECTS;
	else if (ui->mode == MODE_LIST)
		ui->filter[0] = ui->only[0] = 0;
	if (ui->mode == MODE_LIST)
		ui->lints_only = 0;
	ui->mode = MODE_LIST;
	ui->scroll = 0;
	return 0;
}

unsigned ui_detail(struct ui *ui, const struct frame *f, int arg)
{
	struct rows rows;

	if (ui->mode != MODE_LIST)
		return ui_back(ui, f, arg);
	rows = ui_rows(ui, f);
	if (rows.n > 0) {
		ui->detail = object_of(f, rows.rows[ui_selected(ui, f, &rows)]);
		ui->mode = MODE_DETAIL;
		ui->scroll = 0;
	}
	rows_fini(&rows);
	return 0;
}

/* The two kinds name the same things, which stay selected. */
static void swap_kinds(struct ui *ui, enum view view, enum object_kind one, enum object_kind other)
{
	struct object *o = &ui->lists[view].selected;

	ui->kinds[view] = ui->kinds[view] == one ? other : one;
	if (o->kind == one || o->kind == other)
		o->kind = ui->kinds[view];
}

unsigned ui_totals(struct ui *ui, const struct frame *f, int arg)
{
	if (ui->view != VIEW_PROCESSES)
		ui_show(ui, f, VIEW_CHANNELS);
	swap_kinds(ui, VIEW_CHANNELS, OBJECT_CHANNEL, OBJECT_CHANNEL_TOTAL);
	swap_kinds(ui, VIEW_PROCESSES, OBJECT_PROCESS, OBJECT_PROCESS_TOTAL);
	ui->mode = MODE_LIST;
	return 0;
}

unsigned ui_lints(struct ui *ui, const struct frame *f, int arg)
{
	ui->lints_only = ui->view != VIEW_EVENTS || ui->mode != MODE_LIST || !ui->lints_only;
	return ui_show(ui, f, VIEW_EVENTS);
}

unsigned ui_trace(struct ui *ui, const struct frame *f, int arg)
{
	if (f->s != NULL)
		ui->detail = ui_subject(ui, f);
	ui->mode = f->s != NULL && ui->mode != MODE_TRACE ? MODE_TRACE : MODE_LIST;
	ui->scroll = 0;
	return 0;
}

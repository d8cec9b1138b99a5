/*
 * ui_mouse.c - what a press means: render() said so as it drew
 */
#include "view/render.h"
#include "view/ui_parts.h"

/* Lines that one notch of the wheel scrolls. */
#define WHEEL_LINES 3

static struct hit hit_at(const struct ui *ui, const struct frame *f, const struct mouse *m)
{
	struct status status = {.domain = "", .why = "", .attached = 1};
	struct grid   g;
	struct hit    hit;

	grid_init(&g, ui->rows, ui->cols, (struct caps){0});
	render(&g, f, ui, &status);
	hit = grid_hit_at(&g, m->y, m->x);
	grid_fini(&g);
	return hit;
}

static void select_hit(struct ui *ui, const struct frame *f, size_t i)
{
	struct rows rows = ui_rows(ui, f);

	if (i < rows.n)
		ui_select_row(ui, f, &rows, i);
	rows_fini(&rows);
}

/* The title of a column sorts by it, and once more inverts the order. */
static void sort_by(struct ui *ui, enum object_kind kind, int field)
{
	if (ui->sort[kind] == field)
		ui->invert[kind] = !ui->invert[kind];
	else
		ui->invert[kind] = 0;
	ui->sort[kind] = field;
}

static unsigned press(struct ui *ui, const struct frame *f, struct hit hit, int twice)
{
	switch (hit.what) {
	case HIT_ROW: select_hit(ui, f, hit.number); return twice ? ui_detail(ui, f, 0) : 0;
	case HIT_COLUMN: sort_by(ui, (enum object_kind)hit.kind, (int)hit.number); return 0;
	case HIT_KEY: return ui_key(ui, f, key_table[hit.number].keys[0]);
	case HIT_CHOICE: ui->setup = (int)hit.number; return ui_setup_press(ui);
	case HIT_NONE: break;
	}
	return 0;
}

unsigned ui_mouse(struct ui *ui, const struct frame *f, const struct mouse *m)
{
	enum move how = m->what == MOUSE_WHEEL_UP ? MOVE_UP : MOVE_DOWN;

	/* Who types is not to be disturbed by a hand on the mouse. */
	if (ui->edit.kind != EDIT_NONE)
		return 0;
	ui->notice[0] = 0;
	if (m->what == MOUSE_PRESS || m->what == MOUSE_TWICE)
		return press(ui, f, hit_at(ui, f, m), m->what == MOUSE_TWICE);
	for (int i = 0; i < WHEEL_LINES; i++)
		ui_move(ui, f, (int)how);
	return 0;
}

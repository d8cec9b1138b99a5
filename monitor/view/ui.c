#include "view/render.h"
#include "view/ui_parts.h"

#include <stdarg.h>
#include <stdio.h>

void ui_init(struct ui *ui, uint64_t interval_ns)
{
	*ui = (struct ui){.interval_ns = interval_ns,
			  .rows = 24,
			  .cols = 80,
			  .mouse = 1,
			  .expanded = N_OBJECTS};
	for (int k = 0; k < N_OBJECTS; k++)
		ui->sort[k] = object_listing((enum object_kind)k)->sort;
	for (int v = 0; v < N_VIEWS; v++)
		ui->kinds[v] = view_kinds[v].kind;
}

void ui_say(struct ui *ui, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(ui->notice, sizeof(ui->notice), format, args);
	va_end(args);
}

/* ---- what concerns the whole program ----------------------------------------------- */

unsigned ui_freeze(struct ui *ui, const struct frame *f, int arg)
{
	ui->frozen = !ui->frozen;
	return UI_FREEZE;
}

unsigned ui_scrub(struct ui *ui, const struct frame *f, int arg)
{
	ui->frozen = 1;
	ui->step = arg;
	return UI_STEP;
}

/* The newest is now, and now goes on. */
unsigned ui_home(struct ui *ui, const struct frame *f, int arg)
{
	if (!ui->frozen || ui->mode != MODE_LIST)
		return ui_move(ui, f, arg < 0 ? MOVE_FIRST : MOVE_LAST);
	ui->step = arg < 0 ? STEP_OLDEST : STEP_NEWEST;
	return UI_STEP;
}

unsigned ui_record(struct ui *ui, const struct frame *f, int arg)
{
	return UI_RECORD;
}

unsigned ui_interval(struct ui *ui, const struct frame *f, int arg)
{
	uint64_t ns = (uint64_t)((double)ui->interval_ns * (arg > 0 ? 1.5 : 1 / 1.5));
	uint64_t most = INTERVAL_KEYS_MOST_NS;

	if (most < ui->interval_ns) /* it was given: "less often" does not make it more */
		most = ui->interval_ns;
	ui->interval_ns = ns < INTERVAL_LEAST_NS ? INTERVAL_LEAST_NS : ns > most ? most : ns;
	return UI_INTERVAL;
}

unsigned ui_save(struct ui *ui, const struct frame *f, int arg)
{
	return UI_SAVE;
}

unsigned ui_redraw(struct ui *ui, const struct frame *f, int arg)
{
	return UI_REDRAW;
}

unsigned ui_suspend(struct ui *ui, const struct frame *f, int arg)
{
	return UI_SUSPEND;
}

unsigned ui_quit(struct ui *ui, const struct frame *f, int arg)
{
	return ui->mode == MODE_LIST ? UI_QUIT : ui_back(ui, f, arg);
}

/* ---- keys ------------------------------------------------------------------------------ */

/* A key of two strokes is the first stroke remembered, and then one input. */
static uint32_t stroke(struct ui *ui, uint32_t input)
{
	uint32_t before = ui->stroke;

	ui->stroke = 0;
	if (input != 'g')
		return input;
	if (before == 'g')
		return INPUT_GG;
	ui->stroke = 'g';
	return INPUT_NONE;
}

unsigned ui_key(struct ui *ui, const struct frame *f, uint32_t input)
{
	const struct key_binding *b;
	unsigned                  what;

	ui->notice[0] = 0;
	if (ui->edit.kind != EDIT_NONE)
		return ui_edit_key(ui, f, input);
	/* These two leave from everywhere. */
	if (input == INPUT_CTRL('C') || input == INPUT_F(10))
		return UI_QUIT;
	input = stroke(ui, input);
	if (ui->mode == MODE_SETUP && ui_setup_key(ui, input, &what))
		return what;
	b = key_bound(input);
	return b != NULL ? b->run(ui, f, b->arg) : 0;
}

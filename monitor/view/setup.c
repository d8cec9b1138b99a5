/*
 * setup.c - the page where one chooses: theme, columns and the like
 */
#include "view/render.h"
#include "view/ui_parts.h"

#include <stdio.h>

#include "lint/limits.h"
#include "text/number.h"

/* ---- choices that are not columns --------------------------------------------------- */

static unsigned next_theme(struct ui *ui, int step)
{
	ui->theme = (enum theme)(((int)ui->theme + N_THEMES + step) % N_THEMES);
	return UI_LOOKS;
}

void ui_preset(struct ui *ui, enum preset preset)
{
	ui->preset = preset;
	for (int k = 0; k < N_OBJECTS; k++)
		columns_preset(&ui->columns[k], object_listing((enum object_kind)k), preset);
}

static unsigned next_preset(struct ui *ui, int step)
{
	ui_preset(ui, (enum preset)(((int)ui->preset + N_PRESETS + step) % N_PRESETS));
	return 0;
}

static unsigned next_interval(struct ui *ui, int step)
{
	return ui_interval(ui, NULL, step);
}

static unsigned next_mouse(struct ui *ui, int step)
{
	ui->mouse = !ui->mouse;
	return UI_LOOKS;
}

static unsigned next_ascii(struct ui *ui, int step)
{
	ui->ascii = !ui->ascii;
	return UI_LOOKS;
}

static void show_theme(const struct ui *ui, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s", theme_name(ui->theme));
}

static void show_preset(const struct ui *ui, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s", preset_name(ui->preset));
}

static void show_interval(const struct ui *ui, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s", number_duration(ui->interval_ns).text);
}

static void show_mouse(const struct ui *ui, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s", ui->mouse ? "yes" : "no");
}

static void show_ascii(const struct ui *ui, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s", ui->ascii ? "yes" : "no");
}

static const struct choice {
	const char *name, *help;
	unsigned (*next)(struct ui *ui, int step);
	void (*show)(const struct ui *ui, char *ret, size_t size);
} choices[] = {
	{"Theme", "default; colorblind: blue and orange; mono: no colours", next_theme, show_theme},
	{"Preset", "normal; narrow: fewer columns; wide: details below lists; minimal: least",
	 next_preset, show_preset},
	{"Interval", "time between readings", next_interval, show_interval},
	{"Mouse", "no: the terminal keeps it, for marking text", next_mouse, show_mouse},
	{"ASCII", "draw with ASCII only", next_ascii, show_ascii},
};

#define N_CHOICES ((int)(sizeof(choices) / sizeof(choices[0])))

/* ---- what keys do there ---------------------------------------------------------------- */

/* Choices, columns, and behind them limits of lints: where those begin. */
static int limits_at(const struct ui *ui)
{
	return N_CHOICES + object_listing(ui->setup_kind)->n_fields;
}

static int n_lines(const struct ui *ui)
{
	return limits_at(ui) + N_LIMITS;
}

unsigned ui_setup(struct ui *ui, const struct frame *f, int arg)
{
	ui->mode = ui->mode == MODE_SETUP ? MODE_LIST : MODE_SETUP;
	ui->setup_kind = ui_sorted_kind(ui, f);
	if (ui->setup >= n_lines(ui))
		ui->setup = 0;
	return 0;
}

static unsigned next_limit(struct ui *ui, int step)
{
	lint_limit_shift((enum lint_limit)(ui->setup - limits_at(ui)), step);
	return 0;
}

/* Left and right: the value before, the next one; of a column, its place. */
static unsigned shift(struct ui *ui, int step)
{
	enum object_kind kind = ui->setup_kind;

	if (ui->setup < N_CHOICES)
		return choices[ui->setup].next(ui, step);
	if (ui->setup >= limits_at(ui))
		return next_limit(ui, step);
	ui->setup = N_CHOICES + columns_move(&ui->columns[kind], object_listing(kind),
					     ui->setup - N_CHOICES, step);
	return 0;
}

unsigned ui_setup_press(struct ui *ui)
{
	enum object_kind kind = ui->setup_kind;

	if (ui->setup < N_CHOICES)
		return choices[ui->setup].next(ui, 1);
	if (ui->setup >= limits_at(ui))
		return next_limit(ui, 1);
	columns_toggle(&ui->columns[kind], object_listing(kind), ui->setup - N_CHOICES);
	return 0;
}

static unsigned to_line(struct ui *ui, int line)
{
	int last = n_lines(ui) - 1;

	ui->setup = line < 0 ? 0 : line > last ? last : line;
	return 0;
}

int ui_setup_key(struct ui *ui, uint32_t input, unsigned *ret_what)
{
	switch (input) {
	case INPUT_UP:
	case 'k': *ret_what = to_line(ui, ui->setup - 1); break;
	case INPUT_DOWN:
	case 'j': *ret_what = to_line(ui, ui->setup + 1); break;
	case INPUT_HOME:
	case INPUT_GG: *ret_what = to_line(ui, 0); break;
	case INPUT_END:
	case 'G': *ret_what = to_line(ui, n_lines(ui)); break;
	case INPUT_LEFT:
	case '<': *ret_what = shift(ui, -1); break;
	case INPUT_RIGHT:
	case '>': *ret_what = shift(ui, 1); break;
	case ' ':
	case '\r':
	case INPUT_ENTER: *ret_what = ui_setup_press(ui); break;
	default: return 0;
	}
	return 1;
}

/* ---- how it looks ------------------------------------------------------------------------ */

static void choice_line(struct grid *g, int y, const struct ui *ui, int i)
{
	char value[32];

	choices[i].show(ui, value, sizeof(value));
	grid_printf(g, y, 0, g->cols, ROLE_NORMAL, "  %-10s < %-10s >  %s", choices[i].name, value,
		    choices[i].help);
}

static void column_line(struct grid *g, int y, const struct ui *ui, int place)
{
	enum object_kind      kind = ui->setup_kind;
	const struct columns *c = &ui->columns[kind];
	int                   i = columns_at(c, place), on = columns_shows(c, i);
	const struct field   *field = &object_listing(kind)->fields[i];

	grid_printf(g, y, 0, g->cols, on ? ROLE_NORMAL : ROLE_DIM, "  [%c] %-14s %s",
		    on ? 'x' : ' ', field->title, field->help);
}

static void limit_line(struct grid *g, int y, enum lint_limit i)
{
	char value[32];

	lint_limit_text(i, 0, value, sizeof(value));
	grid_printf(g, y, 0, g->cols, ROLE_NORMAL, "  %s %-16s < %-6s >  %s",
		    lint_kinds[lint_limit_of(i)].id, lint_limit_name(i), value, lint_limit_help(i));
}

static void line(struct grid *g, int y, const struct ui *ui, int i)
{
	if (i < N_CHOICES)
		choice_line(g, y, ui, i);
	else if (i < limits_at(ui))
		column_line(g, y, ui, i - N_CHOICES);
	else
		limit_line(g, y, (enum lint_limit)(i - limits_at(ui)));
}

/* Columns and limits have titles, which take a line of their own. 1: line @i comes below one. */
static int title(char *ret, size_t size, const struct ui *ui, int i, int top)
{
	int of = i < limits_at(ui) ? N_CHOICES : limits_at(ui);

	if (i < of || (i > of && i > top))
		return 0;
	if (of == N_CHOICES)
		snprintf(ret, size, "Columns of %s, from left to right",
			 object_listing(ui->setup_kind)->name);
	else
		snprintf(ret, size, "Lints: from where on they fire");
	return 1;
}

void render_setup(struct grid *g, const struct ui *ui)
{
	int  y = RENDER_HEADER, last = g->rows - RENDER_FOOTER, n = n_lines(ui), room, top;
	char text[64];

	grid_rule(g, y++, "Setup");
	room = last - y - 2;
	top = ui->setup >= room ? ui->setup - room + 1 : 0;
	for (int i = top; i < n && y < last; i++) {
		if (title(text, sizeof(text), ui, i, top))
			grid_text(g, y++, 0, g->cols, ROLE_ACCENT, text);
		if (y >= last)
			break;
		line(g, y, ui, i);
		grid_hit(g, (struct hit){HIT_CHOICE, y, 0, g->cols, (size_t)i, 0});
		if (i == ui->setup)
			grid_paint(g, y, 0, g->cols, ROLE_SELECTION);
		y++;
	}
}

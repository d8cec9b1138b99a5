/*
 * ui_edit.c - text being typed on the bottom line, and what it is for
 */
#include "view/ui_parts.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "text/utf8.h"
#include "view/only.h"

/* ---- what each is for ----------------------------------------------------------- */

/* Takes the text where it can be understood; else says why, and all stays as it is. */
static int understood(struct ui *ui)
{
	struct filter *filter = filter_new(ui->edit.text, ui->edit.error);

	if (filter == NULL)
		return 0;
	filter_free(filter);
	ui->edit.error[0] = 0;
	return 1;
}

void ui_filter_by(struct ui *ui, const char *text)
{
	char           error[FILTER_ERROR_BYTES];
	struct filter *filter = filter_new(text, error);

	if (filter != NULL)
		utf8_copy(ui->filter, sizeof(ui->filter), text);
	else
		ui_say(ui, "%s", error);
	filter_free(filter);
}

static void filter_typed(struct ui *ui, const struct frame *f)
{
	if (understood(ui))
		memcpy(ui->filter, ui->edit.text, sizeof(ui->filter));
}

static void filter_cancelled(struct ui *ui)
{
	memcpy(ui->filter, ui->edit.before, sizeof(ui->filter));
}

/* Back to where the search began. */
static void return_to_start(struct ui *ui)
{
	struct list_state *l = &ui->lists[ui->view];

	l->selected = ui->edit.selected;
	l->position = ui->edit.position;
	ui->scroll = ui->edit.scroll;
}

static void search_typed(struct ui *ui, const struct frame *f)
{
	if (!understood(ui))
		return;
	memcpy(ui->search, ui->edit.text, sizeof(ui->search));
	return_to_start(ui);
	if (ui->search[0] != 0 && !ui_search_go(ui, f, 0))
		snprintf(ui->edit.error, sizeof(ui->edit.error), "not found");
}

static void search_cancelled(struct ui *ui)
{
	memcpy(ui->search, ui->edit.before, sizeof(ui->search));
	return_to_start(ui);
}

static void only_typed(struct ui *ui, const struct frame *f)
{
	struct only *only = only_new(f, ui->edit.text);

	snprintf(ui->edit.error, sizeof(ui->edit.error), "%s",
		 only_any(only) ? "" : "no process is called so, nor is its user");
	if (only_any(only))
		memcpy(ui->only, ui->edit.text, sizeof(ui->only));
	only_free(only);
}

static void only_cancelled(struct ui *ui)
{
	memcpy(ui->only, ui->edit.before, sizeof(ui->only));
}

static const struct edit_class {
	const char *prompt;
	size_t      text; /* offset in struct ui of what is typed anew */
	int         lists_only;
	int         keep_text; /* what was typed before is there to be changed */
	void (*typed)(struct ui *ui, const struct frame *f);
	void (*cancelled)(struct ui *ui);
} classes[N_EDITS] = {
	[EDIT_FILTER] = {"Filter: ", offsetof(struct ui, filter), 1, 1, filter_typed,
			 filter_cancelled},
	[EDIT_SEARCH] = {"Find: ", offsetof(struct ui, search), 0, 0, search_typed,
			 search_cancelled},
	[EDIT_ONLY] = {"Process or user: ", offsetof(struct ui, only), 1, 0, only_typed,
		       only_cancelled},
};

const char *ui_prompt(enum edit_kind kind)
{
	return classes[kind].prompt;
}

unsigned ui_edit(struct ui *ui, const struct frame *f, int kind)
{
	const struct edit_class *c = &classes[kind];
	struct list_state       *l = &ui->lists[ui->view];

	if (c->lists_only)
		ui->mode = MODE_LIST;
	ui->edit = (struct edit){.kind = (enum edit_kind)kind,
				 .selected = l->selected,
				 .position = l->position,
				 .scroll = ui->scroll};
	memcpy(ui->edit.before, (char *)ui + c->text, FILTER_BYTES);
	if (c->keep_text)
		memcpy(ui->edit.text, ui->edit.before, FILTER_BYTES);
	else if (kind == EDIT_ONLY)
		c->typed(ui, f); /* what is asked for begins with all of them */
	return 0;
}

/* ---- keys ------------------------------------------------------------------------- */

static void take_back(char *text)
{
	size_t n = strlen(text);

	while (n > 0 && ((unsigned char)text[--n] & 0xc0) == 0x80)
		;
	text[n] = 0;
}

static int type(char *text, size_t size, uint32_t input)
{
	size_t n = strlen(text), k;

	if (input >= 0x110000 || utf8_width(input) <= 0 || n + UTF8_MAX >= size)
		return 0;
	k = utf8_put(text + n, input);
	text[n + k] = 0;
	return 1;
}

static unsigned finish(struct ui *ui)
{
	/* What cannot be understood has to be mended or given up first. */
	if (ui->edit.error[0] == 0 || ui->edit.kind == EDIT_SEARCH)
		ui->edit.kind = EDIT_NONE;
	return 0;
}

unsigned ui_edit_key(struct ui *ui, const struct frame *f, uint32_t input)
{
	const struct edit_class *c = &classes[ui->edit.kind];

	switch (input) {
	case INPUT_CTRL('C'): return UI_QUIT;
	case '\r':
	case INPUT_ENTER: return finish(ui);
	case INPUT_ESC:
		ui->edit.kind = EDIT_NONE;
		c->cancelled(ui);
		return 0;
	case INPUT_CTRL('U'): ui->edit.text[0] = 0; break;
	case 0x7f:
	case '\b':
	case INPUT_BACKSPACE: take_back(ui->edit.text); break;
	default:
		if (!type(ui->edit.text, sizeof(ui->edit.text), input))
			return 0;
	}
	c->typed(ui, f);
	return 0;
}

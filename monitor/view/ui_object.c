/*
 * ui_object.c - with the selected object: following, marking, taking it along
 */
#include "view/render.h"
#include "view/ui_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "view/words.h"

int ui_hides(const struct ui *ui)
{
	return ui->filter[0] != 0 || ui->only[0] != 0 ||
	       (ui->lints_only && ui->view == VIEW_EVENTS);
}

/* ---- names -------------------------------------------------------------------------- */

/* What people call it: the field for that is "name", "who", or else the last one. */
static void name_of(const struct frame *f, struct row row, struct field_text *ret)
{
	const struct listing *l = object_listing(row.kind);
	int                   i = l->n_fields - 1;

	for (int k = 0; k < l->n_fields; k++)
		if (strcmp(l->fields[k].name, "name") == 0 || strcmp(l->fields[k].name, "who") == 0)
			i = k;
	field_show(&l->fields[i], f, row.index, (struct caps){.utf8 = 1}, l->fields[i].max, ret);
}

/* ---- F ------------------------------------------------------------------------------- */

unsigned ui_follow(struct ui *ui, const struct frame *f, int arg)
{
	struct object     o = ui->follow.id == 0 && f->s != NULL ? ui_subject(ui, f)
								 : (struct object){0};
	uint32_t          i = o.id != 0 ? object_index(f, o) : IPC_NO_INDEX;
	struct field_text name;

	if (ui->follow.id != 0)
		ui_say(ui, "no longer following %s", ui->follow_name);
	ui->follow = (struct object){0};
	if (i == IPC_NO_INDEX)
		return 0;
	name_of(f, (struct row){o.kind, i}, &name);
	ui->follow = o;
	memcpy(ui->follow_name, name.text, sizeof(ui->follow_name));
	ui_say(ui, "following %s", ui->follow_name);
	return 0;
}

/* It has gone; one of its name, and kind, is it come back: after a restart, say. */
static struct object come_back(const struct ui *ui, const struct frame *f)
{
	size_t n = object_listing(ui->follow.kind)->n_rows(f);

	for (uint32_t i = 0; i < n; i++) {
		struct row        row = {ui->follow.kind, i};
		struct field_text name;

		name_of(f, row, &name);
		if (strcmp(name.text, ui->follow_name) == 0)
			return object_of(f, row);
	}
	return ui->follow;
}

void ui_settle_followed(struct ui *ui, const struct frame *f)
{
	struct object before = ui->follow;

	if (before.id == 0 || f->s == NULL)
		return;
	if (object_index(f, before) == IPC_NO_INDEX)
		ui->follow = come_back(ui, f);
	if (ui->kinds[ui->view] == before.kind || ui->view == VIEW_OVERVIEW)
		ui->lists[ui->view].selected = ui->follow;
	if (ui->detail.kind == before.kind && ui->detail.id == before.id)
		ui->detail = ui->follow;
}

/* ---- m ------------------------------------------------------------------------------- */

static size_t mark_of(const struct ui *ui, struct object o)
{
	size_t i = 0;

	while (i < ui->n_marks && (ui->marks[i].kind != o.kind || ui->marks[i].id != o.id))
		i++;
	return i;
}

int ui_is_marked(const struct ui *ui, struct object o)
{
	return ui->n_marks > 0 && mark_of(ui, o) < ui->n_marks;
}

unsigned ui_mark(struct ui *ui, const struct frame *f, int arg)
{
	struct object o = f->s != NULL ? ui_subject(ui, f) : (struct object){0};
	size_t        i = mark_of(ui, o);

	if (o.id == 0)
		return 0;
	if (o.kind == OBJECT_CHAIN)
		ui_say(ui, "lines of a tree stay where they are: F5 makes it a list");
	else if (i < ui->n_marks)
		ui->marks[i] = ui->marks[--ui->n_marks];
	else if (ui->n_marks < MARKS_MAX)
		ui->marks[ui->n_marks++] = o;
	else
		ui_say(ui, "%d lines are marked, and more would leave no room", MARKS_MAX);
	/* It goes elsewhere, and the eye with it. */
	if (ui->mode == MODE_LIST)
		ui_select(ui, f, o);
	return 0;
}

/* ---- e ------------------------------------------------------------------------------- */

unsigned ui_expand(struct ui *ui, const struct frame *f, int arg)
{
	struct object o = f->s != NULL ? ui_subject(ui, f) : (struct object){0};

	if (ui->view != VIEW_OVERVIEW || ui->mode != MODE_LIST)
		ui_say(ui, "only the overview has sections");
	else if (ui->expanded != N_OBJECTS)
		ui->expanded = N_OBJECTS;
	else if (o.id != 0)
		ui->expanded = o.kind;
	return 0;
}

/* ---- y ------------------------------------------------------------------------------- */

/* Wider than any screen, so that no line is broken where nobody sees why. */
#define COPY_COLUMNS 100

static char *copy_page(const struct ui *ui, const struct frame *f)
{
	char  *text = NULL;
	size_t n = 0;
	FILE  *to = open_memstream(&text, &n);

	if (to == NULL)
		return mem_string("");
	render_text(to, ui, f, COPY_COLUMNS);
	fclose(to);
	return text;
}

static char *copy_row(const struct frame *f, struct row row)
{
	const struct listing *l = object_listing(row.kind);
	char                  text[FIELDS_MAX * 64] = "";
	size_t                n = 0;
	struct field_text     t;

	if (row.kind == OBJECT_FINDING)
		return words_explanation(f, &f->s->verdicts[row.index]);
	for (int i = 0; i < l->n_fields && n < sizeof(text); i++) {
		field_show(&l->fields[i], f, row.index, (struct caps){.utf8 = 1},
			   l->fields[i].width, &t);
		if (t.text[0] != 0)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s %s",
					      n > 0 ? "  " : "", l->fields[i].title, t.text);
	}
	return mem_string(text);
}

char *ui_copy(const struct ui *ui, const struct frame *f)
{
	struct rows rows;
	char       *text;

	if (ui->mode != MODE_LIST)
		return copy_page(ui, f);
	rows = ui_rows(ui, f);
	if (rows.n > 0)
		text = copy_row(f, rows.rows[ui_selected(ui, f, &rows)]);
	else
		text = mem_string(f->s != NULL ? words_summary(f).text : "");
	rows_fini(&rows);
	return text;
}

unsigned ui_copy_it(struct ui *ui, const struct frame *f, int arg)
{
	ui_say(ui, "copied, where the terminal lets itself be told (OSC 52)");
	return UI_COPY;
}

/*
 * rows.c - which lines a view has, in which order
 */
#include "view/ui.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "text/utf8.h"
#include "view/only.h"
#include "view/overview.h"
#include "view/render.h"

/* ---- order ----------------------------------------------------------------------- */

struct entry {
	uint32_t index;
	uint64_t id;
	double   key;
	char     text[64]; /* for fields that have no number */
};

static int by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int                 r = strcmp(x->text, y->text);

	if (x->key != y->key)
		return x->key > y->key ? -1 : 1;
	if (r != 0)
		return r;
	/* Equal ones keep their places from one reading to the next. */
	return x->id < y->id ? -1 : x->id > y->id;
}

static struct entry entry_of(const struct listing *l, const struct field *field,
			     const struct frame *f, uint32_t row)
{
	struct entry      e = {.index = row, .id = l->id(f, row)};
	struct field_text t;

	if (field->key != NULL) {
		e.key = field->key(f, row);
		if (isnan(e.key))
			e.key = -1;
	} else {
		field_show(field, f, row, (struct caps){0}, field->max, &t);
		utf8_copy(e.text, sizeof(e.text), t.text);
	}
	return e;
}

/* Those somebody wants on top go there; beyond that the order stays. */
static void marked_first(const struct ui *ui, const struct frame *f, struct rows *rows)
{
	size_t top = 0;

	for (size_t i = 0; i < rows->n && top < ui->n_marks; i++) {
		struct row row = rows->rows[i];

		if (!ui_is_marked(ui, object_of(f, row)))
			continue;
		memmove(&rows->rows[top + 1], &rows->rows[top], (i - top) * sizeof(row));
		rows->rows[top++] = row;
	}
}

struct rows rows_sorted(const struct ui *ui, const struct frame *f, enum object_kind kind)
{
	const struct listing *l = object_listing(kind);
	const struct field   *field = &l->fields[ui->sort[kind]];
	char                  error[FILTER_ERROR_BYTES];
	struct filter        *filter = filter_new(ui->filter, error);
	struct only          *only = only_new(f, ui->only);
	size_t                n_all = l->n_rows(f), n = 0;
	struct entry         *entries = mem_new(n_all, sizeof(*entries));
	struct rows           r;

	for (uint32_t i = 0; i < n_all; i++)
		if (only_passes(only, f, kind, i) && filter_passes(filter, kind, f, i))
			entries[n++] = entry_of(l, field, f, i);
	qsort(entries, n, sizeof(*entries), by_key);
	r = (struct rows){.rows = mem_new(n, sizeof(*r.rows)), .n = n};
	for (size_t i = 0; i < n; i++)
		r.rows[ui->invert[kind] ? n - 1 - i : i] = (struct row){kind, entries[i].index};
	free(entries);
	filter_free(filter);
	only_free(only);
	marked_first(ui, f, &r);
	return r;
}

/* ---- which rows -------------------------------------------------------------------- */

struct rows rows_listing(const struct ui *ui, const struct frame *f)
{
	return rows_sorted(ui, f, ui->kinds[ui->view]);
}

struct rows rows_events(const struct ui *ui, const struct frame *f)
{
	struct rows all = rows_sorted(ui, f, OBJECT_EVENT);
	size_t      n = 0;

	for (size_t i = 0; i < all.n; i++)
		if (!ui->lints_only || f->events[all.rows[i].index].kind == EVENT_LINT)
			all.rows[n++] = all.rows[i];
	all.n = n;
	return all;
}

struct rows rows_overview(const struct ui *ui, const struct frame *f)
{
	struct rows     parts[N_OBJECTS] = {0}, r = {0};
	struct overview o;
	size_t          n = 0;

	for (int k = 0; k < N_OBJECTS; k++) {
		if (object_classes[k].lines > 0 &&
		    (ui->expanded == N_OBJECTS || ui->expanded == (enum object_kind)k))
			parts[k] = rows_sorted(ui, f, (enum object_kind)k);
		n += parts[k].n;
	}
	overview_fit(&o, ui->rows, parts);
	r.rows = mem_new(n, sizeof(*r.rows));
	for (int k = 0; k < N_OBJECTS; k++) {
		if (o.shown[k])
			memcpy(r.rows + r.n, parts[k].rows, o.shown[k] * sizeof(*r.rows));
		r.n += o.shown[k];
		rows_fini(&parts[k]);
	}
	return r;
}

struct rows ui_rows(const struct ui *ui, const struct frame *f)
{
	return f->s != NULL ? view_kinds[ui->view].rows(ui, f) : (struct rows){0};
}

void rows_fini(struct rows *rows)
{
	free(rows->rows);
	*rows = (struct rows){0};
}

/*
 * rows.c - which lines a view has, in which order
 */
#include "view/ui.h"

#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "view/only.h"
#include "view/order.h"
#include "view/overview.h"
#include "view/render.h"

/* ---- order ----------------------------------------------------------------------- */

static void add(struct order *o, const struct listing *l, const struct field *field,
		const struct frame *f, uint32_t row)
{
	struct field_text t;

	if (field->key != NULL) {
		order_add(o, row, l->id(f, row), field->key(f, row));
		return;
	}
	field_show(field, f, row, (struct caps){0}, field->max, &t);
	order_add_text(o, row, l->id(f, row), t.text);
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
	size_t                n_all = l->n_rows(f);
	struct order          order = order_new(n_all);
	struct rows           r;

	for (uint32_t i = 0; i < n_all; i++)
		if (only_passes(only, f, kind, i) && filter_passes(filter, kind, f, i))
			add(&order, l, field, f, i);
	order_sort(&order, 0);
	r = (struct rows){.rows = mem_new(order.n, sizeof(*r.rows)), .n = order.n};
	for (size_t i = 0; i < r.n; i++)
		r.rows[ui->invert[kind] ? r.n - 1 - i : i] = (struct row){kind, order.v[i].row};
	order_fini(&order);
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

/*
 * rows.c - which lines a view has, in which order
 */
#include "view/ui.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "text/utf8.h"
#include "view/overview.h"

const struct listing *object_listing(enum object_kind kind)
{
	static const struct listing *const listings[N_OBJECTS] = {
		[OBJECT_FINDING] = &finding_listing,
		[OBJECT_WAIT] = &wait_listing,
		[OBJECT_CHANNEL] = &channel_listing,
		[OBJECT_PROCESS] = &process_listing,
	};

	return listings[kind];
}

struct object object_of(const struct frame *f, struct row row)
{
	return (struct object){row.kind, object_listing(row.kind)->id(f, row.index)};
}

uint32_t object_index(const struct frame *f, struct object o)
{
	const struct listing *l = object_listing(o.kind);
	size_t                n = f->s != NULL ? l->n_rows(f) : 0;

	for (uint32_t i = 0; i < n; i++)
		if (l->id(f, i) == o.id)
			return i;
	return IPC_NO_INDEX;
}

/* ---- filter --------------------------------------------------------------------- */

/* In any column, in any case: who filters knows a word of what he looks for, not where it stands. */
static int matches(const struct listing *l, const struct frame *f, uint32_t row, const char *filter)
{
	struct field_text t;

	for (int i = 0; i < l->n_fields; i++) {
		field_show(&l->fields[i], f, row, (struct caps){0, 0}, l->fields[i].max, &t);
		if (strcasestr(t.text, filter) != NULL)
			return 1;
	}
	return 0;
}

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
		field_show(field, f, row, (struct caps){0, 0}, field->max, &t);
		utf8_copy(e.text, sizeof(e.text), t.text);
	}
	return e;
}

static struct rows sorted(const struct ui *ui, const struct frame *f, enum object_kind kind)
{
	const struct listing *l = object_listing(kind);
	const struct field   *field = &l->fields[ui->sort[kind]];
	size_t                n_all = l->n_rows(f), n = 0;
	struct entry         *entries = mem_new(n_all, sizeof(*entries));
	struct rows           r;

	for (uint32_t i = 0; i < n_all; i++)
		if (ui->filter[0] == 0 || matches(l, f, i, ui->filter))
			entries[n++] = entry_of(l, field, f, i);
	qsort(entries, n, sizeof(*entries), by_key);
	r = (struct rows){.rows = mem_new(n, sizeof(*r.rows)), .n = n};
	for (size_t i = 0; i < n; i++)
		r.rows[ui->invert[kind] ? n - 1 - i : i] = (struct row){kind, entries[i].index};
	free(entries);
	return r;
}

struct rows ui_rows(const struct ui *ui, const struct frame *f)
{
	static const enum object_kind kinds[N_VIEWS] = {
		[VIEW_CHANNELS] = OBJECT_CHANNEL,
		[VIEW_PROCESSES] = OBJECT_PROCESS,
		[VIEW_WAITS] = OBJECT_WAIT,
	};
	struct rows     parts[N_OBJECTS], r = {0};
	struct overview o;

	if (f->s == NULL)
		return r;
	if (ui->view != VIEW_OVERVIEW)
		return sorted(ui, f, kinds[ui->view]);
	for (int k = 0; k < N_OBJECTS; k++)
		parts[k] = sorted(ui, f, (enum object_kind)k);
	overview_fit(&o, ui->rows, parts);
	r.rows = mem_new(parts[0].n + parts[1].n + parts[2].n + parts[3].n, sizeof(*r.rows));
	for (int k = 0; k < N_OBJECTS; k++) {
		memcpy(r.rows + r.n, parts[k].rows, o.shown[k] * sizeof(*r.rows));
		r.n += o.shown[k];
		rows_fini(&parts[k]);
	}
	return r;
}

void rows_fini(struct rows *rows)
{
	free(rows->rows);
	*rows = (struct rows){0};
}

#include "view/data.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "text/utf8.h"

/* ---- values ------------------------------------------------------------------------- */

void data_number(struct data *ret, uint64_t n, const char *why)
{
	ret->type = DATA_NUMBER;
	ret->unknown = n == IPC_UNKNOWN;
	ret->why = why;
	ret->number = n;
}

void data_real(struct data *ret, double v, const char *why)
{
	ret->type = DATA_REAL;
	ret->unknown = !isfinite(v);
	ret->why = why;
	ret->real = v;
}

void data_bool(struct data *ret, int yes)
{
	ret->type = DATA_BOOL;
	ret->unknown = 0;
	ret->yes = yes;
}

void data_text(struct data *ret, const char *text, const char *why)
{
	ret->type = DATA_TEXT;
	ret->unknown = text == NULL || text[0] == 0;
	ret->why = why;
	ret->text = text;
}

/* ---- which columns there are --------------------------------------------------------- */

static const struct more *more_of(const struct listing *l, const char *json)
{
	for (const struct more *m = l->more; m != NULL && m->json != NULL; m++)
		if (strcmp(m->json, json) == 0)
			return m;
	return NULL;
}

static const struct field *field_of(const struct listing *l, const char *json)
{
	for (int i = 0; i < l->n_fields; i++)
		if (strcmp(l->fields[i].json, json) == 0)
			return &l->fields[i];
	return NULL;
}

int column_at(const struct listing *l, int i, struct listing_column *ret)
{
	if (i < l->n_fields) {
		*ret = (struct listing_column){&l->fields[i], more_of(l, l->fields[i].json)};
		return 1;
	}
	i -= l->n_fields;
	for (const struct more *m = l->more; m != NULL && m->json != NULL; m++) {
		if (field_of(l, m->json) != NULL || i-- > 0)
			continue;
		*ret = (struct listing_column){NULL, m};
		return 1;
	}
	return 0;
}

int column_named(const struct listing *l, const char *name, struct listing_column *ret)
{
	for (int i = 0; name[0] != 0 && column_at(l, i, ret); i++)
		if (strcasecmp(column_name(ret), name) == 0 ||
		    strcasecmp(column_json(ret), name) == 0)
			return 1;
	for (int i = 0; name[0] != 0 && column_at(l, i, ret); i++)
		if (strcasecmp(column_title(ret), name) == 0)
			return 1;
	return 0;
}

const char *column_name(const struct listing_column *c)
{
	return c->field != NULL ? c->field->name : c->more->json;
}

const char *column_json(const struct listing_column *c)
{
	return c->field != NULL ? c->field->json : c->more->json;
}

const char *column_title(const struct listing_column *c)
{
	return c->field != NULL ? c->field->title : c->more->json;
}

const char *column_help(const struct listing_column *c)
{
	return c->more != NULL && c->more->help != NULL ? c->more->help : c->field->help;
}

enum data_type column_type(const struct listing_column *c)
{
	if (c->more != NULL)
		return c->more->type;
	switch (c->field != NULL ? c->field->unit : UNIT_NONE) {
	case UNIT_COUNT:
	case UNIT_BYTES:
	case UNIT_DURATION: return DATA_NUMBER;
	case UNIT_RATE:
	case UNIT_BYTE_RATE:
	case UNIT_PERCENT: return DATA_REAL;
	case UNIT_NONE: break;
	}
	return DATA_TEXT;
}

/* ---- what stands in them ---------------------------------------------------------------- */

/* What the screen shows of it, unshortened and without drawing. */
static void from_text(const struct field *field, const struct frame *f, uint32_t row,
		      struct data *ret)
{
	struct field_text t = {.text = ""};

	if (field != NULL)
		field_show(field, f, row, (struct caps){0}, field->max, &t);
	utf8_copy(ret->room, sizeof(ret->room), t.text);
	data_text(ret, strcmp(ret->room, "-") != 0 ? ret->room : NULL, NULL);
}

/* A rate lies between two readings. */
static const char *why_no_rate(const struct frame *f)
{
	return isnan(f->interval_s) ? "a rate takes two readings" : NULL;
}

void column_data(const struct listing_column *c, const struct frame *f, uint32_t row,
		 struct data *ret)
{
	ret->type = column_type(c);
	ret->why = NULL;
	if (c->more != NULL) {
		c->more->data(f, row, ret);
		return;
	}
	if (ret->type == DATA_TEXT) {
		from_text(c->field, f, row, ret);
		return;
	}
	double v = c->field->key(f, row);

	if (ret->type == DATA_NUMBER)
		data_number(ret, v < 0 ? IPC_UNKNOWN : number_whole(v), NULL);
	else
		data_real(ret, v, why_no_rate(f));
}

static void show_data(const struct listing_column *c, const struct frame *f, uint32_t row,
		      struct field_text *ret)
{
	struct data d;

	column_data(c, f, row, &d);
	ret->role = d.unknown ? ROLE_DIM : ROLE_NORMAL;
	if (d.unknown)
		snprintf(ret->text, sizeof(ret->text), "-");
	else if (d.type == DATA_NUMBER)
		snprintf(ret->text, sizeof(ret->text), "%" PRIu64, d.number);
	else if (d.type == DATA_REAL)
		snprintf(ret->text, sizeof(ret->text), "%.3f", d.real);
	else if (d.type == DATA_BOOL)
		snprintf(ret->text, sizeof(ret->text), "%s", d.yes ? "yes" : "no");
	else
		utf8_copy(ret->text, sizeof(ret->text), d.text);
}

void column_show(const struct listing_column *c, const struct frame *f, uint32_t row,
		 struct caps caps, struct field_text *ret)
{
	if (c->field != NULL)
		field_show(c->field, f, row, caps, c->field->max, ret);
	else
		show_data(c, f, row, ret);
}

double column_order(const struct listing_column *c, const struct frame *f, uint32_t row)
{
	struct data d;

	if (c->field != NULL)
		return c->field->key != NULL ? c->field->key(f, row) : NAN;
	column_data(c, f, row, &d);
	switch (d.type) {
	case DATA_NUMBER: return d.unknown ? NAN : (double)d.number;
	case DATA_REAL: return d.unknown ? NAN : d.real;
	case DATA_BOOL: return d.yes;
	default: return NAN;
	}
}

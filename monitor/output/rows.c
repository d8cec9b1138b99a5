/*
 * rows.c - rows as JSON and as CSV
 */
#include "output/rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"
#include "view/ui.h"

/* ---- JSON ------------------------------------------------------------------------- */

void rows_value(struct json *j, const char *key, const struct data *d)
{
	if (d == NULL || d->unknown)
		json_null(j, key);
	else if (d->type == DATA_NUMBER)
		json_number(j, key, d->number);
	else if (d->type == DATA_REAL)
		json_real(j, key, d->real);
	else if (d->type == DATA_BOOL)
		json_bool(j, key, d->yes);
	else
		json_string(j, key, d->text);
}

void rows_members(struct json *j, const struct select *s, const struct frame *f, uint32_t i,
		  row_fn *nested)
{
	const char *whys[SELECT_MAX] = {NULL};
	struct data d;
	int         n = 0;

	for (int k = 0; k < s->n; k++) {
		if (column_json(&s->columns[k])[0] == 0)
			continue;
		column_data(&s->columns[k], f, i, &d);
		rows_value(j, column_json(&s->columns[k]), &d);
		whys[k] = d.unknown ? d.why : NULL;
		n += whys[k] != NULL;
	}
	if (nested != NULL)
		nested(j, f, i);
	if (n > 0)
		json_object(j, "why");
	for (int k = 0; k < s->n; k++)
		if (whys[k] != NULL)
			json_string(j, column_json(&s->columns[k]), whys[k]);
	if (n > 0)
		json_end(j);
}

void rows_json(struct json *j, const char *key, const struct select *s, const struct frame *f,
	       row_fn *nested)
{
	uint32_t *rows;
	size_t    n = select_rows(s, f, &rows);

	json_array(j, key);
	for (size_t i = 0; i < n; i++) {
		json_object(j, NULL);
		rows_members(j, s, f, rows[i], s->chosen ? NULL : nested);
		json_end(j);
	}
	json_end(j);
	free(rows);
}

/* ---- CSV -------------------------------------------------------------------------------- */

/* In quotes where it has to be; what is no UTF-8 is replaced, as in JSON. */
static void csv_text(FILE *to, const char *text)
{
	char bytes[UTF8_MAX] = "";
	int  quoted = strpbrk(text, ",\"\n\r") != NULL;

	if (quoted)
		putc('"', to);
	for (uint32_t c; (c = utf8_next(&text)) != 0;) {
		if (c == '"')
			putc('"', to);
		fprintf(to, "%.*s", (int)utf8_put(bytes, c == UTF8_BAD ? UTF8_REPLACE : c), bytes);
	}
	if (quoted)
		putc('"', to);
}

static void csv_cell(FILE *to, const struct data *d)
{
	if (d->unknown)
		return;
	if (d->type == DATA_NUMBER)
		fprintf(to, "%" PRIu64, d->number);
	else if (d->type == DATA_REAL)
		fprintf(to, "%.3f", d->real);
	else if (d->type == DATA_BOOL)
		fputs(d->yes ? "true" : "false", to);
	else
		csv_text(to, d->text);
}

static void csv_line(FILE *to, const struct select *s, const struct frame *f, uint32_t i)
{
	struct data d;
	int         n = 0;

	for (int k = 0; k < s->n; k++) {
		if (column_json(&s->columns[k])[0] == 0)
			continue;
		if (n++ > 0)
			putc(',', to);
		if (f == NULL) {
			fputs(column_json(&s->columns[k]), to);
			continue;
		}
		column_data(&s->columns[k], f, i, &d);
		csv_cell(to, &d);
	}
	putc('\n', to);
}

void rows_csv(FILE *to, const struct select *s, const struct frame *f, int header)
{
	uint32_t *rows;
	size_t    n = select_rows(s, f, &rows);

	if (header)
		csv_line(to, s, NULL, 0);
	for (size_t i = 0; i < n; i++)
		csv_line(to, s, f, rows[i]);
	free(rows);
}

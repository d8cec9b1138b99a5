#include "output/text.h"

#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "text/utf8.h"
#include "view/words.h"

/* The escapes of eight colours: what every terminal that has colours knows. */
static const char *const sgr[N_ROLES] = {
	[ROLE_OK] = "32",         [ROLE_MOVING] = "32",  [ROLE_NOTICE] = "36", [ROLE_WARN] = "1;33",
	[ROLE_CRITICAL] = "1;31", [ROLE_ALARM] = "1;31", [ROLE_DEAD] = "2",    [ROLE_DIM] = "2",
	[ROLE_ACCENT] = "36",     [ROLE_HEADER] = "1",
};

/* What reaches a terminal must not steer it, whatever a program called itself. */
static void write_text(const struct text_style *st, const char *text)
{
	char bytes[UTF8_MAX] = "";

	for (uint32_t c; (c = utf8_next(&text)) != 0;) {
		if (c == UTF8_BAD || (utf8_width(c) == 0 && c < 0xa0) ||
		    (c >= 0x80 && !st->caps.utf8))
			fputs(st->caps.utf8 ? "\xef\xbf\xbd" : "?", st->to);
		else
			fprintf(st->to, "%.*s", (int)utf8_put(bytes, c), bytes);
	}
}

static void begin(const struct text_style *st, enum role role)
{
	if (st->caps.color && sgr[role] != NULL)
		fprintf(st->to, "\033[%sm", sgr[role]);
}

static void finish(const struct text_style *st, enum role role)
{
	if (st->caps.color && sgr[role] != NULL)
		fputs("\033[0m", st->to);
}

void text_line(const struct text_style *st, enum role role, const char *text)
{
	begin(st, role);
	write_text(st, text);
	finish(st, role);
	putc('\n', st->to);
	fflush(st->to);
}

/* ---- tables --------------------------------------------------------------------- */

/* A drawing says nothing a column beside it does not, and its spaces look like columns. */
static int is_drawing(const struct field *f)
{
	return strcmp(f->name, "level") == 0;
}

static void cell(const struct field *field, const struct frame *f, uint32_t row, struct caps caps,
		 int last, struct field_text *ret)
{
	field_show(field, f, row, caps, field->max, ret); /* nothing is shortened */
	if (ret->text[0] == 0 && !last)
		field_put(ret, ROLE_DIM, "-");
}

static void measure(const struct listing *l, const struct frame *f, struct caps caps,
		    int *ret_widths)
{
	struct field_text t;

	for (int i = 0; i < l->n_fields; i++)
		ret_widths[i] = utf8_columns(l->fields[i].title);
	for (uint32_t row = 0; row < l->n_rows(f); row++)
		for (int i = 0; i < l->n_fields; i++) {
			cell(&l->fields[i], f, row, caps, i == l->n_fields - 1, &t);
			if (utf8_columns(t.text) > ret_widths[i])
				ret_widths[i] = utf8_columns(t.text);
		}
}

static void padded(const struct text_style *st, const struct field *field, int width, int last,
		   enum role role, const char *text)
{
	int pad = width - utf8_columns(text);

	if (field->right && pad > 0)
		fprintf(st->to, "%*s", pad, "");
	begin(st, role);
	write_text(st, text);
	finish(st, role);
	if (!last)
		fprintf(st->to, "%*s", field->right || pad < 0 ? 1 : pad + 1, "");
}

void text_table(const struct text_style *st, const struct frame *f, enum object_kind kind)
{
	const struct listing *l = object_listing(kind);
	int                   widths[FIELDS_MAX], last = l->n_fields - 1;
	struct field_text     t;

	measure(l, f, st->caps, widths);
	for (int i = 0; i < l->n_fields; i++)
		if (!is_drawing(&l->fields[i]))
			padded(st, &l->fields[i], widths[i], i == last, ROLE_HEADER,
			       l->fields[i].title);
	putc('\n', st->to);
	for (uint32_t row = 0; row < l->n_rows(f); row++) {
		for (int i = 0; i < l->n_fields; i++) {
			if (is_drawing(&l->fields[i]))
				continue;
			cell(&l->fields[i], f, row, st->caps, i == last, &t);
			padded(st, &l->fields[i], widths[i], i == last, t.role, t.text);
		}
		putc('\n', st->to);
		fflush(st->to);
	}
	fflush(st->to);
}

/* ---- findings ----------------------------------------------------------------------- */

static void lines(const struct text_style *st, enum role first, char *text)
{
	enum role role = first;

	for (char *line = text, *end; *line != 0; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = 0;
		else
			end = line + strlen(line);
		text_line(st, role, line);
		role = ROLE_NORMAL;
	}
}

void text_findings(const struct text_style *st, const struct frame *f)
{
	for (size_t i = 0; i < f->s->n_verdicts; i++) {
		const struct ipc_obs_verdict *v = &f->s->verdicts[i];
		char                         *text = words_explanation(f, v);
		int                           said_pattern = strstr(text, v->pattern) != NULL,
		    said_fix = strstr(text, v->fix) != NULL;

		lines(st, words_role(v->class_), text);
		if (!said_pattern)
			fprintf(st->to, "  Pattern: %s\n", v->pattern);
		if (!said_fix)
			fprintf(st->to, "  Fix: %s\n", v->fix);
		putc('\n', st->to);
		free(text);
	}
	fflush(st->to);
}

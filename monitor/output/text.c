#include "output/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "text/number.h"
#include "text/utf8.h"
#include "view/words.h"

/* The escapes of eight colours: what every terminal that has colours knows. */
static const char *const sgr[N_ROLES] = {
	[ROLE_OK] = "32",         [ROLE_MOVING] = "32",  [ROLE_NOTICE] = "36", [ROLE_WARN] = "1;33",
	[ROLE_CRITICAL] = "1;31", [ROLE_ALARM] = "1;31", [ROLE_DEAD] = "2",    [ROLE_DIM] = "2",
	[ROLE_ACCENT] = "36",     [ROLE_HEADER] = "1",
};

void text_bytes(const struct text_style *st, const char *bytes, size_t n)
{
	fwrite_unlocked(bytes, 1, n, st->to);
}

static void spaces(const struct text_style *st, int n)
{
	static const char blank[] = "                                ";

	for (int some; n > 0; n -= some) {
		some = n < (int)sizeof(blank) - 1 ? n : (int)sizeof(blank) - 1;
		text_bytes(st, blank, (size_t)some);
	}
}

/* What reaches a terminal must not steer it, whatever a program called itself. */
void text_plain(const struct text_style *st, const char *text)
{
	size_t n_plain = utf8_plain(text);

	text_bytes(st, text, n_plain);
	text += n_plain;
	for (uint32_t c; (c = utf8_next(&text)) != 0;) {
		char bytes[UTF8_MAX];

		c = utf8_harmless(c);
		if (c >= 0x80 && !st->caps.utf8)
			c = '?';
		text_bytes(st, bytes, utf8_put(bytes, c));
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
	text_plain(st, text);
	finish(st, role);
	putc('\n', st->to);
	fflush(st->to);
}

/* ---- tables --------------------------------------------------------------------- */

/* All of a table before a line of it is printed: a column is as wide as its widest cell. */
struct cells {
	char      *bytes;
	size_t     n, room;
	enum role *roles;
	size_t     n_cells;
	int        widths[SELECT_MAX];
};

static void keep(struct cells *c, enum role role, const char *text)
{
	size_t n = strlen(text) + 1;

	if (c->n + n > c->room) {
		c->room = 2 * (c->n + n);
		c->bytes = mem_grow(c->bytes, c->room, 1);
	}
	/* Powers of two have been asked for already. */
	if ((c->n_cells & (c->n_cells - 1)) == 0)
		c->roles = mem_grow(c->roles, 2 * c->n_cells + 1, sizeof(*c->roles));
	memcpy(c->bytes + c->n, text, n);
	c->roles[c->n_cells++] = role;
	c->n += n;
}

static void exactly(const struct listing_column *column, const struct frame *f, uint32_t row,
		    struct field_text *ret)
{
	struct data d;

	column_data(column, f, row, &d);
	if (d.unknown)
		field_put(ret, ROLE_DIM, "-");
	else if (d.type == DATA_NUMBER)
		snprintf(ret->text, sizeof(ret->text), "%" PRIu64, d.number);
	else
		snprintf(ret->text, sizeof(ret->text), "%.3f", d.real);
}

void text_cell(const struct select *s, int i, const struct frame *f, uint32_t row, struct caps caps,
	       struct field_text *ret)
{
	const struct listing_column *column = &s->columns[i];

	column_show(column, f, row, caps, ret);
	if (s->exact && column->field != NULL && column->field->unit != UNIT_NONE)
		exactly(column, f, row, ret);
	/* A blank cell would shift the others, for who reads words; at the end it shifts none. */
	if (ret->text[0] == 0 && i < s->n - 1)
		field_put(ret, ROLE_DIM, "-");
}

int text_is_right(const struct listing_column *c)
{
	return c->field != NULL ? c->field->right : c->more->type != DATA_TEXT;
}

/* The cell is plain ASCII, as next to all are, so its length is its columns. */
static void plain_cell(const struct text_style *st, int right, int width, int last,
		       const char *text, int n)
{
	char line[256];
	int  pad = width > n ? width - n : 0, at = 0;

	if (right) {
		memset(line, ' ', (size_t)pad);
		at = pad;
	}
	memcpy(line + at, text, (size_t)n);
	at += n;
	if (!last) {
		pad = right ? 1 : pad + 1;
		memset(line + at, ' ', (size_t)pad);
		at += pad;
	}
	text_bytes(st, line, (size_t)at);
}

static void padded(const struct text_style *st, const struct select *s, int i, int width,
		   enum role role, const char *text, size_t n)
{
	int right = text_is_right(&s->columns[i]), last = i == s->n - 1, pad;

	if (n < 100 && width < 100 && !st->caps.color && utf8_plain(text) == n) {
		plain_cell(st, right, width, last, text, (int)n);
		return;
	}
	pad = width - utf8_columns(text);
	if (right)
		spaces(st, pad);
	begin(st, role);
	text_plain(st, text);
	finish(st, role);
	if (!last)
		spaces(st, right || pad < 0 ? 1 : pad + 1);
}

void text_titles(const struct text_style *st, const struct select *s, const int *widths)
{
	for (int i = 0; i < s->n; i++) {
		const char *title = column_title(&s->columns[i]);

		padded(st, s, i, widths[i], ROLE_HEADER, title, strlen(title));
	}
	putc_unlocked('\n', st->to);
}

static void print_cells(const struct text_style *st, const struct select *s, const struct cells *c)
{
	const char *text = c->bytes;
	int         i = 0;

	for (size_t k = 0; k < c->n_cells; k++) {
		size_t n = strlen(text);

		padded(st, s, i, c->widths[i], c->roles[k], text, n);
		text += n + 1;
		if (++i == s->n) {
			putc_unlocked('\n', st->to);
			i = 0;
		}
	}
	fflush(st->to);
}

void text_rows(const struct text_style *st, const struct frame *f, const struct select *s,
	       int header)
{
	struct cells      c = {.n = 0};
	struct field_text t;
	uint32_t         *rows;
	size_t            n = select_rows(s, f, &rows);

	for (int i = 0; i < s->n; i++) {
		c.widths[i] = utf8_columns(column_title(&s->columns[i]));
		if (header)
			keep(&c, ROLE_HEADER, column_title(&s->columns[i]));
	}
	for (size_t k = 0; k < n * (size_t)s->n; k++) {
		int i = (int)(k % (size_t)s->n), columns;

		text_cell(s, i, f, rows[k / (size_t)s->n], st->caps, &t);
		columns = utf8_columns(t.text);
		if (columns > c.widths[i])
			c.widths[i] = columns;
		keep(&c, t.role, t.text);
	}
	print_cells(st, s, &c);
	free(rows);
	free(c.bytes);
	free(c.roles);
}

void text_table(const struct text_style *st, const struct frame *f, enum object_kind kind)
{
	struct select s;

	select_screen(&s, kind);
	text_rows(st, f, &s, 1);
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

/* ---- lints ---------------------------------------------------------------------------- */

void text_lint(const struct text_style *st, const struct lint *l)
{
	char text[LINT_BYTES + 64];

	snprintf(text, sizeof(text), "%s %s  %s", lint_kinds[l->id].id, lint_kinds[l->id].name,
		 l->text);
	text_line(st, ROLE_WARN, text);
}

static void text_history(const struct text_style *st, const struct frame *f, const struct lint *l)
{
	uint64_t now = f->s->t_mono_ns;
	char     text[LINT_BYTES];

	snprintf(text, sizeof(text), "  %" PRIu64 " time%s, first %s ago, last %s%s", l->count,
		 l->count == 1 ? "" : "s", number_duration(now - l->first_ns).text,
		 l->is_now ? "now" : number_duration(now - l->last_ns).text,
		 l->is_now ? "" : " ago");
	text_line(st, l->is_now ? ROLE_NORMAL : ROLE_DIM, text);
}

void text_lints(const struct text_style *st, const struct frame *f, const struct lints *lints)
{
	char text[LINT_BYTES];

	for (size_t i = 0; i < lints->n; i++) {
		text_lint(st, &lints->v[i]);
		if (lints->v[i].count > 0)
			text_history(st, f, &lints->v[i]);
		snprintf(text, sizeof(text), "  Fix: %s (ipcmon explain %s)",
			 lint_kinds[lints->v[i].id].fix, lint_kinds[lints->v[i].id].id);
		text_line(st, ROLE_NORMAL, text);
	}
	if (lints->n > 0)
		putc('\n', st->to);
}

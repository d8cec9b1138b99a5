#include "output/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "text/utf8.h"

#define CELL_BYTES 23 /* what is longer is the last column, or for text_rows() */

struct sheet_cell {
	uint64_t sign; /* of the value that it shows */
	uint8_t  n;
	char     text[CELL_BYTES];
};

/* The last column of a row: it is as long as it is, and so are its lines. */
struct rest {
	uint64_t id; /* whose row it is */
	uint64_t sign;
	char    *text;
	size_t   n, room;
};

typedef uint64_t sign_fn(const struct frame *f, uint32_t row);

struct sheet {
	size_t             n_rows;
	int                n; /* columns, and @n - 1 cells a row */
	int                unfit;
	struct sheet_cell *cells;
	struct rest       *rests;
	char              *fronts;           /* of all lines: their cells, padded */
	sign_fn           *sign[SELECT_MAX]; /* NULL: of its key, or not known */
	int                width[SELECT_MAX], at[SELECT_MAX + 1];
	size_t             front_bytes; /* of one line */
};

struct sheet *sheet_new(void)
{
	return mem_new(1, sizeof(struct sheet));
}

static void clear(struct sheet *sh)
{
	for (size_t k = 0; k < sh->n_rows; k++)
		free(sh->rests[k].text);
	free(sh->cells);
	free(sh->rests);
	free(sh->fronts);
	*sh = (struct sheet){.unfit = sh->unfit};
}

void sheet_free(struct sheet *sh)
{
	if (sh != NULL)
		clear(sh);
	free(sh);
}

/* ---- what has changed -------------------------------------------------------------- */

static sign_fn *sign_named(const struct listing *l, const char *name)
{
	for (const struct field_sign *x = l->signs; x != NULL && x->field != NULL; x++)
		if (strcmp(x->field, name) == 0)
			return x->sign;
	return NULL;
}

/* A number that stands for what the cell shows; 0: there is none. */
static int sign_of(const struct sheet *sh, const struct select *s, int i, const struct frame *f,
		   uint32_t row, uint64_t *ret)
{
	const struct field *field = s->columns[i].field;
	double              v;

	if (sh->sign[i] != NULL) {
		*ret = sh->sign[i](f, row);
		return 1;
	}
	if (field == NULL || field->text != NULL)
		return 0;
	v = field->key(f, row);
	memcpy(ret, &v, sizeof(v));
	return 1;
}

/* Where the front's cells begin, now that they have these widths. */
static void measure(struct sheet *sh)
{
	sh->at[0] = 0;
	for (int i = 0; i < sh->n - 1; i++)
		sh->at[i + 1] = sh->at[i] + sh->width[i] + 1;
	sh->front_bytes = (size_t)sh->at[sh->n - 1];
}

static void lay(struct sheet *sh, const struct select *s, size_t k, int i)
{
	const struct sheet_cell *c = &sh->cells[k * (size_t)(sh->n - 1) + (size_t)i];
	char                    *to = sh->fronts + k * sh->front_bytes + sh->at[i];

	memset(to, ' ', (size_t)sh->width[i] + 1);
	memcpy(to + (text_is_right(&s->columns[i]) ? sh->width[i] - c->n : 0), c->text, c->n);
}

static void lay_all(struct sheet *sh, const struct select *s)
{
	measure(sh);
	free(sh->fronts);
	sh->fronts = mem_new(sh->n_rows, sh->front_bytes + 1);
	for (size_t k = 0; k < sh->n_rows; k++)
		for (int i = 0; i < sh->n - 1; i++)
			lay(sh, s, k, i);
}

/* The cell of line @k is another; 1: its column has to be wider. */
static int set_cell(struct sheet *sh, const struct select *s, size_t k, int i, const char *text)
{
	struct sheet_cell *c = &sh->cells[k * (size_t)(sh->n - 1) + (size_t)i];
	size_t             n = strlen(text);

	if (n > CELL_BYTES || utf8_plain(text) != n) {
		sh->unfit = 1;
		return 0;
	}
	if (n == c->n && memcmp(c->text, text, n) == 0)
		return 0;
	memcpy(c->text, text, n);
	c->n = (uint8_t)n;
	if ((int)n > sh->width[i]) {
		sh->width[i] = (int)n;
		return 1;
	}
	if (sh->fronts != NULL)
		lay(sh, s, k, i);
	return 0;
}

static void set_rest(struct rest *r, const char *text)
{
	r->n = strlen(text);
	if (r->text == NULL || r->n + 1 > r->room) {
		r->room = r->n + 1;
		r->text = mem_grow(r->text, r->room, 1);
	}
	memcpy(r->text, text, r->n + 1);
}

static int update_row(struct sheet *sh, const struct text_style *st, const struct frame *f,
		      const struct select *s, size_t k, uint32_t row)
{
	struct rest      *r = &sh->rests[k];
	uint64_t          id = s->listing->id(f, row), sign = 0;
	int               same = id == r->id && r->text != NULL, wider = 0;
	struct field_text t;

	for (int i = 0; i < sh->n; i++) {
		uint64_t *was = i < sh->n - 1 ? &sh->cells[k * (size_t)(sh->n - 1) + (size_t)i].sign
					      : &r->sign;

		if (sign_of(sh, s, i, f, row, &sign) && same && sign == *was)
			continue;
		*was = sign;
		text_cell(s, i, f, row, st->caps, &t);
		if (i < sh->n - 1)
			wider |= set_cell(sh, s, k, i, t.text);
		else
			set_rest(r, t.text);
	}
	r->id = id;
	return wider;
}

/* ---- printing ------------------------------------------------------------------------ */

static void begin(struct sheet *sh, const struct select *s, size_t n_rows)
{
	if (sh->n_rows == n_rows && sh->n == s->n)
		return;
	clear(sh);
	sh->n_rows = n_rows;
	sh->n = s->n;
	sh->cells = mem_new(n_rows * (size_t)s->n, sizeof(*sh->cells));
	sh->rests = mem_new(n_rows, sizeof(*sh->rests));
	for (int i = 0; i < s->n; i++) {
		sh->width[i] = utf8_columns(column_title(&s->columns[i]));
		sh->sign[i] = s->columns[i].field != NULL
				      ? sign_named(s->listing, column_name(&s->columns[i]))
				      : NULL;
	}
}

static void update(struct sheet *sh, const struct text_style *st, const struct frame *f,
		   const struct select *s)
{
	uint32_t *rows;
	size_t    n = select_rows(s, f, &rows);
	int       wider = 0;

	begin(sh, s, n);
	for (size_t k = 0; k < n && !sh->unfit; k++)
		wider |= update_row(sh, st, f, s, k, rows[k]);
	if (wider || sh->fronts == NULL)
		lay_all(sh, s);
	free(rows);
}

static void print(const struct sheet *sh, const struct text_style *st)
{
	for (size_t k = 0; k < sh->n_rows; k++) {
		text_bytes(st, sh->fronts + k * sh->front_bytes, sh->front_bytes);
		text_plain(st, sh->rests[k].text);
		putc_unlocked('\n', st->to);
	}
	fflush(st->to);
}

int sheet_rows(struct sheet *sh, const struct text_style *st, const struct frame *f,
	       const struct select *s, int header)
{
	if (st->caps.color || s->exact || s->n < 1 || sh->unfit)
		return 0;
	update(sh, st, f, s);
	if (sh->unfit) {
		clear(sh);
		return 0;
	}
	if (header)
		text_titles(st, s, sh->width);
	print(sh, st);
	return 1;
}

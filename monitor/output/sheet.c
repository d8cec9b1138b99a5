#include "output/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "text/utf8.h"

#define CELL_BYTES 23 /* what is longer is the last column, or for text_rows() */
#define AHEAD      8  /* lines whose text is fetched before it is printed; picked */

/* The last column of a row: it is as long as it is, and so are its lines. */
struct rest {
	uint64_t id; /* whose row it is */
	uint64_t sign;
	char    *text;
	size_t   n, room;
	int      plain; /* nothing in it is to be replaced */
};

typedef uint64_t sign_fn(const struct frame *f, uint32_t row);

struct sheet {
	size_t       n_rows;
	int          n; /* columns, and @n - 1 cells a row */
	int          unfit;
	int          wider; /* than the lines are laid out for: some column */
	uint64_t    *signs; /* per cell: of the value that it shows */
	struct rest *rests;
	char        *fronts;           /* of all lines: their cells, padded */
	sign_fn     *sign[SELECT_MAX]; /* NULL: of its key, or not known */
	int          width[SELECT_MAX], at[SELECT_MAX + 1];
	size_t       front_bytes; /* of one line */
};

struct sheet *sheet_new(void)
{
	return mem_new(1, sizeof(struct sheet));
}

static void clear(struct sheet *sh)
{
	for (size_t k = 0; k < sh->n_rows; k++)
		free(sh->rests[k].text);
	free(sh->signs);
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

/* Where the front's cells begin, now that they have these widths. */
static void measure(struct sheet *sh)
{
	sh->at[0] = 0;
	for (int i = 0; i < sh->n - 1; i++)
		sh->at[i + 1] = sh->at[i] + sh->width[i] + 1;
	sh->front_bytes = (size_t)sh->at[sh->n - 1];
}

/* Into the front of line @k, as its cell of column @i. */
static void lay(struct sheet *sh, const struct select *s, size_t k, int i, const char *text,
		size_t n)
{
	char *to = sh->fronts + k * sh->front_bytes + sh->at[i];

	memset(to, ' ', (size_t)sh->width[i] + 1);
	memcpy(to + (text_is_right(&s->columns[i]) ? (size_t)sh->width[i] - n : 0), text, n);
}

/*
 * All lines, for the widths that columns have come to. A hostile domain may have texts that differ
 * where what stands for them does not, so that none was measured: those are not for a sheet.
 */
static void lay_all(struct sheet *sh, const struct text_style *st, const struct frame *f,
		    const struct select *s, const uint32_t *rows)
{
	struct field_text t;
	size_t            n;

	measure(sh);
	sh->wider = 0;
	free(sh->fronts);
	sh->fronts = mem_new(sh->n_rows, sh->front_bytes + 1);
	for (size_t k = 0; k < sh->n_rows; k++)
		for (int i = 0; i < sh->n - 1; i++) {
			text_cell(s, i, f, rows[k], st->caps, &t);
			n = strlen(t.text);
			if (n > (size_t)sh->width[i] || utf8_plain(t.text) != n) {
				sh->unfit = 1;
				return;
			}
			lay(sh, s, k, i, t.text, n);
		}
}

/* The cell of line @k is another, of @n bytes in plain ASCII. */
static void set_cell(struct sheet *sh, const struct select *s, size_t k, int i, const char *text,
		     size_t n)
{
	if ((int)n > sh->width[i]) {
		sh->width[i] = (int)n;
		sh->wider = 1;
	} else if (!sh->wider) {
		lay(sh, s, k, i, text, n);
	}
}

static void set_text_cell(struct sheet *sh, const struct select *s, size_t k, int i,
			  const char *text)
{
	size_t n = strlen(text);

	if (n > CELL_BYTES || utf8_plain(text) != n)
		sh->unfit = 1;
	else
		set_cell(sh, s, k, i, text, n);
}

static void set_rest(struct rest *r, const char *text)
{
	r->n = strlen(text);
	if (r->text == NULL || r->n + 1 > r->room) {
		r->room = r->n + 1;
		r->text = mem_grow(r->text, r->room, 1);
	}
	memcpy(r->text, text, r->n + 1);
	r->plain = utf8_plain(text) == r->n;
}

/* Is it a number and nothing else? Those are most, and change most. */
static int is_number(const struct sheet *sh, const struct select *s, int i)
{
	const struct field *field = s->columns[i].field;

	return sh->sign[i] == NULL && field != NULL && field->text == NULL;
}

static void update_number(struct sheet *sh, const struct frame *f, const struct select *s, size_t k,
			  int i, uint32_t row, int same, uint64_t *was)
{
	const struct field *field = s->columns[i].field;
	double              v = field->key(f, row);
	uint64_t            sign;
	struct number       x;

	memcpy(&sign, &v, sizeof(sign));
	if (same && sign == *was)
		return;
	*was = sign;
	x = field_number(v, field->unit);
	set_cell(sh, s, k, i, x.text, x.n);
}

static void update_text(struct sheet *sh, const struct text_style *st, const struct frame *f,
			const struct select *s, size_t k, int i, uint32_t row, int same,
			uint64_t *was)
{
	struct field_text t;
	uint64_t          sign = sh->sign[i] != NULL ? sh->sign[i](f, row) : 0;

	if (same && sh->sign[i] != NULL && sign == *was)
		return;
	*was = sign;
	text_cell(s, i, f, row, st->caps, &t);
	if (i < sh->n - 1)
		set_text_cell(sh, s, k, i, t.text);
	else
		set_rest(&sh->rests[k], t.text);
}

static void update_row(struct sheet *sh, const struct text_style *st, const struct frame *f,
		       const struct select *s, size_t k, uint32_t row)
{
	struct rest *r = &sh->rests[k];
	uint64_t     id = s->listing->id(f, row), *signs = sh->signs + k * (size_t)(sh->n - 1);
	int          same = id == r->id && r->text != NULL;

	for (int i = 0; i < sh->n - 1; i++)
		if (is_number(sh, s, i))
			update_number(sh, f, s, k, i, row, same, &signs[i]);
		else
			update_text(sh, st, f, s, k, i, row, same, &signs[i]);
	update_text(sh, st, f, s, k, sh->n - 1, row, same, &r->sign);
	r->id = id;
}

/* ---- printing ------------------------------------------------------------------------ */

static void begin(struct sheet *sh, const struct select *s, size_t n_rows)
{
	if (sh->n_rows == n_rows && sh->n == s->n)
		return;
	clear(sh);
	sh->n_rows = n_rows;
	sh->n = s->n;
	sh->wider = 1; /* than nothing */
	sh->signs = mem_new(n_rows * (size_t)s->n, sizeof(*sh->signs));
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

	begin(sh, s, n);
	for (size_t k = 0; k < n && !sh->unfit; k++)
		update_row(sh, st, f, s, k, rows[k]);
	if (!sh->unfit && sh->wider)
		lay_all(sh, st, f, s, rows);
	free(rows);
}

static void print(const struct sheet *sh, const struct text_style *st)
{
	for (size_t k = 0; k < sh->n_rows; k++) {
		const struct rest *r = &sh->rests[k];

		__builtin_prefetch(k + AHEAD < sh->n_rows ? r[AHEAD].text : NULL);
		text_bytes(st, sh->fronts + k * sh->front_bytes, sh->front_bytes);
		if (r->plain)
			text_bytes(st, r->text, r->n);
		else
			text_plain(st, r->text);
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

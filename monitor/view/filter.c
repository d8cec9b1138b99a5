#include "view/filter.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "text/quantity.h"
#include "text/utf8.h"
#include "view/data.h"
#include "view/ui.h"

#define TERMS_MAX 16 /* more than fit on the line they are typed on */

enum compare { LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, GREATER_EQUAL, GREATER };

/* The longer ones first: "<=" begins with "<". */
static const struct {
	const char  *text;
	enum compare compare;
} compares[] = {
	{"<=", LESS_EQUAL}, {">=", GREATER_EQUAL}, {"!=", NOT_EQUAL},
	{"<", LESS},        {">", GREATER},        {"=", EQUAL},
};

enum term_kind { HOLDS, MATCHES, COMPARES };

/* Where a term finds its column among those of one kind of row. */
struct column {
	struct listing_column at;
	int                   known;  /* that kind has it, and it can be compared so */
	int                   number; /* by the number, not by the text */
	double                bound;
};

struct term {
	enum term_kind kind;
	char           text[FILTER_BYTES];
	int            as_number; /* holds: the text could stand in a number */
	regex_t        regex;
	enum compare   compare;
	struct column  columns[N_OBJECTS];
};

struct filter {
	int         n;
	struct term terms[TERMS_MAX];
};

static int __attribute__((format(printf, 2, 3))) wrong(char *ret_error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ret_error, FILTER_ERROR_BYTES, format, args);
	va_end(args);
	return -EINVAL;
}

/* ---- words ---------------------------------------------------------------------- */

struct word {
	char   text[FILTER_BYTES]; /* without quotes */
	size_t quoted;             /* before here no quote has begun */
};

/* Cuts a word off *@p: up to a space outside of quotes. Returns 0 at the end. */
static int next_word(const char **p, struct word *ret)
{
	size_t n = 0;
	int    quotes = 0;

	*p += strspn(*p, " \t");
	ret->quoted = SIZE_MAX;
	if (**p == 0)
		return 0;
	for (; **p != 0 && (quotes || (**p != ' ' && **p != '\t')); (*p)++) {
		if (**p == '"') {
			quotes = !quotes;
			if (ret->quoted == SIZE_MAX)
				ret->quoted = n;
		} else if (n + 1 < sizeof(ret->text)) {
			ret->text[n++] = **p;
		}
	}
	ret->text[n] = 0;
	return 1;
}

/* ---- terms ----------------------------------------------------------------------- */

/* "12.5k", "-", "19m04s", "812/1024": the characters numbers are written with. */
static int could_be_number(const char *text)
{
	return text[strspn(text, "0123456789.-/%kKMGTBnumshd\xc2\xb5")] == 0;
}

static int take_holds(struct term *t, const struct word *w)
{
	t->kind = HOLDS;
	memcpy(t->text, w->text, sizeof(t->text));
	t->as_number = could_be_number(t->text);
	return 0;
}

static int take_regex(struct term *t, const char *pattern, char *ret_error)
{
	char why[80];
	int  r = regcomp(&t->regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB);

	if (r != 0) {
		regerror(r, &t->regex, why, sizeof(why));
		return wrong(ret_error, "re:%.40s: %s", pattern, why);
	}
	t->kind = MATCHES;
	return 0;
}

/* The operator that begins at @p; its length, 0: none. */
static size_t compare_at(const char *p, enum compare *ret)
{
	for (size_t i = 0; i < sizeof(compares) / sizeof(compares[0]); i++)
		if (strncmp(p, compares[i].text, strlen(compares[i].text)) == 0) {
			*ret = compares[i].compare;
			return strlen(compares[i].text);
		}
	return 0;
}

static int ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && strcmp(name + n - m, end) == 0;
}

/* What is for programs says in its name what it counts. */
static enum unit unit_of(const struct listing_column *c)
{
	const char    *name = column_name(c);
	enum data_type type = column_type(c);

	if (c->field != NULL)
		return c->field->unit;
	if (type != DATA_NUMBER && type != DATA_REAL)
		return UNIT_NONE;
	return ends_in(name, "_ns") || ends_in(name, "_ns_total")         ? UNIT_DURATION
	       : ends_in(name, "_bytes") || ends_in(name, "_bytes_total") ? UNIT_BYTES
	       : ends_in(name, "_percent")                                ? UNIT_PERCENT
									  : UNIT_COUNT;
}

/* @q in what @unit counts; NaN: it counts something else. */
static double bound_in(const struct quantity *q, enum unit unit)
{
	int plain = q->kind == QUANTITY_PLAIN, scaled = plain || q->kind == QUANTITY_SCALED;

	switch (unit) {
	case UNIT_BYTES:
	case UNIT_BYTE_RATE:
		return scaled || q->kind == QUANTITY_BYTES ? quantity_in(q, 1024) : NAN;
	case UNIT_DURATION:
		return q->kind == QUANTITY_TIME ? q->number : plain ? q->number * 1e9 : NAN;
	case UNIT_PERCENT: return plain || q->kind == QUANTITY_PERCENT ? q->number : NAN;
	case UNIT_COUNT:
	case UNIT_RATE: return scaled ? quantity_in(q, 1000) : NAN;
	case UNIT_NONE: break;
	}
	return NAN;
}

/* What "@name @compare @value" means to the rows of one kind; 0 if nothing. */
static int take_column(struct column *c, const struct listing *l, const struct term *t,
		       const char *name, const char *value, char *ret_error)
{
	struct quantity q;
	enum unit       unit;

	c->known = 0;
	if (!column_named(l, name, &c->at))
		return 0;
	unit = unit_of(&c->at);
	name = column_name(&c->at);
	/* Without a unit a key is an order, and no number anybody sees. */
	c->number = unit != UNIT_NONE && quantity_parse(value, &q) == 0;
	if (c->number)
		c->bound = bound_in(&q, unit);
	if (c->number && isnan(c->bound))
		wrong(ret_error, "column %s is not counted in %s, as %s is", name,
		      quantity_name(q.kind), value);
	else if (c->number || t->compare == EQUAL || t->compare == NOT_EQUAL)
		c->known = 1;
	else if (unit == UNIT_NONE)
		wrong(ret_error, "column %s is text: only = and != compare it", name);
	else
		wrong(ret_error, "column %s is a number, and \"%s\" is none", name, value);
	return c->known;
}

/* Columns of one name in several kinds need not be of one unit: one that can be meant is enough. */
static int take_compare(struct term *t, const char *name, const char *value, char *ret_error)
{
	int meant = 0;

	t->kind = COMPARES;
	utf8_copy(t->text, sizeof(t->text), value);
	if (value[0] == 0)
		return wrong(ret_error, "%s is compared with nothing", name);
	wrong(ret_error, "there is no column \"%s\"", name);
	for (int k = 0; k < N_OBJECTS; k++)
		meant |= take_column(&t->columns[k], object_listing((enum object_kind)k), t, name,
				     value, ret_error);
	return meant ? 0 : -EINVAL;
}

static int take_word(struct term *t, struct word *w, char *ret_error)
{
	size_t at = strcspn(w->text, "<>=!"), n;

	if (w->quoted >= 3 && strncmp(w->text, "re:", 3) == 0)
		return take_regex(t, w->text + 3, ret_error);
	n = at > 0 && at <= w->quoted ? compare_at(w->text + at, &t->compare) : 0;
	if (n == 0)
		return take_holds(t, w);
	w->text[at] = 0;
	return take_compare(t, w->text, w->text + at + n, ret_error);
}

struct filter *filter_new(const char *text, char *ret_error)
{
	struct filter *filter = mem_new(1, sizeof(*filter));
	struct word    word;

	while (next_word(&text, &word)) {
		struct term *t = &filter->terms[filter->n];

		if (filter->n == TERMS_MAX) {
			wrong(ret_error, "more than %d terms", TERMS_MAX);
			return filter_free(filter);
		}
		if (take_word(t, &word, ret_error) < 0)
			return filter_free(filter);
		filter->n++;
	}
	return filter;
}

struct filter *filter_free(struct filter *filter)
{
	for (int i = 0; filter != NULL && i < filter->n; i++)
		if (filter->terms[i].kind == MATCHES)
			regfree(&filter->terms[i].regex);
	free(filter);
	return NULL;
}

/* ---- rows ------------------------------------------------------------------------- */

static int text_passes(const struct term *t, const struct listing *l, const struct frame *f,
		       uint32_t row)
{
	struct field_text shown;

	/* Names stand last, and are what is mostly asked for. */
	for (int i = l->n_fields - 1; i >= 0; i--) {
		/* Writing numbers is most of the work, and few texts could be in one. */
		if (t->kind == HOLDS && !t->as_number && l->fields[i].text == NULL)
			continue;
		column_show(&(struct listing_column){.field = &l->fields[i]}, f, row,
			    (struct caps){0}, &shown);
		if (t->kind == HOLDS ? strcasestr(shown.text, t->text) != NULL
				     : regexec(&t->regex, shown.text, 0, NULL, 0) == 0)
			return 1;
	}
	return 0;
}

static int number_passes(enum compare how, double v, double bound)
{
	/* Three digits are shown, so what is equal to three digits is equal, and neither less nor more. */
	int equal = fabs(v - bound) <= 0.005 * fabs(bound);

	if (isnan(v))
		return 0;
	switch (how) {
	case LESS: return v < bound && !equal;
	case LESS_EQUAL: return v < bound || equal;
	case EQUAL: return equal;
	case NOT_EQUAL: return !equal;
	case GREATER_EQUAL: return v > bound || equal;
	case GREATER: return v > bound && !equal;
	}
	return 0;
}

/* Programs are told true and false; people, yes and no. */
static int is_text(const struct listing_column *c, const char *shown, const char *text)
{
	if (column_type(c) == DATA_BOOL && strcasecmp(text, "true") == 0)
		text = "yes";
	else if (column_type(c) == DATA_BOOL && strcasecmp(text, "false") == 0)
		text = "no";
	return strcasecmp(shown, text) == 0;
}

static int column_passes(const struct term *t, enum object_kind kind, const struct frame *f,
			 uint32_t row)
{
	const struct column *c = &t->columns[kind];
	struct field_text    shown;

	if (!c->known)
		return 0;
	if (c->number)
		return number_passes(t->compare, column_order(&c->at, f, row), c->bound);
	column_show(&c->at, f, row, (struct caps){0}, &shown);
	return is_text(&c->at, shown.text, t->text) == (t->compare == EQUAL);
}

int filter_passes(const struct filter *filter, enum object_kind kind, const struct frame *f,
		  uint32_t row)
{
	const struct listing *l;

	if (filter == NULL || kind >= N_OBJECTS) /* a table of no view, as stat's, has no filter */
		return 1;
	l = object_listing(kind);
	/* Comparisons are the cheap ones: they go first. */
	for (int i = 0; i < filter->n; i++)
		if (filter->terms[i].kind == COMPARES &&
		    !column_passes(&filter->terms[i], kind, f, row))
			return 0;
	for (int i = 0; i < filter->n; i++)
		if (filter->terms[i].kind != COMPARES && !text_passes(&filter->terms[i], l, f, row))
			return 0;
	return 1;
}

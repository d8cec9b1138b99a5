#include "output/select.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/command.h"
#include "target.h"
#include "text/mem.h"
#include "text/utf8.h"
#include "view/filter.h"
#include "view/order.h"
#include "view/ui.h"

/* ---- tables ----------------------------------------------------------------------- */

const char *select_table_name(enum object_kind kind)
{
	return object_listing(kind)->json;
}

int select_table(const char *name)
{
	for (int k = 0; k < N_OBJECTS; k++)
		if (select_table_name((enum object_kind)k) != NULL &&
		    strcmp(select_table_name((enum object_kind)k), name) == 0)
			return k;
	return -1;
}

/* ---- columns ----------------------------------------------------------------------- */

/* A drawing says nothing a column beside it does not, and its spaces look like columns. */
static int is_drawing(const struct listing_column *c)
{
	return c->field != NULL &&
	       (strcmp(c->field->name, "level") == 0 || strncmp(c->field->name, "way", 3) == 0);
}

static void add(struct select *s, const struct listing_column *c)
{
	for (int i = 0; i < s->n; i++)
		if (s->columns[i].field == c->field && s->columns[i].more == c->more)
			return;
	if (s->n < SELECT_MAX)
		s->columns[s->n++] = *c;
}

static void add_screen(struct select *s)
{
	struct listing_column c;

	for (int i = 0; i < s->listing->n_fields && column_at(s->listing, i, &c); i++)
		if (!is_drawing(&c))
			add(s, &c);
}

static void add_all(struct select *s)
{
	struct listing_column c;

	for (int i = 0; column_at(s->listing, i, &c); i++)
		if (column_json(&c)[0] != 0)
			add(s, &c);
}

void select_all(struct select *ret, enum object_kind kind)
{
	*ret = (struct select){.kind = kind, .listing = object_listing(kind)};
	add_all(ret);
}

void select_screen(struct select *ret, enum object_kind kind)
{
	*ret = (struct select){.kind = kind, .listing = object_listing(kind)};
	add_screen(ret);
}

/* Of a list "a,b,+c": every name goes to @fn, until it returns 0. */
static int each_name(const char *list, int (*fn)(void *arg, const char *name), void *arg)
{
	char *copy = mem_string(list), *rest = copy, *name;
	int   r = 1;

	while (r && (name = strsep(&rest, ",")) != NULL)
		r = fn(arg, name);
	free(copy);
	return r;
}

static int add_name(void *arg, const char *name)
{
	struct select        *s = arg;
	struct listing_column c;

	if (!column_named(s->listing, name + (name[0] == '+'), &c))
		return 0;
	add(s, &c);
	return 1;
}

/* "+c" adds to what there would be without it; "a,b" is all there is. */
static int choose(struct select *s, const char *list, int for_programs)
{
	if (list == NULL || list[0] == '+') {
		if (for_programs)
			add_all(s);
		else
			add_screen(s);
	}
	s->chosen = list != NULL;
	return list == NULL || each_name(list, add_name, s);
}

static int choose_sort(struct select *s, const char *name)
{
	if (name == NULL)
		return 1;
	s->ascending = name[0] == '-';
	s->sorted = column_named(s->listing, name + s->ascending, &s->sort);
	return s->sorted;
}

/* ---- what was wrong ------------------------------------------------------------------ */

static void list_columns(FILE *to, const struct listing *l)
{
	struct listing_column c;

	fprintf(to, "%s:\n", l->json);
	for (int i = 0; column_at(l, i, &c); i++)
		if (!is_drawing(&c))
			fprintf(to, "  %-14s %-28s %s\n", column_name(&c), column_json(&c),
				column_help(&c));
}

/* What a command prints: some of the screen's tables, or one of its own. */
struct tables {
	const struct options *o;
	const struct listing *listings[N_OBJECTS];
	enum object_kind      kinds[N_OBJECTS];
	int                   n;
	char                  unknown[80];
};

static int known_somewhere(void *arg, const char *name)
{
	struct tables        *t = arg;
	struct listing_column c;

	name += name[0] == '+' || name[0] == '-';
	for (int k = 0; k < t->n; k++)
		if (column_named(t->listings[k], name, &c))
			return 1;
	utf8_copy(t->unknown, sizeof(t->unknown), name);
	return 0;
}

static int complain(struct tables *t)
{
	int known = t->o->columns == NULL || each_name(t->o->columns, known_somewhere, t);

	if (known && t->o->sort != NULL)
		known = known_somewhere(t, t->o->sort);
	if (!known)
		fprintf(stderr, "ipcmon: there is no column \"%s\" here; -o help lists them\n",
			t->unknown);
	else
		fputs("ipcmon: no table has all of these columns; -o help lists them\n", stderr);
	return EXIT_USAGE;
}

static int wants_help(const char *text)
{
	return text != NULL && strcmp(text, "help") == 0;
}

static int fill(struct selection *ret, struct tables *t)
{
	const struct options *o = t->o;
	char                  error[FILTER_ERROR_BYTES] = "";

	*ret = (struct selection){.n = 0};
	if (o->filter != NULL && (ret->filter = filter_new(o->filter, error)) == NULL) {
		fprintf(stderr, "ipcmon: -F: %s\n", error);
		return EXIT_USAGE;
	}
	for (int k = 0; k < t->n; k++) {
		struct select *s = &ret->tables[ret->n];

		*s = (struct select){.kind = t->kinds[k],
				     .listing = t->listings[k],
				     .filter = ret->filter,
				     .exact = o->exact};
		ret->n += choose(s, o->columns, o->json || o->csv) && choose_sort(s, o->sort);
	}
	if (!wants_help(o->columns) && !wants_help(o->sort))
		return ret->n > 0 ? -1 : complain(t);
	for (int k = 0; k < t->n; k++) {
		if (k > 0)
			putchar('\n');
		list_columns(stdout, t->listings[k]);
	}
	return EXIT_OK;
}

int selection_init(struct selection *ret, const struct options *o, const enum object_kind *kinds,
		   int n_kinds)
{
	struct tables t = {.o = o, .n = n_kinds};

	for (int k = 0; k < n_kinds; k++) {
		t.kinds[k] = kinds[k];
		t.listings[k] = object_listing(kinds[k]);
	}
	return fill(ret, &t);
}

int selection_of(struct selection *ret, const struct options *o, const struct listing *l)
{
	struct tables t = {.o = o, .listings = {l}, .kinds = {N_OBJECTS}, .n = 1};

	return fill(ret, &t);
}

void selection_fini(struct selection *s)
{
	s->filter = filter_free(s->filter);
	s->n = 0;
}

/* ---- rows -------------------------------------------------------------------------------- */

/* Equal ones stay in the order of the registry, which is that of their making. */
static void add_in_order(struct order *o, const struct select *s, const struct frame *f,
			 uint32_t row)
{
	double            key = column_order(&s->sort, f, row);
	struct field_text t;

	if (!isnan(key)) {
		order_add(o, row, row, key);
		return;
	}
	column_show(&s->sort, f, row, (struct caps){0}, &t);
	order_add_text(o, row, row, t.text);
}

static int is_row(const struct select *s, const struct frame *f, uint32_t i)
{
	return (s->listing->has == NULL || s->listing->has(f, i)) &&
	       filter_passes(s->filter, s->kind, f, i);
}

static size_t unsorted_rows(const struct select *s, const struct frame *f, size_t n_all,
			    uint32_t **ret)
{
	size_t n = 0;

	*ret = mem_new(n_all, sizeof(**ret));
	for (uint32_t i = 0; i < n_all; i++)
		if (is_row(s, f, i))
			(*ret)[n++] = i;
	return n;
}

size_t select_rows(const struct select *s, const struct frame *f, uint32_t **ret)
{
	size_t       n_all = s->listing->n_rows(f), n;
	struct order order;

	if (!s->sorted)
		return unsorted_rows(s, f, n_all, ret);
	order = order_new(n_all);
	for (uint32_t i = 0; i < n_all; i++)
		if (is_row(s, f, i))
			add_in_order(&order, s, f, i);
	order_sort(&order, s->ascending);
	n = order.n;
	*ret = mem_new(n, sizeof(**ret));
	for (size_t i = 0; i < n; i++)
		(*ret)[i] = order.v[i].row;
	order_fini(&order);
	return n;
}

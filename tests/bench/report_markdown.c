/*
 * report_markdown.c - the tables of the README: all implementations, what counts most
 *
 * A row for each, with the median and its spread; below each of libipc's two more, with what that
 * is compared to: how many times as long as the yardstick, and as the best peer that can sleep.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "report.h"

#define MAX_COLUMNS 8

struct column {
	const char     *title;
	enum bench_case which;
	size_t          size;
};

struct table {
	const char   *title;
	unsigned      n;
	struct column column[MAX_COLUMNS];
};

static const struct table tables[] = {
	{"One way",
	 6,
	 {{"8 B", CASE_ONEWAY, 8},
	  {"64 B", CASE_ONEWAY, 64},
	  {"256 B", CASE_ONEWAY, 256},
	  {"1 KiB", CASE_ONEWAY, 1024},
	  {"64 KiB", CASE_ONEWAY, 65536},
	  {"1 MiB", CASE_ONEWAY, 1048576}}},
	{"Otherwise",
	 6,
	 {{"there and back 64 B", CASE_ROUNDTRIP, 64},
	  {"2 to 2, 64 B", CASE_MANYTOMANY, 64},
	  {"waking", CASE_WAKEUP, 64},
	  {"in place 64 KiB", CASE_INPLACE, 65536},
	  {"1 MiB", CASE_INPLACE, 1048576},
	  {"and in full", CASE_INPLACE_FULL, 1048576}}},
};

#define N_TABLES (sizeof(tables) / sizeof(*tables))

/* ---- measuring --------------------------------------------------------------------------------- */

static void add_sizes(struct block *b, const struct table *t)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->column[i].which == b->which)
			b->size[b->n_sizes++] = t->column[i].size;
}

static struct block *measured(enum bench_case which, const struct effort *e)
{
	struct block *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->which = which;
	for (; bench_impls[b->n_impls]; b->n_impls++)
		b->impl[b->n_impls] = bench_impls[b->n_impls];
	for (size_t i = 0; i < N_TABLES; i++)
		add_sizes(b, &tables[i]);
	if (measure(b, e, NULL) == 0)
		return b;
	free(b);
	return NULL;
}

/* ---- a cell ------------------------------------------------------------------------------------ */

static const struct cell *find(struct block *const b[N_CASES], const char *name,
			       const struct column *c)
{
	return block_find(b[c->which], name, c->size, block_metric(c->which));
}

/* Two digits or three, in the unit that has them. */
static void print_time(const struct cell *c)
{
	double      ns = cell_median(c), spread = cell_spread(c);
	const char *unit = ns < 999.5 ? "ns" : ns < 999500 ? "\302\265s" : "ms";
	double      value = ns < 999.5 ? ns : ns < 999500 ? ns / 1e3 : ns / 1e6;

	printf(" %.*f %s \302\261%.0f%% |", value < 9.95 ? 1 : 0, value, unit, spread);
}

typedef const struct cell *other_fn(const struct block *b, unsigned size, enum bench_metric metric);

/* What @c is compared to by @other, if that was measured with messages of that size. */
static const struct cell *compared(struct block *const b[N_CASES], const struct column *c,
				   other_fn *other)
{
	const struct block *it = b[c->which];

	for (unsigned s = 0; s < it->n_sizes; s++)
		if (it->size[s] == c->size)
			return other(it, s, block_metric(c->which));
	return NULL;
}

static void print_ratio(const struct cell *c, const struct cell *to)
{
	double ratio = cell_ratio(c, to);

	printf(" %.*f |", ratio < 0.0995 ? 3 : 2, ratio);
}

/* ---- rows -------------------------------------------------------------------------------------- */

static void print_nothing(void)
{
	printf(" \342\200\223 |");
}

static void print_times(struct block *const b[N_CASES], const struct table *t,
			const struct bench_impl *impl)
{
	printf("| %s | %s |", impl->name, impl->spins ? "spinning" : "sleeping");
	for (unsigned i = 0; i < t->n; i++) {
		const struct cell *c = find(b, impl->name, &t->column[i]);

		if (c)
			print_time(c);
		else
			print_nothing();
	}
	printf("\n");
}

static void print_ratios(struct block *const b[N_CASES], const struct table *t,
			 const struct bench_impl *impl, const char *title, other_fn *other)
{
	printf("| \342\200\246 %s | |", title);
	for (unsigned i = 0; i < t->n; i++) {
		const struct cell *c = find(b, impl->name, &t->column[i]);
		const struct cell *to = compared(b, &t->column[i], other);

		if (c && to)
			print_ratio(c, to);
		else
			print_nothing();
	}
	printf("\n");
}

static int is_in(struct block *const b[N_CASES], const struct table *t,
		 const struct bench_impl *impl)
{
	for (unsigned i = 0; i < t->n; i++)
		if (find(b, impl->name, &t->column[i]))
			return 1;
	return 0;
}

static void print_table(struct block *const b[N_CASES], const struct table *t)
{
	printf("| %s | waits by |", t->title);
	for (unsigned i = 0; i < t->n; i++)
		printf(" %s |", t->column[i].title);
	printf("\n|---|---|");
	for (unsigned i = 0; i < t->n; i++)
		printf("--:|");
	printf("\n");
	for (unsigned i = 0; bench_impls[i]; i++) {
		const struct bench_impl *impl = bench_impls[i];

		if (!is_in(b, t, impl))
			continue;
		print_times(b, t, impl);
		if (strncmp(impl->name, "libipc", 6) == 0) {
			print_ratios(b, t, impl, "to the yardstick", block_floor);
			print_ratios(b, t, impl, "to the best peer that sleeps", block_best_peer);
		}
	}
	printf("\n");
}

static void print_tables(struct block *const b[N_CASES], const struct effort *e)
{
	for (size_t i = 0; i < N_TABLES; i++)
		print_table(b, &tables[i]);
	printf("Time for a message: medians of %u rounds in which all took turns, \302\261 half the "
	       "distance of their quartiles; below libipc's, how many times as long that is, of rounds "
	       "that were neighbours. A cache line took %.0f ns from one core to the other and back.\n",
	       e->rounds, cell_median(&b[CASE_ONEWAY]->line));
	report_flush();
}

int report_markdown(const struct effort *e)
{
	struct block *b[N_CASES] = {0};
	int           bad = 0;

	for (int which = 0; which < N_CASES && !bad; which++) {
		b[which] = measured((enum bench_case)which, e);
		bad = !b[which];
	}
	if (!bad)
		print_tables(b, e);
	for (int which = 0; which < N_CASES; which++)
		free(b[which]);
	return bad;
}

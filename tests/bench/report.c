#include "report.h"

#include <stdio.h>
#include <stdlib.h>

#include "round.h"

static const char *const metric_titles[N_METRICS] = {"ns/message", "median [ns]", "99 % [ns]",
						     "99.9 % [ns]"};

void report_flush(void)
{
	if (fflush(stdout) != 0)
		exit(1);
}

void report_json(const struct block *b, unsigned size)
{
	for (unsigned i = 0; i < b->n_impls; i++) {
		for (int m = 0; m < N_METRICS; m++) {
			const struct cell *c = &b->cell[i][size][m];

			if (c->n)
				printf("{\"case\":\"%s\",\"impl\":\"%s\",\"size_bytes\":%zu,"
				       "\"metric\":\"%s\",\"unit\":\"ns\",\"value\":%.1f}\n",
				       bench_cases[b->which]->name, b->impl[i]->name, b->size[size],
				       bench_metric_names[m], cell_median(c));
		}
	}
	report_flush();
}

const char *report_size(char *text, size_t size)
{
	if (size >= 1048576 && size % 1048576 == 0)
		snprintf(text, 32, "%zu MiB", size / 1048576);
	else if (size >= 1024 && size % 1024 == 0)
		snprintf(text, 32, "%zu KiB", size / 1024);
	else
		snprintf(text, 32, "%zu B", size);
	return text;
}

static void print_cell(const struct cell *c)
{
	double value = cell_median(c);

	printf("  %9.*f", value < 100 ? 1 : 0, value);
	if (cell_spread(c) < 99.5)
		printf(" \302\261%2.0f%% ", cell_spread(c));
	else
		printf(" \302\261>99%%");
}

static void print_ratio(const struct cell *c, const struct cell *to)
{
	if (to)
		printf("  %9.2f", cell_ratio(c, to));
	else
		printf("  %9s", "-");
}

static void print_impl(const struct block *b, unsigned impl, unsigned size)
{
	enum bench_metric  first = block_metric(b->which);
	const struct cell *c = b->cell[impl][size];

	if (!c[first].n)
		return;
	printf("  %-16s %-6s", b->impl[impl]->name, b->impl[impl]->spins ? "spins" : "sleeps");
	print_ratio(&c[first], block_floor(b, size, first));
	print_ratio(&c[first], block_best_peer(b, size, first));
	for (int m = 0; m < N_METRICS; m++)
		if (c[m].n)
			print_cell(&c[m]);
	printf("\n");
}

static int is_measured(const struct block *b, unsigned size, int metric)
{
	for (unsigned i = 0; i < b->n_impls; i++)
		if (b->cell[i][size][metric].n)
			return 1;
	return 0;
}

static void print_size(const struct block *b, unsigned size)
{
	char text[32];

	printf("%-18s %-6s  %9s  %9s", report_size(text, b->size[size]), "waits", "yardstick",
	       "best peer");
	for (int m = 0; m < N_METRICS; m++)
		if (is_measured(b, size, m))
			printf("  %15s", metric_titles[m]);
	printf("\n");
	for (unsigned i = 0; i < b->n_impls; i++)
		print_impl(b, i, size);
}

static unsigned rounds_of(const struct block *b, int metric)
{
	unsigned n = 0;

	for (unsigned i = 0; i < b->n_impls; i++)
		for (unsigned s = 0; s < b->n_sizes; s++)
			if (b->cell[i][s][metric].n > n)
				n = b->cell[i][s][metric].n;
	return n;
}

void report_table(const struct block *b)
{
	enum bench_metric first = block_metric(b->which);

	if (rounds_of(b, first) == 0)
		return;
	printf("%s\n", bench_cases[b->which]->title);
	for (unsigned s = 0; s < b->n_sizes; s++)
		if (is_measured(b, s, first))
			print_size(b, s);
	printf("medians of %u rounds, \302\261 half the distance of their quartiles; before them, how "
	       "many times as long as the\nyardstick and as the best peer that can sleep; a cache line "
	       "takes %.0f ns (\302\261%.0f%%) there and back\n\n",
	       rounds_of(b, first), cell_median(&b->line), cell_spread(&b->line));
	report_flush();
}

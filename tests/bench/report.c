#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const bench_case_names[N_CASES] = {"oneway", "roundtrip", "manytomany"};

static const char *const metric_names[N_METRICS] = {"ns_per_msg", "p50_ns", "p99_ns", "p999_ns"};

static const char *const metric_titles[N_METRICS] = {
	"ns per message",
	"median [ns]",
	"99 % are faster than [ns]",
	"99.9 % are faster than [ns]",
};

static const char *const case_titles[N_CASES] = {
	"One way: one sender, one receiver",
	"There and back, one message at a time",
	"Two senders, two receivers, one channel",
};

void cell_add(struct cell *c, double value)
{
	if (!isnan(value) && c->n < MAX_ROUNDS)
		c->round[c->n++] = value;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value that the share @q of the rounds did not exceed; between two rounds, in between. */
static double quantile(const struct cell *c, double q)
{
	double v[MAX_ROUNDS], at = q * (c->n - 1);
	size_t i = (size_t)at;

	memcpy(v, c->round, c->n * sizeof(*v));
	qsort(v, c->n, sizeof(*v), by_value);
	if (i + 1 >= c->n)
		return v[i];
	return v[i] + (at - (double)i) * (v[i + 1] - v[i]);
}

static double median(const struct cell *c)
{
	return c->n ? quantile(c, 0.5) : NAN;
}

/* Half the distance of the quartiles, in percent of the median. */
static double spread(const struct cell *c)
{
	return (quantile(c, 0.75) - quantile(c, 0.25)) / 2 / median(c) * 100;
}

/* Without a reader there is no point in measuring on; and exit() leaves the domain in order. */
static void flush(void)
{
	if (fflush(stdout) != 0)
		exit(1);
}

void report_json(const struct block *b, unsigned impl, unsigned size)
{
	for (int m = 0; m < N_METRICS; m++) {
		const struct cell *c = &b->cell[impl][size][m];

		if (c->n)
			printf("{\"case\":\"%s\",\"impl\":\"%s\",\"size_bytes\":%zu,\"metric\":\"%s\","
			       "\"unit\":\"ns\",\"value\":%.1f}\n",
			       bench_case_names[b->which], b->impl[impl], b->size[size],
			       metric_names[m], median(c));
	}
	flush();
}

static void print_size(size_t size)
{
	char text[32];

	if (size >= 1048576 && size % 1048576 == 0)
		snprintf(text, sizeof(text), "%zu MiB", size / 1048576);
	else if (size >= 1024 && size % 1024 == 0)
		snprintf(text, sizeof(text), "%zu KiB", size / 1024);
	else
		snprintf(text, sizeof(text), "%zu B", size);
	printf("  %19s", text);
}

static void print_cell(const struct cell *c, const struct cell *yardstick)
{
	double value = median(c);
	char   ratio[16] = "", around[8];

	if (!c->n) {
		printf("  %19s", "-");
		return;
	}
	if (yardstick->n)
		snprintf(ratio, sizeof(ratio), "%.2fx", value / median(yardstick));
	if (spread(c) < 99.5)
		snprintf(around, sizeof(around), "%2.0f%%", spread(c));
	else
		snprintf(around, sizeof(around), ">99%%");
	printf("  %7.*f \302\261%-4s%6s", value < 100 ? 1 : 0, value, around, ratio);
}

static int is_measured(const struct block *b, int metric)
{
	for (unsigned i = 0; i < b->n_impls; i++)
		for (unsigned s = 0; s < b->n_sizes; s++)
			if (b->cell[i][s][metric].n)
				return 1;
	return 0;
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

static void print_metric(const struct block *b, int metric)
{
	static const struct cell none;
	int                      yardstick = b->n_impls && strcmp(b->impl[0], "yardstick") == 0;

	printf("%s, %s\n%-16s", case_titles[b->which], metric_titles[metric], "");
	for (unsigned s = 0; s < b->n_sizes; s++)
		print_size(b->size[s]);
	printf("\n");
	for (unsigned i = 0; i < b->n_impls; i++) {
		printf("%-16s", b->impl[i]);
		for (unsigned s = 0; s < b->n_sizes; s++)
			print_cell(&b->cell[i][s][metric],
				   yardstick ? &b->cell[0][s][metric] : &none);
		printf("\n");
	}
	printf("medians of %u rounds, half the distance of their quartiles, ratio to the yardstick; "
	       "a cache line takes %.0f ns (\302\261%.0f%%) there and back\n\n",
	       rounds_of(b, metric), median(&b->line), b->line.n ? spread(&b->line) : 0);
}

void report_table(const struct block *b)
{
	for (int m = 0; m < N_METRICS; m++)
		if (is_measured(b, m))
			print_metric(b, m);
	flush();
}

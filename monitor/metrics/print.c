/*
 * print.c - lines of the two formats
 */
#include "metrics/metrics.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

static const char *const type_names[] = {"gauge", "counter", "histogram"};

/* OpenMetrics names a counter without the "_total" that its samples have. */
static const char *total(const struct metric_out *out, const struct metric *m)
{
	return m->type == METRIC_COUNTER && !out->open_metrics ? "_total" : "";
}

void metric_begin(const struct metric_out *out, const struct metric *m)
{
	fprintf(out->to, "# HELP %s%s %s\n# TYPE %s%s %s\n", m->name, total(out, m), m->help,
		m->name, total(out, m), type_names[m->type]);
}

/* The shortest of two that reads back as the same. */
static void print_number(FILE *to, double value)
{
	char text[40];

	if (isinf(value)) {
		fputs(value > 0 ? "+Inf" : "-Inf", to);
		return;
	}
	snprintf(text, sizeof(text), "%.15g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof(text), "%.17g", value);
	fputs(text, to);
}

void metric_sample(const struct metric_out *out, const struct metric *m, const char *suffix,
		   const char *labels, double value)
{
	char domain[METRIC_LABELS_BYTES] = "";

	metric_label(domain, "domain", out->domain);
	fprintf(out->to, "%s%s%s{%s%s} ", m->name, m->type == METRIC_COUNTER ? "_total" : "",
		suffix, domain + 1, labels);
	print_number(out->to, value);
	putc('\n', out->to);
}

/* Backslash, quote and newline have an escape; broken UTF-8 would spoil the whole exposition. */
static size_t put_escaped(char *to, uint32_t c)
{
	if (c == UTF8_BAD)
		c = UTF8_REPLACE;
	if (c != '\\' && c != '"' && c != '\n')
		return utf8_put(to, c);
	to[0] = '\\';
	to[1] = c == '\n' ? 'n' : (char)c;
	return 2;
}

void metric_label(char labels[METRIC_LABELS_BYTES], const char *name, const char *value)
{
	size_t   at = strlen(labels);
	uint32_t c;
	int      n = snprintf(labels + at, METRIC_LABELS_BYTES - at, ",%s=\"", name);

	if (n < 0 || at + (size_t)n + UTF8_MAX + 2 > METRIC_LABELS_BYTES) {
		labels[at] = 0;
		return;
	}
	at += (size_t)n;
	while (at + UTF8_MAX + 2 <= METRIC_LABELS_BYTES && (c = utf8_next(&value)) != 0)
		at += put_escaped(labels + at, c);
	labels[at] = '"';
	labels[at + 1] = 0;
}

void metrics_print(FILE *to, const struct metrics *m, int open_metrics)
{
	struct metric_out out = {to, m->domain, open_metrics};

	if (m->frame != NULL)
		out.domain = m->frame->s->domain;
	metrics_of_domain(&out, m);
	if (m->frame != NULL)
		metrics_of_channels(&out, m);
	if (open_metrics)
		fputs("# EOF\n", to);
}

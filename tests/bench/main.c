/*
 * main.c - ipcbench: how long a message takes
 *
 *     ipcbench [--json | --markdown | --bars] [--case C] [--impl I] [--size N] [--seconds S] …
 *
 * All implementations of one case and size take turns, round by round, in one run: figures of
 * different runs of a virtual machine cannot be compared.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bars.h"
#include "clock.h"
#include "options.h"
#include "report.h"
#include "round.h"

static const size_t all_sizes[] = {8, 64, 256, 1024, 65536, 1048576};

/* Waking takes as long whatever is sent: one size says it. */
static void default_sizes(struct block *b)
{
	if (b->which == CASE_WAKEUP) {
		b->size[b->n_sizes++] = 64;
		return;
	}
	memcpy(b->size, all_sizes, sizeof(all_sizes));
	b->n_sizes = sizeof(all_sizes) / sizeof(*all_sizes);
}

static int measure_case(const struct options *o, enum bench_case which)
{
	struct block *b = calloc(1, sizeof(*b));
	int           bad;

	if (!b)
		return 1;
	b->which = which;
	b->n_impls = o->n_impls;
	memcpy(b->impl, o->impl, sizeof(b->impl));
	b->n_sizes = o->n_sizes;
	memcpy(b->size, o->size, sizeof(b->size));
	if (!b->n_sizes)
		default_sizes(b);
	bad = measure(b, &o->effort, o->output == OUTPUT_JSON ? report_json : NULL);
	if (o->output == OUTPUT_TABLE)
		report_table(b);
	free(b);
	return bad;
}

static void say_what_is_missing(void)
{
	for (int i = 0; bench_missing[i].name; i++)
		fprintf(stderr, "%s%s",
			i ? ", " : "ipcbench: not installed, left out: ", bench_missing[i].name);
	if (bench_missing[0].name)
		fprintf(stderr, " (make bench-deps)\n");
}

/* A domain of its own, unless one was asked for: other programs are not to be measured. */
static void set_up(void)
{
	char     domain[32];
	sigset_t set;

	snprintf(domain, sizeof(domain), "bench-%d", (int)getpid());
	setenv("IPC_DOMAIN", domain, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN); /* see report_flush() */
	clock_calibrate();
	round_choose_cpus();
}

int main(int argc, char **argv)
{
	struct options o = {.effort = {.seconds = 1, .rounds = 12}};
	int            bad = 0;

	bench_impls_find();
	options_parse(&o, argc, argv);
	set_up();
	if (o.output != OUTPUT_JSON)
		say_what_is_missing();
	if (o.output == OUTPUT_BARS)
		return bars_run(&o.effort);
	if (o.output == OUTPUT_MARKDOWN)
		return report_markdown(&o.effort);
	for (int i = 0; i < N_CASES; i++)
		if (o.cases & 1u << i)
			bad |= measure_case(&o, (enum bench_case)i);
	return bad;
}

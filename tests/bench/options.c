#include "options.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "round.h"

#define MAX_SIZE (1024 * 1024 * 1024)

static void usage(FILE *out)
{
	fputs("usage: ipcbench [--json | --markdown | --bars] [--case C] [--impl I] [--size N]\n"
	      "                [--seconds S] [--rounds N]\n"
	      "\n"
	      "  --json       a line of JSON for each figure, instead of tables\n"
	      "  --markdown   the tables of the README, which say all in short\n"
	      "  --bars       what libipc promises, and whether it is kept\n"
	      "  --list       which implementations are here, and what those missing need\n"
	      "  --case C    ",
	      out);
	for (int i = 0; i < N_CASES; i++)
		fprintf(out, " %s", bench_cases[i]->name);
	fputs(" (all)\n"
	      "  --impl I     as listed (all)\n"
	      "  --size N     of a message, 8 or more [bytes] (8 to 1048576, six of them)\n"
	      "  --seconds S  for each combination of these (1)\n"
	      "  --rounds N   in which it is measured, taking turns (12)\n"
	      "\n"
	      "--case, --impl and --size may be given several times.\n",
	      out);
}

static _Noreturn void list(void)
{
	for (int i = 0; bench_impls[i]; i++) {
		printf("%-16s %-6s ", bench_impls[i]->name,
		       bench_impls[i]->spins ? "spins" : "sleeps");
		for (int c = 0; c < N_CASES; c++)
			if (bench_impls[i]->cases & 1u << c)
				printf(" %s", bench_cases[c]->name);
		printf("\n");
	}
	for (int i = 0; bench_missing[i].name; i++)
		printf("%-16s left out: was built without %s (make bench-deps)\n",
		       bench_missing[i].name, bench_missing[i].package);
	exit(0);
}

static _Noreturn void wrong(const char *option, const char *text)
{
	fprintf(stderr, "ipcbench: --%s %s?\n\n", option, text);
	usage(stderr);
	exit(2);
}

static void add_case(struct options *o, const char *text)
{
	for (int i = 0; i < N_CASES; i++) {
		if (strcmp(bench_cases[i]->name, text) == 0) {
			o->cases |= 1u << i;
			return;
		}
	}
	wrong("case", text);
}

static void add_impl(struct options *o, const char *text)
{
	for (int i = 0; bench_missing[i].name; i++) {
		if (strcmp(bench_missing[i].name, text) == 0) {
			fprintf(stderr, "ipcbench: %s was left out: built without %s\n", text,
				bench_missing[i].package);
			exit(2);
		}
	}
	for (int i = 0; bench_impls[i]; i++) {
		if (strcmp(bench_impls[i]->name, text) == 0 && o->n_impls < MAX_IMPLS) {
			o->impl[o->n_impls++] = bench_impls[i];
			return;
		}
	}
	wrong("impl", text);
}

static void add_size(struct options *o, const char *text)
{
	char         *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || n < 8 || n > MAX_SIZE || o->n_sizes == MAX_SIZES)
		wrong("size", text);
	o->size[o->n_sizes++] = n;
}

static void set_effort(struct options *o, int is_rounds, const char *text)
{
	char  *end;
	double v = strtod(text, &end);

	if (*end || !(v > 0) || v > 3600 || (is_rounds && (v != floor(v) || v > MAX_ROUNDS)))
		wrong(is_rounds ? "rounds" : "seconds", text);
	if (is_rounds)
		o->effort.rounds = (unsigned)v;
	else
		o->effort.seconds = v;
}

static void default_rest(struct options *o)
{
	if (!o->cases)
		o->cases = ALL_CASES;
	if (!o->n_impls)
		for (; bench_impls[o->n_impls]; o->n_impls++)
			o->impl[o->n_impls] = bench_impls[o->n_impls];
}

void options_parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"markdown", no_argument, NULL, 'm'},
		{"bars", no_argument, NULL, 'b'},
		{"list", no_argument, NULL, 'l'},
		{"case", required_argument, NULL, 'c'},
		{"impl", required_argument, NULL, 'i'},
		{"size", required_argument, NULL, 's'},
		{"seconds", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{"rounds", required_argument, NULL, 'r'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'j': o->output = OUTPUT_JSON; break;
		case 'm': o->output = OUTPUT_MARKDOWN; break;
		case 'b': o->output = OUTPUT_BARS; break;
		case 'l': list();
		case 'c': add_case(o, optarg); break;
		case 'i': add_impl(o, optarg); break;
		case 's': add_size(o, optarg); break;
		case 't': set_effort(o, 0, optarg); break;
		case 'r': set_effort(o, 1, optarg); break;
		case 'h': usage(stdout); exit(0);
		default: usage(stderr); exit(2);
		}
	}
	if (optind < argc)
		wrong("", argv[optind]);
	default_rest(o);
}

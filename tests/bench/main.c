/*
 * main.c - ipcbench: how long a message takes
 *
 *     ipcbench [--json] [--case C] [--impl I] [--size N] [--seconds S] [--rounds N]
 *
 * Every option but --seconds and --rounds may be given several times. All implementations of one
 * case and size take turns, round by round, in one run: figures of different runs of a virtual
 * machine cannot be compared.
 */

#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "clock.h"
#include "report.h"
#include "round.h"

#define IN_FLIGHT_BYTES (4 * 1024 * 1024) /* most that a channel is asked to hold */
#define MAX_DEPTH       256               /* messages; what a pipe of libipc holds by itself */
#define MIN_DEPTH       4
#define MAX_SIZE        (1024 * 1024 * 1024)

struct options {
	int                      json;
	double                   seconds; /* for each measurement, all rounds together */
	unsigned                 rounds;
	unsigned                 cases; /* bits */
	unsigned                 n_sizes, n_impls;
	size_t                   size[MAX_SIZES];
	const struct bench_impl *impl[MAX_IMPLS];
};

/* ---- measuring ------------------------------------------------------------------------------- */

static size_t depth_for(size_t size)
{
	size_t n = IN_FLIGHT_BYTES / size;

	return n > MAX_DEPTH ? MAX_DEPTH : n < MIN_DEPTH ? MIN_DEPTH : n;
}

static int can(const struct bench_impl *impl, enum bench_case which, size_t size)
{
	if (!(impl->cases & 1u << which) || (impl->max_size && size > impl->max_size))
		return 0;
	return which != CASE_MANYTOMANY || !impl->max_many || size <= impl->max_many;
}

static int measure_size(const struct options *o, struct block *b, unsigned i_size)
{
	const struct bench_plan plan = {.which = b->which,
					.size = b->size[i_size],
					.depth = depth_for(b->size[i_size]),
					.seconds = o->seconds / o->rounds};
	int                     out[MAX_IMPLS] = {0}, bad = 0;

	for (unsigned round = 0; round < o->rounds; round++) {
		cell_add(&b->line, round_line());
		for (unsigned i = 0; i < o->n_impls; i++) {
			double value[N_METRICS];

			if (out[i] || !can(o->impl[i], plan.which, plan.size))
				continue;
			out[i] = round_run(o->impl[i], &plan, value);
			bad |= out[i] < 0;
			for (int m = 0; m < N_METRICS && out[i] == 0; m++)
				cell_add(&b->cell[i][i_size][m], value[m]);
		}
	}
	for (unsigned i = 0; i < o->n_impls && o->json; i++)
		report_json(b, i, i_size);
	return bad;
}

static int measure_case(const struct options *o, enum bench_case which)
{
	struct block *b = calloc(1, sizeof(*b));
	int           bad = 0;

	if (!b)
		return 1;
	b->which = which;
	b->n_impls = o->n_impls;
	b->n_sizes = o->n_sizes;
	memcpy(b->size, o->size, sizeof(b->size));
	for (unsigned i = 0; i < o->n_impls; i++)
		b->impl[i] = o->impl[i]->name;
	for (unsigned s = 0; s < o->n_sizes; s++) {
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r\033[K%s, %zu bytes ...", bench_case_names[which],
				b->size[s]);
		bad |= measure_size(o, b, s);
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	if (!o->json)
		report_table(b);
	free(b);
	return bad;
}

/* ---- the command line ----------------------------------------------------------------------------- */

static void usage(FILE *out)
{
	fputs("usage: ipcbench [--json] [--case C] [--impl I] [--size N] [--seconds S] [--rounds N]\n"
	      "\n"
	      "  --json       a line of JSON for each figure, instead of tables\n"
	      "  --case C     oneway, roundtrip, manytomany (all)\n"
	      "  --impl I     ",
	      out);
	for (int i = 0; bench_impls[i]; i++)
		fprintf(out, "%s%s", i ? ", " : "", bench_impls[i]->name);
	fputs(" (all)\n"
	      "  --size N     of a message, a multiple of 8 [bytes] (8 to 1048576, six of them)\n"
	      "  --seconds S  for each combination of these (1)\n"
	      "  --rounds N   in which it is measured, taking turns (12)\n",
	      out);
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
		if (strcmp(bench_case_names[i], text) == 0) {
			o->cases |= 1u << i;
			return;
		}
	}
	wrong("case", text);
}

static void add_impl(struct options *o, const char *text)
{
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

	if (*end || n == 0 || n % 8 || n > MAX_SIZE || o->n_sizes == MAX_SIZES)
		wrong("size", text);
	o->size[o->n_sizes++] = n;
}

static void set_time(struct options *o, int is_rounds, const char *text)
{
	char  *end;
	double v = strtod(text, &end);

	if (*end || !(v > 0) || v > 3600 || (is_rounds && (v != floor(v) || v > MAX_ROUNDS)))
		wrong(is_rounds ? "rounds" : "seconds", text);
	if (is_rounds)
		o->rounds = (unsigned)v;
	else
		o->seconds = v;
}

static void default_rest(struct options *o)
{
	static const size_t sizes[] = {8, 64, 256, 1024, 65536, 1048576};

	if (!o->cases)
		o->cases = ALL_CASES;
	if (!o->n_impls)
		for (; bench_impls[o->n_impls]; o->n_impls++)
			o->impl[o->n_impls] = bench_impls[o->n_impls];
	if (!o->n_sizes)
		for (; o->n_sizes < sizeof(sizes) / sizeof(*sizes); o->n_sizes++)
			o->size[o->n_sizes] = sizes[o->n_sizes];
}

static void parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},          {"case", required_argument, NULL, 'c'},
		{"impl", required_argument, NULL, 'i'},    {"size", required_argument, NULL, 's'},
		{"seconds", required_argument, NULL, 't'}, {"rounds", required_argument, NULL, 'r'},
		{"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'j': o->json = 1; break;
		case 'c': add_case(o, optarg); break;
		case 'i': add_impl(o, optarg); break;
		case 's': add_size(o, optarg); break;
		case 't': set_time(o, 0, optarg); break;
		case 'r': set_time(o, 1, optarg); break;
		case 'h': usage(stdout); exit(0);
		default: usage(stderr); exit(2);
		}
	}
	if (optind < argc)
		wrong("", argv[optind]);
	default_rest(o);
}

int main(int argc, char **argv)
{
	struct options o = {.seconds = 1, .rounds = 12};
	char           domain[32];
	sigset_t       set;
	int            bad = 0;

	parse(&o, argc, argv);
	/* A domain of its own, unless one was asked for: other programs are not to be measured. */
	snprintf(domain, sizeof(domain), "bench-%d", (int)getpid());
	setenv("IPC_DOMAIN", domain, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN); /* see flush() in report.c */
	clock_calibrate();
	round_choose_cpus();
	for (int i = 0; i < N_CASES; i++)
		if (o.cases & 1u << i)
			bad |= measure_case(&o, (enum bench_case)i);
	return bad;
}

/*
 * ipccrash - kill one of several processes at every instruction that matters
 *
 * For each operation in each context: a first run lists where, on the victim's way, the
 * shared memory of the domain changes or the kernel was asked for something. Then the
 * same again for each of these places, and there the victim is killed; the others go on,
 * and everything they may rely on is verified. Results as TAP on standard output.
 */

#include <fnmatch.h>
#include <getopt.h>
#include <sys/stat.h>

#include "coverage.h"
#include "figures.h"
#include "operations.h"
#include "pool.h"
#include "row.h"
#include "storm.h"
#include "support/test.h"

static const char usage[] =
	"usage: ipccrash [OPTION]... [PATTERN]\n"
	"Kill processes in the middle of operations whose \"name: context\" matches PATTERN.\n"
	"  -n N   at most N places of each                  -j N   so many trials at a time\n"
	"  -r N   at most N places at one address           -v     every failure\n"
	"  -d N   then kill who recovers from that, N times; -m N: at most at N places\n"
	"  -p     pairs: another one stands still in the middle of its own operation (-n of them)\n"
	"  -t     do not kill: let the victim stand still for some slices\n"
	"  -k N   N random kills at full speed instead      -w N   of so many workers\n"
	"  -s N   seed of what is random                    -l     list operations\n"
	"  -x     stop at the first failure\n"
	"  -o F   tables of what came of it, behind what is in file F\n";

struct options {
	struct row_options row;
	unsigned           jobs, workers;
	uint64_t           kills;
	bool               list;
	const char        *pattern, *page;
};

static struct options options = {
	.row = {.repeats = 3, .seed = 1},
	.jobs = 3,
	.workers = 6,
};

static unsigned n_rows, n_failed;

/* ---- rows -------------------------------------------------------------------------------- */

static void report(const struct row *row)
{
	printf("%sok %u - %s: %s\n", row->n_failed ? "not " : "", ++n_rows, row->op->name,
	       row->context->name);
	printf("# %llu steps, %llu images, %llu trials (%llu elsewhere than listed), longest wait "
	       "%.0f ms\n",
	       (unsigned long long)row->n_steps, (unsigned long long)row->n_images,
	       (unsigned long long)row->n_trials, (unsigned long long)row->n_drifted,
	       (double)row->longest_ns / 1e6);
	if (row->n_failed)
		printf("# %u failed; one of them: %s\n", row->n_failed, row->failure);
	(void)fflush(stdout);
	n_failed += row->n_failed > 0;
	figures_add(row);
}

static bool wanted(const struct operation *op, const struct context *x)
{
	char name[200];

	(void)snprintf(name, sizeof(name), "%s: %s", op->name, x->name);
	return !options.pattern || fnmatch(options.pattern, name, 0) == 0;
}

static void run(const struct operation *op, const struct context *x)
{
	struct row row = {.op = op, .context = x, .options = &options.row};

	if (options.row.first && n_failed)
		return;
	row_run(&row);
	report(&row);
}

static unsigned for_each_row(void (*fn)(const struct operation *op, const struct context *x))
{
	unsigned n = 0;

	for (unsigned table = 0; table < n_operation_tables; table++) {
		if (fn == run)
			figures_group(operation_tables[table]->name);
		for (unsigned i = 0; i < operation_tables[table]->n; i++) {
			const struct operation *op = &operation_tables[table]->op[i];

			for (unsigned k = 0; k < op->n_contexts; k++) {
				if (!wanted(op, &op->context[k]))
					continue;
				n++;
				if (fn)
					fn(op, &op->context[k]);
			}
		}
	}
	return n;
}

static void name(const struct operation *op, const struct context *x)
{
	printf("%s: %s\n", op->name, x->name);
}

static int run_rows(void)
{
	uint64_t began = test_now();

	printf("1..%u\n", for_each_row(NULL));
	(void)for_each_row(run);
	return figures_close((double)(test_now() - began) / 1e9) ? 0 : 1;
}

/* ---- the storm ---------------------------------------------------------------------------- */

static int run_storm(const char *dir)
{
	const struct storm_options o = {.dir = dir,
					.seed = options.row.seed,
					.kills = options.kills,
					.workers = options.workers};
	struct storm_result        r;
	const char                *why;
	bool                       fine;

	if (step_possible(&why))
		coverage_begin();
	fine = storm(&o, &r);

	printf("1..1\n%sok 1 - %llu random kills of %u processes, seed %u\n", fine ? "" : "not ",
	       (unsigned long long)r.kills, o.workers, o.seed);
	figures_storm(&o, &r);
	if (!fine)
		printf("# %s\n", r.failure);
	return !fine;
}

/* ---- the program --------------------------------------------------------------------------- */

static void set_option(int c)
{
	unsigned long n = optarg ? strtoul(optarg, NULL, 10) : 0;

	switch (c) {
	case 'j': options.jobs = (unsigned)n; break;
	case 'n': options.row.most = (unsigned)n; break;
	case 'm': options.row.deep = (unsigned)n; break;
	case 'r': options.row.repeats = (unsigned)n; break;
	case 'd':
		options.row.depth = n < DEPTH_MAX ? (unsigned)n : DEPTH_MAX - 1;
		options.row.mode = ROW_RECOVER;
		break;
	case 'p': options.row.mode = ROW_PAIR; break;
	case 't': options.row.mode = ROW_STOP; break;
	case 's': options.row.seed = (uint32_t)n; break;
	case 'k': options.kills = n; break;
	case 'w': options.workers = (unsigned)n; break;
	case 'o': options.page = optarg; break;
	case 'l': options.list = true; break;
	case 'x': options.row.first = true; break;
	case 'v': options.row.verbose = true; break;
	default: (void)fputs(usage, stderr); exit(2);
	}
}

static int run_all(void)
{
	char dir[400];
	int  r;

	(void)snprintf(dir, sizeof(dir), "%s/crash.%d", test_ipc_dir(), (int)getpid());
	if (mkdir(dir, 0700) < 0) {
		(void)fprintf(stderr, "mkdir %s: %s\n", dir, strerror(errno));
		return 2;
	}
	pool_open(options.jobs, dir);
	figures_open(options.page);
	r = options.kills ? run_storm(dir) : run_rows();
	remove_tree(dir);
	return r;
}

int main(int argc, char **argv)
{
	const char *why;
	int         c;

	while ((c = getopt(argc, argv, "j:n:m:r:d:pts:k:w:o:xlvh")) >= 0)
		set_option(c);
	options.pattern = optind < argc ? argv[optind] : NULL;
	if (options.list)
		return for_each_row(name) ? 0 : 1;
	if (!step_possible(&why) && !options.kills) {
		printf("1..0 # SKIP %s\n", why);
		return 77;
	}
	return run_all();
}

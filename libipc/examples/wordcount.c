/*
 * wordcount.c - count the words of all files below a folder, with several processes
 *
 *     wordcount [--workers N] [--repeat N] [--verify] [--respawn] [DIR]
 *
 * This is a whole program on a real input: who does what and how they talk to each other is
 * drawn in wordcount/job.h, and each process is one file beside it. Here is what the main
 * process does: make what they share, start them, watch, and end them.
 *
 * With --repeat the processes stay and count again and again: the walker goes on with the next
 * round while main looks at the last one, so that there is always something to see in ipcmon.
 *
 * With --respawn workers may be killed at any instruction, by anybody: the count is right all
 * the same. --kill-every does it to its own.
 */

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wordcount/crew.h"
#include "wordcount/job.h"
#include "wordcount/result.h"

#define FIRST_TABLE  (512 * 1024)  /* words, in 20 MiB; a large /usr/include has 330 000 */
#define LAST_TABLE   (1u << 28)    /* words; where sizes of 32 bits end */
#define SLICE_NS     IPC_MSEC(100) /* how long an interruption may go unnoticed */
#define RESPAWN_NS   IPC_MSEC(10)  /* how long a worker may be missing */
#define SILENT_NS    IPC_SEC(5) /* without a word from the reducer when it has been told to end */
#define MANY_WORKERS 10000

struct run {
	struct job        job;
	struct crew       crew;
	ipc_nsec          kill_every; /* a worker; 0: none */
	ipc_nsec          next_kill;
	struct reference *reference; /* NULL: nothing to compare with */
	struct result     result;    /* of the last round that was completed */
	int               full;      /* the table was too small */
	int               failed;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* ---- watching ------------------------------------------------------------------------------- */

static int lock_table(struct run *run)
{
	int r = ipc_mutex_lock(&run->job.shared->lock, IPC_FOREVER);

	/* The reducer was killed over a change: what is there cannot be used. */
	if (r == -EOWNERDEAD)
		ipc_mutex_unlock(&run->job.shared->lock);
	return r;
}

static void on_round_end(struct run *run)
{
	struct shared *s = run->job.shared;
	int            r = lock_table(run);

	if (r < 0) {
		complain("lock", r);
		run->failed = 1;
		return;
	}
	if (!run->full) {
		result_take(&run->result, &s->totals, &s->table);
		if (run->reference && reference_differs(run->reference, &s->totals, &s->table))
			run->failed = 1;
	}
	ipc_mutex_unlock(&s->lock);
	if (run->failed)
		crew_stop(&run->crew);
	/* The reducer may go on; if it has ended instead, the next recv will tell. */
	r = ipc_conn_send(run->job.progress[0], NULL, 0, IPC_FOREVER);
	if (r < 0 && r != -EPIPE)
		complain("progress", r);
}

static void show(const struct run *run, const struct progress *p)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[Kround %lu: %lu files, %.1f MB, %lu words, %lu distinct",
			run->result.rounds + 1, (unsigned long)p->totals.files,
			(double)p->totals.bytes / 1e6, (unsigned long)p->totals.words,
			(unsigned long)p->distinct);
}

static ipc_nsec now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return IPC_SEC(t.tv_sec) + t.tv_nsec;
}

static void kill_when_it_is_time(struct run *run)
{
	ipc_nsec t = now();

	if (!run->kill_every || run->crew.stopped || t < run->next_kill)
		return;
	run->next_kill += run->kill_every;
	if (run->next_kill < t) /* no flurry of kills after main was busy */
		run->next_kill = t + run->kill_every;
	crew_kill_one(&run->crew);
}

/* How long main may listen: signals do not end a call of the library. */
static ipc_nsec slice(const struct run *run)
{
	ipc_nsec ns = run->job.respawn ? RESPAWN_NS : SLICE_NS;
	ipc_nsec left = run->next_kill - now();

	if (run->kill_every && !run->crew.stopped && left < ns)
		ns = left > 0 ? left : 1;
	return ns;
}

/* What the reducer said, if it did: it is the last to have something to say. */
static void hear(struct run *run, const struct progress *p)
{
	if (p->kind == PROGRESS_SO_FAR)
		show(run, p);
	if (p->kind == PROGRESS_ROUND_END)
		on_round_end(run);
	if (p->kind == PROGRESS_TABLE_FULL)
		run->full = 1;
}

/* Until the reducer has closed its end. */
static void watch(struct run *run)
{
	struct progress p;
	ipc_nsec        silent_since = 0;
	ssize_t         n = 0;

	while (silent_since == 0 || now() - silent_since < SILENT_NS) {
		n = ipc_conn_recv(run->job.progress[0], &p, sizeof(p), slice(run));
		if (n < 0 && n != -ETIMEDOUT)
			break;
		if (n >= 0 || !run->crew.stopped)
			silent_since = 0;
		else if (silent_since == 0)
			silent_since = now();
		if (n > 0)
			hear(run, &p);
		if (interrupted || run->full)
			crew_stop(&run->crew);
		kill_when_it_is_time(run);
		crew_reap(&run->crew, IPC_NOW);
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	if (n < 0 && n != -EPIPE && n != -ETIMEDOUT) {
		complain("progress", (int)n);
		run->failed = 1;
	}
}

/* One set of processes from start to end; all rounds, unless the table turns out too small. */
static void run_once(struct run *run, uint32_t max_words)
{
	run->full = 0;
	if (job_open(&run->job, max_words) < 0) {
		run->failed = 1;
		return;
	}
	if (crew_start(&run->crew) < 0)
		run->failed = 1;
	if (run->failed)
		crew_stop(&run->crew);
	watch(run);
	crew_stop(&run->crew); /* for those who still wait for a reducer that has failed */
	crew_end(&run->crew);
	run->failed |= run->crew.failed;
	job_close(&run->job);
}

static void run_until_it_fits(struct run *run)
{
	uint32_t max_words = FIRST_TABLE;

	for (;;) {
		run_once(run, max_words);
		if (!run->full || run->failed || interrupted)
			return;
		if (max_words > LAST_TABLE / 4) {
			fprintf(stderr, "wordcount: more than %u distinct words\n", max_words);
			run->failed = 1;
			return;
		}
		max_words *= 4;
		fprintf(stderr, "wordcount: starting over with room for %u distinct words\n",
			max_words);
	}
}

/* ---- the command ------------------------------------------------------------------------------ */

/* /usr/include, or where there is none, the project this program was built in. */
static const char *default_dir(char *buf, size_t size)
{
	ssize_t n;

	if (access("/usr/include/stdio.h", R_OK) == 0)
		return "/usr/include";
	n = readlink("/proc/self/exe", buf, size - 1);
	for (int up = 0; n > 0 && up < 3; up++) /* build/examples/wordcount */
		do
			n--;
		while (n > 0 && buf[n] != '/');
	if (n <= 0)
		return ".";
	buf[n] = 0;
	return buf;
}

static unsigned long number(const char *what, const char *text, unsigned long min,
			    unsigned long max)
{
	char         *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || n < min || n > max) {
		fprintf(stderr, "wordcount: --%s: a number from %lu to %lu, not '%s'\n", what, min,
			max, text);
		exit(2);
	}
	return n;
}

/* "50ms", "2s"; [ns] */
static ipc_nsec span(const char *what, const char *text)
{
	char         *unit;
	unsigned long n = strtoul(text, &unit, 10);

	if (n > 0 && n <= 3600000 && unit != text && *text != '-') {
		if (strcmp(unit, "ms") == 0)
			return IPC_MSEC(n);
		if (strcmp(unit, "s") == 0)
			return IPC_SEC(n);
	}
	fprintf(stderr, "wordcount: --%s: a time like 50ms or 2s, not '%s'\n", what, text);
	exit(2);
}

static void usage(FILE *out)
{
	fputs("usage: wordcount [--workers N] [--repeat N] [--verify] [--respawn] [DIR]\n"
	      "\n"
	      "Count the words of all files below DIR (/usr/include) with several processes.\n"
	      "\n"
	      "  -w, --workers N        processes that read files (4)\n"
	      "  -r, --repeat N         count N times (1); 0: until interrupted\n"
	      "  -v, --verify           compare with a count by one process; exit status 1 if it\n"
	      "                         differs\n"
	      "  -R, --respawn          start a new worker for each one that is killed, by whomever;\n"
	      "                         what it was at is counted again, and once\n"
	      "  -k, --kill-every TIME  kill a random worker each TIME (50ms, 2s); with --respawn\n"
	      "  -h, --help             this text\n",
	      out);
}

static int parse_option(struct run *run, int c, int *verify)
{
	switch (c) {
	case 'w':
		run->job.n_workers = (unsigned)number("workers", optarg, 1, MANY_WORKERS);
		return 0;
	case 'r': run->job.n_rounds = number("repeat", optarg, 0, ULONG_MAX); return 0;
	case 'k': run->kill_every = span("kill-every", optarg); return 0;
	case 'R': return run->job.respawn = 1, 0;
	case 'v': return *verify = 1, 0;
	case 'h': usage(stdout); exit(0);
	default: return -EINVAL;
	}
}

static int parse(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
		{"workers", required_argument, NULL, 'w'},
		{"repeat", required_argument, NULL, 'r'},
		{"verify", no_argument, NULL, 'v'},
		{"respawn", no_argument, NULL, 'R'},
		{"kill-every", required_argument, NULL, 'k'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int verify = 0, r = 0, c;

	while (r == 0 && (c = getopt_long(argc, argv, "w:r:vRk:h", options, NULL)) != -1)
		r = parse_option(run, c, &verify);
	if (r == 0 && run->kill_every && !run->job.respawn)
		r = -EINVAL;
	if (r < 0 || argc - optind > 1) {
		usage(stderr);
		exit(2);
	}
	if (optind < argc)
		run->job.dir = argv[optind];
	return verify;
}

static void conclude(const struct run *run)
{
	const struct result *res = &run->result;

	if (res->rounds)
		result_print(res, run->job.dir, stdout);
	if (run->job.n_rounds != 1)
		printf("\n%lu rounds%s\n", res->rounds, interrupted ? ", then interrupted" : "");
	if (run->job.respawn)
		printf("\n%lu workers were killed and replaced\n", run->crew.n_replaced);
	if (run->reference && res->rounds && !run->failed)
		printf("\nverified: one process alone counts the same\n");
}

/* What to compare with, if that was asked for. */
static int prepare(struct run *run, struct reference *reference, int verify)
{
	int r;

	if (access(run->job.dir, R_OK) < 0) {
		fprintf(stderr, "wordcount: %s: %s\n", run->job.dir, strerror(errno));
		return -errno;
	}
	if (!verify)
		return 0;
	r = reference_count(reference, run->job.dir);
	if (r < 0)
		fprintf(stderr, "wordcount: %s: %s\n", run->job.dir, strerror(-r));
	run->reference = reference;
	return r;
}

int main(int argc, char **argv)
{
	const struct sigaction act = {.sa_handler = on_signal};
	struct run             run = {.job = {.n_workers = 4, .n_rounds = 1}};
	struct reference       reference = {.table = NULL};
	char                   dir[4096];
	int                    verify;

	run.job.dir = default_dir(dir, sizeof(dir));
	verify = parse(&run, argc, argv);
	if (crew_init(&run.crew, &run.job) < 0 || prepare(&run, &reference, verify) < 0) {
		run.failed = 1;
	} else {
		sigaction(SIGINT, &act, NULL);
		sigaction(SIGTERM, &act, NULL);
		run_until_it_fits(&run);
		conclude(&run);
	}
	free(reference.table);
	crew_free(&run.crew);
	if (interrupted && run.job.n_rounds != 0)
		return 128 + SIGINT;
	return run.failed || run.result.rounds == 0;
}

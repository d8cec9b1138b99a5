/*
 * wordcount.c - count the words of all files below a folder, with several processes
 *
 *     wordcount [--workers N] [--repeat N] [--verify] [DIR]
 *
 * This is a whole program on a real input: who does what and how they talk to each other is
 * drawn in wordcount/job.h, and each process is one file beside it. Here is what the main
 * process does: make what they share, start them, watch, and end them.
 *
 * With --repeat the processes stay and count again and again: the walker goes on with the next
 * round while main looks at the last one, so that there is always something to see in ipcmon.
 */

#include <errno.h>
#include <getopt.h>
#include <ipc/proc.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "wordcount/job.h"
#include "wordcount/result.h"

#define FIRST_TABLE  (512 * 1024)  /* words, in 20 MiB; a large /usr/include has 330 000 */
#define LAST_TABLE   (1u << 28)    /* words; where sizes of 32 bits end */
#define SLICE_NS     IPC_MSEC(100) /* how long an interruption may go unnoticed */
#define GRACE_SLICES 50         /* without a word from the reducer when it has been told to end */
#define GRACE_NS     IPC_SEC(5) /* for a process to end when it has been told to */
#define MANY_WORKERS 10000

struct child {
	ipc_proc *proc;
	int (*run)(void *arg);
	char name[16];
};

struct run {
	struct job        job;
	struct child     *child;
	unsigned          n_children;
	struct reference *reference; /* NULL: nothing to compare with */
	struct result     result;    /* of the last round that was completed */
	int               stopped;   /* job_stop() was called */
	int               full;      /* the table was too small */
	int               failed;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* ---- the other processes ------------------------------------------------------------------- */

static int child_main(void *arg)
{
	struct run *run = arg;

	/* Ctrl-C reaches all of us; main decides what comes of it. Without main there is no sense
	 * in going on. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return run->child[run->n_children].run(&run->job);
}

static int start(struct run *run, const char *name, int (*fn)(void *arg))
{
	struct child *c = &run->child[run->n_children];
	int           r;

	snprintf(c->name, sizeof(c->name), "%s", name);
	c->run = fn;
	r = ipc_spawn(&c->proc, child_main, run, IPC_OPTS(ipc_proc_opts, .name = c->name));
	if (r < 0)
		return complain(name, r);
	run->n_children++;
	return 0;
}

static int start_all(struct run *run)
{
	char name[16];
	int  r = start(run, "reducer", reducer);

	for (unsigned i = 1; r == 0 && i <= run->job.n_workers; i++) {
		snprintf(name, sizeof(name), "worker-%u", i);
		r = start(run, name, worker);
	}
	if (r == 0)
		r = start(run, "walker", walker);
	/* The reducer's end must be the reducer's alone, or main would never see it closed. */
	run->job.progress[1] = ipc_conn_close(run->job.progress[1]);
	return r;
}

static void stop(struct run *run)
{
	if (!run->stopped)
		job_stop(&run->job);
	run->stopped = 1;
}

/* A child that failed has said why; one that was killed could not. */
static void look_at(struct run *run, const struct child *c, int status)
{
	if (status == 0)
		return;
	if (status < 0)
		fprintf(stderr, "wordcount: %s was killed by signal %d (%s)\n", c->name, -status,
			strsignal(-status));
	run->failed = 1;
	stop(run);
}

/* Free those that have ended. Returns how many still run. */
static unsigned reap(struct run *run, ipc_nsec patience)
{
	unsigned n = 0;
	int      status;

	for (unsigned i = 0; i < run->n_children; i++) {
		struct child *c = &run->child[i];

		if (c->proc && ipc_proc_join(c->proc, patience, &status) == 0) {
			c->proc = ipc_proc_close(c->proc);
			look_at(run, c, status);
		}
		n += c->proc != NULL;
	}
	return n;
}

static void end_all(struct run *run)
{
	if (reap(run, GRACE_NS) == 0)
		return;
	for (unsigned i = 0; i < run->n_children; i++) {
		if (!run->child[i].proc)
			continue;
		fprintf(stderr, "wordcount: %s does not end; terminating it\n", run->child[i].name);
		run->failed = 1;
		ipc_proc_terminate(run->child[i].proc);
	}
	reap(run, IPC_FOREVER);
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
		stop(run);
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

/* Until the reducer has closed its end: it is the last to have something to say. */
static void watch(struct run *run)
{
	struct progress p;
	ssize_t         n = 0;
	int             silent = 0;

	while (silent < GRACE_SLICES) {
		/* In slices, as signals do not end a call of the library. */
		n = ipc_conn_recv(run->job.progress[0], &p, sizeof(p), SLICE_NS);
		if (n < 0 && n != -ETIMEDOUT)
			break;
		silent = n < 0 && run->stopped ? silent + 1 : 0;
		if (n > 0 && p.kind == PROGRESS_SO_FAR)
			show(run, &p);
		if (n > 0 && p.kind == PROGRESS_ROUND_END)
			on_round_end(run);
		if (n > 0 && p.kind == PROGRESS_TABLE_FULL)
			run->full = 1;
		if (interrupted || run->full)
			stop(run);
		reap(run, IPC_NOW);
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
	run->stopped = run->full = 0;
	run->n_children = 0;
	if (job_open(&run->job, max_words) < 0) {
		run->failed = 1;
		return;
	}
	if (start_all(run) < 0)
		run->failed = 1;
	if (run->failed)
		stop(run);
	watch(run);
	stop(run); /* for those who still wait for a reducer that has failed */
	end_all(run);
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

static void usage(FILE *out)
{
	fputs("usage: wordcount [--workers N] [--repeat N] [--verify] [DIR]\n"
	      "\n"
	      "Count the words of all files below DIR (/usr/include) with several processes.\n"
	      "\n"
	      "  -w, --workers N  processes that read files (4)\n"
	      "  -r, --repeat N   count N times (1); 0: until interrupted\n"
	      "  -v, --verify     compare with a count by one process; exit status 1 if it differs\n"
	      "  -h, --help       this text\n",
	      out);
}

static int parse(struct job *job, int argc, char **argv)
{
	static const struct option options[] = {
		{"workers", required_argument, NULL, 'w'},
		{"repeat", required_argument, NULL, 'r'},
		{"verify", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int verify = 0, c;

	while ((c = getopt_long(argc, argv, "w:r:vh", options, NULL)) != -1) {
		if (c == 'w') {
			job->n_workers = (unsigned)number("workers", optarg, 1, MANY_WORKERS);
		} else if (c == 'r') {
			job->n_rounds = number("repeat", optarg, 0, ULONG_MAX);
		} else if (c == 'v') {
			verify = 1;
		} else {
			usage(c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
	if (argc - optind > 1) {
		usage(stderr);
		exit(2);
	}
	if (optind < argc)
		job->dir = argv[optind];
	return verify;
}

static void conclude(const struct run *run)
{
	const struct result *res = &run->result;

	if (res->rounds)
		result_print(res, run->job.dir, stdout);
	if (run->job.n_rounds != 1)
		printf("\n%lu rounds%s\n", res->rounds, interrupted ? ", then interrupted" : "");
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
	verify = parse(&run.job, argc, argv);
	run.child = calloc(run.job.n_workers + 2, sizeof(*run.child));
	if (!run.child || prepare(&run, &reference, verify) < 0) {
		run.failed = 1;
	} else {
		sigaction(SIGINT, &act, NULL);
		sigaction(SIGTERM, &act, NULL);
		run_until_it_fits(&run);
		conclude(&run);
	}
	free(reference.table);
	free(run.child);
	if (interrupted && run.job.n_rounds != 0)
		return 128 + SIGINT;
	return run.failed || run.result.rounds == 0;
}

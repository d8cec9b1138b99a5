/*
 * round.c - processes that are started, pinned, awaited, and never left behind
 *
 * SIGCHLD, SIGINT and SIGTERM stay blocked in this process: it waits for them with a deadline. A
 * process that does not end in time is killed, by its pid, and with it the others of its round.
 */

#include "round.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define PATIENCE_S   10   /* beyond what a round takes; for machines that are busy */
#define LINE_TRIPS   4000 /* enough for 1 %, done in a millisecond */
#define LINE_WARM_UP 1000

static int cpu[2], n_cpus;

/* ---- where ------------------------------------------------------------------------------------ */

static int core_of(int c)
{
	char  path[96];
	int   core = c;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/core_id", c);
	f = fopen(path, "re");
	if (f) {
		if (fscanf(f, "%d", &core) != 1)
			core = c;
		fclose(f);
	}
	return core;
}

void round_choose_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return;
	for (int c = 0; c < CPU_SETSIZE; c++) {
		if (!CPU_ISSET(c, &set))
			continue;
		if (n_cpus == 0)
			cpu[n_cpus++] = c;
		else if (n_cpus == 1)
			cpu[n_cpus++] = c;
		else if (core_of(cpu[0]) == core_of(cpu[1]))
			cpu[1] = c; /* the other was only another thread of the same core */
	}
}

void round_pin(unsigned which)
{
	cpu_set_t set;

	if (n_cpus < 2)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu[which], &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* ---- who ----------------------------------------------------------------------------------------- */

/* Until as many have come as there are parties. */
static void meet(struct scene *s, _Atomic int *here)
{
	const struct timespec moment = {.tv_nsec = 50000};

	atomic_fetch_add(here, 1);
	while (atomic_load(here) < (int)s->n_parties)
		nanosleep(&moment, NULL);
}

/*
 * Nobody starts before all are there: a process takes longer to start than a short round. And who
 * has threads that send for it stays until all has arrived.
 */
static int take_part(struct scene *s, unsigned who)
{
	const struct case_def *def = bench_cases[s->plan.which];
	int                    sends = who < s->n_parties / 2, r = 0;

	if (s->impl->enter)
		r = s->impl->enter(s->chan, sends ? SIDE_A : SIDE_B);
	if (r < 0)
		return fail_call(s, who, "start", r);
	meet(s, &s->ready);
	r = sends ? def->sender(s, who) : def->receiver(s, who);
	if (r == 0 && s->impl->leave) {
		meet(s, &s->done);
		s->impl->leave(s->chan);
	}
	return r;
}

static pid_t start(struct scene *s, unsigned who)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Two parties have a core each; more are the scheduler's business, and so are threads. */
	if (s->n_parties == 2 && (!s->impl->threads || s->plan.which == CASE_WAKEUP))
		round_pin(who);
	_exit(take_part(s, who));
}

static void kill_all(const pid_t *pid, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (pid[i] > 0)
			kill(pid[i], SIGKILL);
}

/* Take away those that have ended; returns how many still run. A failure ends the others. */
static unsigned reap(pid_t *pid, unsigned n, int *failed)
{
	unsigned left = 0;

	for (unsigned i = 0; i < n; i++) {
		int status;

		if (pid[i] > 0 && waitpid(pid[i], &status, WNOHANG) == pid[i]) {
			pid[i] = 0;
			if (status != 0)
				*failed = 1;
		}
		left += pid[i] > 0;
	}
	if (*failed)
		kill_all(pid, n);
	return left;
}

/* Until all have ended. 0; 1: one failed; -ETIMEDOUT: they were killed. */
static int await(pid_t *pid, unsigned n, double seconds)
{
	const struct timespec slice = {.tv_nsec = 100000000};
	uint64_t              deadline = clock_ns() + (uint64_t)((seconds + PATIENCE_S) * 1e9);
	int                   failed = 0, late = 0, sig;
	sigset_t              set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	while (reap(pid, n, &failed) > 0) {
		sig = sigtimedwait(&set, NULL, &slice);
		if (sig == SIGINT || sig == SIGTERM) {
			kill_all(pid, n);
			while (reap(pid, n, &failed) > 0)
				sched_yield();
			exit(128 + sig);
		}
		if (!late && clock_ns() > deadline) {
			late = 1;
			kill_all(pid, n);
		}
	}
	return late ? -ETIMEDOUT : failed;
}

/* ---- a round --------------------------------------------------------------------------------------- */

static void say_what_failed(const struct scene *s, int r)
{
	const char *why = r == -ETIMEDOUT ? "did not end in time" : "a process died";

	for (unsigned i = 0; i < s->n_parties; i++)
		if (s->party[i].error[0])
			why = s->party[i].error;
	fprintf(stderr, "ipcbench: %s, %zu bytes: %s\n", s->impl->name, s->plan.size, why);
}

static int run(struct scene *s, double value[N_METRICS])
{
	const struct case_def *def = bench_cases[s->plan.which];
	pid_t                  pid[MAX_PARTIES] = {0};
	int                    r = 0;

	s->n_parties = def->n_parties;
	s->senders_left = (int)s->n_parties / 2;
	for (unsigned i = 0; i < s->n_parties && r == 0; i++) {
		pid[i] = start(s, i);
		if (pid[i] < 0)
			r = -errno;
	}
	if (r < 0)
		kill_all(pid, s->n_parties);
	else if (s->impl->forked)
		s->impl->forked(s->chan);
	r = await(pid, s->n_parties, s->plan.seconds);
	if (r == 0 && def->is_exact && !def->is_exact(s)) {
		snprintf(s->party[0].error, sizeof(s->party[0].error),
			 "messages were lost or doubled");
		r = 1;
	}
	if (r != 0)
		say_what_failed(s, r);
	else
		def->values(s, value);
	return r == 0 ? 0 : -1;
}

int round_run(const struct bench_impl *impl, const struct bench_plan *plan, double value[N_METRICS])
{
	struct scene *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int           r;

	if (s == MAP_FAILED) {
		fprintf(stderr, "ipcbench: %s\n", strerror(errno));
		return -1;
	}
	for (int m = 0; m < N_METRICS; m++)
		value[m] = NAN;
	s->impl = impl;
	s->plan = *plan;
	r = impl->open(&s->chan, plan);
	if (r < 0) {
		fprintf(stderr, "ipcbench: %s, %zu bytes: left out: %s\n", impl->name, plan->size,
			strerror(-r));
		r = 1;
	} else {
		r = run(s, value);
		impl->close(s->chan);
	}
	munmap(s, sizeof(*s));
	return r;
}

/* ---- the mood of the machine ------------------------------------------------------------------------- */

struct line {
	_Alignas(64) _Atomic uint32_t word;
	_Alignas(64) double ns;
};

static void bounce(struct line *l, uint32_t side)
{
	uint64_t start = 0;

	for (uint32_t i = 0; i < LINE_TRIPS; i++) {
		if (i == LINE_WARM_UP)
			start = clock_ns();
		while (atomic_load_explicit(&l->word, memory_order_acquire) != 2 * i + side)
			if (n_cpus < 2)
				sched_yield();
		atomic_store_explicit(&l->word, 2 * i + side + 1, memory_order_release);
	}
	if (side == 0)
		l->ns = (double)(clock_ns() - start) / (LINE_TRIPS - LINE_WARM_UP);
}

double round_line(void)
{
	struct line *l = mmap(NULL, sizeof(*l), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	pid_t        pid[2] = {0};
	double       ns;

	if (l == MAP_FAILED)
		return 0;
	for (uint32_t side = 0; side < 2; side++) {
		pid[side] = fork();
		if (pid[side] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			round_pin(side);
			bounce(l, side);
			_exit(0);
		}
		if (pid[side] < 0)
			kill_all(pid, 2);
	}
	await(pid, 2, 0);
	ns = l->ns;
	munmap(l, sizeof(*l));
	return ns;
}

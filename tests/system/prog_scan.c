/*
 * What it costs to look:
 *
 *     prog_scan idle PAIRS THREADS READINGS      they wait for one another, but one could help
 *     prog_scan stuck PAIRS THREADS READINGS     they wait for one another
 *     prog_scan demand PAIRS THREADS ROUNDS      the same, the domain opened anew each time
 *
 * Each pair of processes has a duplex pipe, from which all threads of both receive. Prints the least,
 * the median and the worst time of a reading [ms]. Not a test: a measurement.
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ipc/conn.h>
#include <ipc/observe.h>

#define ROUNDS_MAX 100000

static double ms[ROUNDS_MAX];

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(const char *what, int r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "prog_scan: %s: %s %s\n", what, ipc_strerror(r), ipc_explain());
	exit(1);
}

static void *receive(void *conn)
{
	char c;

	must("recv", (int)ipc_conn_recv(conn, &c, 1, IPC_FOREVER));
	return NULL;
}

/* @n threads receive; this one among them unless it is to @idle. */
static void sleep_in(ipc_conn *conn, int n, int idle)
{
	pthread_t      t;
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 128 * 1024);
	for (int i = !idle; i < n; i++)
		must("thread", -pthread_create(&t, &small, receive, conn));
	if (!idle)
		receive(conn);
	pause();
}

static void be_a_pair(int n_threads, int idle)
{
	ipc_conn *end[2];
	pid_t     pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	must("pipe", ipc_pipe(end, NULL));
	pid = fork();
	must("fork", pid < 0 ? -errno : 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		idle = 0;
	}
	end[pid == 0] = ipc_conn_close(end[pid == 0]);
	sleep_in(end[pid != 0], n_threads, idle);
}

static size_t n_waits(ipc_observer *o)
{
	const struct ipc_snapshot *s;

	must("read", ipc_observer_read(o, &s));
	return s->n_waits;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void report(int n)
{
	qsort(ms, (size_t)n, sizeof(*ms), by_size);
	printf("least %.2f median %.2f p99 %.2f worst %.2f ms\n", ms[0], ms[n / 2],
	       ms[(n - 1) * 99 / 100], ms[n - 1]);
}

static void scan(ipc_observer *o, int n, int stuck)
{
	const struct ipc_snapshot *s;

	for (int i = 0; i < n; i++) {
		double began = now_ms();

		must("read", ipc_observer_read(o, &s));
		ms[i] = now_ms() - began;
		if (stuck != (s->n_verdicts > 0 && s->verdicts[0].class_ == IPC_DEADLOCK)) {
			fprintf(stderr, "prog_scan: %s\n",
				s->n_verdicts ? s->verdicts[0].headline : "no verdict");
			exit(1);
		}
	}
	report(n);
}

/* The whole of it: open the domain, read, judge. */
static void demand(int n)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;

	for (int i = 0; i < n; i++) {
		double began = now_ms();

		must("open", ipc_observer_open(&o, NULL));
		must("read", ipc_observer_read(o, &s));
		ms[i] = now_ms() - began;
		if (s->n_verdicts == 0 || s->verdicts[0].class_ != IPC_DEADLOCK)
			must("no verdict", -ENOENT);
		o = ipc_observer_close(o);
	}
	report(n);
}

int main(int argc, char **argv)
{
	int n_pairs = argc == 5 ? atoi(argv[2]) : 0, n_threads = argc == 5 ? atoi(argv[3]) : 0;
	int n = argc == 5 ? atoi(argv[4]) : 0, idle, r;
	ipc_observer *o;

	if (n_pairs < 1 || n_threads < 1 || n < 1 || n > ROUNDS_MAX)
		return 2;
	idle = strcmp(argv[1], "idle") == 0;
	for (int i = 0; i < n_pairs; i++) {
		pid_t pid = fork();

		must("fork", pid < 0 ? -errno : 0);
		if (pid == 0)
			be_a_pair(n_threads, idle);
	}
	while ((r = ipc_observer_open(&o, NULL)) == -ENOENT)
		usleep(1000);
	must("open", r);
	while (n_waits(o) < (size_t)n_pairs * 2 * (size_t)n_threads)
		usleep(10000);
	if (strcmp(argv[1], "demand") == 0)
		demand(n);
	else
		scan(o, n, !idle);
	o = ipc_observer_close(o);
	return 0; /* and the others die with us */
}

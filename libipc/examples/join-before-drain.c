/*
 * join-before-drain.c - a deadlock on purpose, for ipcmon to explain
 *
 *     join-before-drain [--seconds N]
 *
 * A child has 64 results to hand over, the queue for them holds 8, and the parent waits for the
 * child to end before it reads any of them. So the child waits for room, and the parent for the
 * child, for ever. This is the most frequent deadlock of programs with several processes; it
 * even passes its tests as long as the results are few.
 *
 * The mistake is one line, marked below; the remedy is to drain the queue before joining. The
 * parent ends the child, and thereby itself, on SIGINT, SIGTERM, or after N seconds.
 *
 * With IPC_ON_DEADLOCK=error in its environment the join fails with -EDEADLK after a second, and
 * the parent, told so, drains and joins again. With IPC_ON_DEADLOCK=report it says on standard
 * error why it hangs, and hangs.
 */

#include <errno.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define N_RESULTS 64
#define N_QUEUED  8

static volatile pid_t child_pid;

static int fail(const char *what, int r)
{
	fprintf(stderr, "join-before-drain: %s: %s. %s\n", what, ipc_strerror(r), ipc_explain());
	return 1;
}

static int produce(void *arg)
{
	ipc_queue *results = arg;
	char       text[32];
	int        r = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* never outlive the demonstration */
	for (int i = 0; i < N_RESULTS && r == 0; i++) {
		int n = snprintf(text, sizeof(text), "result %d", i);

		r = ipc_queue_put(results, text, (size_t)n, IPC_FOREVER); /* the 9th waits */
	}
	return r < 0 ? fail("put", r) : 0;
}

/* The library has proved that the join would never end: do what it was waited for. */
static int drain_and_join(ipc_queue *results, ipc_proc *child, int *ret_status)
{
	char text[32];

	printf("the join would never end: draining first\n");
	for (int i = 0; i < N_RESULTS; i++) {
		ssize_t n = ipc_queue_get(results, text, sizeof(text), IPC_FOREVER);

		if (n < 0)
			return (int)n;
		printf("%.*s\n", (int)n, text);
	}
	return ipc_proc_join(child, IPC_FOREVER, ret_status);
}

static int consume(ipc_queue *results, ipc_proc *child)
{
	char    text[32];
	ssize_t n;
	int     status;

	/* The mistake: nobody takes anything from the queue while this waits. */
	int r = ipc_proc_join(child, IPC_FOREVER, &status);

	if (r == -EDEADLK)
		r = drain_and_join(results, child, &status);
	if (r < 0)
		return fail("join", r);
	if (status < 0) {
		printf("the child was ended by signal %d, with %zu of %d results in the queue\n",
		       -status, ipc_queue_len(results), N_RESULTS);
		return 0;
	}
	while ((n = ipc_queue_get(results, text, sizeof(text), IPC_NOW)) >= 0)
		printf("%.*s\n", (int)n, text);
	return 0;
}

static void end_child(int sig)
{
	(void)sig;
	kill(child_pid, SIGKILL); /* releases the parent from its join */
}

static int run(unsigned seconds)
{
	ipc_queue *results;
	ipc_proc  *child;
	int        r;

	ipc_proc_set_name("parent");
	r = ipc_queue_create(&results, "results", IPC_OPTS(ipc_queue_opts, .maxsize = N_QUEUED));
	if (r < 0)
		return fail("queue", r);
	/* Nobody else is to open it: so ipcmon can be certain that no help will come. */
	ipc_queue_unlink("results");
	r = ipc_spawn(&child, produce, results, IPC_OPTS(ipc_proc_opts, .name = "child"));
	if (r < 0)
		return fail("spawn", r);
	child_pid = ipc_proc_pid(child);
	signal(SIGINT, end_child);
	signal(SIGTERM, end_child);
	signal(SIGALRM, end_child);
	alarm(seconds); /* 0: never */

	r = consume(results, child);
	child = ipc_proc_close(child);
	results = ipc_queue_close(results);
	return r;
}

int main(int argc, char **argv)
{
	int seconds = argc == 3 && strcmp(argv[1], "--seconds") == 0 ? atoi(argv[2]) : 0;

	if (argc != 1 && seconds <= 0) {
		fprintf(stderr, "usage: join-before-drain [--seconds N]\n");
		return 2;
	}
	return run((unsigned)seconds);
}

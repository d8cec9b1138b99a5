/*
 * bar_watch.c - what a monitor costs that lists a domain ten times a second
 *
 * The domain is a crowd (libipc/examples/crowd.c), so small that nobody should notice the
 * monitor, or so large that few programs ever are.
 */

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bars.h"

#define LISTS  50 /* printed by the monitor in one measurement */
#define PER_S  10
#define DOMAIN "watched"

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* It says a line once all of it is there; 0: it did. */
static int await_crowd(int fd)
{
	char c = 0;

	while (c != '\n')
		if (read(fd, &c, 1) <= 0)
			return -1;
	return 0;
}

static pid_t start_crowd(const char *program, unsigned processes, unsigned channels)
{
	char              n_processes[16], n_channels[16];
	const char *const argv[] = {program,    "--processes", n_processes, "--channels",
				    n_channels, "--seconds",   "120",       NULL};
	int               out[2], r;
	pid_t             pid;

	snprintf(n_processes, sizeof(n_processes), "%u", processes);
	snprintf(n_channels, sizeof(n_channels), "%u", channels);
	if (pipe2(out, O_CLOEXEC) < 0)
		return -1;
	pid = start_program(argv, out[1], DOMAIN, SIGTERM);
	close(out[1]);
	r = pid > 0 ? await_crowd(out[0]) : -1;
	close(out[0]);
	if (r < 0 && pid > 0)
		waitpid(pid, NULL, 0);
	return r < 0 ? -1 : pid;
}

/* Processor time of a list, as often as it was asked for in a second, whether it kept that or not. */
static struct watch_cost cost_of(const char *monitor)
{
	const char *const argv[] = {monitor, "--batch", "--delay", "100ms", "-n", "50", "ls", NULL};
	struct rusage     r;
	int               status;
	pid_t             pid = start_program(argv, -1, DOMAIN, SIGTERM);

	if (pid < 0 || wait4(pid, &status, 0, &r) != pid || status != 0)
		return (struct watch_cost){NAN, NAN};
	return (struct watch_cost){
		.percent = 100 * (seconds_of(r.ru_utime) + seconds_of(r.ru_stime)) / LISTS * PER_S,
		.megabytes = (double)r.ru_maxrss / 1024,
	};
}

struct watch_cost bar_watch(unsigned processes, unsigned channels)
{
	struct watch_cost cost = {NAN, NAN};
	char              crowd[PATH_MAX], monitor[PATH_MAX];
	pid_t             pid;

	if (!beside(crowd, "examples/crowd") || !beside(monitor, "ipcmon"))
		return cost;
	pid = start_crowd(crowd, processes, channels);
	if (pid < 0)
		return cost;
	cost = cost_of(monitor);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	return cost;
}

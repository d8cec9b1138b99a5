/*
 * bar_idle.c - what is used by what does nothing, and what looking at it takes
 *
 * Each is measured by a forked process in a domain of its own, which is empty but for what is
 * measured. The memory of a domain is its files' in /dev/shm: what is mapped, and no more.
 */

#include <dirent.h>
#include <fcntl.h>
#include <ipc/conn.h>
#include <ipc/observe.h>
#include <ipc/queue.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bars.h"
#include "clock.h"

#define READINGS    64
#define BLOCKED_S   4  /* sixteen slices of a sleep */
#define IDLE_THINGS 16 /* of each kind, to average over */

/* Run @run in a process and a domain of its own; what it filled is in *@ret. */
static int apart(void *ret, size_t size, int (*run)(void *ret, unsigned n), unsigned n)
{
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int   status = -1;
	char  name[32];
	pid_t pid;

	if (shared == MAP_FAILED)
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		snprintf(name, sizeof(name), "bench-%d", (int)getpid());
		setenv("IPC_DOMAIN", name, 1);
		exit(run(shared, n)); /* not _exit: the domain is removed */
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	memcpy(ret, shared, size);
	munmap(shared, size);
	return status == 0 ? 0 : -1;
}

/* ---- a snapshot ------------------------------------------------------------------------------ */

static int time_readings(void *ret, unsigned channels)
{
	const struct ipc_snapshot *s;
	struct cell                ns = {0};
	ipc_observer              *o;
	ipc_queue                 *q;

	for (unsigned i = 0; i < channels; i++)
		if (ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 16)) < 0)
			return 1;
	if (ipc_observer_open(&o, NULL) < 0)
		return 1;
	for (int i = 0; i < READINGS; i++) {
		uint64_t start = clock_ns();

		if (ipc_observer_read(o, &s) < 0 || s->n_channels != channels)
			return 1;
		cell_add(&ns, (double)(clock_ns() - start));
	}
	ipc_observer_close(o);
	*(double *)ret = cell_median(&ns);
	return 0;
}

double bar_snapshot_ns(unsigned channels)
{
	double ns;

	return apart(&ns, sizeof(ns), time_readings, channels) == 0 ? ns : NAN;
}

/* ---- asleep ---------------------------------------------------------------------------------- */

/* Time on a CPU [ns], to the nanosecond. */
static double cpu_ns(pid_t pid)
{
	char   path[64];
	double ns = NAN;
	FILE  *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%lf", &ns) != 1)
		ns = NAN;
	if (f)
		fclose(f);
	return ns;
}

static int watch_sleeper(void *ret, unsigned seconds)
{
	const struct timespec settle = {.tv_nsec = 500000000}, length = {.tv_sec = seconds};
	ipc_conn             *end[2];
	double                before;
	char                  buf[8];
	pid_t                 pid;

	if (ipc_pipe(end, NULL) < 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		end[1] = ipc_conn_close(end[1]);
		_exit(ipc_conn_recv(end[0], buf, sizeof(buf), IPC_FOREVER) < 0 ? 1 : 0);
	}
	if (pid < 0)
		return 1;
	nanosleep(&settle, NULL);
	before = cpu_ns(pid);
	nanosleep(&length, NULL);
	*(double *)ret = (cpu_ns(pid) - before) / (seconds * 1e9) * 100;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}

double bar_blocked_percent(void)
{
	double percent;

	return apart(&percent, sizeof(percent), watch_sleeper, BLOCKED_S) == 0 ? percent : NAN;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Memory of the files of @dir: of the registry, or of all others. */
static double bytes_in(const char *dir, int registry)
{
	DIR           *d = opendir(dir);
	double         bytes = 0;
	struct dirent *e;
	struct stat    st;

	while (d && (e = readdir(d)))
		if ((strcmp(e->d_name, "registry") == 0) == registry &&
		    fstatat(dirfd(d), e->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
			bytes += (double)st.st_blocks * 512;
	if (d)
		closedir(d);
	return bytes;
}

static int weigh(void *ret, unsigned n)
{
	struct idle_bytes         *b = ret;
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	ipc_queue                 *q;
	ipc_conn                  *end[2];

	for (unsigned i = 0; i < n; i++)
		if (ipc_queue_create(&q, NULL, NULL) < 0)
			return 1;
	if (ipc_observer_open(&o, NULL) < 0 || ipc_observer_read(o, &s) < 0)
		return 1;
	b->queue = bytes_in(s->dir, 0) / n;
	for (unsigned i = 0; i < n; i++)
		if (ipc_pipe(end, NULL) < 0)
			return 1;
	b->pipe = bytes_in(s->dir, 0) / n - b->queue;
	b->registry = bytes_in(s->dir, 1);
	ipc_observer_close(o);
	return 0;
}

struct idle_bytes bar_idle_bytes(void)
{
	struct idle_bytes b;

	if (apart(&b, sizeof(b), weigh, IDLE_THINGS) < 0)
		b = (struct idle_bytes){NAN, NAN, NAN};
	return b;
}

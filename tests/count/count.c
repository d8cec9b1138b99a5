/*
 * count.c - go down each fast path a known number of times, for callgrind to count
 *
 * Run by tests/lint/instructions.sh under valgrind --tool=callgrind --collect-atstart=no; without
 * it, it does the same and nobody counts. Each path ends with a dump named after it and after how
 * often it was gone: "pipe send 64 / 256".
 *
 * What makes the figures the same at every run: one process does all that is counted, in bursts
 * that leave the ring's positions and the counters where they were modulo everything the library
 * does only now and then (a latency sample, a look at the other side's position). Where somebody
 * has to wait, that is a forked process, and it is asleep before the next operation begins.
 */

#include <errno.h>
#include <ipc/base.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <valgrind/callgrind.h>

#include "count.h"

#define BURST    BATCH /* messages */
#define WARM_UP  16    /* bursts: a channel's first messages take other paths */
#define BURSTS   16
#define WAKES    32
#define PATIENCE 300 /* for all of it, under valgrind, on a busy machine [s] */

enum verb { PUT, GET, DONE };

static _Atomic unsigned *passed; /* messages that the other process has put or got */

static _Noreturn void die(const char *what, int r)
{
	fprintf(stderr, "count: %s: %s %s\n", what, ipc_strerror(r), ipc_explain());
	exit(1);
}

static void check(const char *what, ssize_t r)
{
	if (r < 0)
		die(what, (int)r);
}

static void dump(const struct subject *s, enum verb v, size_t len, const char *company, unsigned n)
{
	const char *verb = v == PUT ? s->put : v == GET ? s->get : s->done;
	char        name[96];

	snprintf(name, sizeof(name), "%s %s %zu%s / %u", s->name, verb, len, company, n);
	CALLGRIND_DUMP_STATS_AT(name);
}

/* ---- nobody waits -------------------------------------------------------------------------- */

static int last_verb(const struct subject *s)
{
	return s->do_done ? DONE : s->do_get ? GET : PUT;
}

static void one(const struct subject *s, void *it, int v, char *buf, size_t len)
{
	if (v == PUT)
		check(s->put, s->do_put(it, buf, len));
	else if (v == GET)
		check(s->get, s->do_get(it, buf, len));
	else
		check(s->done, s->do_done(it));
}

/* BURST messages in, BURST messages out; @counted is what is counted of it. */
static void burst(const struct subject *s, void *it, char *buf, size_t len, int counted)
{
	for (int v = PUT; v <= last_verb(s); v++) {
		if (v == counted)
			CALLGRIND_TOGGLE_COLLECT;
		for (int i = 0; i < BURST / (s->batch ? s->batch : 1); i++)
			one(s, it, v, buf, len);
		if (v == counted)
			CALLGRIND_TOGGLE_COLLECT;
	}
}

static void count_bursts(const struct subject *s, void *it, size_t len, const char *company)
{
	static char buf[65536];

	for (int i = 0; i < WARM_UP; i++)
		burst(s, it, buf, len, -1);
	for (int v = PUT; v <= last_verb(s); v++) {
		for (int i = 0; i < BURSTS; i++)
			burst(s, it, buf, len, v);
		dump(s, (enum verb)v, len, company, BURSTS * BURST);
	}
}

/* ---- with another process -------------------------------------------------------------------- */

typedef void other_fn(const struct subject *s, void *it, size_t len);

/* Holds the object and does nothing with it: claims have to be atomic then. */
static void stand_by(const struct subject *s, void *it, size_t len)
{
	(void)s, (void)it, (void)len;
	atomic_fetch_add(passed, 1);
	for (;;)
		pause();
}

static void take_all(const struct subject *s, void *it, size_t len)
{
	char buf[4096];

	if (s->keep)
		s->keep(it, 0);
	for (;;) {
		check(s->get, s->do_get(it, buf, len));
		atomic_fetch_add(passed, 1);
	}
}

static void give_all(const struct subject *s, void *it, size_t len)
{
	const char buf[4096] = {0};

	if (s->keep)
		s->keep(it, 1);
	for (;;) {
		check(s->put, s->do_put(it, buf, len));
		atomic_fetch_add(passed, 1);
	}
}

static pid_t start(other_fn *other, const struct subject *s, void *it, size_t len)
{
	pid_t pid;

	atomic_store(passed, 0);
	pid = fork();
	if (pid < 0)
		die("fork", -errno);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		other(s, it, len);
	}
	return pid;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void await_passed(unsigned n)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	while (atomic_load(passed) < n)
		nanosleep(&moment, NULL);
}

/* Until @pid is in futex(2), as the kernel says. */
static void await_asleep(pid_t pid)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	char                  path[64];
	long                  nr = -1;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	for (;;) {
		FILE *f = fopen(path, "re");

		if (!f || fscanf(f, "%ld", &nr) != 1)
			nr = -1; /* "running" */
		if (f)
			fclose(f);
		if (nr == SYS_futex)
			return;
		nanosleep(&moment, NULL);
	}
}

static void count_shared(const struct subject *s, void *it, size_t len)
{
	pid_t pid = start(stand_by, s, it, len);

	await_passed(1);
	count_bursts(s, it, len, " shared");
	stop(pid);
}

/* Each put finds a reader asleep; or each get a writer, in front of a full channel. */
static void count_waiter(const struct subject *s, void *it, enum verb v, size_t len)
{
	pid_t    pid = start(v == PUT ? take_all : give_all, s, it, len);
	unsigned n = v == PUT ? 0 : CAPACITY;
	char     buf[4096] = {0};

	if (s->keep)
		s->keep(it, v == PUT);
	for (int i = 0; i < WARM_UP + WAKES; i++) {
		await_passed(n++);
		await_asleep(pid);
		if (i >= WARM_UP)
			CALLGRIND_TOGGLE_COLLECT;
		one(s, it, v, buf, len);
		if (i >= WARM_UP)
			CALLGRIND_TOGGLE_COLLECT;
	}
	dump(s, v, len, " waiter", WAKES);
	await_passed(n);
	stop(pid);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void count(const struct subject *s, enum company c, size_t len)
{
	void *it;

	check(s->name, s->open(&it));
	switch (c) {
	case ALONE: count_bursts(s, it, len, ""); break;
	case SHARED: count_shared(s, it, len); break;
	case GET_WAITING: count_waiter(s, it, PUT, len); break;
	case PUT_WAITING: count_waiter(s, it, GET, len); break;
	}
	s->close(it);
}

static void count_all(const struct subject *s)
{
	for (const size_t *size = s->size; *size; size++)
		count(s, ALONE, *size);
	for (unsigned c = SHARED; c <= PUT_WAITING; c <<= 1)
		if (s->company & c)
			count(s, (enum company)c, 64);
}

int main(void)
{
	alarm(PATIENCE);
	passed = mmap(NULL, sizeof(*passed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (passed == MAP_FAILED)
		die("mmap", -errno);
	for (int i = 0; subjects[i]; i++)
		count_all(subjects[i]);
	return 0;
}

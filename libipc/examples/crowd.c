/*
 * crowd.c - many processes and many channels, busy, to be watched
 *
 *     crowd [--processes N] [--channels M] [--seconds S]        (10, 100, 60)
 *
 * Process i makes every N-th queue and puts into it; the process after it takes from it. Ten
 * times a second each is woken by a message of the parent's, puts a few messages, takes what has
 * come, and sleeps again. The parent ends all of it after S seconds, or at SIGINT and SIGTERM;
 * nothing is left behind.
 *
 * A child inherits every handle that is open, and each of them would count as an end: so the
 * parent opens nothing but one queue before it has forked all, and the others find one another
 * by name. The names are taken back once all have met.
 */

#include <errno.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define BEAT_NS  100000000
#define ROOM     64 /* messages in a queue */
#define PATIENCE IPC_SEC(120)

enum word { MEET = 1, BEAT, END }; /* what the parent says */

struct crowd {
	unsigned    n_processes, n_channels, seconds;
	unsigned    self;  /* the process to start; each child has its own copy */
	ipc_queue  *ready; /* a message from each, when it is through with what it was told */
	ipc_queue  *inbox; /* of a child; of the parent all of them, in .out */
	ipc_queue **out, **in;
	unsigned    n_out, n_in;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	interrupted = sig;
}

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "crowd: %s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static void *room_for(unsigned n)
{
	void *p = calloc(n + 1, sizeof(ipc_queue *));

	if (!p)
		check("memory", -ENOMEM);
	return p;
}

static const char *name_of(const char *kind, unsigned i)
{
	static char name[64];

	snprintf(name, sizeof(name), "crowd-%s-%u", kind, i);
	return name;
}

static ipc_queue *make(const char *name)
{
	ipc_queue *q;

	check(name, ipc_queue_create(&q, name, IPC_OPTS(ipc_queue_opts, .maxsize = ROOM)));
	return q;
}

static ipc_queue *find(const char *name)
{
	ipc_queue *q;

	check(name, ipc_queue_open(&q, name));
	return q;
}

/* ---- one of the crowd ---------------------------------------------------------------------- */

static enum word listen(const struct crowd *c)
{
	enum word w;

	check("get", ipc_queue_get(c->inbox, &w, sizeof(w), IPC_FOREVER));
	return w;
}

static void say_ready(const struct crowd *c)
{
	check("put", ipc_queue_put(c->ready, &c->self, sizeof(c->self), PATIENCE));
}

static void make_all(struct crowd *c)
{
	c->inbox = make(name_of("inbox", c->self));
	c->out = room_for(c->n_channels);
	for (unsigned i = c->self; i < c->n_channels; i += c->n_processes)
		c->out[c->n_out++] = make(name_of("channel", i));
}

static void find_all(struct crowd *c)
{
	unsigned before = (c->self + c->n_processes - 1) % c->n_processes;

	c->in = room_for(c->n_channels);
	for (unsigned i = before; i < c->n_channels; i += c->n_processes)
		c->in[c->n_in++] = find(name_of("channel", i));
}

/* Whoever was to open them has: the names are only for people now. */
static void take_names_back(const struct crowd *c)
{
	check("unlink", ipc_queue_unlink(name_of("inbox", c->self)));
	for (unsigned i = c->self; i < c->n_channels; i += c->n_processes)
		check("unlink", ipc_queue_unlink(name_of("channel", i)));
}

/* The first of its queues gets a message at each beat, the others at every second, third … eighth. */
static void beat(const struct crowd *c, unsigned n)
{
	static char buf[256];

	for (unsigned i = 0; i < c->n_out; i++)
		if (n % (i % 8 + 1) == 0)
			(void)!ipc_queue_put(c->out[i], buf, 16u << (i % 4), IPC_NOW);
	for (unsigned i = 0; i < c->n_in; i++)
		for (size_t k = ipc_queue_len(c->in[i]); k; k--)
			(void)!ipc_queue_get(c->in[i], buf, sizeof(buf), IPC_NOW);
}

static int member(void *arg)
{
	struct crowd *c = arg;
	enum word     w;

	signal(SIGINT, SIG_IGN); /* the parent tells when it is over */
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	make_all(c);
	say_ready(c);
	if (listen(c) == MEET) {
		find_all(c);
		say_ready(c);
	}
	if (listen(c) == BEAT)
		take_names_back(c);
	for (unsigned n = 0; (w = listen(c)) == BEAT; n++)
		beat(c, n);
	return w != END;
}

/* ---- the parent ------------------------------------------------------------------------------ */

static void await_all(const struct crowd *c)
{
	unsigned who;

	for (unsigned i = 0; i < c->n_processes; i++)
		check("waiting for all", ipc_queue_get(c->ready, &who, sizeof(who), PATIENCE));
}

/* A beat that somebody is still busy with is left out for him. */
static void tell_all(const struct crowd *c, enum word w)
{
	ipc_nsec timeout = w == BEAT ? IPC_NOW : PATIENCE;

	for (unsigned i = 0; i < c->n_processes; i++) {
		int r = ipc_queue_put(c->out[i], &w, sizeof(w), timeout);

		if (r != -EAGAIN)
			check("put", r);
	}
}

static void beat_time(const struct crowd *c)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	for (unsigned long n = c->seconds * (1000000000ul / BEAT_NS); n && !interrupted; n--) {
		tell_all(c, BEAT);
		at.tv_nsec += BEAT_NS;
		at.tv_sec += at.tv_nsec / 1000000000;
		at.tv_nsec %= 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
	}
}

static void gather(struct crowd *c, ipc_proc **proc)
{
	for (c->self = 0; c->self < c->n_processes; c->self++)
		check("spawn", ipc_spawn(&proc[c->self], member, c, NULL));
	await_all(c);
	c->out = room_for(c->n_processes);
	for (unsigned i = 0; i < c->n_processes; i++)
		c->out[i] = find(name_of("inbox", i));
	tell_all(c, MEET);
	await_all(c);
}

static void part(const struct crowd *c, ipc_proc **proc)
{
	for (unsigned i = 0; i < c->n_processes; i++) {
		check("join", ipc_proc_join(proc[i], PATIENCE, NULL));
		(void)ipc_proc_close(proc[i]);
		(void)ipc_queue_close(c->out[i]);
	}
	(void)ipc_queue_close(c->ready);
	free(c->out);
	free(proc);
}

static int options(struct crowd *c, int argc, char **argv)
{
	const struct {
		const char *name;
		unsigned   *value;
	} option[] = {{"--processes", &c->n_processes},
		      {"--channels", &c->n_channels},
		      {"--seconds", &c->seconds}};
	int known = 0;

	for (int i = 1; i + 1 < argc; i += 2)
		for (size_t k = 0; k < sizeof(option) / sizeof(option[0]); k++)
			if (!strcmp(argv[i], option[k].name)) {
				*option[k].value = (unsigned)strtoul(argv[i + 1], NULL, 10);
				known += 2;
			}
	return known == argc - 1 && c->n_processes > 0 && c->n_channels < 1u << 20;
}

int main(int argc, char **argv)
{
	struct crowd c = {.n_processes = 10, .n_channels = 100, .seconds = 60};
	ipc_proc   **proc;

	if (!options(&c, argc, argv)) {
		fprintf(stderr, "usage: crowd [--processes N] [--channels M] [--seconds S]\n");
		return 2;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	proc = room_for(c.n_processes);
	check("queue", ipc_queue_create(&c.ready, NULL, NULL));
	gather(&c, proc);
	printf("%u processes, %u channels\n", c.n_processes, c.n_channels);
	fflush(stdout);
	beat_time(&c);
	tell_all(&c, END);
	part(&c, proc);
	return 0;
}

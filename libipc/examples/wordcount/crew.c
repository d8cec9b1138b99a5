#include "crew.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define GRACE_NS IPC_SEC(5) /* for a process to end when it has been told to */

int crew_init(struct crew *crew, struct job *job)
{
	*crew = (struct crew){.job = job};
	crew->child = calloc(job->n_workers + 2, sizeof(*crew->child));
	return crew->child ? 0 : -ENOMEM;
}

void crew_free(struct crew *crew)
{
	free(crew->child);
	crew->child = NULL;
}

/* ---- starting ------------------------------------------------------------------------------ */

static int child_main(void *arg)
{
	struct crew *crew = arg;

	/* Ctrl-C reaches all of us; main decides what comes of it. Without main there is no sense
	 * in going on. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return crew->child[crew->at].run(crew->job);
}

static int start(struct crew *crew, unsigned at)
{
	struct child *c = &crew->child[at];
	int           r;

	crew->at = at;
	r = ipc_spawn(&c->proc, child_main, crew, IPC_OPTS(ipc_proc_opts, .name = c->name));
	return r < 0 ? complain(c->name, r) : 0;
}

static int add(struct crew *crew, const char *name, int (*fn)(void *job))
{
	struct child *c = &crew->child[crew->n_children];
	int           r;

	snprintf(c->name, sizeof(c->name), "%s", name);
	c->run = fn;
	r = start(crew, crew->n_children);
	if (r == 0)
		crew->n_children++;
	return r;
}

int crew_start(struct crew *crew)
{
	char name[16];
	int  r;

	crew->n_children = 0;
	crew->stopped = 0;
	r = add(crew, "reducer", reducer);
	for (unsigned i = 1; r == 0 && i <= crew->job->n_workers; i++) {
		snprintf(name, sizeof(name), "worker-%u", i);
		r = add(crew, name, worker);
	}
	if (r == 0)
		r = add(crew, "walker", walker);
	/* The reducer's end must be the reducer's alone, or main would never see it closed. */
	crew->job->progress[1] = ipc_conn_close(crew->job->progress[1]);
	return r;
}

/* ---- ending -------------------------------------------------------------------------------- */

void crew_stop(struct crew *crew)
{
	if (!crew->stopped)
		job_stop(crew->job);
	crew->stopped = 1;
}

static void fail(struct crew *crew)
{
	crew->failed = 1;
	crew_stop(crew);
}

/* As long as the walker runs there may be files to count, even if only to call them done. */
static void replace(struct crew *crew, unsigned at)
{
	if (!crew->child[crew->n_children - 1].proc)
		return;
	crew->n_replaced++;
	if (start(crew, at) < 0)
		fail(crew);
}

static void look_at(struct crew *crew, unsigned at, int status)
{
	const struct child *c = &crew->child[at];

	if (status == 0)
		return;
	if (status < 0 && c->run == worker && crew->job->respawn) {
		replace(crew, at);
		return;
	}
	if (status < 0)
		fprintf(stderr, "wordcount: %s was killed by signal %d (%s)\n", c->name, -status,
			strsignal(-status));
	fail(crew);
}

unsigned crew_reap(struct crew *crew, ipc_nsec patience)
{
	unsigned n = 0;
	int      status;

	for (unsigned i = 0; i < crew->n_children; i++) {
		struct child *c = &crew->child[i];

		if (c->proc && ipc_proc_join(c->proc, patience, &status) == 0) {
			c->proc = ipc_proc_close(c->proc);
			look_at(crew, i, status);
		}
		n += c->proc != NULL;
	}
	return n;
}

void crew_kill_one(struct crew *crew)
{
	unsigned first = (unsigned)random() % crew->job->n_workers;

	for (unsigned i = 0; i < crew->job->n_workers; i++) {
		struct child *c = &crew->child[1 + (first + i) % crew->job->n_workers];

		if (c->proc) {
			ipc_proc_kill(c->proc, SIGKILL);
			return;
		}
	}
}

void crew_end(struct crew *crew)
{
	if (crew_reap(crew, GRACE_NS) == 0)
		return;
	for (unsigned i = 0; i < crew->n_children; i++) {
		if (!crew->child[i].proc)
			continue;
		fprintf(stderr, "wordcount: %s does not end; terminating it\n",
			crew->child[i].name);
		crew->failed = 1;
		ipc_proc_terminate(crew->child[i].proc);
	}
	crew_reap(crew, IPC_FOREVER);
}

#include "pool.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "support/test.h"

#define POOL_MAX 64

struct job {
	pid_t           pid;
	struct trial    trial;
	struct outcome *outcome;
	char            dir[500];
	void (*done)(void *arg, const struct trial *t, const struct outcome *o, const char *wrong);
	void *arg;
};

static struct job  jobs[POOL_MAX];
static unsigned    n_jobs;
static const char *base;

void remove_tree(const char *dir)
{
	char command[700];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (system(command) != 0)
		(void)fprintf(stderr, "# cannot remove %s\n", dir);
}

void pool_open(unsigned n, const char *dir)
{
	n_jobs = n < POOL_MAX ? n : POOL_MAX;
	base = dir;
	for (unsigned i = 0; i < n_jobs; i++)
		jobs[i].outcome = test_shared(sizeof(struct outcome));
}

static void finish(struct job *j, int status)
{
	char        text[120];
	const char *wrong = NULL;
	int         n_files = test_count_files(j->dir);

	j->pid = 0;
	if (j->outcome->failed) {
		wrong = j->outcome->failure;
	} else if (status != 0) {
		j->outcome->found = status == TEST_EXPIRED ? FOUND_HANG : FOUND_HARM;
		(void)snprintf(text, sizeof(text), "the stage ended with status %d", status);
		wrong = text;
	} else if (n_files > 0) {
		j->outcome->found = FOUND_LEAK;
		wrong = "the last one has left, and the domain is not gone";
	}
	if (n_files >= 0)
		remove_tree(j->dir);
	j->done(j->arg, &j->trial, j->outcome, wrong);
}

/* Wait for one of them to end. */
static void reap(void)
{
	int   status;
	pid_t pid = wait(&status);

	for (unsigned i = 0; i < n_jobs; i++)
		if (pid > 0 && jobs[i].pid == pid) {
			finish(&jobs[i],
			       WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
			return;
		}
}

static struct job *idle(void)
{
	for (unsigned i = 0; i < n_jobs; i++)
		if (!jobs[i].pid)
			return &jobs[i];
	return NULL;
}

void pool_start(const struct trial *t,
		void (*done)(void *arg, const struct trial *t, const struct outcome *o,
			     const char *wrong),
		void *arg)
{
	static unsigned n;
	struct job     *j;

	while (!(j = idle()))
		reap();
	j->trial = *t;
	j->done = done;
	j->arg = arg;
	(void)snprintf(j->dir, sizeof(j->dir), "%s/%u", base, n++);
	if (mkdir(j->dir, 0700) < 0)
		(void)fprintf(stderr, "# mkdir %s: %s\n", j->dir, strerror(errno));
	j->pid = scene_start(&j->trial, j->dir, j->outcome);
}

void pool_drain(void)
{
	for (unsigned i = 0; i < n_jobs; i++)
		while (jobs[i].pid)
			reap();
}

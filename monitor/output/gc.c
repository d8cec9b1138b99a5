/*
 * gc.c - clean domains in which nobody lives
 *
 * Whoever joins a domain cleans up after its dead, and the last one to leave removes it if
 * no named object is left. So this joins it, and leaves. Where somebody lives, that one
 * will do it, and nothing is touched.
 *
 * A process belongs to one domain only, so each gets a process of its own.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipc/proc.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>
#include <ipc/value.h>

#include "discover.h"
#include "output/command.h"
#include "output/json.h"
#include "target.h"

/* What the process that cleans a domain tells the one that prints. */
struct cleaning {
	uint64_t living, dead, unlinked, kept;
	uint64_t left; /* not cleaned up after: their pids live, as of the original of a copy */
	int      error;
	char     why[sizeof(((struct target *)0)->why)];
};

struct gc {
	const struct options *o;
	struct cleaning      *c;
	int                   worst; /* exit code */
	int                   n;
};

/* ---- in a process of its own --------------------------------------------------------- */

static int failed(struct cleaning *c, int r)
{
	const char *more = ipc_explain();

	c->error = r;
	snprintf(c->why, sizeof(c->why), "%s", more[0] != 0 ? more : ipc_strerror(r));
	return r;
}

static int read_domain(struct cleaning *c, struct target *t, const char *dir,
		       const struct ipc_snapshot **ret)
{
	int r;

	target_init(t, NULL, dir);
	r = target_read(t, ret);
	if (r == 0)
		return 0;
	c->error = r;
	memcpy(c->why, t->why, sizeof(c->why));
	target_fini(t);
	return r;
}

static void count_people(struct cleaning *c, const struct ipc_snapshot *s)
{
	for (size_t i = 0; i < s->n_processes; i++)
		if (s->processes[i].life == IPC_OBS_DEAD)
			c->dead++;
		else
			c->living++;
}

/* Pipes and simple queues have no names. */
static int (*const unlink_of[])(const char *name) = {
	[IPC_KIND_QUEUE] = ipc_queue_unlink,    [IPC_KIND_JOINABLE] = ipc_queue_unlink,
	[IPC_KIND_SHM] = ipc_shm_unlink,        [IPC_KIND_MUTEX] = ipc_mutex_unlink,
	[IPC_KIND_RMUTEX] = ipc_rmutex_unlink,  [IPC_KIND_RWLOCK] = ipc_rwlock_unlink,
	[IPC_KIND_SEMAPHORE] = ipc_sem_unlink,  [IPC_KIND_EVENT] = ipc_event_unlink,
	[IPC_KIND_CONDITION] = ipc_cond_unlink, [IPC_KIND_BARRIER] = ipc_barrier_unlink,
	[IPC_KIND_VALUE] = ipc_value_unlink,
};

static void unlink_named(struct cleaning *c, const struct ipc_obs_channel *ch)
{
	size_t kind = (size_t)ch->kind;

	if (kind < sizeof(unlink_of) / sizeof(unlink_of[0]) && unlink_of[kind] != NULL &&
	    unlink_of[kind](ch->name) == 0)
		c->unlinked++;
	else
		c->kept++;
}

static void count_left(struct cleaning *c, const struct ipc_snapshot *s)
{
	for (size_t i = 0; i < s->n_processes; i++)
		c->left += s->processes[i].life == IPC_OBS_DEAD &&
			   s->processes[i].pid != (uint64_t)getpid();
	c->dead -= c->left < c->dead ? c->left : c->dead;
}

/* Joined by now: whoever else is here came meanwhile, and what it has open stays. */
static int see_to_names(struct cleaning *c, const char *dir, int also_unlink)
{
	const struct ipc_snapshot *s;
	struct target              t;
	int                        r = read_domain(c, &t, dir, &s);

	if (r < 0)
		return r;
	count_left(c, s);
	for (size_t i = 0; i < s->n_channels; i++) {
		const struct ipc_obs_channel *ch = &s->channels[i];

		if (ch->named && also_unlink && ch->n_ends == 0 && s->n_processes == 1)
			unlink_named(c, ch);
		else if (ch->named)
			c->kept++;
	}
	target_fini(&t);
	return 0;
}

static int is_same(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino;
}

/* A domain is found by its place and its name. */
static int enter(const char *dir)
{
	char  path[PATH_MAX];
	char *slash;

	if (!realpath(dir, path))
		return -errno;
	/* What a process in a container sees leads elsewhere from here. */
	if (!is_same(dir, path))
		return -EXDEV;
	slash = strrchr(path, '/');
	if (slash == NULL || slash == path)
		return -EINVAL;
	*slash = 0;
	if (setenv("IPC_DIR", path, 1) < 0 || setenv("IPC_DOMAIN", slash + 1, 1) < 0)
		return -errno;
	return ipc_proc_set_name("ipcmon gc");
}

static int clean(struct cleaning *c, const char *dir, int also_unlink)
{
	const struct ipc_snapshot *s;
	struct target              t;
	int                        r = read_domain(c, &t, dir, &s);

	if (r < 0)
		return r;
	count_people(c, s);
	if (s->post_mortem)
		c->living = 0; /* of an earlier boot, or a copy: whoever it was has ended */
	target_fini(&t);
	if (c->living > 0)
		return 0;
	r = enter(dir);
	if (r < 0)
		return failed(c, r);
	return see_to_names(c, dir, also_unlink);
}

/* ---- printing -------------------------------------------------------------------------- */

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void print_text(const char *name, const struct cleaning *c, int removed)
{
	if (c->living > 0) {
		printf("%s: left alone: %llu process%s live%s in it\n", name,
		       (unsigned long long)c->living, c->living == 1 ? "" : "es",
		       c->living == 1 ? "s" : "");
		return;
	}
	printf("%s: cleaned up after %llu process%s", name, (unsigned long long)c->dead,
	       c->dead == 1 ? "" : "es");
	if (c->unlinked > 0)
		printf(", unlinked %llu object%s", (unsigned long long)c->unlinked,
		       plural(c->unlinked));
	if (removed)
		puts(", removed");
	else if (c->left > 0)
		printf("; stays: %llu process%s of it seem%s to live\n",
		       (unsigned long long)c->left, c->left == 1 ? "" : "es",
		       c->left == 1 ? "s" : "");
	else if (c->kept == 0)
		puts("; stays: somebody came meanwhile");
	else
		printf("; stays: it has %llu named object%s (--names removes what nobody has open)\n",
		       (unsigned long long)c->kept, plural(c->kept));
}

static void print_json(const char *name, const char *dir, const struct cleaning *c, int removed)
{
	struct json j;

	json_init(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "schema", "ipcmon.gc/1");
	json_string(&j, "domain", name);
	json_string(&j, "dir", dir);
	json_number(&j, "living_processes", c->living);
	json_number(&j, "dead_processes", c->dead);
	json_number(&j, "unlinked_objects", c->unlinked);
	json_number(&j, "named_objects", c->kept);
	json_bool(&j, "removed", removed);
	json_string(&j, "error", c->error < 0 ? c->why : NULL);
	json_end(&j);
	putchar('\n');
}

static void print(const struct gc *g, const char *name, const char *dir)
{
	struct stat st;
	int         removed = g->c->living == 0 && stat(dir, &st) < 0 && errno == ENOENT;

	if (g->o->json)
		print_json(name, dir, g->c, removed);
	else if (g->c->error < 0)
		fprintf(stderr, "ipcmon: %s\n", g->c->why);
	else
		print_text(name, g->c, removed);
}

/* ---- domains ------------------------------------------------------------------------------ */

/* One that was killed, or ended before it could say why, has cleaned nothing, or half of it. */
static void take_status(struct cleaning *c, const char *name, int status)
{
	if (c->error < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return;
	c->error = -EIO;
	if (WIFSIGNALED(status))
		snprintf(c->why, sizeof(c->why), "what cleaned %.100s was ended by signal %d (%s)",
			 name, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(c->why, sizeof(c->why), "what cleaned %.100s failed", name);
}

static int clean_one(const char *name, const char *dir, void *arg)
{
	struct gc *g = arg;
	int        status = 0;
	pid_t      pid;

	memset(g->c, 0, sizeof(*g->c));
	g->n++;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		exit(clean(g->c, dir, g->o->names) < 0); /* not _exit: leaving is what removes it */
	if (pid < 0) {
		g->c->error = -errno;
		snprintf(g->c->why, sizeof(g->c->why), "cannot fork: %s", strerror(errno));
	} else {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		take_status(g->c, name, status);
	}
	print(g, name, dir);
	if (g->c->error < 0)
		g->worst = (int)target_exit_code(g->c->error);
	return 0;
}

/* The one domain that was asked for, by its name. */
static int clean_named(const char *name, const char *dir, void *arg)
{
	struct gc *g = arg;

	return strcmp(name, g->o->domain) == 0 ? clean_one(name, dir, g) : 0;
}

/* The one that a process lives in, or would join. */
static int clean_pid(struct gc *g)
{
	char dir[PATH_MAX], label[32], why[sizeof(g->c->why)];
	int  r = discover_pid(g->o->pid, dir, sizeof(dir), why, sizeof(why));

	if (r == 0 && access(dir, F_OK) < 0 && errno == ENOENT)
		r = discover_no_domain(g->o->pid, why, sizeof(why));
	if (r < 0) {
		fprintf(stderr, "ipcmon: %s\n", why);
		g->worst = (int)target_exit_code(r);
		return 0;
	}
	snprintf(label, sizeof(label), "pid %llu", (unsigned long long)g->o->pid);
	return clean_one(label, dir, g);
}

static int clean_asked(struct gc *g)
{
	if (g->o->pid > 0)
		return clean_pid(g);
	if (g->o->dir != NULL)
		return clean_one(g->o->dir, g->o->dir, g);
	return ipc_domains(g->o->domain != NULL ? clean_named : clean_one, g);
}

int command_gc(const struct options *o)
{
	struct gc g = {.o = o};
	void *shared = mmap(NULL, sizeof(*g.c), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	int   r;

	if (shared == MAP_FAILED) {
		fprintf(stderr, "ipcmon: %s\n", strerror(errno));
		return EXIT_RUN_TIME;
	}
	g.c = shared;
	signal(SIGCHLD, SIG_DFL); /* ignored, which is inherited, there were no status */
	r = clean_asked(&g);
	if (r < 0)
		fprintf(stderr, "ipcmon: %s\n", ipc_strerror(r));
	else if (g.n == 0 && o->domain != NULL)
		fprintf(stderr, "ipcmon: there is no domain \"%s\"\n", o->domain);
	munmap(g.c, sizeof(*g.c));
	if (r < 0)
		return (int)target_exit_code(r);
	return g.n == 0 && o->domain != NULL ? EXIT_NO_TARGET : g.worst;
}

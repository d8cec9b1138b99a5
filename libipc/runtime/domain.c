/*
 * domain.c - find the domain, make it if it is not there, join it
 *
 * The directory, its liveness files and the registry are made by whoever comes
 * first, under the lock of the "alive" file; so two that come first together
 * make one domain. The last process to leave removes it again, under the same
 * lock, if no named object is left in it. Whoever was waiting for the lock of a
 * file that is gone by then starts anew.
 */

#include "runtime/descriptors.h"
#include "runtime/domain.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alive.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/proc.h"
#include "runtime/deadlock.h"
#include "runtime/fork.h"
#include "runtime/locate.h"
#include "runtime/lock.h"
#include "runtime/process.h"
#include "runtime/registry.h"
#include "runtime/trace.h"

struct domain the_domain = {.registry_fd = -1, .alive_fd = -1, .fork_fd = -1};

static pthread_mutex_t joining = PTHREAD_MUTEX_INITIALIZER;

int domain_path(char *ret, size_t size, const char *file)
{
	int n = snprintf(ret, size, "%s/%s", the_domain.dir, file);

	if (n < 0 || (size_t)n >= size)
		return fail(-ENAMETOOLONG, "the path of the domain is too long: %s",
			    the_domain.dir);
	return 0;
}

void domain_take_away(struct domain *d)
{
	static const char *const files[] = {REGISTRY_FILE, FORK_FILE, ALIVE_FILE};
	char                     path[600];
	char                    *slash;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (domain_path(path, sizeof(path), files[i]) == 0)
			(void)unlink(path);
	(void)rmdir(d->dir);
	slash = strrchr(d->dir, '/');
	if (d->own_parent && slash) {
		*slash = '\0'; /* fails while other domains are there, as it should */
		(void)rmdir(d->dir);
		*slash = '/';
	}
}

/* Make @file in the domain without opening it: see base/alive.c for why that matters. */
static int touch(const char *file)
{
	char path[600];
	int  r = domain_path(path, sizeof(path), file);

	if (r == 0 && mknod(path, S_IFREG | domain_file_mode(&the_domain), 0) < 0 &&
	    errno != EEXIST)
		r = fail(-errno, "cannot make %s: %s", path, strerrordesc_np(errno));
	return r;
}

/* Is the locked "alive" file still the one of that name? */
static bool alive_is_current(int fd)
{
	struct stat mine, named;
	char        path[600];

	return domain_path(path, sizeof(path), ALIVE_FILE) == 0 && fstat(fd, &mine) == 0 &&
	       stat(path, &named) == 0 && mine.st_ino == named.st_ino &&
	       mine.st_dev == named.st_dev;
}

/* Under the lock of the alive file: have a registry mapped, made if need be. */
static int domain_map(struct domain *d)
{
	int r = registry_map(d);

	if (r != -ENOENT)
		return r;
	r = registry_create(d);
	return r < 0 ? r : registry_map(d);
}

/* Made, and of no use: a domain without a registry is nobody's. Under the alive file's lock. */
static bool take_away_unfinished(struct domain *d)
{
	char path[600];

	if (!alive_is_current(d->alive_fd) || domain_path(path, sizeof(path), REGISTRY_FILE) < 0 ||
	    access(path, F_OK) == 0)
		return false;
	domain_take_away(d);
	return true;
}

/* The directory is there: have its files, and the lock that all agree by. 1: they vanished. */
static int domain_open_files(struct domain *d)
{
	int r = touch(ALIVE_FILE);

	if (r == 0)
		r = touch(FORK_FILE);
	if (r == 0)
		r = d->alive_fd = alive_open(d->dir, ALIVE_FILE, true);
	if (r == -ENOENT)
		return 1; /* removed by its last process between our steps */
	if (r < 0)
		return r;
	descriptors_note();
	r = domain_file_lock(d->alive_fd);
	if (r < 0)
		return fail(r, "cannot lock %s/%s: %s", d->dir, ALIVE_FILE, strerrordesc_np(-r));
	return 0;
}

/* Under that lock: 0, 1: it is of a domain that is over; or what makes it of no use. */
static int domain_map_files(struct domain *d)
{
	int r;

	if (!alive_is_current(d->alive_fd))
		return 1;
	r = d->fork_fd = alive_fork_open(d->dir);
	if (r < 0)
		return r == -ENOENT ? 1 : r;
	r = domain_map(d);
	if (r)
		(void)close(d->fork_fd);
	return r;
}

/* A descriptor to spare, so that nothing is made that could not be opened then. */
static int spare_descriptor(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		return fail(-errno, "no descriptor is left to join the domain with: close some, or "
				    "raise ulimit -n");
	return fd;
}

/* One attempt; 1: the domain vanished meanwhile, try again. */
static int domain_try_join(struct domain *d)
{
	bool away;
	int  r, spare = spare_descriptor();

	if (spare == -EMFILE || spare == -ENFILE)
		return spare;
	r = domain_locate(d);
	if (spare >= 0)
		(void)close(spare);
	if (r == 0)
		r = domain_open_files(d);
	if (r)
		return r;
	r = domain_map_files(d);
	away = r < 0 && take_away_unfinished(d);
	domain_file_unlock(d->alive_fd);
	if (away)
		alive_discard(d->alive_fd);
	return r;
}

/* Its last process was killed while removing it: finish that. Under the registry lock. */
static void finish_removal(const struct domain *d)
{
	char path[600];

	if (alive_is_current(d->alive_fd) && domain_path(path, sizeof(path), REGISTRY_FILE) == 0)
		(void)unlink(path);
}

static int domain_enter(struct domain *d)
{
	int r = 1;

	d->pid = (uint64_t)getpid();
	d->start_ticks = proc_start_ticks();
	registry_lock();
	if (d->hdr->state == DOMAIN_RETIRED)
		finish_removal(d);
	else
		r = process_join();
	registry_unlock();
	if (r) {
		registry_unmap(d);
		(void)close(d->fork_fd);
	}
	return r;
}

/* Before anything is made that would be of no use. */
static int check_environment(void)
{
	int r = registry_check_environment();

	if (r == 0)
		r = deadlock_check_environment();
	return r < 0 ? r : domain_check_group();
}

static int domain_join_locked(struct domain *d)
{
	int r = check_environment();

	if (r < 0)
		return r;
	r = 1;
	d->ns_inode = proc_pid_namespace();
	for (int tries = 0; r == 1 && tries < 100; tries++) {
		r = domain_try_join(d);
		if (r == 0)
			r = domain_enter(d);
	}
	if (r == 1)
		return fail(-EBUSY, "the domain %s is removed as fast as it is made: try again",
			    d->dir);
	if (r == 0) {
		store_release(&d->joined, true);
		TRACE(process_join, d->self, d->name, process_name(d->slot));
	}
	return r;
}

/*
 * The tracer first: its fork handlers must run before ours in a child, which tells
 * it of the fork. And ours before the lock is ever taken, for they take it too: a
 * child never finds it held by a thread it does not have.
 */
static void prepare_process(void)
{
	trace_load();
	fork_watch();
}

void domain_join_lock(void)
{
	(void)pthread_mutex_lock(&joining);
}

void domain_join_unlock(void)
{
	(void)pthread_mutex_unlock(&joining);
}

int domain_join_slow(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int                   before = cancel_off(), r = 0;

	(void)pthread_once(&once, prepare_process);
	domain_join_lock();
	if (!the_domain.joined)
		r = domain_join_locked(&the_domain);
	domain_join_unlock();
	cancel_on(before);
	return r;
}

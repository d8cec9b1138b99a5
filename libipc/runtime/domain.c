/*
 * domain.c - find the domain, make it if it is not there, join it
 *
 * The directory, its liveness files and the registry are made by whoever comes
 * first, under the lock of the "alive" file; so two that come first together
 * make one domain. The last process to leave removes it again, under the same
 * lock, if no named object is left in it. Whoever was waiting for the lock of a
 * file that is gone by then starts anew.
 */

#include "runtime/domain.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alive.h"
#include "base/error.h"
#include "base/name.h"
#include "base/proc.h"
#include "runtime/fork.h"
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

/* A directory of our own that others cannot write: made, or found to be so. */
static int private_directory(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return fail(-errno, "cannot make the directory %s: %s%s", path,
			    strerrordesc_np(errno),
			    errno == ENOENT
				    ? ": make its parent, or set IPC_DIR to a directory that exists"
				    : "");
	if (lstat(path, &st) < 0)
		return fail(-errno, "cannot stat %s: %s", path, strerrordesc_np(errno));
	if (!S_ISDIR(st.st_mode))
		return fail(-ENOTDIR, "%s is not a directory: remove it, or set IPC_DIR to another",
			    path);
	if (st.st_uid != geteuid())
		return fail(
			-EACCES,
			"%s belongs to user %u, not to this one: set IPC_DIR to a directory of your own",
			path, (unsigned)st.st_uid);
	if (st.st_mode & 022)
		return fail(-EACCES, "%s can be written by others (mode %03o): chmod 700 it", path,
			    (unsigned)st.st_mode & 0777);
	return 0;
}

static int domain_locate(struct domain *d)
{
	const char *base = getenv("IPC_DIR"), *name = getenv("IPC_DOMAIN");
	char        parent[400];
	int         n, r;

	if (!name || !*name)
		name = "default";
	if (!name_valid(name))
		return fail(-EINVAL, "IPC_DOMAIN=\"%s\": a name is 1 to 63 of A-Z a-z 0-9 . _ -",
			    name);
	if (base && *base)
		n = snprintf(parent, sizeof(parent), "%s", base);
	else
		n = snprintf(parent, sizeof(parent), "/dev/shm/libipc-%u", (unsigned)geteuid());
	if (n < 0 || (size_t)n >= sizeof(parent))
		return fail(-ENAMETOOLONG, "IPC_DIR is longer than %zu bytes", sizeof(parent) - 1);
	if (!base || !*base) {
		r = private_directory(parent);
		if (r < 0)
			return r;
		d->own_parent = true;
	}
	(void)snprintf(d->name, sizeof(d->name), "%s", name);
	(void)snprintf(d->dir, sizeof(d->dir), "%s/%s", parent, name);
	return private_directory(d->dir);
}

/* Make @file in the domain without opening it: see base/alive.c for why that matters. */
static int touch(const char *file)
{
	char path[600];
	int  r = domain_path(path, sizeof(path), file);

	if (r == 0 && mknod(path, S_IFREG | 0600, 0) < 0 && errno != EEXIST)
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

/* One attempt; 1: the domain vanished meanwhile, try again. */
static int domain_try_join(struct domain *d)
{
	int r = domain_locate(d);

	if (r < 0)
		return r;
	r = touch(ALIVE_FILE);
	if (r == 0)
		r = touch(FORK_FILE);
	if (r == 0)
		r = d->alive_fd = alive_open(d->dir, ALIVE_FILE, true);
	if (r >= 0)
		r = d->fork_fd = alive_fork_open(d->dir);
	if (r == -ENOENT)
		return 1; /* removed by its last process between our steps */
	if (r < 0)
		return r;
	r = domain_file_lock(d->alive_fd);
	if (r < 0)
		(void)close(d->fork_fd);
	if (r < 0)
		return fail(r, "cannot lock %s/%s: %s", d->dir, ALIVE_FILE, strerrordesc_np(-r));
	if (!alive_is_current(d->alive_fd))
		r = 1;
	else
		r = domain_map(d);
	domain_file_unlock(d->alive_fd);
	if (r)
		(void)close(d->fork_fd);
	return r;
}

static int domain_enter(struct domain *d)
{
	int r = fork_watch();

	if (r < 0)
		return r;
	d->pid = (uint64_t)getpid();
	d->start_ticks = proc_start_ticks();
	registry_lock();
	if (d->hdr->state == DOMAIN_RETIRED)
		r = 1;
	else
		r = process_join();
	registry_unlock();
	if (r) {
		registry_unmap(d);
		(void)close(d->fork_fd);
	}
	return r;
}

int domain_join_slow(void)
{
	struct domain *d = &the_domain;
	int            r = 0;

	(void)pthread_mutex_lock(&joining);
	if (!d->joined) {
		d->ns_inode = proc_pid_namespace();
		trace_load();
		for (int tries = 0; tries < 100; tries++) {
			r = domain_try_join(d);
			if (r == 0)
				r = domain_enter(d);
			if (r != 1)
				break;
		}
		if (r == 1)
			r = fail(-EBUSY, "the domain %s is removed as fast as it is made", d->dir);
		if (r == 0) {
			store_release(&d->joined, true);
			TRACE(process_join, d->self, d->name, program_invocation_short_name);
		}
	}
	(void)pthread_mutex_unlock(&joining);
	return r;
}

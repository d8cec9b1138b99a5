/* locate.c - where a domain is: environment, directories, whose they are */

#include "runtime/locate.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/name.h"

/* The group IPC_GROUP names, by name or number; -1: it is not set. */
static int group_from_env(gid_t *ret)
{
	const char   *text = getenv("IPC_GROUP");
	char         *end, buf[4096];
	struct group  g, *found = NULL;
	unsigned long number;

	*ret = (gid_t)-1;
	if (!text || !*text)
		return 0;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (!*end && !errno && number < (gid_t)-1)
		*ret = (gid_t)number;
	else if (getgrnam_r(text, &g, buf, sizeof(buf), &found) == 0 && found)
		*ret = g.gr_gid;
	else
		return fail(-EINVAL, "IPC_GROUP=\"%s\": there is no such group", text);
	return 0;
}

int domain_check_group(void)
{
	gid_t ignored;

	return group_from_env(&ignored);
}

/* Members of IPC_GROUP may look in and read; what is made in it later is the group's, too. */
static int open_to_group(const char *path, bool *ret_group_reads)
{
	gid_t group;
	int   r = group_from_env(&group);

	if (r < 0 || group == (gid_t)-1 || *ret_group_reads)
		return r;
	if (chown(path, (uid_t)-1, group) < 0 || chmod(path, S_ISGID | 0750) < 0)
		return fail(-errno, "cannot let the group of IPC_GROUP=\"%s\" read %s: %s",
			    getenv("IPC_GROUP"), path, strerrordesc_np(errno));
	*ret_group_reads = true;
	return 0;
}

/* A directory of our own that others cannot write: made, or found to be so. */
static int private_directory(const char *path, bool *ret_group_reads)
{
	struct stat st;
	bool        made = mkdir(path, 0700) == 0;
	int         r;

	if (!made && errno != EEXIST)
		return fail(
			-errno, "cannot make the directory %s: %s%s", path, strerrordesc_np(errno),
			errno == ENOENT
				? ": make its parent, or set IPC_DIR to a directory that exists"
				: ": set IPC_DIR to a directory in which this user can make one");
	if (lstat(path, &st) < 0)
		return errno == ENOENT
			       ? 1
			       : fail(-errno, "cannot stat %s: %s", path, strerrordesc_np(errno));
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
	*ret_group_reads = (st.st_mode & S_ISGID) && (st.st_mode & S_IRGRP);
	r = open_to_group(path, ret_group_reads);
	if (r < 0 && made)
		(void)rmdir(path);
	return r;
}

/* Where the domains are; absolute, as the program may change its directory. */
static int domain_parent(char *ret, size_t size, const char *base)
{
	char cwd[PATH_MAX];
	int  n;

	if (!base || !*base)
		n = snprintf(ret, size, "/dev/shm/libipc-%u", (unsigned)geteuid());
	else if (*base == '/')
		n = snprintf(ret, size, "%s", base);
	else if (!getcwd(cwd, sizeof(cwd)))
		return fail(-errno,
			    "IPC_DIR=\"%.80s\" is relative to a directory that is not known: %s",
			    base, strerrordesc_np(errno));
	else
		n = snprintf(ret, size, "%s/%s", cwd, base);
	if (n < 0 || (size_t)n >= size)
		return fail(-ENAMETOOLONG, "IPC_DIR is longer than %zu bytes", size - 1);
	return 0;
}

int domain_locate(struct domain *d)
{
	const char *base = getenv("IPC_DIR"), *name = getenv("IPC_DOMAIN");
	char        parent[400];
	int         r;

	if (!name || !*name)
		name = "default";
	if (!name_valid(name))
		return fail(
			-EINVAL,
			"IPC_DOMAIN=\"%s\": a name is 1 to 63 of A-Z a-z 0-9 . _ -, and not . or ..",
			name);
	r = domain_parent(parent, sizeof(parent), base);
	if (r < 0)
		return r;
	if (!base || !*base) {
		r = private_directory(parent, &d->group_reads);
		if (r)
			return r;
		d->own_parent = true;
	}
	(void)snprintf(d->name, sizeof(d->name), "%s", name);
	(void)snprintf(d->dir, sizeof(d->dir), "%s/%s", parent, name);
	r = private_directory(d->dir, &d->group_reads);
	/* its parent was ours, and another process removed it with its last domain */
	return r == -ENOENT && d->own_parent ? 1 : r;
}

/* place.c - from a domain's name to its directory, and the list of all of them */

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipc/observe.h>

#include "base/error.h"
#include "observe/place.h"
#include "runtime/layout.h"

int place_base(char *buf, size_t size)
{
	const char *dir = getenv("IPC_DIR");
	int         n;

	if (dir && *dir)
		n = snprintf(buf, size, "%s", dir);
	else
		n = snprintf(buf, size, "/dev/shm/libipc-%u", (unsigned)geteuid());
	return n >= 0 && (size_t)n < size ? 0 : fail(-ENAMETOOLONG, "IPC_DIR is too long");
}

int place_of(char *buf, size_t size, const char *name)
{
	char   base[PATH_MAX];
	size_t n, m;
	int    r;

	if (!name)
		name = getenv("IPC_DOMAIN");
	if (!name || !*name)
		name = "default";
	if (strchr(name, '/') || name[0] == '.')
		return fail(-EINVAL, "\"%s\" is no name of a domain: it is a path", name);
	r = place_base(base, sizeof(base));
	if (r < 0)
		return r;
	n = strlen(base);
	m = strlen(name);
	if (n + 1 + m >= size)
		return fail(-ENAMETOOLONG, "the name of domain \"%.40s…\" is too long", name);
	memcpy(buf, base, n);
	buf[n] = '/';
	memcpy(buf + n + 1, name, m + 1);
	return 0;
}

static int is_domain(int base_fd, const char *name)
{
	char        path[NAME_MAX + sizeof(REGISTRY_FILE) + 2];
	struct stat st;

	if (name[0] == '.')
		return 0;
	(void)snprintf(path, sizeof(path), "%s/%s", name, REGISTRY_FILE);
	return fstatat(base_fd, path, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static int visit(const char *base, const char                                  *name,
		 int (*fn)(const char *name, const char *dir, void *arg), void *arg)
{
	char dir[PATH_MAX];

	if ((size_t)snprintf(dir, sizeof(dir), "%s/%s", base, name) >= sizeof(dir))
		return 0;
	return fn(name, dir, arg);
}

int ipc_domains(int (*fn)(const char *name, const char *dir, void *arg), void *arg)
{
	char            base[PATH_MAX];
	struct dirent **list;
	int             n, base_fd, r;

	explain_clear();
	r = place_base(base, sizeof(base));
	if (r < 0)
		return r;
	n = scandir(base, &list, NULL, alphasort);
	if (n < 0)
		return errno == ENOENT ? 0 : fail(-errno, "cannot list %s: %m", base);
	DIR *d = opendir(base);

	base_fd = d ? dirfd(d) : -1;
	for (int i = 0; i < n; i++) {
		if (r == 0 && is_domain(base_fd, list[i]->d_name))
			r = visit(base, list[i]->d_name, fn, arg);
		free(list[i]);
	}
	free(list);
	if (d)
		(void)closedir(d);
	return r;
}

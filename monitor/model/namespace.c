#include "model/namespace.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOOK_NS UINT64_C(1000000000)

static uint64_t key_of(uint64_t ns_inode, uint64_t pid)
{
	return ns_inode * UINT64_C(0xd6e8feb86659fd93) ^ pid;
}

/* The last of its pids: the one in its own namespace. 0: it says none. */
static uint64_t inner_pid(const char *pid)
{
	char     path[64], line[256];
	uint64_t inner = 0;
	FILE    *f;

	snprintf(path, sizeof(path), "/proc/%.20s/status", pid);
	f = fopen(path, "re");
	while (f != NULL && inner == 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "NSpid:", 6) == 0)
			inner = strtoull(strrchr(line, '\t') != NULL ? strrchr(line, '\t')
								     : line + 6,
					 NULL, 10);
	if (f != NULL)
		fclose(f);
	return inner;
}

static void take_in(struct namespaces *n, int proc, const char *pid, uint64_t own_inode)
{
	char        path[64];
	struct stat st;
	uint64_t    inner, *here;

	snprintf(path, sizeof(path), "%.20s/ns/pid", pid);
	if (fstatat(proc, path, &st, 0) < 0 || st.st_ino == own_inode)
		return;
	inner = inner_pid(pid);
	if (inner == 0)
		return;
	here = table_get(&n->pids, key_of(st.st_ino, inner), sizeof(*here));
	*here = strtoull(pid, NULL, 10);
}

static void look(struct namespaces *n)
{
	DIR           *d = opendir("/proc");
	struct dirent *e;
	struct stat    own;

	if (d == NULL)
		return;
	if (stat("/proc/self/ns/pid", &own) == 0)
		while ((e = readdir(d)) != NULL)
			if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
				take_in(n, dirfd(d), e->d_name, own.st_ino);
	closedir(d);
	table_sweep(&n->pids);
}

uint64_t namespaces_pid(struct namespaces *n, uint64_t ns_inode, uint64_t pid, uint64_t now_ns)
{
	const uint64_t *here = table_find(&n->pids, key_of(ns_inode, pid));

	if (here == NULL && (n->looked_ns == 0 || now_ns - n->looked_ns >= LOOK_NS)) {
		n->looked_ns = now_ns;
		look(n);
		here = table_find(&n->pids, key_of(ns_inode, pid));
	}
	return here != NULL ? *here : 0;
}

void namespaces_fini(struct namespaces *n)
{
	table_fini(&n->pids);
}

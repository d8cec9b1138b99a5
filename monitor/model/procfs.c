#include "model/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What stands behind the name in /proc/@pid/stat, which may hold any character; 0 or negative. */
static int read_stat(uint64_t pid, char *line, size_t size, const char **ret, uint64_t *ret_user)
{
	struct stat st;
	char        path[48];
	ssize_t     n;
	int         fd;

	*ret = "";
	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, line, size - 1);
	*ret_user = fstat(fd, &st) == 0 ? (uint64_t)st.st_uid + 1 : 0;
	close(fd);
	if (n <= 0)
		return -EIO;
	line[n] = 0;
	/* The name stands in parentheses; what follows the last of them is not of it. */
	*ret = strrchr(line, ')');
	return *ret != NULL ? 0 : -EBADMSG;
}

/* The text of number @n, where the first is 1, of those with a space before each. */
static const char *field_at(const char *p, int n)
{
	while (p != NULL && n-- > 0)
		p = strchr(p + 1, ' ');
	return p;
}

/* Fields of stat(5) behind the name, which is the second. */
enum { STAT_UTIME = 14 - 2, STAT_RSS = 24 - 2 };

int procfs_usage(uint64_t pid, struct procfs_usage *ret)
{
	char        line[1024];
	const char *p, *utime, *rss;
	char       *stime;
	int         r = read_stat(pid, line, sizeof(line), &p, &ret->user);

	if (r < 0)
		return r;
	utime = field_at(p, STAT_UTIME);
	rss = field_at(utime, STAT_RSS - STAT_UTIME);
	if (rss == NULL)
		return -EBADMSG;
	ret->cpu_ns = strtoull(utime, &stime, 10);
	ret->cpu_ns += strtoull(stime, NULL, 10);
	ret->cpu_ns *= UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK);
	ret->pid = pid;
	ret->rss_bytes = strtoull(rss, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

int procfs_is_asleep(uint64_t pid)
{
	char        line[1024], state;
	const char *p;
	uint64_t    user;
	int         r = read_stat(pid, line, sizeof(line), &p, &user);

	if (r < 0)
		return r;
	return sscanf(p, ") %c", &state) == 1 ? state == 'S' : -EBADMSG;
}

int procfs_mapping(uint64_t pid, uint64_t address, struct procfs_mapping *ret)
{
	char  path[48], line[1024];
	FILE *f;
	int   found = 0;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/maps", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return -errno;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		ret->path[0] = 0;
		found = sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*s %511[^\n]",
			       &ret->first, &ret->end, &ret->offset, ret->path) >= 3 &&
			address >= ret->first && address < ret->end;
	}
	fclose(f);
	return found && ret->path[0] == '/' ? 0 : -ENOENT;
}

int procfs_is_private(uint64_t pid, uint64_t address)
{
	char     path[48], line[1024], rights[8];
	uint64_t first, end;
	FILE    *f;
	int      r = -ENOENT;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/maps", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return -errno;
	while (r == -ENOENT && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &first, &end, rights) == 3 &&
		    address >= first && address < end)
			r = rights[3] == 'p';
	fclose(f);
	return r;
}

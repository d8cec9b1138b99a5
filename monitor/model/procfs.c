#include "model/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int procfs_usage(uint64_t pid, struct procfs_usage *ret)
{
	char               path[48], line[1024];
	const char        *p;
	unsigned long long utime, stime;
	long long          pages;
	ssize_t            n;
	int                fd;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	line[n] = 0;
	/* The name stands in parentheses and may hold any; what follows the last one does not. */
	p = strrchr(line, ')');
	if (p == NULL ||
	    sscanf(p,
		   ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d "
		   "%*d %*u %*u %lld",
		   &utime, &stime, &pages) != 3)
		return -EBADMSG;
	ret->cpu_ns = (utime + stime) * (UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK));
	ret->rss_bytes = (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
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

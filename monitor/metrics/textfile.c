#include "metrics/textfile.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* As a program that makes a file the common way would leave it. */
static mode_t usual_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int print_to(int fd, const struct metrics *m, int open_metrics)
{
	FILE *to = fdopen(fd, "w");
	int   bad;

	if (to == NULL) {
		bad = errno;
		close(fd);
		return -bad;
	}
	metrics_print(to, m, open_metrics);
	errno = 0;
	bad = fchmod(fd, usual_mode()) < 0 || fflush(to) != 0 || ferror(to);
	bad |= fclose(to) != 0;
	return bad ? -(errno != 0 ? errno : EIO) : 0;
}

int textfile_write(const char *path, const struct metrics *m, int open_metrics)
{
	char next[PATH_MAX]; /* its name does not end as a collector wants: it passes it over */
	struct stat st;
	int         fd, r;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return -EEXIST; /* a device, say, which a file would take the place of */
	if (snprintf(next, sizeof(next), "%s.XXXXXX", path) >= (int)sizeof(next))
		return -ENAMETOOLONG;
	fd = mkstemp(next);
	if (fd < 0)
		return -errno;
	r = print_to(fd, m, open_metrics);
	if (r == 0 && rename(next, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(next);
	return r;
}

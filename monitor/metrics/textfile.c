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

/* What is written beside its place: its name does not end as a collector wants. */
static int write_beside(const char *next, int fd, struct stat *ret, const struct metrics *m,
			int open_metrics)
{
	int r = fstat(fd, ret) < 0 ? -errno : 0;

	if (r < 0)
		close(fd);
	else
		r = print_to(fd, m, open_metrics);
	if (r < 0)
		unlink(next);
	return r;
}

int textfile_write(struct textfile *t, const struct metrics *m, int open_metrics)
{
	char        next[PATH_MAX];
	struct stat st;
	int         fd, r;

	if (stat(t->path, &st) == 0 && !S_ISREG(st.st_mode))
		return -EEXIST; /* a device, say, which a file would take the place of */
	if (snprintf(next, sizeof(next), "%s.XXXXXX", t->path) >= (int)sizeof(next))
		return -ENAMETOOLONG;
	fd = mkstemp(next);
	if (fd < 0)
		return -errno;
	r = write_beside(next, fd, &st, m, open_metrics);
	if (r < 0)
		return r;
	if (rename(next, t->path) < 0) {
		r = -errno;
		unlink(next);
		return r;
	}
	t->dev = st.st_dev;
	t->ino = st.st_ino;
	return 0;
}

void textfile_remove(const struct textfile *t)
{
	struct stat st;

	if (t->ino != 0 && lstat(t->path, &st) == 0 && st.st_dev == t->dev && st.st_ino == t->ino)
		unlink(t->path);
}

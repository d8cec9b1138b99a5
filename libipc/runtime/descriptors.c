#include "runtime/descriptors.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/alive.h"
#include "base/atomic.h"
#include "base/file.h"
#include "runtime/domain.h"

void descriptors_note(void)
{
	struct stat st;

	if (fstat(the_domain.alive_fd, &st) == 0) {
		the_domain.alive_dev = st.st_dev;
		the_domain.alive_ino = st.st_ino;
	}
}

static bool is_ours(int fd, uint64_t dev, uint64_t ino)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

/* Of the domain that is still mapped, and not of a later one of its name. */
static int reopen_registry(const struct domain *d)
{
	char path[600];
	int  fd = domain_path(path, sizeof(path), REGISTRY_FILE);

	if (fd == 0)
		fd = file_open(path, O_RDWR | O_NOFOLLOW, 0);
	if (fd >= 0 && d->hdr->file_inode && !is_ours(fd, d->alive_dev, d->hdr->file_inode)) {
		file_close(fd);
		fd = -1;
	}
	return fd;
}

/* Nothing is closed here: the numbers may be somebody else's by now. */
void descriptors_mend(void)
{
	struct domain *d = &the_domain;
	int            fd;

	if (likely(is_ours(d->alive_fd, d->alive_dev, d->alive_ino)) || !d->alive_ino)
		return;
	fd = reopen_registry(d);
	if (fd < 0)
		return; /* the domain is no more: nothing is left to be done with them */
	d->registry_fd = fd;
	fd = alive_reopen(d->alive_fd, d->dir, ALIVE_FILE);
	if (fd >= 0) {
		d->alive_fd = fd;
		(void)alive_claim(fd, d->slot);
	}
	fd = alive_fork_open(d->dir);
	if (fd >= 0)
		d->fork_fd = fd;
}

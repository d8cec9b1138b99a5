#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/failpoint.h"
#include "base/hush.h"

static int no_room(int fd, uint64_t bytes, const char *what)
{
	struct statvfs fs;
	uint64_t       left = fstatvfs(fd, &fs) == 0 ? (uint64_t)fs.f_bavail * fs.f_frsize : 0;

	return fail(
		-ENOSPC,
		"no room for %llu bytes of %s: the file system of the domain is full (%llu bytes "
		"left); free some of it, enlarge it (mount -o remount,size=…), or set IPC_DIR to "
		"another",
		(unsigned long long)bytes, what, (unsigned long long)left);
}

int file_extend(int fd, uint64_t bytes)
{
	struct hush h;
	int         r;

	hush_begin(&h, SIGXFSZ);
	r = ftruncate(fd, (off_t)bytes) < 0 ? -errno : 0;
	hush_end(&h, r == -EFBIG);
	return r;
}

static int reserve(int fd, uint64_t offset, uint64_t bytes)
{
	struct hush h;
	int         r;

	hush_begin(&h, SIGXFSZ);
	do {
		FAILPOINT("reserve");
		r = syscall(SYS_fallocate, fd, 0, (off_t)offset, (off_t)bytes) < 0 ? -errno : 0;
	} while (r == -EINTR);
	hush_end(&h, r == -EFBIG);
	return r;
}

int file_reserve(int fd, uint64_t offset, uint64_t bytes, const char *what)
{
	int r = reserve(fd, offset, bytes);

	if (r == 0)
		return 0;
	if (r == -ENOSPC)
		return no_room(fd, bytes, what);
	if (r == -EFBIG)
		return fail(r, "%s would exceed the file size limit (ulimit -f): raise it", what);
	return fail(r, "cannot reserve %llu bytes of %s: %s", (unsigned long long)bytes, what,
		    strerrordesc_np(-r));
}

void file_release(int fd, uint64_t offset, uint64_t bytes)
{
	uint64_t page = page_bytes();
	uint64_t first = round_up(offset, page);
	uint64_t last = (offset + bytes) / page * page;

	FAILPOINT("release");
	if (last > first) /* a failure keeps the memory, which is no error */
		(void)syscall(SYS_fallocate, fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      (off_t)first, (off_t)(last - first));
}

int file_open(const char *path, int flags, mode_t mode)
{
	long r;

	FAILPOINT("open");
	r = syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
	return r < 0 ? -errno : (int)r;
}

void file_close(int fd)
{
	(void)syscall(SYS_close, fd);
}

ssize_t file_read(int fd, void *buf, size_t n)
{
	ssize_t r = syscall(SYS_read, fd, buf, n);

	return r < 0 ? -errno : r;
}

ssize_t file_write(int fd, const void *buf, size_t n)
{
	ssize_t r = syscall(SYS_write, fd, buf, n);

	return r < 0 ? -errno : r;
}

void random_fill(void *buf, size_t n)
{
	uint64_t t;

	if (getrandom(buf, n, GRND_NONBLOCK) == (ssize_t)n)
		return;
	/* before the kernel has entropy: unique is enough here, secret is not asked for */
	t = clock_now_ns() ^ (uint64_t)getpid() << 40;
	for (size_t i = 0; i < n; i++)
		((unsigned char *)buf)[i] = (unsigned char)(t >> 8 * (i % 8));
}

uint64_t page_bytes(void)
{
	static uint64_t bytes;

	if (!bytes)
		bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	return bytes;
}

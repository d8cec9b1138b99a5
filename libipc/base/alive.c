/*
 * alive.c - one descriptor per liveness file and process
 *
 * The trap. POSIX (fcntl(2)): when a process closes *any* descriptor of a file,
 * all its record locks on that file are gone, whichever descriptor they were
 * made with. If an observer inside a member process opened `alive`, asked, and
 * closed it again, that process would be taken for dead by all others, and
 * cleaned up after while it runs. So:
 *
 *  - a table of this process knows each liveness file by device and inode; who
 *    comes second gets the descriptor the first one opened;
 *  - stat(2) comes before open(2), because to notice after open(2) that the
 *    file was open already is too late: the new descriptor cannot be closed;
 *  - a descriptor on which a claim may be made is never closed. One that only
 *    askers used is closed by the last of them, else a monitor that follows a
 *    program through a thousand runs would end with a thousand descriptors;
 *  - where a second descriptor cannot be avoided (two names raced, or an asker
 *    could only read and now a claim is to be made) it stays open for ever.
 *
 * The last case is that of a process that watches a domain first and joins it then.
 *
 * fork: the child inherits the table with the descriptors, which is right: the
 * trap is about the child's own locks, and they are made on these descriptors.
 * If fork caught the table's lock held by another thread, nobody is there to
 * release it. So the lock word is the pid of its holder, and a pid that is not
 * this process's is no holder. What that thread was adding is then either in
 * the table or a descriptor nobody knows, and so nobody closes.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alive.h"
#include "base/atomic.h"
#include "base/error.h"
#include "base/fork_lock.h"

struct entry {
	struct entry *next;
	dev_t         dev;
	ino_t         ino;
	int           fd;
	bool          writable;
	bool          keep; /* a claim may have been made on it */
	unsigned      n_askers;
};

static struct entry *table;
static uint32_t      table_lock; /* held for the time of an open(2) at most */

static struct entry *table_find(const struct stat *st)
{
	struct entry *e = table;

	while (e && (e->dev != st->st_dev || e->ino != st->st_ino))
		e = e->next;
	return e;
}

static int open_file(const char *path, bool write, bool *ret_writable)
{
	int fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);

	*ret_writable = write;
	if (fd < 0)
		return fail(-errno, "cannot open %s: %m", path);
	return fd;
}

/* Askers so far could only read; open the same inode again and leave the old descriptor be. */
static int entry_upgrade(struct entry *e)
{
	char path[32];
	int  fd;

	if (e->writable)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", e->fd);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fail(-errno, "cannot open a liveness file for writing: %m");
	e->fd = fd;
	e->writable = true;
	return 0;
}

/* From here on @fd must not be closed, whatever happens: it may be a second one of its file. */
static struct entry *entry_add(int fd, bool writable)
{
	struct stat   st;
	struct entry *e;

	if (fstat(fd, &st))
		return NULL;
	e = table_find(&st);
	if (e) {
		e->keep = true; /* the path changed hands between stat and open */
		return e;
	}
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	*e = (struct entry){
		.next = table, .dev = st.st_dev, .ino = st.st_ino, .fd = fd, .writable = writable};
	store_release(&table, e); /* whole, should fork strike here */
	return e;
}

static int open_locked(const char *path, bool write)
{
	struct stat   st;
	struct entry *e;
	bool          writable;
	int           fd, r;

	if (stat(path, &st))
		return fail(-errno, "cannot find %s: %m", path);
	e = table_find(&st);
	if (!e) {
		fd = open_file(path, write, &writable);
		if (fd < 0)
			return fd;
		e = entry_add(fd, writable);
		if (!e)
			return fail(-ENOMEM, "no memory to remember %s", path);
	}
	if (write) {
		r = entry_upgrade(e);
		if (r < 0)
			return r;
		e->keep = true;
	} else {
		e->n_askers++;
	}
	return e->fd;
}

int alive_open(const char *dir, const char *file, bool write)
{
	char path[PATH_MAX];
	int  r;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, file) >= sizeof(path))
		return fail(-ENAMETOOLONG, "the path of %s in %s is too long", file, dir);
	(void)fork_lock_until(&table_lock, UINT64_MAX);
	r = open_locked(path, write);
	fork_unlock(&table_lock);
	return r;
}

int alive_reopen(int fd, const char *dir, const char *file)
{
	char          path[PATH_MAX];
	struct entry *e;
	bool          writable;
	int           fresh;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, file) >= sizeof(path))
		return fail(-ENAMETOOLONG, "the path of %s in %s is too long", file, dir);
	(void)fork_lock_until(&table_lock, UINT64_MAX);
	fresh = open_file(path, true, &writable);
	for (e = table; e && e->fd != fd; e = e->next)
		;
	if (e && fresh >= 0)
		e->fd = fresh;
	fork_unlock(&table_lock);
	return fresh;
}

void alive_drop(int fd)
{
	struct entry **at, *e = NULL;

	(void)fork_lock_until(&table_lock, UINT64_MAX);
	for (at = &table; *at; at = &(*at)->next)
		if ((*at)->fd == fd)
			break;
	if (*at && (*at)->n_askers > 0 && --(*at)->n_askers == 0 && !(*at)->keep) {
		e = *at;
		*at = e->next;
		(void)close(e->fd); /* within the lock: nobody may find the entry meanwhile */
	}
	fork_unlock(&table_lock);
	free(e);
}

void alive_discard(int fd)
{
	struct entry *e;

	(void)fork_lock_until(&table_lock, UINT64_MAX);
	for (e = table; e && e->fd != fd; e = e->next)
		;
	if (e) {
		e->keep = false;
		e->n_askers++;
	}
	fork_unlock(&table_lock);
	alive_drop(fd);
}

static int lock_byte(int fd, int cmd, short type, uint64_t slot)
{
	struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)slot, .l_len = 1};
	int          r;

	do {
		r = fcntl(fd, cmd, &l);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return errno == EACCES ? -EAGAIN : -errno; /* POSIX allows either for "taken" */
	return l.l_type == F_UNLCK ? 0 : 1;
}

int alive_claim(int fd, uint64_t slot)
{
	int r = lock_byte(fd, F_SETLK, F_WRLCK, slot);

	return r > 0 ? 0 : r;
}

int alive_release(int fd, uint64_t slot)
{
	return lock_byte(fd, F_SETLK, F_UNLCK, slot);
}

int alive_asks(int fd, uint64_t slot)
{
	return lock_byte(fd, F_GETLK, F_WRLCK, slot);
}

int alive_fork_open(const char *dir)
{
	char path[PATH_MAX];
	int  fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, FORK_FILE) >= sizeof(path))
		return fail(-ENAMETOOLONG, "the path of %s in %s is too long", FORK_FILE, dir);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fail(-errno, "cannot open %s: %m", path);
	return fd;
}

int alive_fork_claim(int fd, uint64_t slot)
{
	int r = lock_byte(fd, F_OFD_SETLK, F_WRLCK, slot);

	return r > 0 ? 0 : r;
}

int alive_fork_release(int fd, uint64_t slot)
{
	return lock_byte(fd, F_OFD_SETLK, F_UNLCK, slot);
}

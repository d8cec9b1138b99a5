/*
 * registry.c - the registry file: made, checked and mapped
 *
 * Made under a temporary name and renamed when complete: who finds it, finds it
 * whole. Checked before it is believed: every number a later access relies on
 * (offsets, strides, counts) is held against the size of the file.
 */

#include "runtime/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "runtime/table.h"

#define THREADS_PER_PROCESS 16
#define ENDS_PER_OBJECT     4

/* @name from the environment, or @normal; nonsense is an error, not a default. */
static int limit_from_env(const char *name, uint64_t normal, uint64_t *ret)
{
	const char *text = getenv(name);
	char       *end;
	long long   n;

	*ret = normal;
	if (!text || !*text)
		return 0;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || *end || n < 1 || n > 1 << 20)
		return fail(-EINVAL, "%s=\"%s\": must be a number from 1 to %d", name, text,
			    1 << 20);
	*ret = (uint64_t)n;
	return 0;
}

static int table_capacities(uint64_t ret[N_TABLES])
{
	uint64_t processes = 0, objects = 0;
	int      r = limit_from_env("IPC_MAX_PROCESSES", 2048, &processes);

	if (r == 0)
		r = limit_from_env("IPC_MAX_OBJECTS", 16384, &objects);
	if (r < 0)
		return r;
	ret[TABLE_PROCESSES] = ret[TABLE_PROCESS_LABELS] = processes;
	ret[TABLE_THREADS] = processes * THREADS_PER_PROCESS;
	ret[TABLE_OBJECTS] = ret[TABLE_OBJECT_LABELS] = ret[TABLE_PASTS] = objects;
	ret[TABLE_ENDS] = ret[TABLE_HISTOGRAMS] = ret[TABLE_FAILURES] = objects * ENDS_PER_OBJECT;
	return 0;
}

int registry_check_environment(void)
{
	uint64_t ignored[N_TABLES];

	return table_capacities(ignored);
}

/* Lay the tables out behind the header; returns the size of the file. */
static int header_tables(struct registry_header *h, uint64_t *ret_bytes)
{
	uint64_t capacity[N_TABLES], page = page_bytes();
	uint64_t at = round_up(REGISTRY_TABLES_AT, page);
	int      r = table_capacities(capacity);

	if (r < 0)
		return r;
	for (int i = 0; i < N_TABLES; i++) {
		struct table_desc *t = &h->table[i];

		t->offset = at;
		t->stride = table_shapes[i].stride;
		t->capacity = capacity[i];
		at = round_up(at + t->stride * t->capacity, page);
	}
	*ret_bytes = at;
	return 0;
}

static void header_boot_id(struct registry_header *h)
{
	int     fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return; /* without /proc a later reader cannot tell a reboot: not fatal */
	n = read(fd, h->boot_id, sizeof(h->boot_id) - 1);
	if (n > 0 && h->boot_id[n - 1] == '\n')
		h->boot_id[n - 1] = '\0';
	(void)close(fd);
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static void header_init(struct registry_header *h, const struct domain *d, int fd)
{
	h->magic = REGISTRY_MAGIC;
	h->major = REGISTRY_MAJOR;
	h->minor = REGISTRY_MINOR;
	h->header_bytes = sizeof(*h);
	h->word_bytes = 8;
	random_fill(&h->nonce, sizeof(h->nonce));
	h->tick_kind = clock_best_kind();
	h->mono0 = clock_now_ns();
	h->tick0 = clock_ticks(h->tick_kind);
	h->created_mono_ns = h->mono0;
	h->created_real_ns = clock_ns(CLOCK_REALTIME);
	h->ns_inode = d->ns_inode;
	header_boot_id(h);
	h->file_inode = inode_of(fd);
	h->state = DOMAIN_READY;
}

static int registry_fill(int fd, const struct domain *d)
{
	struct registry_header h = {0};
	uint64_t               bytes;
	int                    r = header_tables(&h, &bytes);

	if (r < 0)
		return r;
	r = file_extend(fd, bytes);
	if (r < 0)
		return fail(r, "cannot size the registry in %s: %s", d->dir, strerrordesc_np(-r));
	r = file_reserve(fd, 0, REGISTRY_TABLES_AT, "the registry");
	for (int i = 0; r == 0 && i < N_TABLES; i++) {
		struct table_desc *t = &h.table[i];

		t->ready = table_shapes[i].step < t->capacity ? table_shapes[i].step : t->capacity;
		r = file_reserve(fd, t->offset, t->ready * t->stride, "the registry");
	}
	if (r < 0)
		return r;
	header_init(&h, d, fd);
	if (pwrite(fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h))
		return fail(-EIO, "cannot write the registry in %s", d->dir);
	return 0;
}

int registry_create(struct domain *d)
{
	char path[600], temporary[600];
	int  fd, r = domain_path(path, sizeof(path), REGISTRY_FILE);

	if (r == 0)
		r = domain_path(temporary, sizeof(temporary), REGISTRY_FILE ".new");
	if (r < 0)
		return r;
	fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		  domain_file_mode(d));
	if (fd < 0)
		return fail(-errno, "cannot make %s: %s", temporary, strerror(errno));
	r = registry_fill(fd, d);
	FAILPOINT("rename");
	if (r == 0 && rename(temporary, path) < 0)
		r = fail(-errno, "cannot rename %s: %s", temporary, strerror(errno));
	if (r < 0)
		(void)unlink(temporary);
	(void)close(fd);
	return r;
}

static int check_table(const struct table_desc *t, int i, uint64_t file_bytes, const char *path)
{
	if (t->stride < table_shapes[i].stride || t->stride > 1 << 20 || t->stride % 8 ||
	    t->offset % 8 || t->capacity == 0 || t->capacity > 1 << 26 || t->ready > t->capacity ||
	    t->used > t->ready || t->offset > file_bytes ||
	    t->stride * t->capacity > file_bytes - t->offset)
		return fail(-EBADMSG,
			    "%s is damaged (table %d does not fit the file): end its programs and "
			    "remove the directory",
			    path, i);
	return 0;
}

/*
 * Tables lie in order behind header and names, and none is used beyond what its next part has
 * ready.
 */
static int check_order(const struct registry_header *h, const char *path)
{
	uint64_t end = REGISTRY_TABLES_AT;

	for (int i = 0; i < N_TABLES; i++) {
		const struct table_desc *t = &h->table[i];

		if (t->offset < end || t->used > h->table[table_next_part[i]].ready)
			return fail(
				-EBADMSG,
				"%s is damaged (table %d is out of place): end its programs and "
				"remove the directory",
				path, i);
		end = t->offset + t->stride * t->capacity;
	}
	return 0;
}

static int check_header(const struct registry_header *h, uint64_t file_bytes, const char *path)
{
	if (h->magic != REGISTRY_MAGIC)
		return fail(-EBADMSG,
			    "%s is not a registry of libipc: remove it, or choose another domain",
			    path);
	if (h->major != REGISTRY_MAJOR || h->word_bytes != 8)
		return fail(
			-EPROTO,
			"%s has format %u.%u, this library speaks %d.%d: use one version of libipc "
			"for all programs of a domain, or another IPC_DOMAIN",
			path, h->major, h->minor, REGISTRY_MAJOR, REGISTRY_MINOR);
	if (h->tick_kind == TICK_TSC && clock_best_kind() != TICK_TSC)
		return fail(-EPROTO, "%s was made on another kind of processor", path);
	for (int i = 0; i < N_TABLES; i++) {
		int r = check_table(&h->table[i], i, file_bytes, path);

		if (r < 0)
			return r;
	}
	return check_order(h, path);
}

static int registry_check(int fd, const char *path, size_t *ret_bytes)
{
	struct registry_header h;
	struct stat            st;

	if (fstat(fd, &st) < 0)
		return fail(-errno, "cannot stat %s: %s", path, strerror(errno));
	if (st.st_uid != geteuid())
		return fail(
			-EACCES,
			"%s belongs to user %u, not to this one: set IPC_DIR to a directory of your own",
			path, (unsigned)st.st_uid);
	if (pread(fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h))
		return fail(
			-EBADMSG,
			"%s is truncated (%lld bytes): end its programs and remove the directory",
			path, (long long)st.st_size);
	*ret_bytes = (size_t)st.st_size;
	return check_header(&h, (uint64_t)st.st_size, path);
}

int registry_map(struct domain *d)
{
	char   path[600];
	size_t bytes = 0;
	void  *map;
	int    fd, r = domain_path(path, sizeof(path), REGISTRY_FILE);

	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? -ENOENT
				       : fail(-errno, "cannot open %s: %s", path, strerror(errno));
	r = registry_check(fd, path, &bytes);
	if (r < 0)
		goto out;
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		r = fail(-errno, "cannot map %s: %s", path, strerror(errno));
		goto out;
	}
	d->registry_fd = fd;
	d->hdr = map;
	d->map_bytes = bytes;
	d->tick_kind = d->hdr->tick_kind;
	return 0;
out:
	(void)close(fd);
	return r;
}

void registry_unmap(struct domain *d)
{
	(void)munmap(d->hdr, d->map_bytes);
	(void)close(d->registry_fd);
	d->hdr = NULL;
	d->registry_fd = -1;
}

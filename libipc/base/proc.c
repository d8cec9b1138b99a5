#include "base/proc.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pidfd.h"

/* 0, or why it cannot be told; -ENOENT and -ESRCH: there is no such process. */
static int read_start_ticks(const char *path, uint64_t *ret)
{
	char        text[1024];
	const char *at;
	int         fd = file_open(path, O_RDONLY, 0);
	ssize_t     n;

	if (fd < 0)
		return fd;
	n = file_read(fd, text, sizeof(text) - 1);
	file_close(fd);
	if (n <= 0)
		return n < 0 ? (int)n : -ESRCH;
	text[n] = '\0';
	at = strrchr(text, ')'); /* the name before it may hold anything, spaces too */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	*ret = at ? strtoull(at, NULL, 10) : 0;
	return at ? 0 : -EIO;
}

static uint64_t start_ticks_in(const char *path)
{
	uint64_t ticks;

	return read_start_ticks(path, &ticks) < 0 ? 0 : ticks;
}

uint64_t proc_start_ticks(void)
{
	return start_ticks_in("/proc/self/stat");
}

static int ticks_of(uint64_t pid, uint64_t *ret)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/stat", pid);
	return read_start_ticks(path, ret);
}

uint64_t proc_start_ticks_of(uint64_t pid)
{
	uint64_t ticks;

	return ticks_of(pid, &ticks) < 0 ? 0 : ticks;
}

/* It has not even a zombie left: what can be told without a descriptor. */
static bool is_gone(uint64_t pid)
{
	return kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

/* A zombie at most, told without /proc. */
static bool has_ended(uint64_t pid)
{
	struct pollfd p = {.fd = pidfd_of((pid_t)pid), .events = POLLIN};
	bool          ended;

	if (p.fd < 0)
		return is_gone(pid);
	ended = poll(&p, 1, 0) == 1;
	file_close(p.fd);
	return ended;
}

bool proc_is_ours(void)
{
	char    self[32];
	ssize_t n = readlink("/proc/self", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	return strtol(self, NULL, 10) == getpid();
}

/*
 * Is @pid still the process that started then? 1, 0; negative errno: it cannot be told. Where
 * /proc is not ours the number is somebody else's there, or nobody's: only an end is proved.
 */
static int started_at(uint64_t pid, uint64_t start_ticks)
{
	uint64_t ticks = 0;
	int      r;

	if (!proc_is_ours())
		return has_ended(pid) ? 0 : -EXDEV;
	r = ticks_of(pid, &ticks);
	if (r < 0)
		return r == -ENOENT || r == -ESRCH || is_gone(pid) ? 0 : r;
	return ticks == start_ticks;
}

/* ---- what is mapped ----------------------------------------------------------------- */

struct mapping {
	const char *file; /* "/name" */
	uint64_t    inode;
};

/* "start-end perms offset dev inode path" */
static bool is_mapping(const char *line, const struct mapping *m)
{
	const char *at = line;

	if (!strstr(line, m->file))
		return false;
	for (int field = 0; at && field < 4; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at && strtoull(at, NULL, 10) == m->inode;
}

/* Whole lines of @buf; how many bytes of a last one that is not whole yet. */
static size_t search_lines(char *buf, size_t n, const struct mapping *m, bool *ret_found)
{
	char *line = buf, *end;

	while (!*ret_found && (end = memchr(line, '\n', n - (size_t)(line - buf)))) {
		*end = '\0';
		*ret_found = is_mapping(line, m);
		line = end + 1;
	}
	n -= (size_t)(line - buf);
	memmove(buf, line, n);
	return n;
}

/* A file of mappings: 1, 0, or negative errno. */
static int maps_has(const char *path, const struct mapping *m)
{
	char    buf[PATH_MAX + 256]; /* any line; the kernel gives a page at a time */
	size_t  have = 0;
	ssize_t n = 0;
	bool    found = false;
	int     fd = file_open(path, O_RDONLY, 0);

	if (fd < 0)
		return fd == -ENOENT || fd == -ESRCH ? 0 : fd;
	while (!found && (n = file_read(fd, buf + have, sizeof(buf) - have)) > 0) {
		have = search_lines(buf, have + (size_t)n, m, &found);
		if (have == sizeof(buf))
			have = 0; /* longer than any path of ours */
	}
	file_close(fd);
	return found ? 1 : n < 0 && n != -ESRCH ? (int)n : 0;
}

/* A leader that is gone shows nothing while its other threads run: so each is asked. */
static int tasks_have(uint64_t pid, const struct mapping *m)
{
	char                 path[96];
	const struct dirent *d;
	DIR                 *tasks;
	int                  r = 0;

	(void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/task", pid);
	tasks = opendir(path);
	if (!tasks)
		return errno == ENOENT || errno == ESRCH ? 0 : -errno;
	while (r == 0 && (d = readdir(tasks))) {
		uint64_t tid = strtoull(d->d_name, NULL, 10);

		(void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/task/%" PRIu64 "/maps", pid,
			       tid);
		if (tid && tid != pid)
			r = maps_has(path, m);
	}
	(void)closedir(tasks);
	return r;
}

int proc_has_mapped(uint64_t pid, uint64_t start_ticks, const char *file, uint64_t inode)
{
	char           path[64], name[64];
	struct mapping m = {.file = name, .inode = inode};
	int            r = started_at(pid, start_ticks);

	if (r <= 0)
		return r;
	(void)snprintf(name, sizeof(name), "/%s", file);
	(void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/maps", pid);
	r = maps_has(path, &m);
	if (r == 0)
		r = tasks_have(pid, &m);
	return r && started_at(pid, start_ticks) == 0 ? 0 : r;
}

uint64_t proc_pid_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 ? (uint64_t)st.st_ino : 0;
}

static void note_build_id(const char *at, size_t bytes, struct proc_program *p)
{
	while (bytes >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const void *)at;
		size_t name = ((size_t)note->n_namesz + 3) & ~(size_t)3;
		size_t desc = ((size_t)note->n_descsz + 3) & ~(size_t)3;

		if (name > bytes || desc > bytes || sizeof(*note) + name + desc > bytes)
			return;
		at += sizeof(*note);
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
		    !memcmp(at, "GNU", 4) && note->n_descsz <= sizeof(p->build_id)) {
			p->build_id_len = note->n_descsz;
			memcpy(p->build_id, at + name, note->n_descsz);
			return;
		}
		at += name + desc;
		bytes -= sizeof(*note) + name + desc;
	}
}

/* The first object of dl_iterate_phdr() is the program itself. */
static int first_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct proc_program *p = arg;

	(void)size;
	p->base = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		uint64_t start = info->dlpi_addr + h->p_vaddr;

		if (h->p_type == PT_LOAD && start + h->p_memsz > p->end)
			p->end = start + h->p_memsz;
		if (h->p_type == PT_NOTE)
			note_build_id((const char *)start, h->p_memsz,
				      p); // NOLINT(performance-no-int-to-ptr)
	}
	return 1;
}

void proc_program(struct proc_program *ret)
{
	ssize_t n;

	memset(ret, 0, sizeof(*ret));
	n = readlink("/proc/self/exe", ret->path, sizeof(ret->path));
	if (n < 0 || (size_t)n >= sizeof(ret->path))
		n = 0; /* a cut path would name another file */
	ret->path[n] = '\0';
	(void)dl_iterate_phdr(first_object, ret);
}

/* evidence.c - /proc, read about those who seem stuck; see evidence.h */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "observe/evidence.h"

/* The file @what of a task as a string without its last newline; false: there is none. */
static bool read_of_task(uint64_t pid, uint64_t tid, const char *what, char *buf, size_t size)
{
	char    path[96];
	ssize_t n;
	int     fd;

	buf[0] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/task/%" PRIu64 "/%s", pid, tid, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, buf, size - 1);
	(void)close(fd);
	if (n <= 0)
		return false;
	buf[n] = '\0';
	if (buf[n - 1] == '\n')
		buf[n - 1] = '\0';
	return true;
}

/* Fields are counted from the last ')': a program may be called ") R 1". */
struct task_look evidence_task(uint64_t pid, uint64_t tid)
{
	struct task_look look = {0};
	char             buf[1024];
	char            *p;

	if (!read_of_task(pid, tid, "stat", buf, sizeof(buf)))
		return look;
	p = strrchr(buf, ')');
	if (!p || p[1] != ' ')
		return look;
	look.state = p[2];
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (p)
		look.start_ticks = strtoull(p + 1, NULL, 10);
	return look;
}

uint64_t evidence_sleeps(uint64_t pid, uint64_t tid)
{
	static const char key[] = "\nvoluntary_ctxt_switches:";
	char              buf[4096];
	const char       *p;

	if (!read_of_task(pid, tid, "status", buf, sizeof(buf)))
		return 0;
	p = strstr(buf, key);
	return p ? strtoull(p + sizeof(key) - 1, NULL, 10) : 0;
}

uint64_t evidence_caught(uint64_t pid)
{
	static const char key[] = "\nSigCgt:";
	char              buf[4096];
	const char       *p;

	if (!read_of_task(pid, pid, "status", buf, sizeof(buf)))
		return UINT64_MAX;
	p = strstr(buf, key);
	return p ? strtoull(p + sizeof(key) - 1, NULL, 16) : UINT64_MAX;
}

bool evidence_name(uint64_t pid, uint64_t tid, char *buf, size_t size)
{
	return read_of_task(pid, tid, "comm", buf, size);
}

bool evidence_is_traced(uint64_t pid, uint64_t tid)
{
	static const char key[] = "\nTracerPid:";
	char              buf[4096];
	const char       *p;

	if (!read_of_task(pid, tid, "status", buf, sizeof(buf)))
		return true;
	p = strstr(buf, key);
	return !p || strtoull(p + sizeof(key) - 1, NULL, 10) != 0;
}

static void describe_stranger(uint64_t pid, uint64_t tid, char *why, size_t size)
{
	char name[32], where[64];
	bool runs = evidence_task(pid, tid).state == 'R';

	(void)read_of_task(pid, tid, "comm", name, sizeof(name));
	(void)read_of_task(pid, tid, "wchan", where,
			   sizeof(where)); /* "0": not told to everybody */
	if (runs || !where[0] || strcmp(where, "0") == 0)
		where[0] = '\0';
	(void)snprintf(why, size,
		       "process %" PRIu64 " has a thread libipc does not know: tid %" PRIu64
		       " \"%s\", %s%s",
		       pid, tid, name,
		       runs       ? "running"
		       : where[0] ? "asleep in "
				  : "asleep",
		       where);
}

static bool is_known(uint64_t task, const uint64_t *tid, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tid[i] == task)
			return true;
	return false;
}

/* Does process @pid have a file mapped whose path holds @part? */
static bool maps_file(uint64_t pid, const char *part)
{
	char   path[64], *line = NULL;
	size_t size = 0;
	bool   found = false;
	FILE  *maps;

	(void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/maps", pid);
	maps = fopen(path, "re");
	if (!maps)
		return false;
	while (!found && getline(&line, &size, maps) > 0)
		found = strstr(line, part) != NULL;
	free(line);
	(void)fclose(maps);
	return found;
}

#define COMM_MAX 15 /* of a name, as the kernel keeps it */

/*
 * LTTng's own threads, which every process has that is traced. They run nothing but
 * LTTng, so they will never help anybody here; and with them for strangers no verdict
 * on a traced program could be certain. LTTng names them after the process, "NAME-ust", cut
 * to what fits; any other that ends so is the program's.
 */
static bool is_tracer(uint64_t pid, uint64_t tid)
{
	char name[32], leader[32], theirs[64];

	(void)read_of_task(pid, tid, "comm", name, sizeof(name));
	(void)read_of_task(pid, pid, "comm", leader, sizeof(leader));
	leader[strcspn(leader, "\n")] = name[strcspn(name, "\n")] = '\0';
	(void)snprintf(theirs, sizeof(theirs), "%.*s-ust", COMM_MAX - 4, leader);
	return strcmp(name, theirs) == 0 && maps_file(pid, "/liblttng-ust.so");
}

/* A leader that left its threads behind stays in the list as a zombie: it does nothing any more. */
static bool is_gone(uint64_t pid, uint64_t tid)
{
	char state = evidence_task(pid, tid).state;

	return state == 0 || state == 'Z' || state == 'X';
}

/* One buffer of a directory's entries. False: a task that is not known is among them. */
static bool know_all(const char *buf, ssize_t len, uint64_t pid, const uint64_t *tid, size_t n,
		     size_t *n_known, uint64_t *ret_stranger)
{
	const struct dirent64 *d;

	for (ssize_t at = 0; at < len; at += d->d_reclen) {
		uint64_t task;

		d = (const struct dirent64 *)(const void *)(buf + at);
		task = strtoull(d->d_name, NULL, 10);
		if (task == 0)
			continue; /* "." and ".." */
		if (is_known(task, tid, n)) {
			++*n_known;
		} else if (!is_gone(pid, task) && !is_tracer(pid, task)) {
			*ret_stranger = task;
			return false;
		}
	}
	return true;
}

static bool find_stranger(int tasks, uint64_t pid, const uint64_t *tid, size_t n, char *why,
			  size_t why_size)
{
	char     buf[4096] __attribute__((aligned(8)));
	uint64_t stranger;
	size_t   n_known = 0;
	ssize_t  len;

	while ((len = getdents64(tasks, buf, sizeof(buf))) > 0) {
		if (know_all(buf, len, pid, tid, n, &n_known, &stranger))
			continue;
		describe_stranger(pid, stranger, why, why_size);
		return true;
	}
	if (len == 0 && n_known == n)
		return false;
	(void)snprintf(why, why_size, "a thread of process %" PRIu64 " is gone without a word",
		       pid);
	return true;
}

bool evidence_opaque(uint64_t pid, const uint64_t *tid, size_t n, char *why, size_t why_size)
{
	char path[64];
	int  tasks;
	bool opaque;

	(void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/task", pid);
	tasks = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tasks < 0) {
		(void)snprintf(why, why_size, "process %" PRIu64 " cannot be looked at in /proc",
			       pid);
		return true;
	}
	opaque = find_stranger(tasks, pid, tid, n, why, why_size);
	(void)close(tasks);
	return opaque;
}

/* A mask of signals in a task's status, as "SigIgn"; 0 where it cannot be read. */
static uint64_t signals(uint64_t pid, uint64_t tid, const char *key)
{
	char        buf[4096];
	const char *p;

	if (!read_of_task(pid, tid, "status", buf, sizeof(buf)))
		return 0;
	p = strstr(buf, key);
	return p ? strtoull(p + strlen(key), NULL, 16) : 0;
}

bool evidence_heeds_alarm(uint64_t pid, const uint64_t *tid, size_t n)
{
	const uint64_t bit = UINT64_C(1) << (SIGALRM - 1);

	if (signals(pid, pid, "\nSigIgn:\t") & bit)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(signals(pid, tid[i], "\nSigBlk:\t") & bit))
			return true;
	return n == 0;
}

bool evidence_has_timer(uint64_t pid)
{
	char    path[64], buf[1024];
	ssize_t n;
	int     fd;

	(void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/timers", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false; /* a kernel without it; said in ipc-deadlocks(7) */
	n = read(fd, buf, sizeof(buf) - 1);
	(void)close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return strstr(buf, "notify: signal") != NULL;
}

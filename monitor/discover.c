#include "discover.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <ipc/observe.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "options.h"
#include "record/pack.h"
#include "text/mem.h"

#define REGISTRY "registry" /* its file in the directory of a domain */

/* ---- words --------------------------------------------------------------------------- */

static int is_recording(const char *path)
{
	uint8_t  head[PACK_HEAD_BYTES];
	unsigned major;
	int      fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t  n = fd >= 0 ? read(fd, head, sizeof(head)) : -1;

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)sizeof(head) && unpack_head(head, &major) != -EBADMSG;
}

static int has_registry(const char *dir)
{
	char        path[PATH_MAX];
	struct stat st;

	return (size_t)snprintf(path, sizeof(path), "%s/" REGISTRY, dir) < sizeof(path) &&
	       stat(path, &st) == 0;
}

int discover_is_other(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && !has_registry(path);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

int discover_path(struct options *o, const char *path)
{
	static char dir[PATH_MAX]; /* as long as the options are */
	struct stat st;

	if (stat(path, &st) < 0 || S_ISDIR(st.st_mode)) {
		o->dir = path; /* one that is not there is waited for */
		return 0;
	}
	if (strcmp(last_part(path), REGISTRY) != 0) {
		o->replay = path;
		return 0;
	}
	if (strlen(path) >= sizeof(dir))
		return -ENAMETOOLONG;
	snprintf(dir, sizeof(dir), "%s", path);
	dir[last_part(path) - path] = 0;
	o->dir = dir[0] != 0 ? dir : ".";
	return 0;
}

static int is_domain(const char *name, const char *dir, void *arg)
{
	return strcmp(name, arg) == 0;
}

static int is_number(const char *word, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(word, &end, 10);
	return word[0] >= '0' && word[0] <= '9' && *end == 0 && errno == 0 && *ret > 0;
}

int discover_word(struct options *o, const char *word)
{
	uint64_t pid;
	char    *copy;
	int      named;

	if (strcmp(word, "-") == 0)
		o->replay = word;
	else if (strchr(word, '/') != NULL || has_registry(word) || is_recording(word))
		return discover_path(o, word);
	else if (!is_number(word, &pid))
		o->domain = word;
	else {
		copy = mem_string(word);
		named = ipc_domains(is_domain, copy) > 0;
		free(copy);
		if (named)
			o->domain = word;
		else
			o->pid = pid;
	}
	return 0;
}

/* ---- processes ------------------------------------------------------------------------- */

static int __attribute__((format(printf, 4, 5)))
say(int r, char *why, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, size, format, args);
	va_end(args);
	return r;
}

struct mapped {
	char     path[PATH_MAX];
	unsigned major, minor;
	uint64_t inode;
};

/* The registry that is mapped: 1; 0: none is; or a negative errno. */
static int find_mapped(uint64_t pid, struct mapped *ret)
{
	char  path[48], line[PATH_MAX + 128];
	FILE *f;
	int   found = 0;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/maps", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return -errno;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = sscanf(line, "%*s %*s %*s %x:%x %" SCNu64 " %4095[^\n]", &ret->major,
			       &ret->minor, &ret->inode, ret->path) == 4 &&
			strstr(ret->path, "/" REGISTRY) != NULL &&
			(strcmp(last_part(ret->path), REGISTRY) == 0 ||
			 strcmp(last_part(ret->path), REGISTRY " (deleted)") == 0);
	if (!found && ferror(f))
		found = -EACCES; /* it opens for everybody, and reads for few */
	fclose(f);
	return found;
}

static int is_same(const char *path, const struct mapped *m)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_ino == m->inode && major(st.st_dev) == m->major &&
	       minor(st.st_dev) == m->minor;
}

/* Its path here, or as the process sees its files. */
static int reach(uint64_t pid, const struct mapped *m, char *dir, size_t size, char *why,
		 size_t why_size)
{
	char rooted[PATH_MAX + 32];
	int  n = snprintf(rooted, sizeof(rooted), "/proc/%" PRIu64 "/root%s", pid, m->path);

	if (strstr(m->path, " (deleted)") != NULL)
		return say(-ESTALE, why, why_size, "the domain of process %" PRIu64 " is over",
			   pid);
	if (is_same(m->path, m))
		snprintf(rooted, sizeof(rooted), "%s", m->path);
	else if (n < 0 || !is_same(rooted, m))
		return say(-EACCES, why, why_size,
			   "process %" PRIu64 " sees its domain at %.200s, in a container, and the "
			   "kernel does not let this user in: run ipcmon there, or as root",
			   pid, m->path);
	*strrchr(rooted, '/') = 0;
	if (strlen(rooted) >= size)
		return say(-ENAMETOOLONG, why, why_size, "its path is too long");
	memcpy(dir, rooted, strlen(rooted) + 1);
	return 0;
}

/* The value of @name in its environment, as it was when it started; "" if there is none. */
static void environment(uint64_t pid, const char *name, char *ret, size_t size)
{
	char   path[48], *line = NULL;
	size_t room = 0, n = strlen(name);
	FILE  *f;

	ret[0] = 0;
	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/environ", pid);
	f = fopen(path, "re");
	while (f != NULL && getdelim(&line, &room, 0, f) > 0)
		if (strncmp(line, name, n) == 0 && line[n] == '=')
			snprintf(ret, size, "%s", line + n + 1);
	free(line);
	if (f != NULL)
		fclose(f);
}

/* Where it will join one, as far as its environment says. */
static int expect(uint64_t pid, char *dir, size_t size, char *why, size_t why_size)
{
	char        base[PATH_MAX / 2], name[128], path[48];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%" PRIu64, pid);
	if (stat(path, &st) < 0)
		return say(-ESRCH, why, why_size, "there is no process %" PRIu64, pid);
	environment(pid, "IPC_DIR", base, sizeof(base));
	environment(pid, "IPC_DOMAIN", name, sizeof(name));
	if (base[0] == 0)
		snprintf(base, sizeof(base), "/dev/shm/libipc-%u", (unsigned)st.st_uid);
	if ((size_t)snprintf(dir, size, "/proc/%" PRIu64 "/root%s/%s", pid, base,
			     name[0] != 0 ? name : "default") >= size)
		return say(-ENAMETOOLONG, why, why_size, "its path is too long");
	return 0;
}

struct process_word {
	char text[64];
};

/* " (bash)"; "": nobody says. */
static struct process_word called(uint64_t pid)
{
	struct process_word w = {""};
	char                path[48], name[32] = "";
	FILE               *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/comm", pid);
	f = fopen(path, "re");
	if (f != NULL && fgets(name, sizeof(name), f) != NULL)
		snprintf(w.text, sizeof(w.text), " (%.*s)", (int)strcspn(name, "\n"), name);
	if (f != NULL)
		fclose(f);
	return w;
}

static struct process_word owner(uint64_t pid)
{
	struct process_word  w = {"another user"};
	const struct passwd *who;
	struct stat          st;
	char                 path[48];

	snprintf(path, sizeof(path), "/proc/%" PRIu64, pid);
	/* cppcheck-suppress getpwuidCalled - ipcmon has one thread */
	who = stat(path, &st) == 0 ? getpwuid(st.st_uid) : NULL;
	if (who != NULL)
		snprintf(w.text, sizeof(w.text), "user %.50s", who->pw_name);
	return w;
}

int discover_no_domain(uint64_t pid, char *why, size_t why_size)
{
	return say(-ENOENT, why, why_size,
		   "process %" PRIu64
		   "%s is in no domain: it does not use libipc, or has not yet. Name "
		   "one that does, or a domain.",
		   pid, called(pid).text);
}

int discover_pid(uint64_t pid, char *dir, size_t size, char *why, size_t why_size)
{
	struct mapped m;
	int           r = find_mapped(pid, &m);

	if (r == -ENOENT || r == -ESRCH)
		return say(-ESRCH, why, why_size, "there is no process %" PRIu64, pid);
	if (r < 0)
		return say(-EACCES, why, why_size,
			   "process %" PRIu64 "%s belongs to %s: %s, "
			   "or name its domain's directory with --dir",
			   pid, called(pid).text, owner(pid).text,
			   geteuid() == 0
				   ? "the kernel keeps it from root, too (ptrace_scope, or a "
				     "container); run ipcmon outside of it"
				   : "run ipcmon as that user or as root");
	return r > 0 ? reach(pid, &m, dir, size, why, why_size)
		     : expect(pid, dir, size, why, why_size);
}

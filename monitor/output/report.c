/*
 * report.c - all there is to say, in a directory, for who was not there
 *
 * It has the texts, for reading; the same as JSON, for tools; and a copy of the domain,
 * which --dir opens: every screen, later and elsewhere. The copy has the messages that
 * lay in the channels; shared memory, which may be large and is not needed, stays out.
 * Of a recording there is no copy: what lies today where the recorded domain lay is another
 * one's, and a recording from elsewhere may name any directory.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "output/command.h"
#include "output/dump.h"
#include "output/self.h"
#include "source.h"
#include "text/now.h"
#include "view/words.h"

/* A file of a channel is smaller; what is larger is shared memory. */
#define COPY_MOST (16 << 20)

static void write_version(const struct text_style *st, const struct options *o,
			  const struct frame *f)
{
	struct utsname u;

	fprintf(st->to, "ipcmon %s\n", ipc_version());
	if (uname(&u) == 0)
		fprintf(st->to, "%s %s %s %s\n", u.sysname, u.release, u.version, u.machine);
	for (size_t i = 0; i < f->s->n_processes; i++)
		fprintf(st->to, "%s\n", f->s->processes[i].exe);
}

/* Of the environment only what is the library's: the rest is nobody's business. */
static void write_environment(const struct text_style *st, const struct options *o,
			      const struct frame *f)
{
	for (char **e = environ; *e != NULL; e++)
		if (strncmp(*e, "IPC_", 4) == 0 || strncmp(*e, "LC_", 3) == 0 ||
		    strncmp(*e, "LANG=", 5) == 0 || strncmp(*e, "TERM=", 5) == 0)
			text_line(st, ROLE_NORMAL, *e);
	fprintf(st->to, "domain %s in %s\n", f->s->domain, f->s->dir);
	if (o->replay != NULL)
		fputs("from a recording: without a copy of the domain\n", st->to);
	fprintf(st->to, "torn %u, damaged %u\n", f->s->torn, f->s->damaged);
	self_text(st, f->s);
}

static void write_check(const struct text_style *st, const struct options *o, const struct frame *f)
{
	struct words w = words_summary(f);
	struct lints l;

	text_line(st, w.role, w.text);
	putc('\n', st->to);
	text_findings(st, f);
	lints_find(&l, f, o->lints);
	text_lints(st, f, &l);
	lints_fini(&l);
}

static void write_tables(const struct text_style *st, const struct options *o,
			 const struct frame *f)
{
	struct select s;

	for (int k = 0; k < N_OBJECTS; k++) {
		select_screen(&s, (enum object_kind)k);
		fprintf(st->to, "%s%s\n", k > 0 ? "\n" : "", s.listing->json);
		text_rows(st, f, &s, 1);
	}
}

static void write_graph(const struct text_style *st, const struct options *o, const struct frame *f)
{
	text_graph(st, f);
}

static void write_dot(const struct text_style *st, const struct options *o, const struct frame *f)
{
	graph_dot(st->to, f);
}

static void write_dump(const struct text_style *st, const struct options *o, const struct frame *f)
{
	struct lints l;

	lints_find(&l, f, o->lints);
	dump_json(st->to, f, DUMP_ALL, &l);
	lints_fini(&l);
}

static const struct {
	const char *name;
	print_fn   *write;
} parts[] = {
	{"version.txt", write_version}, {"environment.txt", write_environment},
	{"check.txt", write_check},     {"tables.txt", write_tables},
	{"graph.txt", write_graph},     {"graph.dot", write_dot},
	{"dump.json", write_dump},
};

/* ---- files -------------------------------------------------------------------------- */

static int write_part(int dir, size_t i, const struct options *o, const struct frame *f)
{
	struct text_style st = {NULL, {.utf8 = 1, .color = 0}};
	int fd = openat(dir, parts[i].name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), r;

	st.to = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (st.to == NULL)
		return -errno;
	errno = 0;
	parts[i].write(&st, o, f);
	r = !ferror(st.to) ? 0 : errno != 0 ? -errno : -EIO;
	return fclose(st.to) != 0 ? -errno : r;
}

/* Where there is nothing in the file there is nothing in the copy: a registry is mostly room. */
static int copy_data(int from, int to, off_t size)
{
	off_t   at = 0, hole;
	ssize_t n;

	if (ftruncate(to, size) < 0)
		return -errno;
	while ((at = lseek(from, at, SEEK_DATA)) >= 0) {
		hole = lseek(from, at, SEEK_HOLE);
		if (hole < 0 || lseek(to, at, SEEK_SET) < 0)
			return -errno;
		while (at < hole) {
			n = sendfile(to, from, &at, (size_t)(hole - at));
			if (n <= 0)
				return n < 0 ? -errno : 0; /* 0: it has become shorter */
		}
	}
	return errno == ENXIO ? 0 : -errno; /* ENXIO: no more data */
}

static int is_copied(int fd, const char *name)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_blocks * 512 <= COPY_MOST || strcmp(name, "registry") == 0);
}

static int copy_file(int from_dir, int to_dir, const char *name)
{
	int from = openat(from_dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), to, r;

	if (from < 0)
		return 0; /* gone already */
	if (!is_copied(from, name)) {
		close(from);
		return 0;
	}
	to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	r = to >= 0 ? copy_data(from, to, lseek(from, 0, SEEK_END)) : -errno;
	close(from);
	if (to >= 0 && close(to) < 0 && r == 0)
		r = -errno;
	return r;
}

/* Else nobody knows how long those have waited who wait in it. */
static int write_time(int dir)
{
	int fd = openat(dir, "copied", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r = fd < 0 && errno != EEXIST ? -errno : 0; /* of a copy: it has one */

	if (fd >= 0 && dprintf(fd, "%" PRIu64 "\n", now_ns(CLOCK_MONOTONIC)) < 0)
		r = -errno;
	if (fd >= 0)
		close(fd);
	return r;
}

static int copy_domain(int dir, const char *from)
{
	DIR *d = opendir(from);
	int  to, r = 0;

	if (d == NULL)
		return 0; /* gone: the rest says what was seen */
	to = mkdirat(dir, "domain", 0700) == 0
		     ? openat(dir, "domain", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		     : -1;
	r = to < 0 ? -errno : 0;
	for (struct dirent *e; r == 0 && (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.')
			r = copy_file(dirfd(d), to, e->d_name);
	if (r == 0)
		r = write_time(to);
	if (to >= 0)
		close(to);
	closedir(d);
	return r;
}

/* What there is of a report that failed: half of one is none, and stands in the way of the next. */
static void remove_all(int dir, const char *path)
{
	int            fd = openat(dir, "domain", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR           *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		(void)unlinkat(fd, e->d_name, 0); /* "." and ".." stay */
	if (d != NULL)
		closedir(d);
	(void)unlinkat(dir, "domain", AT_REMOVEDIR);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		(void)unlinkat(dir, parts[i].name, 0);
	(void)rmdir(path);
}

static int write_all(const char *path, const struct options *o, const struct frame *f)
{
	int dir, r = mkdir(path, 0700) < 0 ? -errno : 0;

	if (r < 0)
		return r;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = dir < 0 ? -errno : o->replay == NULL ? copy_domain(dir, f->s->dir) : 0;
	for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		r = write_part(dir, i, o, f);
	if (r < 0 && dir >= 0)
		remove_all(dir, path);
	if (dir >= 0)
		close(dir);
	return r;
}

/* ---- the command -------------------------------------------------------------------------- */

static const char *report_path(const struct options *o, const struct frame *f, char *ret,
			       size_t size)
{
	time_t    t = (time_t)(f->s->t_real_ns / 1000000000);
	struct tm tm;
	char      when[32] = "";

	if (o->argument != NULL)
		return o->argument;
	if (gmtime_r(&t, &tm) != NULL)
		strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(ret, size, "ipcmon-%s-%s", f->s->domain, when);
	return ret;
}

static int read_twice(struct source *s, const struct options *o)
{
	struct timespec quarter = {0, 250000000};
	int             r;

	source_seek(s, 1);
	r = source_read(s);
	if (r < 0 || source_is_past(s))
		return r;
	nanosleep(&quarter, NULL); /* between them lie the rates */
	return source_read(s);
}

static void print_what_now(const struct options *o, const char *path)
{
	if (o->replay == NULL)
		printf("%s\nIt holds the messages that lay in the channels: look at it before you "
		       "send it on.\n"
		       "To see what was: ipcmon --dir %s/domain. To pack it: tar czf %s.tar.gz %s\n",
		       path, path, path, path);
	else
		printf("%s\nIt has no copy of the domain, as it is of a recording: send that, too.\n"
		       "To pack it: tar czf %s.tar.gz %s\n",
		       path, path, path);
}

int command_report(const struct options *o)
{
	struct source s;
	char          room[NAME_MAX];
	const char   *path;
	int           r = source_open(&s, o, 1);

	if (r == 0)
		r = read_twice(&s, o);
	if (r < 0) {
		fprintf(stderr, "ipcmon: %s\n", s.why);
		source_close(&s);
		return target_exit_code(r);
	}
	path = report_path(o, source_frame(&s), room, sizeof(room));
	r = write_all(path, o, source_frame(&s));
	if (r < 0)
		fprintf(stderr, "ipcmon: cannot write the report %s: %s\n", path, strerror(-r));
	else if (!o->quiet)
		print_what_now(o, path);
	source_close(&s);
	return r < 0 ? EXIT_RUN_TIME : EXIT_OK;
}

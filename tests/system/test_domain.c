/*
 * The domain: where it is, who may join it, what is wrong with it, how much
 * fits in, and that nothing stays when the last process is gone.
 *
 * Every case runs in processes of its own, in an IPC_DIR of its own: joining
 * happens once in a process.
 *
 * test-limit: 300
 */

#include "support/test.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>

#define NOBODY 65534

static int setup(void **state)
{
	test_deadline(60);
	(void)unsetenv("IPC_MAX_PROCESSES");
	(void)unsetenv("IPC_MAX_OBJECTS");
	(void)unsetenv("IPC_DOMAIN");
	test_new_ipc_dir();
	return 0;
}

/* $IPC_DIR/@file, until the next but one call */
static const char *path_of(const char *file)
{
	static char     path[2][600];
	static unsigned n;
	char           *at = path[n++ % 2];

	(void)snprintf(at, sizeof(path[0]), "%s/%s", test_ipc_dir(), file);
	return at;
}

/* What joining should fail with, and words that its explanation must have. */
struct refusal {
	int         code;
	const char *words[3];
};

static int be_refused(void *arg)
{
	const struct refusal *want = arg;
	ipc_queue            *q = NULL;
	ipc_conn             *end[2] = {NULL, NULL};
	ipc_shm              *s = NULL;
	ipc_mutex             m = {0};

	for (int i = 0; i < 2; i++) { /* the second time as the first */
		check_r(ipc_queue_create(&q, "x", NULL), want->code);
		for (size_t k = 0; k < N_OF(want->words) && want->words[k]; k++)
			check_explains(want->words[k]);
		check_r(ipc_queue_open(&q, "x"), want->code);
		check_r(ipc_pipe(end, NULL), want->code);
		check_r(ipc_shm_create(&s, NULL, 10), want->code);
		check_r(ipc_mutex_lock(&m, IPC_FOREVER), want->code);
		check(!q && !end[0] && !end[1] && !s);
	}
	return 0;
}

static void check_refused(int code, const char *word1, const char *word2)
{
	struct refusal r = {.code = code, .words = {word1, word2}};

	check_child(be_refused, &r);
}

static int join_and_leave(void *arg)
{
	ipc_queue *q;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	q = ipc_queue_close(q);
	return 0;
}

static int make_named(void *arg)
{
	ipc_queue *q;

	check_ok(ipc_queue_create(&q, "kept", NULL));
	check_ok(ipc_queue_put(q, "kept", 4, IPC_NOW));
	q = ipc_queue_close(q);
	return 0;
}

static int find_named(void *arg)
{
	ipc_queue *q;
	char       buf[8];

	check_ok(ipc_queue_open(&q, "kept"));
	check_r(ipc_queue_get(q, buf, sizeof(buf), IPC_NOW), 4);
	check_ok(ipc_queue_unlink("kept"));
	q = ipc_queue_close(q);
	return 0;
}

static bool is_root(void)
{
	return geteuid() == 0;
}

/* ---- directories ------------------------------------------------------------------------------ */

static void join__ipc_dir_missing__is_enoent_and_names_it(void **state)
{
	(void)setenv("IPC_DIR", "/nowhere/at/all", 1);
	check_refused(-ENOENT, "/nowhere/at/all", "IPC_DIR");
}

static void touch_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	check(f);
	check(fputs(text, f) >= 0);
	check_eq(fclose(f), 0);
}

static void join__ipc_dir_is_a_file__is_enotdir(void **state)
{
	touch_file(path_of("file"), "x");
	(void)setenv("IPC_DIR", path_of("file"), 1);
	check_refused(-ENOTDIR, "file", NULL);
}

static void join__domain_is_a_file__is_enotdir_and_file_stays(void **state)
{
	struct stat st;

	touch_file(path_of("default"), "precious");
	check_refused(-ENOTDIR, "default", NULL);
	check_eq(stat(path_of("default"), &st), 0);
	check_eq(st.st_size, 8);
}

static void join__domain_is_a_symlink__is_refused(void **state)
{
	char elsewhere[600];

	(void)snprintf(elsewhere, sizeof(elsewhere), "%s", path_of("elsewhere"));
	check_eq(mkdir(elsewhere, 0700), 0);
	check_eq(symlink(elsewhere, path_of("default")), 0);
	check_refused(-ENOTDIR, "default", NULL);
	check_eq(test_count_files(elsewhere), 0);
}

static int as_nobody(void *arg)
{
	check_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
	check_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
	return be_refused(arg);
}

static void check_nobody_refused(int code, const char *word1, const char *word2)
{
	struct refusal r = {.code = code, .words = {word1, word2}};

	check_child(as_nobody, &r);
}

static void join__ipc_dir_not_writable__is_eacces(void **state)
{
	char parent[600];

	if (!is_root())
		skip();
	/* a directory on the way there that others may pass */
	(void)snprintf(parent, sizeof(parent), "/tmp/libipc-test-%d", (int)getpid());
	check_eq(mkdir(parent, 0755), 0);
	(void)setenv("IPC_DIR", parent, 1);
	check_nobody_refused(-EACCES, parent, "set IPC_DIR");
	check_eq(rmdir(parent), 0);
}

static void join__domain_of_somebody_else__is_eacces(void **state)
{
	if (!is_root())
		skip();
	check_eq(mkdir(path_of("default"), 0700), 0);
	check_eq(chown(path_of("default"), NOBODY, NOBODY), 0);
	check_refused(-EACCES, "default", "IPC_DIR");
}

static void join__domain_writable_by_others__is_eacces(void **state)
{
	static const mode_t mode[] = {0777, 0770, 0702};

	for (size_t i = 0; i < N_OF(mode); i++) {
		(void)mkdir(path_of("default"), 0700);
		check_eq(chmod(path_of("default"), mode[i]), 0);
		check_refused(-EACCES, "default", "chmod");
	}
	check_eq(chmod(path_of("default"), 0755), 0); /* readable is no harm */
	check_child(join_and_leave, NULL);
}

static void join__registry_of_somebody_else__is_eacces(void **state)
{
	if (!is_root())
		skip();
	check_child(make_named, NULL);
	check_eq(chown(path_of("default/registry"), NOBODY, NOBODY), 0);
	check_refused(-EACCES, "registry", NULL);
	check_eq(chown(path_of("default/registry"), 0, 0), 0);
	check_child(find_named, NULL);
}

static int move_away(void *arg)
{
	ipc_queue *q, *again;
	char       buf[100000] = {0};

	check_eq(chdir(arg), 0);
	(void)setenv("IPC_DIR", ".", 1);
	check_ok(ipc_queue_create(&q, "kept", NULL));
	check_eq(chdir("/"), 0);
	check_ok(ipc_queue_put(q, buf, sizeof(buf), IPC_NOW)); /* needs the file again */
	check_ok(ipc_queue_open(&again, "kept"));
	check_ok(ipc_queue_unlink("kept"));
	again = ipc_queue_close(again);
	q = ipc_queue_close(q);
	return 0;
}

static void join__ipc_dir_is_relative__lasts_beyond_chdir(void **state)
{
	check_child(move_away, (void *)(uintptr_t)test_ipc_dir());
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static void join__ipc_dir_too_long__is_enametoolong(void **state)
{
	char longest[3000];

	memset(longest, 'd', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	(void)setenv("IPC_DIR", longest, 1);
	check_refused(-ENAMETOOLONG, "IPC_DIR", NULL);
}

/* Everything an ordinary umask and an odd one make is private. */
static int join_with_umask(void *arg)
{
	ipc_shm    *s;
	struct stat st;

	(void)umask(*(mode_t *)arg);
	check_ok(ipc_shm_create(&s, "private", 5000));
	check_eq(stat(path_of("default"), &st), 0);
	check_eq(st.st_mode & 0777, 0700);
	check_eq(stat(path_of("default/registry"), &st), 0);
	check_eq(st.st_mode & 077, 0);
	check_ok(ipc_shm_unlink("private"));
	s = ipc_shm_close(s);
	return 0;
}

static void join__open_umask__files_are_private(void **state)
{
	mode_t none = 0, usual = 022;

	check_child(join_with_umask, &none);
	check_child(join_with_umask, &usual);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

/* ---- names ------------------------------------------------------------------------------------- */

static void join__bad_domain_name__is_einval_and_says_it(void **state)
{
	static const char *const bad[] = {
		"a/b",
		"..",
		".",
		"a b",
		"ä",
		"../../etc",
		"0123456789012345678901234567890123456789012345678901234567890123",
	};

	for (size_t i = 0; i < N_OF(bad); i++) {
		(void)setenv("IPC_DOMAIN", bad[i], 1);
		check_refused(-EINVAL, "IPC_DOMAIN", bad[i]);
	}
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static void join__domain_name_empty__is_the_default(void **state)
{
	check_child(make_named, NULL);
	(void)setenv("IPC_DOMAIN", "", 1);
	check_child(find_named, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static int not_there(void *arg)
{
	ipc_queue *q;

	check_r(ipc_queue_open(&q, "kept"), -ENOENT);
	return 0;
}

/* What could not be used is not left behind: neither the registry nor what it lies in. */
static void join__bad_environment__leaves_nothing(void **state)
{
	static const char *const bad[][2] = {
		{"IPC_MAX_PROCESSES", "0"},       {"IPC_MAX_OBJECTS", "many"},
		{"IPC_GROUP", "no-such"},         {"IPC_ON_DEADLOCK", "nonsense"},
		{"IPC_DEADLOCK_AFTER_MS", "abc"}, {"IPC_DEADLOCK_AFTER_MS", "0"},
		{"IPC_DEADLOCK_AFTER_MS", "-1"},  {"IPC_DEADLOCK_AFTER_MS", "86400001"},
	};

	for (size_t i = 0; i < N_OF(bad); i++) {
		(void)setenv(bad[i][0], bad[i][1], 1);
		check_refused(-EINVAL, bad[i][0], bad[i][1]);
		(void)unsetenv(bad[i][0]);
		check_eq(test_count_files(test_ipc_dir()), 0);
	}
}

/* With @arg descriptors more than are open, until there are enough. */
static int join_with_few(void *arg)
{
	int           next = dup(STDERR_FILENO), r;
	struct rlimit most;
	ipc_queue    *q;

	check(next >= 0);
	check_eq(close(next), 0);
	check_eq(getrlimit(RLIMIT_NOFILE, &most), 0);
	most.rlim_cur = (rlim_t)next + *(unsigned *)arg;
	check_eq(setrlimit(RLIMIT_NOFILE, &most), 0);
	for (int i = 0; i < 2; i++) {
		r = ipc_queue_create(&q, NULL, NULL);
		check(r == 0 || r == -EMFILE);
		check(r == 0 || *ipc_explain());
	}
	return r == 0 ? 0 : 1;
}

static void join__few_descriptors__leaves_nothing(void **state)
{
	unsigned few = 0;
	int      status = 1;

	for (; status && few < 10; few++) {
		status = test_run(join_with_few, &few);
		check(status == 0 || status == 1);
		check_eq(test_count_files(test_ipc_dir()), 0);
	}
	check(few > 3 && few < 10);
}

static void join__two_domains__know_nothing_of_each_other(void **state)
{
	check_child(make_named, NULL);
	(void)setenv("IPC_DOMAIN", "second", 1);
	check_child(not_there, NULL);
	check_child(make_named, NULL);
	check_eq(test_count_files(test_ipc_dir()), 2);
	check_child(find_named, NULL);
	(void)setenv("IPC_DOMAIN", "default", 1);
	check_child(find_named, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

/* ---- file systems of our own ----------------------------------------------------------------------- */

/* In this process and its children only: a tmpfs at @path. False: not allowed here. */
static bool mount_here(const char *path, const char *options)
{
	if (unshare(CLONE_NEWNS) < 0)
		return false;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return false;
	return mount("tmpfs", path, "tmpfs", 0, options) == 0;
}

#define NOT_ALLOWED 77

static void check_mounted(int (*body)(void *arg))
{
	int status = test_run(body, NULL);

	if (status == NOT_ALLOWED)
		skip();
	check_eq(status, 0);
}

static int without_ipc_dir(void *arg)
{
	char        dir[64];
	struct stat st;
	ipc_queue  *q;

	(void)snprintf(dir, sizeof(dir), "/dev/shm/libipc-%u", (unsigned)geteuid());
	if (!mount_here("/dev/shm", "size=16m"))
		return NOT_ALLOWED;
	(void)unsetenv("IPC_DIR");
	check_child(join_and_leave, NULL);
	check_eq(test_count_files("/dev/shm"), 0); /* the directory above goes, too */
	check_eq(mkdir(dir, 0700), 0);
	check_eq(chown(dir, NOBODY, NOBODY), 0);
	check_refused(-EACCES, dir, "IPC_DIR");
	check_eq(rmdir(dir), 0);
	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_eq(stat(dir, &st), 0);
	check_eq(st.st_mode & 0777, 0700);
	q = ipc_queue_close(q);
	return 0;
}

static void join__without_ipc_dir__is_in_dev_shm(void **state)
{
	check_mounted(without_ipc_dir);
}

static int no_room_to_join(void *arg)
{
	if (!mount_here(test_ipc_dir(), "size=64k"))
		return NOT_ALLOWED;
	check_refused(-ENOSPC, "full", "IPC_DIR");
	check_eq(test_count_files(path_of("default/registry")), -1);
	check_eq(access(path_of("default/registry.new"), F_OK), -1);
	check_eq(mount(NULL, test_ipc_dir(), NULL, MS_REMOUNT, "size=16m"), 0);
	check_child(join_and_leave, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
	return 0;
}

static void join__no_room__is_enospc_and_works_when_there_is(void **state)
{
	check_mounted(no_room_to_join);
}

/* Fill it by @q until there is no room; all that was put is there, and nothing more. */
static void fill_and_drain(ipc_queue *q, size_t len)
{
	char    *buf = malloc(len);
	uint32_t n = 0, got = 0;
	int      r;

	check(buf);
	for (;; n++) {
		test_pattern(buf, len, n);
		r = ipc_queue_put(q, buf, len, IPC_NOW);
		if (r < 0)
			break;
	}
	check_r(r, -ENOSPC);
	check_eq(ipc_queue_len(q), n);
	check_r(ipc_queue_put(q, buf, len, IPC_FOREVER), -ENOSPC); /* to wait would be for ever */
	for (; ipc_queue_len(q) > 0; got++) {
		check_r(ipc_queue_get(q, buf, len, IPC_NOW), (long long)len);
		check(test_pattern_is(buf, len, got));
	}
	check_eq(got, n);
	check_ok(ipc_queue_put(q, buf, len, IPC_NOW)); /* there is room again */
	check_r(ipc_queue_get(q, buf, len, IPC_NOW), (long long)len);
	free(buf);
}

static int no_room_to_put(void *arg)
{
	static const size_t length[] = {8, 200, 5000, 100000};
	ipc_queue          *q;

	if (!mount_here(test_ipc_dir(), "size=6m"))
		return NOT_ALLOWED;
	for (size_t i = 0; i < N_OF(length); i++) {
		check_ok(ipc_queue_create(&q, NULL, NULL));
		fill_and_drain(q, length[i]);
		fill_and_drain(q, length[i]);
		q = ipc_queue_close(q);
	}
	return 0;
}

static void queue_put__file_system_full__is_enospc_and_nothing_is_lost(void **state)
{
	check_mounted(no_room_to_put);
}

static int no_room_to_make(void *arg)
{
	ipc_queue *q[2000];
	ipc_shm   *s = NULL;
	int        n = 0, r = 0;

	if (!mount_here(test_ipc_dir(), "size=4m"))
		return NOT_ALLOWED;
	while (n < (int)N_OF(q) && (r = ipc_queue_create(&q[n], NULL, NULL)) == 0)
		n++;
	check_r(r, -ENOSPC);
	check_explains("full");
	check(n > 10);
	check_r(ipc_shm_create(&s, NULL, 1 << 20), -ENOSPC);
	for (int i = 0; i < n; i++) {
		check_ok(ipc_queue_put(q[i], "x", 1, IPC_NOW)); /* what was made can be used */
		q[i] = ipc_queue_close(q[i]);
	}
	check_ok(ipc_shm_create(&s, NULL, 1 << 20));
	s = ipc_shm_close(s);
	return 0;
}

static void create__file_system_full__is_enospc_and_the_others_work(void **state)
{
	check_mounted(no_room_to_make);
}

/* ---- damage --------------------------------------------------------------------------------------------- */

static void poke(const char *path, off_t offset, const void *buf, size_t n)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	check(fd >= 0);
	check_eq(pwrite(fd, buf, n, offset), (ssize_t)n);
	check_eq(close(fd), 0);
}

static void peek(const char *path, off_t offset, void *buf, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	check(fd >= 0);
	check_eq(pread(fd, buf, n, offset), (ssize_t)n);
	check_eq(close(fd), 0);
}

static void join__registry_truncated__is_ebadmsg_and_names_the_file(void **state)
{
	static const off_t size[] = {0, 1, 8, 100, 1000, 4095, 4096, 8192, 100000, 1000000};
	struct stat        st;

	check_child(make_named, NULL);
	check_eq(stat(path_of("default/registry"), &st), 0);
	for (size_t i = N_OF(size); i-- > 0;) {
		check(size[i] < st.st_size);
		check_eq(truncate(path_of("default/registry"), size[i]), 0);
		check_refused(-EBADMSG, path_of("default/registry"), "remove");
		check_eq(stat(path_of("default/registry"), &st), 0);
		check_eq(st.st_size, size[i]); /* nobody has touched it */
	}
}

static void join__registry_is_garbage__is_ebadmsg(void **state)
{
	char garbage[8192];

	check_eq(mkdir(path_of("default"), 0700), 0);
	test_pattern(garbage, sizeof(garbage), 5);
	touch_file(path_of("default/registry"), "");
	poke(path_of("default/registry"), 0, garbage, sizeof(garbage));
	check_refused(-EBADMSG, path_of("default/registry"), NULL);
	memset(garbage, 0, sizeof(garbage));
	poke(path_of("default/registry"), 0, garbage, sizeof(garbage));
	check_refused(-EBADMSG, path_of("default/registry"), NULL);
}

static void join__registry_of_another_major_version__is_eproto(void **state)
{
	uint32_t major, other;

	check_child(make_named, NULL);
	peek(path_of("default/registry"), 8, &major, sizeof(major)); /* behind the magic number */
	for (int step = -1; step <= 1; step += 2) {
		other = major + (uint32_t)step;
		poke(path_of("default/registry"), 8, &other, sizeof(other));
		check_refused(-EPROTO, path_of("default/registry"), "version");
	}
	poke(path_of("default/registry"), 8, &major, sizeof(major));
	check_child(find_named, NULL); /* nothing was lost */
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static void join__registry_of_a_newer_minor_version__is_fine(void **state)
{
	uint32_t minor;

	check_child(make_named, NULL);
	peek(path_of("default/registry"), 12, &minor, sizeof(minor));
	minor++;
	poke(path_of("default/registry"), 12, &minor, sizeof(minor));
	check_child(find_named, NULL);
}

static void join__registry_is_no_file__is_refused(void **state)
{
	check_eq(mkdir(path_of("default"), 0700), 0);
	check_eq(mkdir(path_of("default/registry"), 0700), 0);
	check_refused(-EISDIR, "registry", NULL);
	check_eq(rmdir(path_of("default/registry")), 0);
	check_eq(symlink("/etc/passwd", path_of("default/registry")), 0);
	check_refused(-ELOOP, "registry", NULL);
}

/* Try everything a little; any answer will do, as long as it is one. */
static int use_what_is_there(void *arg)
{
	ipc_queue *q, *own;
	ipc_conn  *end[2];
	char       buf[64];

	test_deadline(20);
	if (ipc_queue_open(&q, "kept") == 0) {
		(void)!ipc_queue_put(q, buf, sizeof(buf), IPC_NOW);
		(void)!ipc_queue_get(q, buf, sizeof(buf), IPC_MSEC(1));
		(void)!ipc_queue_next_len(q);
		q = ipc_queue_close(q);
	}
	if (ipc_queue_create(&own, NULL, NULL) == 0) {
		(void)!ipc_queue_put(own, buf, sizeof(buf), IPC_NOW);
		(void)!ipc_queue_get(own, buf, sizeof(buf), IPC_MSEC(1));
		own = ipc_queue_close(own);
	}
	if (ipc_pipe(end, NULL) == 0) {
		end[0] = ipc_conn_close(end[0]);
		end[1] = ipc_conn_close(end[1]);
	}
	return 0;
}

static void copy_file(const char *from, const char *to)
{
	char command[1400];

	(void)snprintf(command, sizeof(command), "cp --sparse=always '%s' '%s'", from, to);
	check_eq(system(command), 0); // NOLINT(cert-env33-c)
}

static void check_survives(off_t at, uint64_t value)
{
	int status;

	poke(path_of("default/registry"), at, &value, sizeof(value));
	status = test_run(use_what_is_there, NULL);
	if (status != 0)
		test_fail("word at %lld set to %#llx: status %d", (long long)at,
			  (unsigned long long)value, status);
	(void)mkdir(path_of("default"), 0700);
	(void)unlink(path_of("default/registry"));
	copy_file(path_of("good"), path_of("default/registry"));
}

static void join__any_word_of_the_header_damaged__is_no_crash(void **state)
{
	static const uint64_t value[] = {0, 1, UINT64_MAX, UINT64_C(1) << 63, 4096, 1 << 20};
	uint32_t              seed = 17;

	test_deadline(200);
	check_child(make_named, NULL);
	copy_file(path_of("default/registry"), path_of("good"));
	for (off_t at = 0; at < 1024; at += 8)
		for (size_t i = 0; i <= N_OF(value); i++) {
			if (test_rounds(4) < 4 && (at / 8 + (off_t)i) % 8)
				continue; /* a sample, under a sanitizer */
			check_survives(at, i < N_OF(value) ? value[i] : test_random(&seed));
		}
}

/* ---- limits ---------------------------------------------------------------------------------------------- */

static void join__limit_that_is_no_number__is_einval_and_names_it(void **state)
{
	static const char *const variable[] = {"IPC_MAX_PROCESSES", "IPC_MAX_OBJECTS"};
	static const char *const bad[] = {"many",      "0", "-1", "1x", "99999999999999999999",
					  "2000000000"};

	for (size_t v = 0; v < N_OF(variable); v++) {
		for (size_t i = 0; i < N_OF(bad); i++) {
			(void)setenv(variable[v], bad[i], 1);
			check_refused(-EINVAL, variable[v], bad[i]);
		}
		(void)unsetenv(variable[v]);
	}
	check_child(join_and_leave, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static int too_many_objects(void *arg)
{
	ipc_queue *q[8], *more = NULL;
	ipc_conn  *end[2];
	ipc_shm   *s;

	for (size_t i = 0; i < N_OF(q); i++)
		check_ok(ipc_queue_create(&q[i], NULL, NULL));
	for (int i = 0; i < 3; i++) {
		check_r(ipc_queue_create(&more, NULL, NULL), -ENOBUFS);
		check_explains("IPC_MAX_OBJECTS");
		check_explains("8");
		check_r(ipc_pipe(end, NULL), -ENOBUFS);
		check_r(ipc_shm_create(&s, NULL, 1), -ENOBUFS);
	}
	q[3] = ipc_queue_close(q[3]);
	check_ok(ipc_queue_create(&q[3], NULL, NULL));
	for (size_t i = 0; i < N_OF(q); i++) {
		check_ok(ipc_queue_put(q[i], "x", 1, IPC_NOW));
		q[i] = ipc_queue_close(q[i]);
	}
	return 0;
}

static void create__too_many_objects__is_enobufs_and_names_the_limit(void **state)
{
	(void)setenv("IPC_MAX_OBJECTS", "8", 1);
	check_child(too_many_objects, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

struct gate {
	int joined, refused, go;
};

static int join_and_stay(void *arg)
{
	struct gate *g = arg;
	ipc_queue   *q;
	int          r = ipc_queue_create(&q, NULL, NULL);

	if (r == -ENOBUFS) {
		check_explains("IPC_MAX_PROCESSES");
		(void)__atomic_fetch_add(&g->refused, 1, __ATOMIC_RELEASE);
		return 0;
	}
	check_ok(r);
	(void)__atomic_fetch_add(&g->joined, 1, __ATOMIC_RELEASE);
	check(wait_until(__atomic_load_n(&g->go, __ATOMIC_ACQUIRE), 50));
	q = ipc_queue_close(q);
	return 0;
}

static void join__too_many_processes__is_enobufs_and_names_the_limit(void **state)
{
	struct gate *g = test_shared(sizeof(*g));
	pid_t        child[9];

	(void)setenv("IPC_MAX_PROCESSES", "4", 1);
	for (size_t i = 0; i < N_OF(child); i++)
		child[i] = test_fork(join_and_stay, g);
	check(wait_until(__atomic_load_n(&g->joined, __ATOMIC_ACQUIRE) +
					 __atomic_load_n(&g->refused, __ATOMIC_ACQUIRE) ==
				 N_OF(child),
			 30));
	check_eq(g->joined, 4);
	__atomic_store_n(&g->go, 1, __ATOMIC_RELEASE);
	for (size_t i = 0; i < N_OF(child); i++)
		check_eq(test_wait(child[i]), 0);
	check_child(join_and_leave, NULL); /* there is room again */
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static void *call_and_stay(void *arg)
{
	struct gate *g = arg;
	ipc_mutex    m = {0};
	int          r = ipc_mutex_lock(&m, IPC_NOW);

	if (r == -ENOBUFS) {
		check_explains("IPC_MAX_PROCESSES");
		(void)__atomic_fetch_add(&g->refused, 1, __ATOMIC_RELEASE);
		return NULL;
	}
	check_ok(r);
	check_ok(ipc_mutex_unlock(&m));
	(void)__atomic_fetch_add(&g->joined, 1, __ATOMIC_RELEASE);
	check(wait_until(__atomic_load_n(&g->go, __ATOMIC_ACQUIRE), 50));
	return NULL;
}

static int too_many_threads(void *arg)
{
	struct gate g = {0};
	pthread_t   t[40];

	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(call_and_stay, &g);
	check(wait_until(__atomic_load_n(&g.joined, __ATOMIC_ACQUIRE) +
					 __atomic_load_n(&g.refused, __ATOMIC_ACQUIRE) ==
				 N_OF(t),
			 30));
	check(g.joined >= 16 && g.refused > 0);
	__atomic_store_n(&g.go, 1, __ATOMIC_RELEASE);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	g = (struct gate){.go = 1}; /* those who ended have made room */
	test_join_thread(test_thread(call_and_stay, &g));
	check_eq(g.joined, 1);
	return 0;
}

static void call__too_many_threads__is_enobufs_and_names_the_limit(void **state)
{
	(void)setenv("IPC_MAX_PROCESSES", "2", 1);
	check_child(too_many_threads, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

/* ---- coming and going ---------------------------------------------------------------------------------------- */

static int come_and_go(void *arg)
{
	struct gate *g = arg;

	(void)__atomic_fetch_add(&g->joined, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&g->go, __ATOMIC_ACQUIRE))
		test_burn(50);
	return join_and_leave(NULL);
}

static void join_and_leave__many_at_once__all_succeed_and_nothing_stays(void **state)
{
	unsigned n = test_rounds(64);

	test_deadline(200);
	for (unsigned round = 0; round < test_rounds(50); round++) {
		struct gate *g = test_shared(sizeof(*g));
		pid_t        child[64];

		for (unsigned i = 0; i < n; i++)
			child[i] = test_fork(come_and_go, g);
		check(wait_until(__atomic_load_n(&g->joined, __ATOMIC_ACQUIRE) == (int)n, 60));
		__atomic_store_n(&g->go, 1, __ATOMIC_RELEASE);
		for (unsigned i = 0; i < n; i++)
			check_eq(test_wait(child[i]), 0);
		check_eq(test_count_files(test_ipc_dir()), 0);
	}
}

static void join__after_the_last_was_killed__old_records_do_not_matter(void **state)
{
	for (int i = 0; i < 20; i++) {
		struct gate *g = test_shared(sizeof(*g));
		pid_t        child[3];

		for (size_t k = 0; k < N_OF(child); k++)
			child[k] = test_fork(join_and_stay, g);
		check(wait_until(__atomic_load_n(&g->joined, __ATOMIC_ACQUIRE) == N_OF(child), 30));
		for (size_t k = 0; k < N_OF(child); k++)
			test_kill(child[k]);
		check_eq(test_count_files(test_ipc_dir()), 1); /* nobody was there to tidy up */
		check_child(join_and_leave, NULL);
		check_eq(test_count_files(test_ipc_dir()), 0);
	}
}

static int remove_under_ones_feet(void *arg)
{
	char       command[700];
	ipc_queue *q, *more;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", path_of("default"));
	check_eq(system(command), 0);               // NOLINT(cert-env33-c)
	if (ipc_queue_put(q, "x", 1, IPC_NOW) == 0) /* or it needed a file that is gone */
		check_r(ipc_queue_get(q, (char[1]){0}, 1, IPC_NOW), 1);
	check_r(ipc_queue_create(&more, NULL, NULL), -ENOENT);
	check_explains("default");
	q = ipc_queue_close(q);
	return 0;
}

static void domain__removed_while_in_use__is_an_error_and_no_crash(void **state)
{
	check_child(remove_under_ones_feet, NULL);
	check_child(join_and_leave, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

/* ---- how much fits ------------------------------------------------------------------------------------------------ */

static int ten_thousand(void *arg)
{
	enum { N = 10000 };
	ipc_queue **q = calloc(N, sizeof(ipc_queue *));

	check(q);
	for (int i = 0; i < N; i++)
		check_ok(ipc_queue_create(&q[i], NULL, NULL));
	for (int i = 0; i < N; i += 97) {
		int n;

		check_ok(ipc_queue_put(q[i], &i, sizeof(i), IPC_NOW));
		check_r(ipc_queue_get(q[i], &n, sizeof(n), IPC_NOW), sizeof(n));
		check_eq(n, i);
	}
	check_child(join_and_leave, NULL); /* a child that holds them all */
	for (int i = 0; i < N; i++)
		q[i] = ipc_queue_close(q[i]);
	free(q);
	return 0;
}

static void domain__ten_thousand_objects__fit_without_setting_anything(void **state)
{
	test_deadline(120);
	check_child(ten_thousand, NULL);
	check_eq(test_count_files(test_ipc_dir()), 0);
}

static void *thread_of_many(void *arg)
{
	ipc_mutex m = {0};

	check_ok(ipc_mutex_lock(&m, IPC_NOW));
	check_ok(ipc_mutex_unlock(&m));
	(void)__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* So many that wait by polling would leave nothing for the others: they wait for a pipe to close. */
struct crowd {
	int *joined;
	int  fd[2];
};

static int one_of_many(void *arg)
{
	struct crowd *c = arg;
	pthread_t     t[3];
	int           here = 0;
	char          byte;

	test_deadline(200);
	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(thread_of_many, &here);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	check_eq(here, N_OF(t));
	check_eq(close(c->fd[1]), 0);
	(void)__atomic_fetch_add(c->joined, 1, __ATOMIC_RELEASE);
	check_eq(read(c->fd[0], &byte, 1), 0);
	return 0;
}

static void domain__a_thousand_processes__fit_without_setting_anything(void **state)
{
	struct crowd c = {.joined = test_shared(sizeof(int))};
	int          n = (int)test_rounds(1000);
	pid_t       *child = calloc((size_t)n, sizeof(*child));

	check(child);
	check_eq(pipe(c.fd), 0);
	test_deadline(250);
	for (int i = 0; i < n; i++)
		child[i] = test_fork(one_of_many, &c);
	check(wait_until(__atomic_load_n(c.joined, __ATOMIC_ACQUIRE) == n, 150));
	check_eq(close(c.fd[0]), 0);
	check_eq(close(c.fd[1]), 0);
	for (int i = 0; i < n; i++)
		check_eq(test_wait(child[i]), 0);
	check_eq(test_count_files(test_ipc_dir()), 0);
	free(child);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(join__ipc_dir_missing__is_enoent_and_names_it, setup),
		cmocka_unit_test_setup(join__ipc_dir_is_a_file__is_enotdir, setup),
		cmocka_unit_test_setup(join__domain_is_a_file__is_enotdir_and_file_stays, setup),
		cmocka_unit_test_setup(join__domain_is_a_symlink__is_refused, setup),
		cmocka_unit_test_setup(join__ipc_dir_not_writable__is_eacces, setup),
		cmocka_unit_test_setup(join__domain_of_somebody_else__is_eacces, setup),
		cmocka_unit_test_setup(join__domain_writable_by_others__is_eacces, setup),
		cmocka_unit_test_setup(join__registry_of_somebody_else__is_eacces, setup),
		cmocka_unit_test_setup(join__ipc_dir_is_relative__lasts_beyond_chdir, setup),
		cmocka_unit_test_setup(join__ipc_dir_too_long__is_enametoolong, setup),
		cmocka_unit_test_setup(join__open_umask__files_are_private, setup),
		cmocka_unit_test_setup(join__bad_domain_name__is_einval_and_says_it, setup),
		cmocka_unit_test_setup(join__domain_name_empty__is_the_default, setup),
		cmocka_unit_test_setup(join__bad_environment__leaves_nothing, setup),
		cmocka_unit_test_setup(join__few_descriptors__leaves_nothing, setup),
		cmocka_unit_test_setup(join__two_domains__know_nothing_of_each_other, setup),
		cmocka_unit_test_setup(join__without_ipc_dir__is_in_dev_shm, setup),
		cmocka_unit_test_setup(join__no_room__is_enospc_and_works_when_there_is, setup),
		cmocka_unit_test_setup(queue_put__file_system_full__is_enospc_and_nothing_is_lost,
				       setup),
		cmocka_unit_test_setup(create__file_system_full__is_enospc_and_the_others_work,
				       setup),
		cmocka_unit_test_setup(join__registry_truncated__is_ebadmsg_and_names_the_file,
				       setup),
		cmocka_unit_test_setup(join__registry_is_garbage__is_ebadmsg, setup),
		cmocka_unit_test_setup(join__registry_of_another_major_version__is_eproto, setup),
		cmocka_unit_test_setup(join__registry_of_a_newer_minor_version__is_fine, setup),
		cmocka_unit_test_setup(join__registry_is_no_file__is_refused, setup),
		cmocka_unit_test_setup(join__any_word_of_the_header_damaged__is_no_crash, setup),
		cmocka_unit_test_setup(join__limit_that_is_no_number__is_einval_and_names_it,
				       setup),
		cmocka_unit_test_setup(create__too_many_objects__is_enobufs_and_names_the_limit,
				       setup),
		cmocka_unit_test_setup(join__too_many_processes__is_enobufs_and_names_the_limit,
				       setup),
		cmocka_unit_test_setup(call__too_many_threads__is_enobufs_and_names_the_limit,
				       setup),
		cmocka_unit_test_setup(join_and_leave__many_at_once__all_succeed_and_nothing_stays,
				       setup),
		cmocka_unit_test_setup(join__after_the_last_was_killed__old_records_do_not_matter,
				       setup),
		cmocka_unit_test_setup(domain__removed_while_in_use__is_an_error_and_no_crash,
				       setup),
		cmocka_unit_test_setup(domain__ten_thousand_objects__fit_without_setting_anything,
				       setup),
		cmocka_unit_test_setup(domain__a_thousand_processes__fit_without_setting_anything,
				       setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("domain", tests, NULL, NULL);
}

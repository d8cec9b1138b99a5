/* test_observe_base.c - buckets of histograms, locks of the living, names */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <ipc/observe.h>

#include "base/alive.h"
#include "base/histogram.h"

/* ---- histograms -------------------------------------------------------------------- */

static void histogram_bucket__every_bound__is_the_last_of_its_bucket(void **state)
{
	(void)state;
	for (unsigned b = 0; b + 1 < HIST_BUCKETS; b++) {
		assert_int_equal(histogram_bucket(histogram_bound(b)), b);
		assert_int_equal(histogram_bucket(histogram_bound(b) + 1), b + 1);
	}
	assert_int_equal(histogram_bucket(0), 0);
	assert_int_equal(histogram_bucket(UINT64_MAX), HIST_BUCKETS - 1);
	assert_int_equal(histogram_bound(HIST_BUCKETS - 1), (UINT64_C(1) << 41) - 1);
}

static void histogram_bound__any_value__is_at_most_a_quarter_above(void **state)
{
	(void)state;
	for (uint64_t v = 1; v < UINT64_C(1) << 40; v += v / 7 + 1) {
		uint64_t bound = histogram_bound(histogram_bucket(v));

		assert_true(bound >= v && bound - v <= v / 4);
	}
}

/* ---- liveness ------------------------------------------------------------------------ */

static char dir[256];

static int make_dir(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char        path[300];

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/alive-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/" ALIVE_FILE, dir);
	(void)close(creat(path, 0600));
	(void)snprintf(path, sizeof(path), "%s/" FORK_FILE, dir);
	(void)close(creat(path, 0600));
	return 0;
}

static int remove_dir(void **state)
{
	char path[300];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/" ALIVE_FILE, dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/" FORK_FILE, dir);
	(void)unlink(path);
	return rmdir(dir);
}

/* What a child sees of byte @slot: alive_asks() of its own descriptor. */
static int child_asks(const char *file, uint64_t slot)
{
	int   status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(alive_asks(alive_open(dir, file, false), slot));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void alive_open__again__is_the_same_descriptor(void **state)
{
	int b = alive_open(dir, ALIVE_FILE, true), a = alive_open(dir, ALIVE_FILE, false);
	int c = alive_open(dir, ALIVE_FILE, false);

	(void)state;
	assert_true(a >= 0);
	assert_int_equal(a, b);
	assert_int_equal(a, c);
	alive_drop(a);
	alive_drop(c);
	assert_true(fcntl(b, F_GETFD) >= 0); /* a claim may be on it */
	assert_int_equal(fcntl(b, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(alive_open(dir, "nothing", false), -ENOENT);
}

static void alive_drop__only_askers__closes(void **state)
{
	int a = alive_open(dir, ALIVE_FILE, false), b = alive_open(dir, ALIVE_FILE, false);

	(void)state;
	assert_int_equal(a, b);
	alive_drop(a);
	assert_true(fcntl(a, F_GETFD) >= 0);
	alive_drop(a);
	assert_true(fcntl(a, F_GETFD) < 0);
}

static void alive_claim__held__others_see_it_and_observing_keeps_it(void **state)
{
	int fd = alive_open(dir, ALIVE_FILE, true);

	(void)state;
	assert_int_equal(child_asks(ALIVE_FILE, 5), 0);
	assert_int_equal(alive_claim(fd, 5), 0);
	assert_int_equal(child_asks(ALIVE_FILE, 5), 1);
	assert_int_equal(child_asks(ALIVE_FILE, 4), 0);
	assert_int_equal(alive_asks(fd, 5), 0); /* one's own does not show */
	alive_drop(alive_open(dir, ALIVE_FILE, false));
	assert_int_equal(child_asks(ALIVE_FILE, 5), 1); /* the trap */
	assert_int_equal(alive_release(fd, 5), 0);
	assert_int_equal(child_asks(ALIVE_FILE, 5), 0);
}

static void alive_claim__taken__is_eagain(void **state)
{
	int   fd = alive_open(dir, ALIVE_FILE, true), status;
	pid_t pid;

	(void)state;
	assert_int_equal(alive_claim(fd, 9), 0);
	pid = fork();
	if (pid == 0)
		_exit(alive_claim(alive_open(dir, ALIVE_FILE, true), 9) == -EAGAIN ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(alive_release(fd, 9), 0);
}

static void alive_open__first_only_readable_then_to_write__is_upgraded(void **state)
{
	char path[300];
	int  reader, writer;

	(void)state;
	if (geteuid() == 0)
		skip(); /* root may write anyway */
	(void)snprintf(path, sizeof(path), "%s/" ALIVE_FILE, dir);
	assert_int_equal(chmod(path, 0400), 0);
	reader = alive_open(dir, ALIVE_FILE, false);
	assert_true(reader >= 0);
	assert_int_equal(chmod(path, 0600), 0);
	writer = alive_open(dir, ALIVE_FILE, true);
	assert_true(writer >= 0 && writer != reader);
	assert_true(fcntl(reader, F_GETFD) >= 0);
	assert_int_equal(alive_claim(writer, 1), 0);
}

static void alive_fork_claim__shared_over_fork__until_the_last_closes(void **state)
{
	int   fd = alive_fork_open(dir), status, hold[2];
	pid_t pid;
	char  c;

	(void)state;
	assert_int_equal(pipe(hold), 0);
	assert_int_equal(alive_fork_claim(fd, 3), 0);
	assert_int_equal(alive_asks(alive_open(dir, FORK_FILE, false), 3),
			 1); /* even to its owner */
	pid = fork();
	if (pid == 0) {
		(void)close(hold[1]);
		_exit(read(hold[0], &c, 1) == 0 ? 0 : 1); /* holds the description until told */
	}
	(void)close(fd);
	assert_int_equal(alive_asks(alive_open(dir, FORK_FILE, false), 3), 1);
	(void)close(hold[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(alive_asks(alive_open(dir, FORK_FILE, false), 3), 0);
	(void)close(hold[0]);
}

/* ---- names and places --------------------------------------------------------------------- */

static void names__out_of_range__are_unknown(void **state)
{
	(void)state;
	assert_string_equal(ipc_kind_name(IPC_KIND_SHM), "shm");
	assert_string_equal(ipc_op_name(IPC_OP_PROC), "proc_join");
	assert_string_equal(ipc_verdict_name(IPC_LOST_WAKEUP), "lost_wakeup");
	assert_string_equal(ipc_strength_name(IPC_CLOSED_WORLD), "closed world");
	assert_string_equal(ipc_kind_name((enum ipc_kind)99), "unknown");
	assert_string_equal(ipc_op_name((enum ipc_op) - 1), "unknown");
}

static int collect(const char *name, const char *path, void *arg)
{
	char *all = arg;

	assert_non_null(strstr(path, name));
	strcat(strcat(all, name), " ");
	return strcmp(name, "c") == 0 ? 42 : 0;
}

static void make_domain(const char *name, bool whole)
{
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/%s/registry", dir, name);
	if (whole)
		(void)close(creat(path, 0600));
}

static void ipc_domains__directory__lists_by_name_and_stops(void **state)
{
	char all[64] = "", command[300];

	(void)state;
	assert_int_equal(setenv("IPC_DIR", dir, 1), 0);
	make_domain("b", true);
	make_domain("no", false);
	make_domain("a", true);
	assert_int_equal(ipc_domains(collect, all), 0);
	assert_string_equal(all, "a b ");
	make_domain("c", true);
	make_domain("d", true);
	all[0] = '\0';
	assert_int_equal(ipc_domains(collect, all), 42);
	assert_string_equal(all, "a b c ");
	(void)snprintf(command, sizeof(command), "cd '%s' && rm -r a b c d no", dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(setenv("IPC_DIR", "/nowhere/at/all", 1), 0);
	assert_int_equal(ipc_domains(collect, all), 0);
	assert_int_equal(unsetenv("IPC_DIR"), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(histogram_bucket__every_bound__is_the_last_of_its_bucket),
		cmocka_unit_test(histogram_bound__any_value__is_at_most_a_quarter_above),
		T(alive_open__again__is_the_same_descriptor),
		T(alive_drop__only_askers__closes),
		T(alive_claim__held__others_see_it_and_observing_keeps_it),
		T(alive_claim__taken__is_eagain),
		T(alive_open__first_only_readable_then_to_write__is_upgraded),
		T(alive_fork_claim__shared_over_fork__until_the_last_closes),
		cmocka_unit_test(names__out_of_range__are_unknown),
		T(ipc_domains__directory__lists_by_name_and_stops),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("observe_base", tests, NULL, NULL);
}

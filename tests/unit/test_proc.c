#include "support/test.h"

#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/proc.h"

static int same_name_odd_characters(void *arg)
{
	uint64_t before = proc_start_ticks();

	/* what stands between the brackets may look like anything */
	check_eq(prctl(PR_SET_NAME, ") R 1 (2) 3"), 0);
	check(proc_start_ticks() == before);
	return 0;
}

static void proc_start_ticks__whatever_the_name__is_field_22(void **state)
{
	assert_true(proc_start_ticks() > 0);
	check_child(same_name_odd_characters, NULL);
}

static int started_later(void *arg)
{
	check(proc_start_ticks() >= *(uint64_t *)arg);
	return 0;
}

static void proc_start_ticks__child__is_not_earlier(void **state)
{
	uint64_t mine = proc_start_ticks();

	check_child(started_later, &mine);
	assert_true(proc_start_ticks() == mine);
}

static void proc_pid_namespace__is_the_inode_of_the_link(void **state)
{
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/pid", &st), 0);
	assert_true(proc_pid_namespace() == (uint64_t)st.st_ino);
}

static void proc_program__is_this_one(void **state)
{
	struct proc_program p;
	uint64_t            here = (uint64_t)(uintptr_t)&proc_program__is_this_one;
	char                path[256] = {0};

	proc_program(&p);
	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	assert_string_equal(p.path, path);
	assert_true(here >= p.base && here < p.end);
	assert_true(p.build_id_len <= sizeof(p.build_id));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proc_start_ticks__whatever_the_name__is_field_22),
		cmocka_unit_test(proc_start_ticks__child__is_not_earlier),
		cmocka_unit_test(proc_pid_namespace__is_the_inode_of_the_link),
		cmocka_unit_test(proc_program__is_this_one),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}

#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/file.h"

/* A new file, without a name. */
static int new_file(void)
{
	int fd = open(test_tmp(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static uint64_t real_bytes(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

static uint64_t size_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint64_t)st.st_size;
}

static void file_reserve__any_range__is_real_and_grows_the_file(void **state)
{
	int fd = new_file();

	assert_int_equal(file_reserve(fd, 0, 10000, "test"), 0);
	assert_true(size_of(fd) >= 10000);
	assert_true(real_bytes(fd) >= 10000);
	assert_int_equal(file_reserve(fd, 1 << 20, 1, "test"), 0);
	assert_true(size_of(fd) >= (1 << 20) + 1);
	assert_true(real_bytes(fd) < 100000); /* what lies between stays a hole */
	assert_int_equal(file_reserve(fd, 1 << 20, 1, "test"), 0); /* again is no harm */
	assert_int_equal(close(fd), 0);
}

static void file_reserve__more_than_there_is__is_enospc_and_names_it(void **state)
{
	int fd;

	if (!test_room_is_limited(test_tmp()))
		skip();
	fd = new_file();
	assert_int_equal(file_reserve(fd, 0, UINT64_C(1) << 50, "the thing"), -ENOSPC);
	check_explains("the thing");
	check_explains("full");
	assert_true(real_bytes(fd) < 1 << 20);
	assert_int_equal(close(fd), 0);
}

static void file_reserve__file_size_limit__is_efbig_and_names_it(void **state)
{
	struct rlimit was, limit;
	int           fd = new_file();

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	limit = (struct rlimit){.rlim_cur = 8192, .rlim_max = was.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(file_reserve(fd, 0, 1 << 20, "the thing"), -EFBIG);
	check_explains("ulimit");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(close(fd), 0);
}

static void file_release__whole_pages__are_given_back_and_read_as_zeroes(void **state)
{
	uint64_t       page = page_bytes();
	int            fd = new_file();
	unsigned char *map;

	assert_int_equal(file_reserve(fd, 0, 16 * page, "test"), 0);
	map = mmap(NULL, 16 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(map != MAP_FAILED);
	memset(map, 0xee, 16 * page);
	file_release(fd, 4 * page - 1, 4 * page + 2); /* pages 4 to 7 lie in it whole */
	assert_true(size_of(fd) == 16 * page);
	assert_true(real_bytes(fd) == 12 * page);
	assert_int_equal(map[4 * page - 1], 0xee);
	assert_int_equal(map[4 * page], 0);
	assert_int_equal(map[8 * page - 1], 0);
	assert_int_equal(map[8 * page], 0xee);
	file_release(fd, 10 * page + 1, page); /* no whole page in it: nothing happens */
	assert_int_equal(map[10 * page + 1], 0xee);
	assert_int_equal(munmap(map, 16 * page), 0);
	assert_int_equal(close(fd), 0);
}

static void random_fill__twice__differs(void **state)
{
	unsigned char a[64] = {0}, b[64] = {0};

	random_fill(a, sizeof(a));
	random_fill(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

static void round_up__is_the_next_multiple(void **state)
{
	assert_true(round_up(0, 8) == 0);
	assert_true(round_up(1, 8) == 8);
	assert_true(round_up(8, 8) == 8);
	assert_true(round_up(4097, 4096) == 8192);
	assert_true(page_bytes() == (uint64_t)sysconf(_SC_PAGESIZE));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_reserve__any_range__is_real_and_grows_the_file),
		cmocka_unit_test(file_reserve__more_than_there_is__is_enospc_and_names_it),
		cmocka_unit_test(file_reserve__file_size_limit__is_efbig_and_names_it),
		cmocka_unit_test(file_release__whole_pages__are_given_back_and_read_as_zeroes),
		cmocka_unit_test(random_fill__twice__differs),
		cmocka_unit_test(round_up__is_the_next_multiple),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}

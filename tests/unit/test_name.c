#include "support/test.h"

#include "base/name.h"

static void name_valid__what_the_header_allows__is_true(void **state)
{
	char longest[IPC_NAME_MAX + 1];

	memset(longest, 'x', sizeof(longest));
	longest[IPC_NAME_MAX] = '\0';
	assert_true(name_valid(longest));
	assert_true(name_valid("a"));
	assert_true(name_valid("AZaz09._-"));
	assert_true(name_valid("..."));
	assert_true(name_valid("-"));
}

static void name_valid__every_other_byte__is_false(void **state)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	char name[3] = {'a', 0, 0};

	for (int c = 1; c < 256; c++) {
		name[1] = (char)c;
		assert_int_equal(name_valid(name), strchr(allowed, (char)c) != NULL);
	}
}

static void name_valid__empty_long_or_a_directory__is_false(void **state)
{
	char long_name[IPC_NAME_MAX + 2];

	memset(long_name, 'x', sizeof(long_name));
	long_name[IPC_NAME_MAX + 1] = '\0';
	assert_false(name_valid(long_name));
	assert_false(name_valid(""));
	assert_false(name_valid("."));
	assert_false(name_valid(".."));
	assert_false(name_valid("a/b"));
}

static void name_copy__short__is_padded_with_zeroes(void **state)
{
	char to[8];

	memset(to, 'x', sizeof(to));
	name_copy(to, sizeof(to), "abc");
	assert_memory_equal(to, "abc\0\0\0\0", 8);
}

static void name_copy__long__is_cut_and_ended(void **state)
{
	char to[8];

	memset(to, 'x', sizeof(to));
	name_copy(to, 4, "abcdef");
	assert_memory_equal(to, "abc\0xxxx", 8);
	name_copy(to, 4, "abcd"); /* exactly one too many */
	assert_memory_equal(to, "abc\0", 4);
}

static void name_hash__is_fnv_1a(void **state)
{
	/* from the algorithm's own table of test vectors */
	assert_true(name_hash("") == UINT64_C(0xcbf29ce484222325));
	assert_true(name_hash("a") == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(name_hash("foobar") == UINT64_C(0x85944171f73967e8));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_valid__what_the_header_allows__is_true),
		cmocka_unit_test(name_valid__every_other_byte__is_false),
		cmocka_unit_test(name_valid__empty_long_or_a_directory__is_false),
		cmocka_unit_test(name_copy__short__is_padded_with_zeroes),
		cmocka_unit_test(name_copy__long__is_cut_and_ended),
		cmocka_unit_test(name_hash__is_fnv_1a),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}

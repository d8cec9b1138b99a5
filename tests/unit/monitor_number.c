/*
 * monitor_number.c - numbers and characters, as they stand in a column
 */
#include "monitor_fake.h"

#include <math.h>

#include "text/number.h"
#include "text/utf8.h"

static void is(struct number n, const char *text)
{
	assert_string_equal(n.text, text);
	assert_true(strlen(n.text) <= NUMBER_COLUMNS);
}

static void number_count__any__three_digits(void **state)
{
	(void)state;
	is(number_count(0), "0");
	is(number_count(9999), "9999");
	is(number_count(10000), "10.0k");
	is(number_count(999499), "999k");
	is(number_count(999500), "1.00M");
	is(number_count(1234567), "1.23M");
	is(number_count(UINT64_MAX - 1), "18.4E");
	is(number_count(IPC_UNKNOWN), "-");
}

static void number_rate__any__few_digits(void **state)
{
	(void)state;
	is(number_rate(NAN), "-");
	is(number_rate(0), "0");
	is(number_rate(0.31), "0.31");
	is(number_rate(1.25), "1.2");
	is(number_rate(812.4), "812");
	is(number_rate(12345), "12.3k");
	is(number_rate(1e30), ">999E");
}

static void number_bytes__any__binary_prefix(void **state)
{
	(void)state;
	is(number_bytes(0), "0");
	is(number_bytes(812), "812B");
	is(number_bytes(1023), "1023B");
	is(number_bytes(1024), "1.00K");
	is(number_bytes(65536), "64.0K");
	is(number_bytes(1000 * 1024), "0.98M");
	is(number_bytes(UINT64_C(64) << 20), "64.0M");
	is(number_bytes(IPC_UNKNOWN), "-");
	assert_string_equal(number_bytes_unit(65536).text, "64.0 KiB");
	assert_string_equal(number_bytes_unit(5).text, "5 B");
	assert_string_equal(number_bytes_unit(0).text, "0 B");
	assert_string_equal(number_bytes_unit(IPC_UNKNOWN).text, "-");
}

static void number_duration__any__two_units_at_most(void **state)
{
	(void)state;
	is(number_duration(0), "0ns");
	is(number_duration(812), "812ns");
	is(number_duration(12300), "12.3us");
	is(number_duration(999600), "1.0ms");
	is(number_duration(140 * UINT64_C(1000000)), "140ms");
	is(number_duration(730 * UINT64_C(1000000)), "730ms");
	is(number_duration(12400 * UINT64_C(1000000)), "12.4s");
	is(number_duration(1144 * FAKE_SECOND), "19m04s");
	is(number_duration(3 * 3600 * FAKE_SECOND), "3h00m");
	is(number_duration((3 * 24 + 4) * 3600 * FAKE_SECOND), "3d04h");
	is(number_duration(UINT64_C(40000) * 3600 * FAKE_SECOND), "1666d");
	is(number_duration(IPC_UNKNOWN), "-");
}

static void number_all__every_size__fits_its_column(void **state)
{
	(void)state;
	for (uint64_t n = 1; n < UINT64_MAX / 3; n = n * 3 / 2 + 1) {
		assert_true(strlen(number_count(n).text) <= NUMBER_COLUMNS);
		assert_true(strlen(number_bytes(n).text) <= NUMBER_COLUMNS);
		assert_true(strlen(number_duration(n).text) <= NUMBER_COLUMNS + 1);
		assert_true(strlen(number_rate((double)n / 1000).text) <= NUMBER_COLUMNS);
	}
}

static void number_whole__what_does_not_fit__is_unknown(void **state)
{
	(void)state;
	assert_int_equal(number_whole(12.9), 12);
	assert_int_equal(number_whole(-1), 0);
	assert_true(number_whole(NAN) == IPC_UNKNOWN);
	assert_true(number_whole(0x1p64) == IPC_UNKNOWN);
	assert_true(number_whole(INFINITY) == IPC_UNKNOWN);
}

static void utf8_next__broken__bad_and_one_byte_on(void **state)
{
	static const char *const broken[] = {
		"\xff", "\xc3",     "\xc0\x80",    "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\x80", "\xe2\x82", "\xf0\x9f\x98"};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		const char *p = broken[i];

		assert_int_equal(utf8_next(&p), UTF8_BAD);
		assert_ptr_equal(p, broken[i] + 1);
		while (utf8_next(&p) != 0)
			;
		assert_ptr_equal(p, broken[i] + strlen(broken[i]));
	}
}

static void utf8_put__every_character__is_read_back(void **state)
{
	static const uint32_t cs[] = {0x41,   0x7f,   0x80,    0x7ff,   0x800,
				      0x2588, 0xffff, 0x10000, 0x1f600, 0x10ffff};
	char                  text[UTF8_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(cs) / sizeof(cs[0]); i++) {
		const char *p = text;

		text[utf8_put(text, cs[i])] = 0;
		assert_int_equal(utf8_next(&p), cs[i]);
		assert_int_equal(*p, 0);
	}
}

static void utf8_copy__too_long__cut_at_a_character(void **state)
{
	char text[5];

	(void)state;
	utf8_copy(text, sizeof(text), "ab\xe2\x96\x88z");
	assert_string_equal(text, "ab");
	utf8_copy(text, sizeof(text), "abcd");
	assert_string_equal(text, "abcd");
}

static void utf8_part__too_long__says_so(void **state)
{
	char long_one[2 * UTF8_PART_BYTES];

	(void)state;
	assert_string_equal(utf8_part("caf\xc3\xa9", 5).text, "caf\xc3\xa9");
	assert_string_equal(utf8_part("caf\xc3\xa9 noir", 8).text, "caf\xc3\xa9...");
	assert_string_equal(utf8_part("caf\xc3\xa9 noir", 7).text, "caf...");
	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = 0;
	assert_int_equal(strlen(utf8_part(long_one, 1000).text), UTF8_PART_BYTES - 1);
}

FAKE_MAIN(number, cmocka_unit_test(number_count__any__three_digits),
	  cmocka_unit_test(number_rate__any__few_digits),
	  cmocka_unit_test(number_bytes__any__binary_prefix),
	  cmocka_unit_test(number_duration__any__two_units_at_most),
	  cmocka_unit_test(number_all__every_size__fits_its_column),
	  cmocka_unit_test(number_whole__what_does_not_fit__is_unknown),
	  cmocka_unit_test(utf8_next__broken__bad_and_one_byte_on),
	  cmocka_unit_test(utf8_put__every_character__is_read_back),
	  cmocka_unit_test(utf8_copy__too_long__cut_at_a_character),
	  cmocka_unit_test(utf8_part__too_long__says_so))

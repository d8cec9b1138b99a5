/*
 * monitor_filter.c - the language of filters, and quantities in it
 */
#include "monitor_fake.h"

#include <math.h>

#include "text/quantity.h"
#include "view/filter.h"

/* ---- quantities ------------------------------------------------------------------- */

static void quantity__every_unit__in_its_base(void **state)
{
	static const struct {
		const char        *text;
		enum quantity_kind kind;
		double             in_thousands;
	} cases[] = {
		{"0", QUANTITY_PLAIN, 0},         {"12.5", QUANTITY_PLAIN, 12.5},
		{".5", QUANTITY_PLAIN, 0.5},      {"1.5k", QUANTITY_SCALED, 1500},
		{"2M", QUANTITY_SCALED, 2e6},     {"64KiB", QUANTITY_BYTES, 65536},
		{"1MB", QUANTITY_BYTES, 1e6},     {"20ms", QUANTITY_TIME, 20e6},
		{"1m30s", QUANTITY_TIME, 90e9},   {"3d04h", QUANTITY_TIME, 76 * 3600e9},
		{"7\u00b5s", QUANTITY_TIME, 7e3}, {"90%", QUANTITY_PERCENT, 90},
	};
	struct quantity q;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(quantity_parse(cases[i].text, &q), 0);
		assert_int_equal(q.kind, cases[i].kind);
		assert_true(fabs(quantity_in(&q, 1000) - cases[i].in_thousands) < 1e-6);
	}
}

static void quantity__anything_else__refused(void **state)
{
	static const char *const cases[] = {"",     "k",   "-1",  "1x",     "1kk", "1k2",
					    "0x10", "inf", "nan", "1.2.3s", "1 s", "1s5"};
	struct quantity          q;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_not_equal(quantity_parse(cases[i], &q), 0);
}

/* ---- filters ----------------------------------------------------------------------- */

struct watched {
	struct fake  k;
	struct tally m;
};

/* Bit i: the filter keeps row i. */
static unsigned kept(const char *text, enum object_kind kind)
{
	static struct watched w;
	char                  error[FILTER_ERROR_BYTES] = "";
	struct filter        *filter = filter_new(text, error);
	unsigned              rows = 0;

	if (filter == NULL)
		fail_msg("%s: %s", text, error);
	fake_watched(&w.k, &w.m);
	for (uint32_t i = 0; i < object_listing(kind)->n_rows(&w.m.frame); i++)
		rows |= (unsigned)filter_passes(filter, kind, &w.m.frame, i) << i;
	filter_free(filter);
	tally_fini(&w.m);
	return rows;
}

/* results queue full, jobs joinable, progress pipe, "log ✓ café" queue, frames shm */
static void filter__channels__those_asked_for(void **state)
{
	static const struct {
		const char *text;
		unsigned    rows;
	} cases[] = {
		{"", 0x1f},
		{"  ", 0x1f},
		{"RESULT", 0x01},
		{"caf\xc3\xa9", 0x08},
		{"\"log \xe2\x9c\x93\"", 0x08},
		{"re:^(jobs|frames)$", 0x12},
		{"re:^job", 0x02},
		{"re:\"g .*\xc3\xa9$\"", 0x08},
		{"put>1k", 0x02},
		{"PUT/s>=1200", 0x02},
		{"put<=1.3k", 0x0f}, /* shared memory has no rate: false, whatever is asked */
		{"put!=1200", 0x0d},
		{"put=1.2k", 0x02},
		{"depth=812", 0x02},
		{"depth>=811", 0x02}, /* what = takes for equal is neither less nor more */
		{"depth>811", 0},
		{"depth>=813 depth<=813", 0x02},
		{"depth<813 depth>700", 0},
		{"queued_messages>100", 0x02},
		{"level>90%", 0x01},
		{"level>70", 0x03},
		{"oldest>0.5", 0x0f},
		{"oldest>20ms", 0x0f},
		{"oldest>1s", 0},
		{"bytes>64KiB", 0x0a},
		{"kind=queue", 0x09},
		{"kind!=queue", 0x16},
		{"kind=queue put>0", 0x08},
		{"name=\"log \xe2\x9c\x93 caf\xc3\xa9\"", 0x08},
		{"\"put>1\"", 0}, /* quoted: a text nobody has */
		{"812/", 0x02},   /* of a number's text */
		{"sent_messages_total>0 kind=queue",
		 0x09},                           /* for programs, and not on the screen */
		{"sent_messages_total>=0", 0x0f}, /* of shared memory it is not known */
		{"sent_bytes_total>1KiB kind=joinq", 0x02},
		{"named=yes", 0x02},
		{"named=TRUE", 0x02},
		{"named!=true", 0x1d},
		{"age>1", 0}, /* a column of waits */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (kept(cases[i].text, OBJECT_CHANNEL) != cases[i].rows)
			fail_msg("%s keeps %#x", cases[i].text,
				 kept(cases[i].text, OBJECT_CHANNEL));
}

static void filter__waits_and_processes__those_asked_for(void **state)
{
	(void)state;
	assert_int_equal(kept("age>1m", OBJECT_WAIT), 0x3);
	assert_int_equal(kept("age<1m", OBJECT_WAIT), 0x4);
	assert_int_equal(kept("parser.c:77", OBJECT_WAIT), 0x2);
	assert_int_equal(kept("op=put", OBJECT_WAIT), 0x2);
	assert_int_equal(kept("pid=4712", OBJECT_PROCESS), 0x2);
	assert_int_equal(kept("in>30", OBJECT_PROCESS), 0x1e);
	assert_int_equal(kept("put>1", OBJECT_PROCESS), 0); /* a column of channels */
}

static void filter__cannot_be__says_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"nothing>1", "there is no column \"nothing\""},
		{"put>", "put is compared with nothing"},
		{"put>abc", "column put is a number, and \"abc\" is none"},
		{"put>20ms", "column put is not counted in a time, as 20ms is"},
		{"oldest>1KiB", "column oldest is not counted in bytes, as 1KiB is"},
		{"kind>1", "column kind is text: only = and != compare it"},
		{"1 2 3 4 5 6 7 8 9 a b c d e f g h", "more than 16 terms"},
	};
	char error[FILTER_ERROR_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(filter_new(cases[i].text, error));
		assert_string_equal(error, cases[i].error);
	}
	assert_null(filter_new("re:(", error));
	assert_memory_equal(error, "re:(: ", 6);
}

FAKE_MAIN(filter, cmocka_unit_test(quantity__every_unit__in_its_base),
	  cmocka_unit_test(quantity__anything_else__refused),
	  cmocka_unit_test(filter__channels__those_asked_for),
	  cmocka_unit_test(filter__waits_and_processes__those_asked_for),
	  cmocka_unit_test(filter__cannot_be__says_what_is_wrong))

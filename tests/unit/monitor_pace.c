/*
 * monitor_pace.c - when the next reading is due
 */
#include "monitor_fake.h"

#include <time.h>

#include "output/pace.h"
#include "text/now.h"

#define HOUR_NS UINT64_C(3600000000000)

static void pace_next__the_first__is_an_interval_from_now(void **state)
{
	uint64_t before = now_ns(CLOCK_MONOTONIC), due = pace_next(0, HOUR_NS);

	(void)state;
	assert_true(due >= before + HOUR_NS && due <= now_ns(CLOCK_MONOTONIC) + HOUR_NS);
}

/* What a reading took since it was due does not put off the next one. */
static void pace_next__in_time__is_an_interval_after_the_last(void **state)
{
	uint64_t due = now_ns(CLOCK_MONOTONIC);

	(void)state;
	assert_int_equal(pace_next(due, HOUR_NS), due + HOUR_NS);
}

static void pace_next__too_late__is_not_made_up_for(void **state)
{
	uint64_t before = now_ns(CLOCK_MONOTONIC), due = pace_next(1, 1000);

	(void)state;
	assert_true(due >= before + 1000 && due <= now_ns(CLOCK_MONOTONIC) + 1000);
}

FAKE_MAIN(pace, cmocka_unit_test(pace_next__the_first__is_an_interval_from_now),
	  cmocka_unit_test(pace_next__in_time__is_an_interval_after_the_last),
	  cmocka_unit_test(pace_next__too_late__is_not_made_up_for))

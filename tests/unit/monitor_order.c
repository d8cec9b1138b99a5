/*
 * monitor_order.c - rows in the order of a column
 */
#include "monitor_fake.h"

#include <math.h>

#include "view/order.h"

static void check_rows(struct order *o, int ascending, const char *rows)
{
	char got[40] = "";

	order_sort(o, ascending);
	for (size_t i = 0; i < o->n; i++)
		got[i] = (char)('a' + o->v[i].row);
	assert_string_equal(got, rows);
}

static void order_sort__numbers__greatest_first_and_unknown_last(void **state)
{
	static const double keys[] = {3, NAN, 7, 0, NAN, 7, INFINITY};
	struct order        o = order_new(7);

	(void)state;
	for (uint32_t i = 0; i < 7; i++)
		order_add(&o, i, 100 - i, keys[i]);
	check_rows(&o, 0, "gfcadeb"); /* ties: the later ones have the smaller */
	check_rows(&o, 1, "dafcgeb");
	order_fini(&o);
}

static void order_sort__texts__alphabet_and_round(void **state)
{
	static const char *const texts[] = {"pear", "apple", "", "quince", "apple"};
	struct order             o = order_new(5);

	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		order_add_text(&o, i, i, texts[i]);
	check_rows(&o, 0, "cbead");
	check_rows(&o, 1, "dabec");
	order_fini(&o);
}

/* Some have a number, and of those that have none what is shown decides. */
static void order_sort__both__numbers_first(void **state)
{
	struct order o = order_new(4);

	(void)state;
	order_add_text(&o, 0, 0, "idle");
	order_add(&o, 1, 1, -1);
	order_add_text(&o, 2, 2, "dead");
	order_add(&o, 3, 3, 5);
	check_rows(&o, 0, "dbca");
	check_rows(&o, 1, "bdac");
	order_fini(&o);
}

/* What is cut is not compared; no text is read beyond its end. */
static void order_sort__long_texts__as_far_as_they_are_kept(void **state)
{
	char         text[3 * ORDER_TEXT_BYTES];
	struct order o = order_new(2);

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	order_add_text(&o, 0, 1, text);
	text[2 * ORDER_TEXT_BYTES] = 'a';
	order_add_text(&o, 1, 0, text);
	check_rows(&o, 0, "ba");
	order_fini(&o);
}

FAKE_MAIN(order, cmocka_unit_test(order_sort__numbers__greatest_first_and_unknown_last),
	  cmocka_unit_test(order_sort__texts__alphabet_and_round),
	  cmocka_unit_test(order_sort__both__numbers_first),
	  cmocka_unit_test(order_sort__long_texts__as_far_as_they_are_kept))

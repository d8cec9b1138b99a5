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

/* Of many, another way of sorting is taken: it has to come to what comparing two by two says. */
static void check_pair(const struct order_entry *x, const struct order_entry *y, int ascending)
{
	if (isnan(x->key) || isnan(y->key)) {
		assert_true(isnan(y->key));
		assert_true(!isnan(x->key) || x->tie < y->tie);
	} else if (x->key != y->key) {
		assert_int_equal(x->key < y->key, ascending);
	} else {
		assert_true(x->tie < y->tie);
	}
}

static void check_many(uint64_t tie_step, int ascending)
{
	static const double some[] = {0, -0.0, NAN, INFINITY, -INFINITY, 1e300, -1e-300, 5e-324};
	struct order        o = order_new(3000);
	uint64_t            random = 1;

	for (uint32_t i = 0; i < 3000; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
		order_add(&o, i, i * tie_step,
			  random >> 62 ? (double)(int64_t)random / (1 << (random >> 33 & 15))
				       : some[random >> 40 & 7]);
	}
	order_sort(&o, ascending);
	assert_int_equal(o.n, 3000);
	for (size_t i = 1; i < o.n; i++)
		check_pair(&o.v[i - 1], &o.v[i], ascending);
	order_fini(&o);
}

static void order_sort__thousands__as_two_by_two(void **state)
{
	(void)state;
	for (int ascending = 0; ascending < 2; ascending++) {
		check_many(1, ascending);
		check_many(UINT64_C(0x9e3779b97f4a7c15), ascending); /* in no order */
	}
}

FAKE_MAIN(order, cmocka_unit_test(order_sort__numbers__greatest_first_and_unknown_last),
	  cmocka_unit_test(order_sort__texts__alphabet_and_round),
	  cmocka_unit_test(order_sort__both__numbers_first),
	  cmocka_unit_test(order_sort__long_texts__as_far_as_they_are_kept),
	  cmocka_unit_test(order_sort__thousands__as_two_by_two))

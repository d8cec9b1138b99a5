/*
 * monitor_ui.c - what keys do
 */
#include "monitor_fake.h"

#include <stdlib.h>

static void key_table__every_key__means_one_thing(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_table_n; i++) {
		assert_true(key_table[i].keys[0] != 0);
		assert_true(key_table[i].label[0] != 0 && key_table[i].help[0] != 0);
		for (int k = 0; k < KEYS_EACH && key_table[i].keys[k] != 0; k++)
			assert_int_equal(key_action(key_table[i].keys[k]), key_table[i].action);
	}
}

static void key_table__every_action__has_a_key(void **state)
{
	(void)state;
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++) {
		int found = 0;

		for (size_t i = 0; i < key_table_n; i++)
			found += key_table[i].action == (enum action)a;
		assert_int_equal(found, 1);
	}
}

struct setup {
	struct fake  k;
	struct tally m;
	struct ui    ui;
};

static void setup(struct setup *s, enum view view)
{
	fake_watched(&s->k, &s->m);
	ui_init(&s->ui, FAKE_SECOND);
	s->ui.view = view;
	ui_settle(&s->ui, &s->m.frame);
}

static struct object selected(const struct setup *s)
{
	struct rows   rows = ui_rows(&s->ui, &s->m.frame);
	struct object o = {0};

	if (rows.n > 0)
		o = object_of(&s->m.frame, rows.rows[ui_selected(&s->ui, &s->m.frame, &rows)]);
	rows_fini(&rows);
	return o;
}

static unsigned press(struct setup *s, uint32_t key)
{
	unsigned what = ui_key(&s->ui, &s->m.frame, key);

	ui_settle(&s->ui, &s->m.frame);
	return what;
}

static void selection__order_changes__same_object(void **state)
{
	struct setup  s;
	struct object before;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, INPUT_DOWN);
	press(&s, 'j');
	before = selected(&s);
	for (int i = 0; i < channel_listing.n_fields; i++) {
		press(&s, '>');
		assert_true(selected(&s).id == before.id);
		press(&s, 'i');
		assert_true(selected(&s).id == before.id);
	}
	tally_fini(&s.m);
}

static void selection__object_goes__neighbour(void **state)
{
	struct setup s;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, INPUT_END);
	s.k.s.n_channels = 3;
	s.k.s.t_mono_ns += FAKE_SECOND;
	tally_update(&s.m, &s.k.s);
	ui_settle(&s.ui, &s.m.frame);
	assert_true(selected(&s).id != 0);
	tally_fini(&s.m);
}

static void rows__every_sort__none_lost(void **state)
{
	struct setup s;

	(void)state;
	for (int v = VIEW_CHANNELS; v < N_VIEWS; v++) {
		setup(&s, (enum view)v);
		for (int i = 0; i < FIELDS_MAX; i++) {
			struct rows rows = ui_rows(&s.ui, &s.m.frame);
			unsigned    seen = 0;

			for (size_t k = 0; k < rows.n; k++)
				seen |= 1u << rows.rows[k].index;
			assert_int_equal(seen, (1u << rows.n) - 1);
			assert_int_equal(rows.n, v == VIEW_WAITS ? 3 : 5);
			rows_fini(&rows);
			press(&s, '>');
		}
		tally_fini(&s.m);
	}
}

static void filter__typed__only_what_holds_it(void **state)
{
	struct setup s;
	struct rows  rows;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, '\\');
	for (const char *p = "JOB"; *p != 0; p++)
		press(&s, (unsigned char)*p);
	press(&s, INPUT_ENTER);
	rows = ui_rows(&s.ui, &s.m.frame);
	assert_int_equal(rows.n, 1);
	assert_int_equal(rows.rows[0].index, 1);
	rows_fini(&rows);
	press(&s, INPUT_ESC);
	assert_int_equal(s.ui.filter[0], 0);
	tally_fini(&s.m);
}

static void filter__cancelled__as_before(void **state)
{
	struct setup s;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, INPUT_F(4));
	press(&s, 'a');
	press(&s, 0xe9); /* two bytes */
	press(&s, INPUT_BACKSPACE);
	assert_string_equal(s.ui.filter, "a");
	press(&s, 'q');
	assert_string_equal(s.ui.filter, "aq");
	press(&s, INPUT_ESC);
	assert_string_equal(s.ui.filter, "");
	tally_fini(&s.m);
}

static void detail__enter_and_back__keeps_the_view(void **state)
{
	struct setup s;

	(void)state;
	setup(&s, VIEW_WAITS);
	press(&s, INPUT_DOWN);
	press(&s, INPUT_ENTER);
	assert_int_equal(s.ui.mode, MODE_DETAIL);
	assert_int_equal(s.ui.detail.kind, OBJECT_WAIT);
	assert_int_equal(press(&s, 'q'), 0);
	assert_int_equal(s.ui.mode, MODE_LIST);
	assert_int_equal(s.ui.view, VIEW_WAITS);
	assert_int_equal(press(&s, 'q'), UI_QUIT);
	tally_fini(&s.m);
}

static void interval__any_number_of_keys__within_bounds(void **state)
{
	struct setup s;

	(void)state;
	setup(&s, VIEW_OVERVIEW);
	for (int i = 0; i < 50; i++)
		press(&s, '+');
	assert_int_equal(s.ui.interval_ns, INTERVAL_MOST_NS);
	for (int i = 0; i < 50; i++)
		press(&s, '-');
	assert_int_equal(s.ui.interval_ns, INTERVAL_LEAST_NS);
	tally_fini(&s.m);
}

/* Any keys at all, at any size, drawn after each: nothing to see but that it goes on. */
static void keys__random__never_break_it(void **state)
{
	struct setup  s;
	struct status status = fake_status();
	struct grid   g;

	(void)state;
	setup(&s, VIEW_OVERVIEW);
	srand(1);
	for (int i = 0; i < 20000; i++) {
		uint32_t key = rand() % 3 == 0   ? (uint32_t)(rand() % 256)
			       : rand() % 2 == 0 ? INPUT_NONE + (uint32_t)(rand() % 24)
						 : key_table[(size_t)rand() % key_table_n].keys[0];

		press(&s, key);
		if (i % 16 == 0) {
			s.ui.rows = 1 + rand() % 40;
			s.ui.cols = 1 + rand() % 130;
		}
		grid_init(&g, s.ui.rows, s.ui.cols, (struct caps){.utf8 = rand() % 2});
		ui_settle(&s.ui, &s.m.frame);
		render(&g, &s.m.frame, &s.ui, &status);
		grid_fini(&g);
	}
	tally_fini(&s.m);
}

FAKE_MAIN(ui, cmocka_unit_test(key_table__every_key__means_one_thing),
	  cmocka_unit_test(key_table__every_action__has_a_key),
	  cmocka_unit_test(selection__order_changes__same_object),
	  cmocka_unit_test(selection__object_goes__neighbour),
	  cmocka_unit_test(rows__every_sort__none_lost),
	  cmocka_unit_test(filter__typed__only_what_holds_it),
	  cmocka_unit_test(filter__cancelled__as_before),
	  cmocka_unit_test(detail__enter_and_back__keeps_the_view),
	  cmocka_unit_test(interval__any_number_of_keys__within_bounds),
	  cmocka_unit_test(keys__random__never_break_it))

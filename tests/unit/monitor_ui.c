/*
 * monitor_ui.c - what keys do
 */
#include "monitor_fake.h"

#include <pwd.h>

#include <errno.h>
#include <stdlib.h>

#include "view/settings.h"

static void key_table__every_key__means_one_thing(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_table_n; i++) {
		assert_true(key_table[i].keys[0] != 0);
		assert_true(key_table[i].label[0] != 0 && key_table[i].help[0] != 0);
		assert_non_null(key_table[i].run);
		for (int k = 0; k < KEYS_EACH && key_table[i].keys[k] != 0; k++)
			assert_ptr_equal(key_bound(key_table[i].keys[k]), &key_table[i]);
	}
}

static void key_table__every_view__has_its_digit(void **state)
{
	struct ui ui;

	(void)state;
	for (int v = 0; v < N_VIEWS; v++) {
		const struct key_binding *b = &key_table[v];
		struct frame              none = {0};

		ui_init(&ui, FAKE_SECOND);
		assert_non_null(b->bar);
		assert_int_equal(b->keys[0], (uint32_t)b->bar[0]);
		assert_int_equal(b->run(&ui, &none, b->arg), 0);
		assert_int_equal(ui.view, v);
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

static void selection__two_strokes__first_and_last(void **state)
{
	struct setup  s;
	struct object first;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	first = selected(&s);
	press(&s, 'G');
	assert_int_equal(s.ui.lists[VIEW_CHANNELS].position, 4);
	press(&s, 'g');
	assert_int_equal(s.ui.lists[VIEW_CHANNELS].position, 4);
	press(&s, 'g');
	assert_true(selected(&s).id == first.id);
	/* A stroke in between is one of its own, and the first is forgotten. */
	press(&s, 'G');
	press(&s, 'g');
	press(&s, 'k');
	press(&s, 'g');
	assert_int_equal(s.ui.lists[VIEW_CHANNELS].position, 3);
	tally_fini(&s.m);
}

static void selection__object_goes__neighbour(void **state)
{
	struct setup s;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, INPUT_END);
	s.k.s.n_channels = 3;
	s.k.s.n_ends = 6; /* two of each */
	s.k.s.t_mono_ns += FAKE_SECOND;
	tally_update(&s.m, &s.k.s);
	ui_settle(&s.ui, &s.m.frame);
	assert_true(selected(&s).id != 0);
	tally_fini(&s.m);
}

/* Each row once, whatever the order: none lost, none twice. */
static void check_rows(const struct setup *s, size_t n)
{
	struct rows rows = ui_rows(&s->ui, &s->m.frame);

	assert_int_equal(rows.n, n);
	for (size_t k = 0; k < rows.n; k++)
		for (size_t i = 0; i < k; i++)
			assert_false(rows.rows[i].kind == rows.rows[k].kind &&
				     rows.rows[i].index == rows.rows[k].index);
	rows_fini(&rows);
}

static void rows__every_sort__none_lost(void **state)
{
	struct setup s;

	(void)state;
	for (int v = VIEW_CHANNELS; v < N_VIEWS; v++) {
		struct rows rows;

		setup(&s, (enum view)v);
		rows = ui_rows(&s.ui, &s.m.frame);
		assert_true(rows.n >= 3);
		for (int i = 0; i < FIELDS_MAX; i++) {
			check_rows(&s, rows.n);
			press(&s, i % 3 == 2 ? 'i' : '>');
		}
		rows_fini(&rows);
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

static void type(struct setup *s, const char *text)
{
	for (; *text != 0; text++)
		press(s, (unsigned char)*text);
}

static void filter__cannot_be__said_and_the_last_one_stays(void **state)
{
	struct setup s;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, 'f');
	type(&s, "jobs nothing>1");
	assert_string_equal(s.ui.edit.error, "there is no column \"nothing\"");
	press(&s, INPUT_ENTER);
	assert_int_equal(s.ui.edit.kind, EDIT_FILTER); /* to be mended, or given up */
	assert_string_equal(s.ui.filter, "jobs nothing");
	press(&s, INPUT_CTRL('U'));
	assert_string_equal(s.ui.edit.error, "");
	type(&s, "put>1k");
	press(&s, INPUT_ENTER);
	assert_int_equal(s.ui.edit.kind, EDIT_NONE);
	assert_string_equal(s.ui.filter, "put>1k");
	tally_fini(&s.m);
}

static const char *selected_name(const struct setup *s)
{
	uint32_t i = object_index(&s->m.frame, selected(s));

	return i != IPC_NO_INDEX ? s->k.channels[i].name : "";
}

static void search__typed__goes_there_and_on(void **state)
{
	struct setup  s;
	struct object first, second;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, '/');
	type(&s, "FRA");
	assert_string_equal(selected_name(&s), "frames");
	press(&s, INPUT_ENTER);
	assert_string_equal(selected_name(&s), "frames");
	assert_string_equal(s.ui.filter, ""); /* nothing is hidden */

	press(&s, INPUT_F(3));
	type(&s, "kind=queue");
	press(&s, INPUT_ENTER);
	first = selected(&s);
	press(&s, 'n');
	second = selected(&s);
	assert_true(first.id != second.id);
	press(&s, 'n'); /* there are two: round the end */
	assert_true(selected(&s).id == first.id);
	press(&s, 'N');
	assert_true(selected(&s).id == second.id);
	tally_fini(&s.m);
}

static void search__cancelled__where_it_was(void **state)
{
	struct setup  s;
	struct object before;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, 'j');
	press(&s, 'j');
	before = selected(&s);
	press(&s, '/');
	type(&s, "frames");
	assert_true(selected(&s).id != before.id);
	type(&s, "nowhere");
	assert_string_equal(s.ui.edit.error, "not found");
	assert_true(selected(&s).id == before.id);
	press(&s, INPUT_ESC);
	assert_true(selected(&s).id == before.id);
	assert_string_equal(s.ui.search, "");
	press(&s, 'n');
	assert_true(s.ui.notice[0] != 0);
	tally_fini(&s.m);
}

static void search__in_help__scrolls(void **state)
{
	struct setup s;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, '?');
	press(&s, '/');
	type(&s, "high-water");
	press(&s, INPUT_ENTER);
	assert_int_equal(s.ui.mode, MODE_HELP);
	assert_true(s.ui.scroll > 0);
	press(&s, 'N');
	assert_true(s.ui.notice[0] != 0); /* the only one */
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

/* From a row that suffers to the one that has to do something first, and round a circle. */
static void follow_wait__from_anywhere__up_the_chain(void **state)
{
	struct setup s;
	uint64_t     first;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, 'w'); /* "results" is at the top: parser cannot put into it */
	assert_int_equal(s.ui.view, VIEW_GRAPH);
	assert_int_equal(selected(&s).kind, OBJECT_CHAIN);
	first = selected(&s).id;
	press(&s, 'w');
	assert_true(selected(&s).id != first);
	press(&s, 'w'); /* they wait for one another */
	assert_true(selected(&s).id == first);
	tally_fini(&s.m);
}

static void tree_and_topology__keys__there_and_back(void **state)
{
	struct setup  s;
	struct object o;

	(void)state;
	setup(&s, VIEW_WAITS);
	press(&s, INPUT_DOWN);
	o = selected(&s);
	press(&s, 't');
	assert_int_equal(s.ui.view, VIEW_WAITS);
	assert_int_equal(selected(&s).kind, OBJECT_CHAIN);
	assert_true(selected(&s).id == o.id);
	press(&s, 't');
	assert_int_equal(selected(&s).kind, OBJECT_WAIT);
	press(&s, 'v');
	assert_int_equal(s.ui.view, VIEW_GRAPH);
	assert_int_equal(selected(&s).kind, OBJECT_FLOW);
	press(&s, 'v');
	assert_int_equal(selected(&s).kind, OBJECT_CHAIN);
	tally_fini(&s.m);
}

static void totals__key__there_and_back_on_the_same(void **state)
{
	struct setup  s;
	struct object o;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, 'j');
	o = selected(&s);
	press(&s, 'a');
	assert_int_equal(selected(&s).kind, OBJECT_CHANNEL_TOTAL);
	assert_true(selected(&s).id == o.id);
	press(&s, '3');
	assert_int_equal(selected(&s).kind, OBJECT_PROCESS_TOTAL);
	press(&s, 'a');
	assert_int_equal(selected(&s).kind, OBJECT_PROCESS);
	press(&s, 'a');
	press(&s, '1');
	press(&s, 'a'); /* from elsewhere it goes to the channels */
	assert_int_equal(s.ui.view, VIEW_CHANNELS);
	tally_fini(&s.m);
}

static void interval__any_number_of_keys__within_bounds(void **state)
{
	struct setup s;

	(void)state;
	setup(&s, VIEW_OVERVIEW);
	for (int i = 0; i < 50; i++)
		press(&s, '+');
	assert_int_equal(s.ui.interval_ns, INTERVAL_KEYS_MOST_NS);
	for (int i = 0; i < 50; i++)
		press(&s, '-');
	assert_int_equal(s.ui.interval_ns, INTERVAL_LEAST_NS);
	tally_fini(&s.m);
}

static size_t rows_of(const struct setup *s, uint32_t first[8])
{
	struct rows rows = ui_rows(&s->ui, &s->m.frame);
	size_t      n = rows.n;

	for (size_t i = 0; i < n && i < 8; i++)
		first[i] = rows.rows[i].index;
	rows_fini(&rows);
	return n;
}

static void only__a_process__what_has_to_do_with_it(void **state)
{
	struct setup s;
	uint32_t     rows[8];

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, 'u');
	type(&s, "4714"); /* holds ends of progress and frames only */
	press(&s, INPUT_ENTER);
	assert_int_equal(rows_of(&s, rows), 1);
	assert_int_equal(rows[0], 2);
	press(&s, '3');
	assert_int_equal(rows_of(&s, rows), 1);
	assert_int_equal(rows[0], 3);
	press(&s, '4');
	assert_int_equal(rows_of(&s, rows), 0);
	press(&s, 'u');
	type(&s, "nobody");
	assert_string_equal(s.ui.edit.error, "no process is called so, nor is its user");
	press(&s, INPUT_CTRL('U'));
	type(&s, "PARS");
	press(&s, INPUT_ENTER);
	assert_int_equal(rows_of(&s, rows), 2); /* both parsers wait */
	press(&s, INPUT_ESC);
	assert_int_equal(rows_of(&s, rows), 3);
	tally_fini(&s.m);
}

static void only__a_user__his_processes(void **state)
{
	const struct passwd *who = getpwuid(0);
	struct setup         s;
	uint32_t             rows[8];

	(void)state;
	if (who == NULL)
		skip();
	setup(&s, VIEW_PROCESSES);
	s.m.frame.processes[1].user = s.m.frame.processes[3].user = 1;
	s.m.frame.processes[2].user = 1001;
	press(&s, 'u');
	type(&s, who->pw_name);
	press(&s, INPUT_ENTER);
	assert_int_equal(rows_of(&s, rows), 2);
	tally_fini(&s.m);
}

/* Thread 3 has a mutex, 5 and 6 read under another lock: of two processes, one each. */
static void only__locks__who_holds_or_waits(void **state)
{
	struct setup s;
	struct rows  rows;
	size_t       n = 0;

	(void)state;
	setup(&s, VIEW_MEMORY);
	press(&s, 'u');
	type(&s, "4714");
	press(&s, INPUT_ENTER);
	rows = ui_rows(&s.ui, &s.m.frame);
	for (size_t i = 0; i < rows.n; i++)
		if (rows.rows[i].kind == OBJECT_LOCK) {
			n++;
			assert_int_equal(s.m.frame.locks[rows.rows[i].index].offset, 64);
		}
	assert_int_equal(n, 1);
	rows_fini(&rows);
	tally_fini(&s.m);
}

static void lints_key__events_that_are_lints(void **state)
{
	struct setup s;
	uint32_t     rows[8];
	size_t       all;

	(void)state;
	setup(&s, VIEW_EVENTS);
	all = rows_of(&s, rows);
	press(&s, '1');
	press(&s, 'l');
	assert_int_equal(s.ui.view, VIEW_EVENTS);
	assert_int_equal(rows_of(&s, rows), 1);
	assert_int_equal(s.m.frame.events[rows[0]].kind, EVENT_LINT);
	press(&s, 'l');
	assert_int_equal(rows_of(&s, rows), all);
	press(&s, 'l');
	press(&s, INPUT_ESC);
	assert_int_equal(rows_of(&s, rows), all);
	tally_fini(&s.m);
}

static void mark__in_any_order__on_top(void **state)
{
	struct setup s;
	uint32_t     rows[8];

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, 'G');
	rows_of(&s, rows);
	press(&s, 'm');
	for (int i = 0; i < channel_listing.n_fields; i++) {
		uint32_t now[8];

		assert_int_equal(rows_of(&s, now), 5);
		assert_int_equal(now[0], rows[4]);
		press(&s, '>');
		press(&s, 'i');
	}
	press(&s, 'g');
	press(&s, 'g');
	press(&s, 'm');
	assert_int_equal(s.ui.n_marks, 0);
	tally_fini(&s.m);
}

static void follow__goes_and_comes_back__by_its_name(void **state)
{
	struct setup s;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, '/');
	type(&s, "frames");
	press(&s, INPUT_ENTER);
	press(&s, 'F');
	press(&s, INPUT_ENTER);
	assert_int_equal(s.ui.mode, MODE_DETAIL);
	/* The program has started anew: the same names, other ids. */
	for (unsigned i = 0; i < 5; i++)
		s.k.channels[i].id += 100;
	s.k.s.t_mono_ns += FAKE_SECOND;
	tally_update(&s.m, &s.k.s);
	ui_settle(&s.ui, &s.m.frame);
	assert_int_equal(s.ui.detail.id, s.k.channels[4].id);
	press(&s, INPUT_ESC);
	assert_string_equal(selected_name(&s), "frames");
	/* Who goes elsewhere does not follow any more. */
	press(&s, 'k');
	assert_int_equal(s.ui.follow.id, 0);
	tally_fini(&s.m);
}

static void expand__a_section__it_alone(void **state)
{
	struct setup s;
	uint32_t     rows[8];

	(void)state;
	setup(&s, VIEW_OVERVIEW);
	press(&s, 'G');
	assert_int_equal(selected(&s).kind, OBJECT_CHANNEL);
	press(&s, 'e');
	assert_int_equal(rows_of(&s, rows), 5);
	press(&s, INPUT_ESC);
	assert_true(rows_of(&s, rows) > 5);
	tally_fini(&s.m);
}

static void copy__row_finding_and_page__as_text(void **state)
{
	struct setup s;
	char        *text;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, '/');
	type(&s, "jobs");
	press(&s, INPUT_ENTER);
	assert_int_equal(press(&s, 'y'), UI_COPY);
	text = ui_copy(&s.ui, &s.m.frame);
	assert_non_null(strstr(text, "DEPTH/CAP 812/1024"));
	assert_non_null(strstr(text, "NAME jobs"));
	free(text);
	press(&s, INPUT_ENTER);
	text = ui_copy(&s.ui, &s.m.frame);
	assert_non_null(strstr(text, "joinable"));
	assert_non_null(strchr(text, '\n'));
	free(text);
	press(&s, '1');
	text = ui_copy(&s.ui, &s.m.frame);
	assert_memory_equal(text, "DEADLOCK", 8);
	assert_non_null(strstr(text, "Fix:"));
	free(text);
	tally_fini(&s.m);
}

/* ---- columns and settings ------------------------------------------------------------ */

static const char *head(const struct setup *s)
{
	static char   line[400];
	struct status status = fake_status();
	struct grid   g;

	grid_init(&g, s->ui.rows, s->ui.cols, (struct caps){0});
	render(&g, &s->m.frame, &s->ui, &status);
	grid_row(&g, RENDER_HEADER, line, sizeof(line));
	grid_fini(&g);
	return line;
}

static void setup__column_hidden_and_moved__so_it_is_drawn(void **state)
{
	struct setup s;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	assert_true(strstr(head(&s), "DEPTH") < strstr(head(&s), "LEVEL"));
	press(&s, 'S');
	for (int i = 0; i < 7; i++)
		press(&s, 'j');
	press(&s, '>'); /* DEPTH/CAP behind LEVEL */
	press(&s, 'k'); /* LEVEL */
	press(&s, ' ');
	press(&s, INPUT_ESC);
	assert_null(strstr(head(&s), "LEVEL"));
	assert_non_null(strstr(head(&s), "DEPTH"));
	press(&s, INPUT_F(2));
	press(&s, ' ');
	press(&s, INPUT_ESC);
	assert_true(strstr(head(&s), "LEVEL") < strstr(head(&s), "DEPTH"));
	tally_fini(&s.m);
}

static void setup__all_hidden__one_column_stays(void **state)
{
	struct setup s;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	press(&s, 'S');
	for (int i = 0; i < 40; i++) {
		press(&s, INPUT_DOWN);
		if (s.ui.setup >= 5)
			press(&s, ' ');
	}
	press(&s, INPUT_ESC);
	assert_true(head(&s)[0] != 0);
	press(&s, '>'); /* and sorting ends */
	tally_fini(&s.m);
}

static void columns__text__and_back(void **state)
{
	static const struct {
		const char *text, *printed;
	} cases[] = {
		{"name,put", "name,put"},
		{"put, name", "put,name"},
		{"put,put", "put"},
		{"state,-threads", NULL},
		{"nothing", NULL},
		{"+nothing", NULL},
		{"-mark,-kind,-depth,-level,-hwm,-put,-get,-bytes,-oldest,-p50,-p99,-unfinished,-ends",
		 "blkr,blks,blk,caused,name"},
	};
	char           error[FILTER_ERROR_BYTES], text[400];
	struct columns c;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int r = columns_parse(&c, &channel_listing, cases[i].text, error);

		assert_int_equal(r == 0, cases[i].printed != NULL);
		if (r < 0)
			continue;
		columns_print(&c, &channel_listing, text, sizeof(text));
		assert_string_equal(text, cases[i].printed);
	}
}

static void settings__printed__read_again(void **state)
{
	struct setup s;
	struct ui    again;
	char        *text = NULL, error[FILTER_ERROR_BYTES], *line, *rest;
	size_t       n;
	FILE        *f = open_memstream(&text, &n);

	(void)state;
	setup(&s, VIEW_CHANNELS);
	settings_set(&s.ui, "theme", "colorblind", error);
	settings_set(&s.ui, "preset", "narrow", error);
	settings_set(&s.ui, "columns.channels", "name,put", error);
	settings_set(&s.ui, "sort.channels", "-put", error);
	settings_set(&s.ui, "interval", "0.2", error);
	settings_set(&s.ui, "mouse", "no", error);
	settings_print(f, &s.ui);
	fclose(f);
	ui_init(&again, FAKE_SECOND);
	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		char *value = strstr(line, " = ");

		if (line[0] == '#')
			continue;
		*value = 0;
		assert_int_equal(settings_set(&again, line, value + 3, error), 0);
	}
	free(text);
	assert_int_equal(again.theme, THEME_COLORBLIND);
	assert_int_equal(again.preset, PRESET_NARROW);
	assert_int_equal(again.mouse, 0);
	assert_int_equal(again.interval_ns, 200000000);
	assert_memory_equal(again.columns, s.ui.columns, sizeof(again.columns));
	assert_memory_equal(again.sort, s.ui.sort, sizeof(again.sort));
	assert_memory_equal(again.invert, s.ui.invert, sizeof(again.invert));
	tally_fini(&s.m);
}

/* What -d took, F12 keeps: the next start must take it, and keys go on from there. */
static void settings__interval_longer_than_keys_go__is_taken(void **state)
{
	static const uint64_t given[] = {INTERVAL_LEAST_NS, 30 * FAKE_SECOND, INTERVAL_MOST_NS};
	char                  error[FILTER_ERROR_BYTES];
	struct setup          s;

	(void)state;
	setup(&s, VIEW_OVERVIEW);
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		char  *text = NULL, *line;
		size_t n;
		FILE  *f = open_memstream(&text, &n);

		s.ui.interval_ns = given[i];
		settings_print(f, &s.ui);
		fclose(f);
		line = strstr(text, "\ninterval = ");
		assert_non_null(line);
		line[strcspn(line + 1, "\n") + 1] = 0;
		s.ui.interval_ns = FAKE_SECOND;
		assert_int_equal(settings_set(&s.ui, "interval", strstr(line, "= ") + 2, error), 0);
		assert_int_equal(s.ui.interval_ns, given[i]);
		free(text);
	}
	assert_int_equal(settings_set(&s.ui, "interval", "86401s", error), -EINVAL);
	s.ui.interval_ns = 30 * FAKE_SECOND;
	press(&s, '+');
	assert_int_equal(s.ui.interval_ns, 30 * FAKE_SECOND);
	press(&s, '-');
	assert_in_range(s.ui.interval_ns, 19 * FAKE_SECOND, 21 * FAKE_SECOND);
	tally_fini(&s.m);
}

static void settings__cannot_be__says_why(void **state)
{
	char      error[FILTER_ERROR_BYTES];
	struct ui ui;

	(void)state;
	ui_init(&ui, FAKE_SECOND);
	assert_int_equal(settings_set(&ui, "colour", "blue", error), -ENOENT);
	assert_string_equal(error, "there is no setting \"colour\"");
	assert_int_equal(settings_set(&ui, "theme", "blue", error), -EINVAL);
	assert_int_equal(settings_set(&ui, "interval", "1ms", error), -EINVAL);
	assert_int_equal(settings_set(&ui, "interval", "1KiB", error), -EINVAL);
	assert_int_equal(settings_set(&ui, "mouse", "maybe", error), -EINVAL);
	assert_int_equal(settings_set(&ui, "sort.waits", "put", error), -EINVAL);
	assert_int_equal(settings_set(&ui, "columns.waits", "-age,put", error), -EINVAL);
	assert_int_equal(ui.theme, THEME_DEFAULT);
}

/* ---- the mouse ---------------------------------------------------------------------------- */

static unsigned mouse(struct setup *s, enum mouse_what what, int y, int x)
{
	unsigned r = ui_mouse(&s->ui, &s->m.frame, &(struct mouse){what, y, x});

	ui_settle(&s->ui, &s->m.frame);
	return r;
}

static void mouse__rows_titles_and_keys__do_what_they_say(void **state)
{
	struct setup s;
	uint32_t     rows[8];

	(void)state;
	setup(&s, VIEW_CHANNELS);
	rows_of(&s, rows);
	mouse(&s, MOUSE_PRESS, RENDER_HEADER + 3, 20);
	assert_int_equal(object_index(&s.m.frame, selected(&s)), rows[2]);
	mouse(&s, MOUSE_TWICE, RENDER_HEADER + 2, 5);
	assert_int_equal(s.ui.mode, MODE_DETAIL);
	assert_int_equal(s.ui.detail.id, s.k.channels[rows[1]].id);
	mouse(&s, MOUSE_WHEEL_DOWN, 10, 10);
	assert_true(s.ui.scroll > 0);
	mouse(&s, MOUSE_PRESS, s.ui.rows - 1, 0); /* EscBack */
	assert_int_equal(s.ui.mode, MODE_LIST);

	mouse(&s, MOUSE_PRESS, RENDER_HEADER, 3); /* KIND */
	assert_string_equal(channel_listing.fields[s.ui.sort[OBJECT_CHANNEL]].name, "kind");
	mouse(&s, MOUSE_PRESS, RENDER_HEADER, 3);
	assert_int_equal(s.ui.invert[OBJECT_CHANNEL], 1);

	mouse(&s, MOUSE_PRESS, s.ui.rows - 1, 0); /* 1Overview */
	assert_int_equal(s.ui.view, VIEW_OVERVIEW);
	mouse(&s, MOUSE_PRESS, 8, 0);
	assert_int_equal(selected(&s).kind, OBJECT_WAIT);
	mouse(&s, MOUSE_PRESS, 0, 0); /* nothing is there */
	mouse(&s, MOUSE_PRESS, 1000, -1);
	tally_fini(&s.m);
}

/* ---- all keys ------------------------------------------------------------------------------- */

/* In some view, or on some page, every key there is in help changes what is seen. */
static int does_something(uint32_t key)
{
	static const uint32_t before[][4] = {
		{'1'},           {'2', 'j'},
		{'4'},           {'2', INPUT_ENTER},
		{'2', '/', 'o'}, {'2', '/', 'o', '\n'},
		{'2', 'G', 'i'}, {'?', 'j'},
	};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		struct setup s;
		struct ui    was;
		unsigned     what;
		int          differs;

		setup(&s, VIEW_OVERVIEW);
		s.ui.interval_ns = FAKE_SECOND;
		for (int k = 0; k < 4 && before[i][k] != 0; k++)
			press(&s, before[i][k]);
		s.ui.notice[0] = 0;
		memcpy(&was, &s.ui, sizeof(was));
		/* The second stroke of a key with two has the first before it. */
		if (key == INPUT_GG)
			press(&s, 'g');
		what = press(&s, key == INPUT_GG ? 'g' : key);
		differs = what != 0 || memcmp(&was, &s.ui, sizeof(was)) != 0;
		tally_fini(&s.m);
		if (differs)
			return 1;
	}
	return 0;
}

static void keys__each_in_help__does_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_table_n; i++)
		for (int k = 0; k < KEYS_EACH && key_table[i].keys[k] != 0; k++)
			if (!does_something(key_table[i].keys[k]))
				fail_msg("%s does nothing", key_table[i].label);
}

static void keys__each_on_the_bottom_line__is_in_help(void **state)
{
	static const enum mode modes[] = {MODE_LIST, MODE_DETAIL, MODE_HELP, MODE_SITES};
	struct setup           s;
	struct status          status = fake_status();

	(void)state;
	setup(&s, VIEW_CHANNELS);
	s.ui.cols = 300;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct grid g;
		char        line[1300];
		size_t      n_keys = 0, n_words = 0;

		s.ui.mode = modes[i];
		s.ui.detail = (struct object){OBJECT_CHANNEL, s.k.channels[0].id};
		grid_init(&g, s.ui.rows, s.ui.cols, (struct caps){0, 0});
		render(&g, &s.m.frame, &s.ui, &status);
		grid_row(&g, g.rows - 1, line, sizeof(line));
		for (size_t k = 0; k < g.n_hits; k++)
			n_keys += g.hits[k].what == HIT_KEY && g.hits[k].number < key_table_n;
		for (char *p = strtok(line, " "); p != NULL; p = strtok(NULL, " "))
			n_words++;
		assert_int_equal(n_keys, n_words);
		assert_true(n_keys > 4);
		grid_fini(&g);
	}
	tally_fini(&s.m);
}

static void sites__of_every_kind__the_lines(void **state)
{
	static const enum view views[] = {VIEW_OVERVIEW, VIEW_CHANNELS, VIEW_PROCESSES, VIEW_WAITS,
					  VIEW_GRAPH};
	struct setup           s;

	(void)state;
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		char *text;

		setup(&s, views[i]);
		press(&s, 'b');
		assert_int_equal(s.ui.mode, MODE_SITES);
		text = ui_copy(&s.ui, &s.m.frame);
		assert_non_null(strstr(text, ".c:"));
		free(text);
		press(&s, 'b');
		assert_int_equal(s.ui.mode, MODE_LIST);
		tally_fini(&s.m);
	}
}

static void preset__wide__detail_below_the_list(void **state)
{
	struct setup  s;
	struct status status = fake_status();
	struct grid   g;
	char          error[FILTER_ERROR_BYTES], line[400];
	int           found = 0;

	(void)state;
	setup(&s, VIEW_CHANNELS);
	assert_int_equal(settings_set(&s.ui, "preset", "wide", error), 0);
	s.ui.rows = 43;
	ui_settle(&s.ui, &s.m.frame);
	grid_init(&g, s.ui.rows, s.ui.cols, (struct caps){0, 0});
	render(&g, &s.m.frame, &s.ui, &status);
	for (int y = 0; y < g.rows; y++) {
		grid_row(&g, y, line, sizeof(line));
		found |= strstr(line, "- Detail -") != NULL;
	}
	assert_true(found);
	grid_fini(&g);
	settings_set(&s.ui, "preset", "minimal", error);
	assert_null(strstr(head(&s), "LEVEL"));
	assert_non_null(strstr(head(&s), "NAME"));
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
		if (rand() % 4 == 0)
			mouse(&s, (enum mouse_what)(rand() % 4), rand() % 45 - 2, rand() % 140 - 2);
		if (s.ui.notice[0] == 0 && rand() % 8 == 0)
			free(ui_copy(&s.ui, &s.m.frame));
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
	  cmocka_unit_test(key_table__every_view__has_its_digit),
	  cmocka_unit_test(selection__order_changes__same_object),
	  cmocka_unit_test(selection__two_strokes__first_and_last),
	  cmocka_unit_test(selection__object_goes__neighbour),
	  cmocka_unit_test(rows__every_sort__none_lost),
	  cmocka_unit_test(filter__typed__only_what_holds_it),
	  cmocka_unit_test(filter__cancelled__as_before),
	  cmocka_unit_test(filter__cannot_be__said_and_the_last_one_stays),
	  cmocka_unit_test(search__typed__goes_there_and_on),
	  cmocka_unit_test(search__cancelled__where_it_was),
	  cmocka_unit_test(search__in_help__scrolls),
	  cmocka_unit_test(detail__enter_and_back__keeps_the_view),
	  cmocka_unit_test(follow_wait__from_anywhere__up_the_chain),
	  cmocka_unit_test(tree_and_topology__keys__there_and_back),
	  cmocka_unit_test(totals__key__there_and_back_on_the_same),
	  cmocka_unit_test(interval__any_number_of_keys__within_bounds),
	  cmocka_unit_test(only__a_process__what_has_to_do_with_it),
	  cmocka_unit_test(only__a_user__his_processes),
	  cmocka_unit_test(only__locks__who_holds_or_waits),
	  cmocka_unit_test(lints_key__events_that_are_lints),
	  cmocka_unit_test(mark__in_any_order__on_top),
	  cmocka_unit_test(follow__goes_and_comes_back__by_its_name),
	  cmocka_unit_test(expand__a_section__it_alone),
	  cmocka_unit_test(copy__row_finding_and_page__as_text),
	  cmocka_unit_test(setup__column_hidden_and_moved__so_it_is_drawn),
	  cmocka_unit_test(setup__all_hidden__one_column_stays),
	  cmocka_unit_test(columns__text__and_back),
	  cmocka_unit_test(settings__printed__read_again),
	  cmocka_unit_test(settings__interval_longer_than_keys_go__is_taken),
	  cmocka_unit_test(settings__cannot_be__says_why),
	  cmocka_unit_test(mouse__rows_titles_and_keys__do_what_they_say),
	  cmocka_unit_test(keys__each_in_help__does_something),
	  cmocka_unit_test(keys__each_on_the_bottom_line__is_in_help),
	  cmocka_unit_test(sites__of_every_kind__the_lines),
	  cmocka_unit_test(preset__wide__detail_below_the_list),
	  cmocka_unit_test(keys__random__never_break_it))

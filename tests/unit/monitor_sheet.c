/*
 * monitor_sheet.c - a table printed again and again, against one that is made anew
 */
#include "monitor_fake.h"

#include <math.h>
#include <stdlib.h>

#include "output/sheet.h"

struct paper {
	char             *text;
	size_t            n;
	struct text_style st;
};

static void paper_open(struct paper *p, int color)
{
	*p = (struct paper){.text = NULL};
	p->st = (struct text_style){open_memstream(&p->text, &p->n), {.utf8 = 1, .color = color}};
	assert_non_null(p->st.to);
}

static void paper_close(struct paper *p)
{
	fclose(p->st.to);
	free(p->text);
}

/* A column that was wide stays so: what is left of spaces says nothing. */
static void squeeze(char *text)
{
	char *to = text;

	for (const char *p = text; *p != 0; p++)
		if (*p != ' ' || (to > text && to[-1] != ' ' && to[-1] != '\n'))
			*to++ = *p;
	*to = 0;
}

/* The sheet says of this frame what a new table would. */
static void assert_says(struct sheet *sh, const struct frame *f, enum object_kind kind)
{
	struct select s;
	struct paper  again, anew;

	select_screen(&s, kind);
	paper_open(&again, 0);
	paper_open(&anew, 0);
	assert_true(sheet_rows(sh, &again.st, f, &s, 1));
	text_rows(&anew.st, f, &s, 1);
	fflush(anew.st.to);
	squeeze(again.text);
	squeeze(anew.text);
	assert_string_equal(again.text, anew.text);
	paper_close(&again);
	paper_close(&anew);
}

static void sheet__values_change__as_a_new_table(void **state)
{
	struct sheet *channels = sheet_new(), *processes = sheet_new();
	struct fake   k;
	struct tally  m = {0};

	(void)state;
	for (uint64_t t = 0; t < 40; t += 2) {
		tally_update(&m, fake_at(&k, t));
		m.frame.channels[2].put_bytes = (double)(1u << t % 31);
		m.frame.processes[1].cpu = t % 8 == 0 ? NAN : (double)t;
		assert_says(channels, &m.frame, OBJECT_CHANNEL);
		assert_says(processes, &m.frame, OBJECT_PROCESS);
	}
	sheet_free(channels);
	sheet_free(processes);
	tally_fini(&m);
}

/* Everything a cell of a channel shows, changed alone. */
static void sheet__one_value_changes__its_cell_does(void **state)
{
	struct sheet *sh = sheet_new();
	struct fake   k;
	struct tally  m = {0};

	(void)state;
	tally_update(&m, fake_at(&k, 0));
	tally_update(&m, fake_at(&k, 2));
	assert_says(sh, &m.frame, OBJECT_CHANNEL);
	k.channels[0].ring[0].queued = 3;
	assert_says(sh, &m.frame, OBJECT_CHANNEL);
	k.channels[0].ring[0].capacity = 0;
	assert_says(sh, &m.frame, OBJECT_CHANNEL);
	k.channels[4].size_bytes = 123456;
	assert_says(sh, &m.frame, OBJECT_CHANNEL);
	k.channels[1].kind = IPC_KIND_SIMPLE;
	assert_says(sh, &m.frame, OBJECT_CHANNEL);
	m.frame.channels[0].verdict = IPC_NO_INDEX;
	assert_says(sh, &m.frame, OBJECT_CHANNEL);
	m.frame.channels[3].fill = 0.95;
	k.channels[3].ring[0].blocked_senders = 2;
	assert_says(sh, &m.frame, OBJECT_CHANNEL);
	m.frame.channels[2].verdict = 0;
	assert_says(sh, &m.frame, OBJECT_CHANNEL);
	m.frame.channels[2].behind = 1;
	assert_says(sh, &m.frame, OBJECT_CHANNEL);
	k.channels[2].name = "called otherwise";
	assert_says(sh, &m.frame, OBJECT_CHANNEL);
	sheet_free(sh);
	tally_fini(&m);
}

/* What stands for a name is where it lies and how it begins: a hostile one goes on differently. */
static void sheet__text_grows_unmeasured__is_not_for_it(void **state)
{
	struct sheet         *sh = sheet_new();
	struct select         s;
	struct paper          p;
	struct fake           k;
	struct tally          m = {0};
	char                  name[64] = "?.5";
	struct listing_column name_column;

	(void)state;
	tally_update(&m, fake_at(&k, 0));
	tally_update(&m, fake_at(&k, 2));
	for (int i = 0; i < 4; i++)
		k.channels[i].name = "plain";
	k.channels[4].name = name;
	select_screen(&s, OBJECT_CHANNEL);
	name_column = s.columns[s.n - 1]; /* the last one before the last: nothing is behind it */
	s.columns[s.n - 1] = s.columns[s.n - 2];
	s.columns[s.n - 2] = name_column;
	paper_open(&p, 0);
	assert_true(sheet_rows(sh, &p.st, &m.frame, &s, 1));
	memset(name + 1, 'x', sizeof(name) - 2);
	k.channels[2].name = "wider than any name"; /* so all is laid out anew */
	(void)sheet_rows(sh, &p.st, &m.frame, &s, 1);
	paper_close(&p);
	sheet_free(sh);
	tally_fini(&m);
}

static void sheet__rows_come_and_go__as_a_new_table(void **state)
{
	struct sheet *sh = sheet_new();
	struct fake   k;
	struct tally  m = {0};

	(void)state;
	for (unsigned n = 0; n < 12; n++) {
		fake_at(&k, n);
		k.s.n_waits = k.s.n_verdicts = k.s.n_holds = k.s.n_failures = 0;
		k.s.n_ends = 0;
		k.s.n_channels = n % 6;
		for (unsigned i = 0; i < 5; i++)
			k.channels[i].n_ends = k.channels[i].first_end = 0;
		for (unsigned i = 0; i < 7; i++)
			k.threads[i].wait = IPC_NO_INDEX;
		for (unsigned i = 0; n > 6 && i < 5; i++)
			k.channels[i].id += n; /* another in its place */
		tally_update(&m, &k.s);
		assert_says(sh, &m.frame, OBJECT_CHANNEL);
	}
	sheet_free(sh);
	tally_fini(&m);
}

static void sheet__what_it_cannot_print__prints_nothing(void **state)
{
	struct sheet *sh = sheet_new();
	struct fake   k;
	struct tally  m = {0};
	struct select s;
	struct paper  colored, plain;

	(void)state;
	tally_update(&m, fake_at(&k, 0));
	select_screen(&s, OBJECT_PROCESS);
	paper_open(&colored, 1);
	assert_false(sheet_rows(sh, &colored.st, &m.frame, &s, 1));
	paper_open(&plain, 0);
	k.processes[1].name = "caf\xc3\xa9"; /* not the last column, and not one column a byte */
	assert_false(sheet_rows(sh, &plain.st, &m.frame, &s, 1));
	fflush(colored.st.to);
	fflush(plain.st.to);
	assert_int_equal(colored.n + plain.n, 0);
	paper_close(&colored);
	paper_close(&plain);
	sheet_free(sh);
	tally_fini(&m);
}

FAKE_MAIN(monitor_sheet, cmocka_unit_test(sheet__values_change__as_a_new_table),
	  cmocka_unit_test(sheet__one_value_changes__its_cell_does),
	  cmocka_unit_test(sheet__text_grows_unmeasured__is_not_for_it),
	  cmocka_unit_test(sheet__rows_come_and_go__as_a_new_table),
	  cmocka_unit_test(sheet__what_it_cannot_print__prints_nothing))

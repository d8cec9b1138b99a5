/*
 * monitor_json.c - what is printed for programs
 */
#include "monitor_fake.h"

#include <ctype.h>
#include <stdlib.h>

#include "output/dump.h"
#include "output/text.h"
#include "text/utf8.h"

/* ---- a reader, just strict enough: grammar, and UTF-8 ------------------------------- */

static int value(const char **p);

static int string(const char **p)
{
	if (*(*p)++ != '"')
		return 0;
	for (uint32_t c; (c = utf8_next(p)) != '"';) {
		if (c < 0x20 || c == UTF8_BAD)
			return 0;
		if (c != '\\')
			continue;
		c = (unsigned char)*(*p)++;
		if (c == 'u') {
			for (int i = 0; i < 4; i++)
				if (!isxdigit((unsigned char)*(*p)++))
					return 0;
		} else if (strchr("\"\\/bfnrt", (int)c) == NULL) {
			return 0;
		}
	}
	return 1;
}

static int members(const char **p, char closing, int keyed)
{
	if (**p == closing)
		return (*p)++, 1;
	for (;;) {
		if (keyed && (!string(p) || *(*p)++ != ':'))
			return 0;
		if (!value(p))
			return 0;
		if (**p == closing)
			return (*p)++, 1;
		if (*(*p)++ != ',')
			return 0;
	}
}

static int word(const char **p, const char *w)
{
	size_t n = strlen(w);

	if (strncmp(*p, w, n) != 0)
		return 0;
	*p += n;
	return 1;
}

static int value(const char **p)
{
	switch (**p) {
	case '{': return (*p)++, members(p, '}', 1);
	case '[': return (*p)++, members(p, ']', 0);
	case '"': return string(p);
	case 't': return word(p, "true");
	case 'f': return word(p, "false");
	case 'n': return word(p, "null");
	default:
		if (!isdigit((unsigned char)**p))
			return 0;
		while (isdigit((unsigned char)**p))
			(*p)++;
		if (**p == '.')
			for ((*p)++; isdigit((unsigned char)**p);)
				(*p)++;
		return 1;
	}
}

static void assert_json(const char *text)
{
	const char *p = text;

	assert_true(value(&p));
	assert_string_equal(p, "\n");
}

/* ---- writing ---------------------------------------------------------------------------- */

static char *dumped(const struct frame *f, unsigned parts)
{
	char  *text = NULL;
	size_t n;
	FILE  *to = open_memstream(&text, &n);

	assert_non_null(to);
	dump_json(to, f, parts, &(const struct lints){0});
	fclose(to);
	return text;
}

static void written_as(const char *text, const char *json)
{
	char       *out = NULL;
	size_t      n;
	FILE       *to = open_memstream(&out, &n);
	struct json j;

	json_init(&j, to);
	json_string(&j, NULL, text);
	fclose(to);
	assert_string_equal(out, json);
	free(out);
}

static void json_string__anything__is_valid(void **state)
{
	(void)state;
	written_as("plain", "\"plain\"");
	written_as("a\"b\\c", "\"a\\\"b\\\\c\"");
	written_as("\n\t\x01\x7f\x1b", "\"\\n\\t\\u0001\\u007f\\u001b\"");
	written_as("caf\xc3\xa9", "\"caf\xc3\xa9\"");
	written_as("\xff|\xc3", "\"\xef\xbf\xbd|\xef\xbf\xbd\"");
	written_as("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void dump_json__all__one_valid_line(void **state)
{
	struct fake  k;
	struct tally m;
	char        *text;

	(void)state;
	fake_watched(&k, &m);
	k.channels[0].name = "x\xff\"\n\\";
	text = dumped(&m.frame, DUMP_ALL);
	assert_json(text);
	assert_non_null(strstr(text, "\"schema\":\"ipcmon.snapshot/1\""));
	assert_non_null(strstr(text, "\"class\":\"deadlock\""));
	assert_non_null(strstr(text, "\"lints\":[]"));
	assert_non_null(strstr(text, "\"oldest_ns\":null"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
	tally_fini(&m);
}

static void dump_json__nothing_there__valid(void **state)
{
	struct fake  k;
	struct tally m = {0};
	char        *text;

	(void)state;
	tally_update(&m, fake_empty(&k));
	text = dumped(&m.frame, DUMP_ALL);
	assert_json(text);
	assert_non_null(strstr(
		text,
		"\"processes\":[],\"channels\":[],\"waits\":[],\"threads\":[],\"verdicts\":[],\"holds\":[]"));
	free(text);
	tally_fini(&m);
}

/* Who sees a column on the screen finds it in the dump under the name the table gives. */
static void columns__json_names__are_in_the_dump(void **state)
{
	static const struct listing *const all[] = {&channel_listing, &process_listing,
						    &wait_listing};
	struct listing_column              c;
	struct fake                        k;
	struct tally                       m;
	char                              *text, name[80];

	(void)state;
	fake_watched(&k, &m);
	text = dumped(&m.frame, DUMP_ALL);
	for (size_t i = 0; i < 3; i++)
		for (int n = 0; column_at(all[i], n, &c); n++) {
			snprintf(name, sizeof(name), "\"%s\":", column_json(&c));
			if (strstr(text, name) == NULL)
				fail_msg("%s of %s is not in the dump", column_json(&c),
					 all[i]->name);
		}
	free(text);
	tally_fini(&m);
}

static int is_timed(const struct listing_column *c)
{
	const char *json = column_json(c);

	return strstr(json, "_ns") != NULL || strstr(json, "bytes") != NULL ||
	       strstr(json, "_messages") != NULL || strstr(json, "_per_s") != NULL ||
	       strstr(json, "_percent") != NULL || strstr(json, "_ratio") != NULL;
}

/* One name a column, of each listing, and what has a unit in it is a number. */
static void columns__every_listing__names_are_sound(void **state)
{
	struct listing_column c, other;

	(void)state;
	for (int k = 0; k < N_OBJECTS; k++) {
		const struct listing *l = object_listing((enum object_kind)k);

		assert_non_null(l->json);
		for (int n = 0; column_at(l, n, &c); n++) {
			const struct field *f = c.field;

			if (f != NULL && f->text == NULL &&
			    (f->key == NULL || f->unit == UNIT_NONE))
				fail_msg("%s of %s: no text, and no unit", f->name, l->name);
			if (column_json(&c)[0] == 0)
				continue;
			assert_true(column_help(&c)[0] != 0);
			assert_true(
				strspn(column_json(&c), "abcdefghijklmnopqrstuvwxyz0123456789_") ==
				strlen(column_json(&c)));
			if (is_timed(&c) && column_type(&c) == DATA_TEXT)
				fail_msg("%s of %s is a text", column_json(&c), l->name);
			for (int m = 0; column_at(l, m, &other); m++)
				if (m != n && strcmp(column_json(&c), column_json(&other)) == 0)
					fail_msg("%s has two %s", l->name, column_json(&c));
		}
	}
}

static char *as_csv(const struct frame *f, enum object_kind kind)
{
	char         *text = NULL;
	size_t        n;
	FILE         *to = open_memstream(&text, &n);
	struct select s;

	select_all(&s, kind);
	rows_csv(to, &s, f, 1);
	fclose(to);
	return text;
}

/* Quoted where it has to be, as many cells in each line as names in the first. */
static void rows_csv__hostile_names__as_many_cells(void **state)
{
	struct fake  k;
	struct tally m;
	char        *text;
	int          cells = 1, first = 0, quoted = 0, lines = 0;

	(void)state;
	fake_watched(&k, &m);
	k.channels[0].name = "a,\"b\"\nc\xff";
	text = as_csv(&m.frame, OBJECT_CHANNEL);
	assert_non_null(strstr(text, "\"a,\"\"b\"\"\nc\xef\xbf\xbd\""));
	for (const char *p = text; *p != 0; p++) {
		quoted ^= *p == '"';
		cells += *p == ',' && !quoted;
		if (*p != '\n' || quoted)
			continue;
		if (lines++ == 0)
			first = cells;
		assert_int_equal(cells, first);
		cells = 1;
	}
	assert_int_equal(lines, 1 + 5);
	free(text);
	tally_fini(&m);
}

/* Without a reason a null is a riddle. */
static void rows_json__unknown__says_why(void **state)
{
	struct fake  k;
	struct tally m = {0};
	char        *text;

	(void)state;
	tally_update(&m, fake_at(&k, 0));
	text = dumped(&m.frame, DUMP_CHANNELS | DUMP_PROCESSES);
	assert_json(text);
	assert_non_null(strstr(text, "\"sent_messages_per_s\":null"));
	assert_non_null(strstr(text, "\"sent_messages_per_s\":\"a rate takes two readings\""));
	assert_non_null(strstr(text, "\"capacity_messages\":\"it has no limit\""));
	assert_non_null(strstr(text, "\"rss_bytes\":\"it has died\""));
	free(text);
	tally_fini(&m);
}

/* Greatest first; what is unknown is last, both ways. */
static void select_rows__sorted__unknown_last(void **state)
{
	struct fake   k;
	struct tally  m;
	struct select s;
	uint32_t     *rows;

	(void)state;
	fake_watched(&k, &m);
	select_all(&s, OBJECT_CHANNEL);
	s.sorted = column_named(s.listing, "capacity_messages", &s.sort);
	assert_true(s.sorted);
	assert_int_equal(select_rows(&s, &m.frame, &rows), 5);
	assert_int_equal(rows[0], 1);
	assert_int_equal(rows[1], 2);
	assert_int_equal(rows[2], 0);
	free(rows);
	s.ascending = 1;
	select_rows(&s, &m.frame, &rows);
	assert_int_equal(rows[0], 0);
	assert_int_equal(rows[2], 1);
	free(rows);
	tally_fini(&m);
}

/* ---- text --------------------------------------------------------------------------------- */

/* All there is in words, to be freed, of a domain whose first channel is called @name. */
static char *text_with(const char *name, int utf8)
{
	struct fake       k;
	struct tally      m;
	char             *text = NULL;
	size_t            n;
	FILE             *to = open_memstream(&text, &n);
	struct text_style style = {to, {.utf8 = utf8, .color = 0}};

	fake_watched(&k, &m);
	k.channels[0].name = name;
	for (int kind = 0; kind < N_OBJECTS; kind++)
		text_table(&style, &m.frame, (enum object_kind)kind);
	text_graph(&style, &m.frame);
	text_findings(&style, &m.frame);
	fclose(to);
	tally_fini(&m);
	return text;
}

static void text_table__hostile_names__no_escapes(void **state)
{
	char *text = text_with("red\x1b[31m\x07\xff\n", 0);

	(void)state;
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\x07'));
	assert_non_null(strstr(text, "closes the circle"));
	assert_non_null(strstr(text, "at parser.c:77"));
	free(text);
}

/* One that turns what follows it around could show another number than there is. */
static void text_table__name_that_turns_around__is_harmless(void **state)
{
	char *text = text_with("jobs\xe2\x80\xae\xc3\xa4", 1);

	(void)state;
	assert_non_null(strstr(text, "jobs\xef\xbf\xbd\xc3\xa4"));
	free(text);
}

static void graph_dot__hostile_names__utf8_and_quoted(void **state)
{
	struct fake  k;
	struct tally m;
	char        *text = NULL;
	size_t       n;
	FILE        *to = open_memstream(&text, &n);

	(void)state;
	fake_watched(&k, &m);
	for (int i = 0; i < 5; i++)
		k.processes[i].name = "a\xff\xc3\x1b[\"\xc3\xa4\\";
	graph_dot(to, &m.frame);
	fclose(to);
	assert_non_null(strstr(text, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd[\\\"\xc3\xa4\\\\"));
	for (const char *p = text;;) {
		uint32_t c = utf8_next(&p);

		assert_true(c != UTF8_BAD && c != 0x1b);
		if (c == 0)
			break;
	}
	free(text);
	tally_fini(&m);
}

FAKE_MAIN(json, cmocka_unit_test(json_string__anything__is_valid),
	  cmocka_unit_test(dump_json__all__one_valid_line),
	  cmocka_unit_test(dump_json__nothing_there__valid),
	  cmocka_unit_test(text_table__name_that_turns_around__is_harmless),
	  cmocka_unit_test(graph_dot__hostile_names__utf8_and_quoted),
	  cmocka_unit_test(columns__json_names__are_in_the_dump),
	  cmocka_unit_test(columns__every_listing__names_are_sound),
	  cmocka_unit_test(rows_csv__hostile_names__as_many_cells),
	  cmocka_unit_test(rows_json__unknown__says_why),
	  cmocka_unit_test(select_rows__sorted__unknown_last),
	  cmocka_unit_test(text_table__hostile_names__no_escapes))

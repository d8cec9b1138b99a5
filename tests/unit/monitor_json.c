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
	dump_json(to, f, parts);
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
		"\"processes\":[],\"threads\":[],\"channels\":[],\"waits\":[],\"verdicts\":[]"));
	free(text);
	tally_fini(&m);
}

/* Who sees a column on the screen finds it in the dump under the name the table gives. */
static void fields__json_names__are_in_the_dump(void **state)
{
	static const struct listing *const all[] = {&channel_listing, &process_listing,
						    &wait_listing, &finding_listing};
	struct fake                        k;
	struct tally                       m;
	char                              *text, name[80];

	(void)state;
	fake_watched(&k, &m);
	text = dumped(&m.frame, DUMP_ALL);
	for (size_t i = 0; i < 4; i++)
		for (int n = 0; n < all[i]->n_fields; n++) {
			const struct field *f = &all[i]->fields[n];

			assert_true((f->text != NULL) != (f->unit != UNIT_NONE));
			assert_true(f->text != NULL || f->key != NULL);
			assert_true(f->help[0] != 0);
			snprintf(name, sizeof(name), "\"%s\":", f->json);
			if (f->json[0] != 0 && strstr(text, name) == NULL)
				fail_msg("%s of %s is not in the dump", f->json, all[i]->name);
		}
	free(text);
	tally_fini(&m);
}

/* ---- text --------------------------------------------------------------------------------- */

static void text_table__hostile_names__no_escapes(void **state)
{
	struct fake  k;
	struct tally m;
	char        *text = NULL;
	size_t       n;
	FILE        *to = open_memstream(&text, &n);

	(void)state;
	fake_watched(&k, &m);
	k.channels[0].name = "red\x1b[31m\x07\xff\n";
	for (int kind = 0; kind < N_OBJECTS; kind++)
		text_table(&(struct text_style){to, {0, 0}}, &m.frame, (enum object_kind)kind);
	text_graph(&(struct text_style){to, {0, 0}}, &m.frame);
	text_findings(&(struct text_style){to, {0, 0}}, &m.frame);
	fclose(to);
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\x07'));
	assert_non_null(strstr(text, "closes the circle"));
	assert_non_null(strstr(text, "at parser.c:77"));
	free(text);
	tally_fini(&m);
}

FAKE_MAIN(json, cmocka_unit_test(json_string__anything__is_valid),
	  cmocka_unit_test(dump_json__all__one_valid_line),
	  cmocka_unit_test(dump_json__nothing_there__valid),
	  cmocka_unit_test(fields__json_names__are_in_the_dump),
	  cmocka_unit_test(text_table__hostile_names__no_escapes))

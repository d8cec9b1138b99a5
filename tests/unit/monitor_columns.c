/*
 * monitor_columns.c - what is written of the columns elsewhere is what the tables say
 *
 * monitor/schema/rows.json, and in ipcmon(1), between marks, the glossary and the keys.
 * UPDATE_GOLDEN=1 writes both anew.
 */
#include "monitor_fake.h"

#include "lint/lint.h"

#include <stdlib.h>

#include "output/json.h"
#include "output/select.h"

#define SCHEMA "monitor/schema/rows.json"
#define MANUAL "libipc/man/ipcmon.1"
#define MARK   ": written by tests/unit/monitor_columns.c\n"

static const struct listing *listing_at(int i)
{
	return i < N_OBJECTS    ? object_listing((enum object_kind)i)
	       : i == N_OBJECTS ? &total_listing
				: NULL;
}

static char *file_text(const char *name)
{
	const char *dir = getenv("SOURCE_DIR");
	char        path[512], *text = calloc(1, 400000);
	FILE       *f;

	snprintf(path, sizeof(path), "%s/%s", dir != NULL ? dir : ".", name);
	f = fopen(path, "r");
	if (f != NULL) {
		text[fread(text, 1, 399999, f)] = 0;
		fclose(f);
	}
	return text;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* ---- the schema ---------------------------------------------------------------------- */

static void quoted(FILE *to, const char *text)
{
	struct json j;

	json_init(&j, to);
	json_string(&j, NULL, text);
}

static void schema_property(FILE *to, const struct listing_column *c)
{
	static const char *const types[N_DATA_TYPES] = {"string", "integer", "number", "boolean"};

	fputs("        ", to);
	quoted(to, column_json(c));
	fprintf(to, ": {\"type\": [\"%s\", \"null\"]%s, \"description\": ", types[column_type(c)],
		column_type(c) == DATA_NUMBER ? ", \"minimum\": 0" : "");
	quoted(to, column_help(c));
	fputs("},\n", to);
}

/* What rows of that kind have besides their columns. */
static const char *nested(const struct listing *l)
{
	if (l == &channel_listing)
		return "        \"directions\": {\"$ref\": \"snapshot.json#/$defs/directions\"},\n"
		       "        \"ends\": {\"$ref\": \"snapshot.json#/$defs/ends\"},\n";
	if (l == &wait_listing)
		return "        \"holders\": {\"$ref\": \"snapshot.json#/$defs/holders\"},\n";
	return "";
}

static void schema_row(FILE *to, const struct listing *l)
{
	struct listing_column c;

	fprintf(to, "    \"%s\": {\n      \"type\": \"object\",\n      \"properties\": {\n",
		l->json);
	for (int i = 0; column_at(l, i, &c); i++)
		if (column_json(&c)[0] != 0)
			schema_property(to, &c);
	fputs(nested(l), to);
	fputs("        \"why\": {\"type\": \"object\", \"description\": \"why members are null\", "
	      "\"additionalProperties\": {\"type\": \"string\"}}\n      }\n    }",
	      to);
}

static char *schema(void)
{
	char  *text = NULL;
	size_t n;
	FILE  *to = open_memstream(&text, &n);

	fputs("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
	      "  \"$id\": \"rows.json\",\n  \"title\": \"One row of each table of ipcmon\",\n"
	      "  \"$defs\": {\n",
	      to);
	for (int i = 0; listing_at(i) != NULL; i++) {
		if (i > 0)
			fputs(",\n", to);
		schema_row(to, listing_at(i));
	}
	fputs("\n  }\n}\n", to);
	fclose(to);
	return text;
}

static void schema__rows__are_the_columns(void **state)
{
	char *is = file_text(SCHEMA), *want = schema();

	(void)state;
	if (getenv("UPDATE_GOLDEN") != NULL)
		write_file(SCHEMA, want);
	else if (strcmp(is, want) != 0)
		fail_msg("%s is not what the tables of columns say; UPDATE_GOLDEN=1 writes it anew",
			 SCHEMA);
	free(is);
	free(want);
}

/* ---- the manual page ------------------------------------------------------------------- */

/* A text of ours on a line of its own, where neither a dot nor a backslash means anything. */
static void mdoc_text(FILE *to, const char *text)
{
	fputs("\\&", to);
	for (; *text != 0; text++)
		fputs(*text == '\\' ? "\\e" : (char[]){*text, 0}, to);
	putc('\n', to);
}

static void mdoc_column(FILE *to, const struct listing_column *c)
{
	fprintf(to, ".It Ic \\&%s", column_name(c));
	if (c->field != NULL && column_title(c)[0] != 0)
		fprintf(to, " Po \\&%s Pc", column_title(c));
	if (column_json(c)[0] != 0 && strcmp(column_json(c), column_name(c)) != 0)
		fprintf(to, " Li %s", column_json(c));
	putc('\n', to);
	mdoc_text(to, column_help(c));
}

static void glossary(FILE *to)
{
	struct listing_column c;

	for (int k = 0; listing_at(k) != NULL; k++) {
		fprintf(to, ".Ss %s\n.Bl -tag -width Ds -compact\n", listing_at(k)->json);
		for (int i = 0; column_at(listing_at(k), i, &c); i++)
			if (column_help(&c)[0] != 0)
				mdoc_column(to, &c);
		fputs(".El\n", to);
	}
}

/* A word on a line of macros is one, unless it begins with nothing. */
static void mdoc_words(FILE *to, const char *text)
{
	for (char last = ' '; *text != 0; last = *text++) {
		if (last == ' ')
			fputs("\\&", to);
		fputs(*text == '\\' ? "\\e" : (char[]){*text, 0}, to);
	}
	putc('\n', to);
}

static void keys(FILE *to)
{
	fputs(".Bl -tag -width \"PgDn, Ctrl-F\" -compact\n", to);
	for (size_t i = 0; i < key_table_n; i++) {
		fputs(".It ", to);
		mdoc_words(to, key_table[i].label);
		mdoc_text(to, key_table[i].help);
	}
	fputs(".El\n", to);
}

static void lints(FILE *to)
{
	fputs(".Bl -tag -width Ds -compact\n", to);
	for (int i = 0; i < N_LINTS; i++) {
		fprintf(to, ".It Cm %s , %s\n", lint_kinds[i].id, lint_kinds[i].name);
		fprintf(to, "%s.\nSeen by: %s.\n", lint_kinds[i].when, lint_kinds[i].limits);
	}
	fputs(".El\n", to);
}

/* What stands in the page between the two marks of @name, marks included, is what @write writes. */
static void section_is(const char *name, void (*write)(FILE *to))
{
	char   first[128], last[64], *is = file_text(MANUAL), *want = NULL, *begin, *end;
	size_t n;
	FILE  *to = open_memstream(&want, &n);

	snprintf(first, sizeof(first), ".\\\" %s%s", name, MARK);
	snprintf(last, sizeof(last), ".\\\" end of %s\n", name);
	fputs(first, to);
	write(to);
	fputs(last, to);
	fclose(to);
	begin = strstr(is, first);
	assert_non_null(begin);
	end = strstr(begin, last);
	assert_non_null(end);
	end += strlen(last);
	if (getenv("UPDATE_GOLDEN") != NULL) {
		char *text = NULL;

		to = open_memstream(&text, &n);
		fprintf(to, "%.*s%s%s", (int)(begin - is), is, want, end);
		fclose(to);
		write_file(MANUAL, text);
		free(text);
	} else if ((size_t)(end - begin) != strlen(want) ||
		   memcmp(begin, want, strlen(want)) != 0) {
		fail_msg("the %s in %s are not those of the tables; UPDATE_GOLDEN=1 writes them "
			 "anew",
			 name, MANUAL);
	}
	free(is);
	free(want);
}

static void manual__columns__are_the_columns(void **state)
{
	(void)state;
	section_is("columns", glossary);
}

static void manual__keys__are_the_keys(void **state)
{
	(void)state;
	section_is("keys", keys);
}

static void manual__lints__are_the_lints(void **state)
{
	(void)state;
	section_is("lints", lints);
}

/* ---- options and commands are in the manual page, too --------------------------------- */

static void manual__options__all_there(void **state)
{
	char *text = file_text(MANUAL), name[80];

	(void)state;
	for (size_t i = 0; i < option_rows_n; i++) {
		snprintf(name, sizeof(name), "Fl -%s", option_rows[i].name);
		if (strstr(text, name) == NULL && option_rows[i].letter != 0)
			snprintf(name, sizeof(name), ", -%s", option_rows[i].name);
		if (strstr(text, name) == NULL)
			fail_msg("%s does not speak of --%s", MANUAL, option_rows[i].name);
	}
	for (const struct command *c = command_table; c->name != NULL; c++) {
		snprintf(name, sizeof(name), ".It Cm %s", c->name);
		if (strstr(text, name) == NULL)
			fail_msg("%s does not speak of the command %s", MANUAL, c->name);
	}
	free(text);
}

FAKE_MAIN(columns, cmocka_unit_test(schema__rows__are_the_columns),
	  cmocka_unit_test(manual__columns__are_the_columns),
	  cmocka_unit_test(manual__keys__are_the_keys),
	  cmocka_unit_test(manual__lints__are_the_lints),
	  cmocka_unit_test(manual__options__all_there))

#include "view/settings.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lint/limits.h"
#include "text/number.h"
#include "text/quantity.h"
#include "view/ui_parts.h"

/* Room for the names of all columns of a listing. */
#define VALUE_BYTES (FIELDS_MAX * 16)

static int wrong(char *ret_error, const char *what, const char *value)
{
	snprintf(ret_error, FILTER_ERROR_BYTES, "%s, not \"%.60s\"", what, value);
	return -EINVAL;
}

/* ---- one of a kind -------------------------------------------------------------------- */

static int set_theme(struct ui *ui, const char *value, char *ret_error)
{
	int i = theme_named(value);

	if (i < 0)
		return wrong(ret_error, "a theme is default, colorblind or mono", value);
	ui->theme = (enum theme)i;
	return 0;
}

static void get_theme(const struct ui *ui, char *ret)
{
	snprintf(ret, VALUE_BYTES, "%s", theme_name(ui->theme));
}

static int set_preset(struct ui *ui, const char *value, char *ret_error)
{
	int i = preset_named(value);

	if (i < 0)
		return wrong(ret_error, "a preset is normal, narrow, wide or minimal", value);
	ui_preset(ui, (enum preset)i);
	return 0;
}

static void get_preset(const struct ui *ui, char *ret)
{
	snprintf(ret, VALUE_BYTES, "%s", preset_name(ui->preset));
}

static int set_interval(struct ui *ui, const char *value, char *ret_error)
{
	struct quantity q;
	double          ns = 0;

	if (quantity_parse(value, &q) == 0)
		ns = q.kind == QUANTITY_TIME    ? q.number
		     : q.kind == QUANTITY_PLAIN ? q.number * 1e9
						: 0;
	if (ns < (double)INTERVAL_LEAST_NS || ns > (double)INTERVAL_MOST_NS)
		return wrong(ret_error, "an interval is 50ms to a day", value);
	ui->interval_ns = (uint64_t)ns;
	return 0;
}

static void get_interval(const struct ui *ui, char *ret)
{
	snprintf(ret, VALUE_BYTES, "%.0fms", (double)ui->interval_ns / 1e6);
}

static int set_flag(int *flag, const char *value, char *ret_error)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return wrong(ret_error, "this is yes or no", value);
	*flag = value[0] == 'y';
	return 0;
}

static int set_mouse(struct ui *ui, const char *value, char *ret_error)
{
	return set_flag(&ui->mouse, value, ret_error);
}

static void get_mouse(const struct ui *ui, char *ret)
{
	snprintf(ret, VALUE_BYTES, "%s", ui->mouse ? "yes" : "no");
}

static int set_ascii(struct ui *ui, const char *value, char *ret_error)
{
	return set_flag(&ui->ascii, value, ret_error);
}

static void get_ascii(const struct ui *ui, char *ret)
{
	snprintf(ret, VALUE_BYTES, "%s", ui->ascii ? "yes" : "no");
}

/* The preset stands before the columns, which it sets. */
static const struct setting {
	const char *key, *help;
	int (*set)(struct ui *ui, const char *value, char *ret_error);
	void (*get)(const struct ui *ui, char *ret);
} settings[] = {
	{"theme", "default, colorblind (blue and orange) or mono", set_theme, get_theme},
	{"preset", "normal, narrow, wide or minimal: how much is shown", set_preset, get_preset},
	{"interval", "time between readings, 50ms to a day", set_interval, get_interval},
	{"mouse", "yes or no", set_mouse, get_mouse},
	{"ascii", "yes: draw with ASCII only", set_ascii, get_ascii},
};

/* ---- one for each kind of row ----------------------------------------------------------- */

static int set_columns(struct ui *ui, enum object_kind kind, const char *value, char *ret_error)
{
	return columns_parse(&ui->columns[kind], object_listing(kind), value, ret_error);
}

static void get_columns(const struct ui *ui, enum object_kind kind, char *ret)
{
	columns_print(&ui->columns[kind], object_listing(kind), ret, VALUE_BYTES);
}

static int set_sort(struct ui *ui, enum object_kind kind, const char *value, char *ret_error)
{
	const struct listing *l = object_listing(kind);
	int                   inverted = value[0] == '-';

	for (int i = 0; i < l->n_fields; i++)
		if (strcmp(l->fields[i].name, value + inverted) == 0) {
			ui->sort[kind] = i;
			ui->invert[kind] = inverted;
			return 0;
		}
	return wrong(ret_error, "this is the name of a column, with a - to invert it", value);
}

static void get_sort(const struct ui *ui, enum object_kind kind, char *ret)
{
	snprintf(ret, VALUE_BYTES, "%s%s", ui->invert[kind] ? "-" : "",
		 object_listing(kind)->fields[ui->sort[kind]].name);
}

static const struct kind_setting {
	const char *key, *help;
	int (*set)(struct ui *ui, enum object_kind kind, const char *value, char *ret_error);
	void (*get)(const struct ui *ui, enum object_kind kind, char *ret);
} kind_settings[] = {
	{"columns.", "columns from left to right; \"+name,-name\" changes what there is by default",
	 set_columns, get_columns},
	{"sort.", "the column it is sorted by; with a - before it, inverted", set_sort, get_sort},
};

#define LIMIT_KEY       "lint."

#define N_SETTINGS      (sizeof(settings) / sizeof(settings[0]))
#define N_KIND_SETTINGS (sizeof(kind_settings) / sizeof(kind_settings[0]))

/* "columns." and "Shared memory": "columns.shared-memory". */
static void key_of(const struct kind_setting *s, enum object_kind kind, char *ret, size_t size)
{
	int n = snprintf(ret, size, "%s%s", s->key, object_listing(kind)->name);

	for (int i = 0; i < n && (size_t)i < size; i++)
		ret[i] = ret[i] == ' ' ? '-' : (char)tolower((unsigned char)ret[i]);
}

/* Of one column there is nothing to choose. */
static int has_choice(enum object_kind kind)
{
	return object_listing(kind)->n_fields > 1;
}

/* ---- one for each limit of a lint -------------------------------------------------------- */

static int set_limit(const char *name, const char *value, char *ret_error)
{
	int  i = lint_limit_named(name);
	char what[64], by_default[32];

	if (i < 0) {
		snprintf(ret_error, FILTER_ERROR_BYTES, "there is no setting \"lint.%.60s\"", name);
		return -ENOENT;
	}
	if (lint_limit_set((enum lint_limit)i, value) == 0)
		return 0;
	lint_limit_text((enum lint_limit)i, 1, by_default, sizeof(by_default));
	snprintf(what, sizeof(what), "this is something like %s", by_default);
	return wrong(ret_error, what, value);
}

/* ---- all of them --------------------------------------------------------------------------- */

static int set_of_kind(struct ui *ui, const char *key, const char *value, char *ret_error)
{
	char name[64];

	for (size_t i = 0; i < N_KIND_SETTINGS; i++)
		for (int k = 0; k < N_OBJECTS; k++) {
			key_of(&kind_settings[i], (enum object_kind)k, name, sizeof(name));
			if (has_choice((enum object_kind)k) && strcmp(name, key) == 0)
				return kind_settings[i].set(ui, (enum object_kind)k, value,
							    ret_error);
		}
	snprintf(ret_error, FILTER_ERROR_BYTES, "there is no setting \"%.60s\"", key);
	return -ENOENT;
}

int settings_set(struct ui *ui, const char *key, const char *value, char *ret_error)
{
	for (size_t i = 0; i < N_SETTINGS; i++)
		if (strcmp(settings[i].key, key) == 0)
			return settings[i].set(ui, value, ret_error);
	if (strncmp(key, LIMIT_KEY, strlen(LIMIT_KEY)) == 0)
		return set_limit(key + strlen(LIMIT_KEY), value, ret_error);
	return set_of_kind(ui, key, value, ret_error);
}

static void print(FILE *to, const char *key, const char *value, const char *by_default)
{
	fprintf(to, "%s%s = %s\n", strcmp(value, by_default) == 0 ? "# " : "", key, value);
}

static void print_limits(FILE *to)
{
	char value[32], by_default[32], key[64];

	fputs("\n# from where on a lint fires; `ipcmon explain` says what each is about\n", to);
	for (int i = 0; i < N_LIMITS; i++) {
		lint_limit_text((enum lint_limit)i, 0, value, sizeof(value));
		lint_limit_text((enum lint_limit)i, 1, by_default, sizeof(by_default));
		snprintf(key, sizeof(key), LIMIT_KEY "%s", lint_limit_name((enum lint_limit)i));
		fprintf(to, "# %s: %s\n", lint_kinds[lint_limit_of((enum lint_limit)i)].id,
			lint_limit_help((enum lint_limit)i));
		print(to, key, value, by_default);
	}
}

void settings_print(FILE *to, const struct ui *ui)
{
	struct ui plain;
	char      value[VALUE_BYTES], by_default[VALUE_BYTES], key[64];

	ui_init(&plain, INTERVAL_DEFAULT_NS);
	fputs("# Settings of ipcmon: \"key = value\" lines; \"#\" begins a comment.\n", to);
	for (size_t i = 0; i < N_SETTINGS; i++) {
		settings[i].get(ui, value);
		settings[i].get(&plain, by_default);
		fprintf(to, "\n# %s\n", settings[i].help);
		print(to, settings[i].key, value, by_default);
	}
	/* What a preset hides is not one's own choice. */
	ui_preset(&plain, ui->preset);
	for (size_t i = 0; i < N_KIND_SETTINGS; i++) {
		fprintf(to, "\n# %s\n", kind_settings[i].help);
		for (int k = 0; k < N_OBJECTS; k++) {
			if (!has_choice((enum object_kind)k))
				continue;
			kind_settings[i].get(ui, (enum object_kind)k, value);
			kind_settings[i].get(&plain, (enum object_kind)k, by_default);
			key_of(&kind_settings[i], (enum object_kind)k, key, sizeof(key));
			print(to, key, value, by_default);
		}
	}
	print_limits(to);
}

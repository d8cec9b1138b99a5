/* options_values.c - what each option makes of its argument */

#include <errno.h>
#include <ipc/base.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "discover.h"
#include "lint/lint.h"
#include "options_parts.h"
#include "output/command.h"
#include "output/select.h"
#include "target.h"
#include "view/settings.h"

static int parse_delay(const char *text, uint64_t *ret_ns)
{
	static const struct {
		const char *name;
		double      seconds;
	} units[] = {{"", 1}, {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}};
	const size_t n = sizeof(units) / sizeof(units[0]);
	char        *end;
	double       v = strtod(text, &end);
	size_t       i = 0;

	if (end == text || !isfinite(v) || v < 0)
		return 0;
	while (i < n && strcmp(end, units[i].name) != 0)
		i++;
	if (i == n)
		return 0;
	v *= units[i].seconds * 1e9;
	if (v < (double)INTERVAL_LEAST_NS || v > (double)INTERVAL_MOST_NS)
		return 0;
	*ret_ns = (uint64_t)v;
	return 1;
}

static int parse_count(const char *text, uint64_t *ret)
{
	char         *end;
	unsigned long v;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != 0 || errno != 0 || v == 0)
		return 0;
	*ret = v;
	return 1;
}

static int parse_color(const char *text, enum color *ret)
{
	static const char *const words[] = {"auto", "always", "never"};

	for (int i = 0; i < 3; i++)
		if (strcmp(text, words[i]) == 0) {
			*ret = (enum color)i;
			return 1;
		}
	return 0;
}

static int parse_lint(uint64_t *lints, const char *name, int on)
{
	int      i = lint_named(name);
	uint64_t bits = strcmp(name, "all") == 0 ? LINT_ALL : i >= 0 ? UINT64_C(1) << i : 0;

	*lints = on ? *lints | bits : *lints & ~bits;
	return bits != 0;
}

int take_flag(struct options *o, void *member, const char *arg)
{
	*(int *)member = 1;
	return -1;
}

int take_text(struct options *o, void *member, const char *arg)
{
	*(const char **)member = arg;
	return -1;
}

int take_delay(struct options *o, void *member, const char *arg)
{
	o->interval_given = parse_delay(arg, member);
	if (o->interval_given)
		return -1;
	return options_wrong("a delay is 50ms to a day, such as 0.5 or 500ms, not \"%s\"", arg);
}

/* Habits take half of SPAN_NS to show, at least; a day is as long as anybody watches. */
int take_for(struct options *o, void *member, const char *arg)
{
	if (parse_delay(arg, member))
		return -1;
	return options_wrong("a time to watch is 50ms to a day, such as 10s, 2m or 1h, not \"%s\"",
			     arg);
}

/* "-10m": so long before the end; the sign says it better, and may be left out. */
int take_since(struct options *o, void *member, const char *arg)
{
	static const struct {
		const char *unit;
		double      seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	char  *end;
	double v = fabs(strtod(arg, &end));

	for (size_t i = 0; end != arg && i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].unit) == 0 && v * units[i].seconds < 1e9) {
			*(uint64_t *)member = (uint64_t)(v * units[i].seconds * 1e9) + 1;
			return -1;
		}
	return options_wrong("a time before the end is such as -90s, -10m or -2h, not \"%s\"", arg);
}

int take_count(struct options *o, void *member, const char *arg)
{
	if (parse_count(arg, member))
		return -1;
	return options_wrong("a count is a number from 1 on, not \"%s\"", arg);
}

int take_pid(struct options *o, void *member, const char *arg)
{
	if (parse_count(arg, member))
		return -1;
	return options_wrong("a process id is a number from 1 on, not \"%s\"", arg);
}

int take_path(struct options *o, void *member, const char *arg)
{
	if (options_n_targets(o) > 0)
		return options_two_targets();
	return discover_path(o, arg) == 0 ? -1
					  : options_wrong("the path \"%.40s...\" is too long", arg);
}

int take_color(struct options *o, void *member, const char *arg)
{
	if (parse_color(arg, member))
		return -1;
	return options_wrong("--color is auto, always or never, not \"%s\"", arg);
}

static int take_lint(uint64_t *lints, const char *arg, int on)
{
	if (parse_lint(lints, arg, on))
		return -1;
	return options_wrong("there is no lint \"%s\" (ipcmon explain lists them)", arg);
}

int take_warn(struct options *o, void *member, const char *arg)
{
	return take_lint(member, arg, 1);
}

int take_allow(struct options *o, void *member, const char *arg)
{
	return take_lint(member, arg, 0);
}

int take_never(struct options *o, void *member, const char *arg)
{
	*(enum color *)member = COLOR_NEVER;
	return -1;
}

/* The name of a listing; "help" and what is none of them give the list. */
int take_table(struct options *o, void *member, const char *arg)
{
	int help = strcmp(arg, "help") == 0;

	*(const char **)member = arg;
	if (!help && select_table(arg) >= 0)
		return -1;
	if (!help)
		fprintf(stderr, "ipcmon: there is no table \"%s\", but there are:\n", arg);
	for (int k = 0; k < N_OBJECTS; k++)
		if (select_table_name((enum object_kind)k) != NULL)
			fprintf(help ? stdout : stderr, "%s\n",
				select_table_name((enum object_kind)k));
	return help ? EXIT_OK : EXIT_USAGE;
}

int take_theme(struct options *o, void *member, const char *arg)
{
	if (theme_named(arg) >= 0)
		return take_text(o, member, arg);
	return options_wrong("a theme is default, colorblind or mono, not \"%s\"", arg);
}

int take_preset(struct options *o, void *member, const char *arg)
{
	if (preset_named(arg) >= 0)
		return take_text(o, member, arg);
	return options_wrong("a preset is normal, narrow, wide or minimal, not \"%s\"", arg);
}

int take_default_config(struct options *o, void *member, const char *arg)
{
	struct ui ui;

	ui_init(&ui, INTERVAL_DEFAULT_NS);
	settings_print(stdout, &ui);
	return command_written() ? EXIT_OK : EXIT_RUN_TIME;
}

int take_version(struct options *o, void *member, const char *arg)
{
	printf("ipcmon %s\n", ipc_version());
	return EXIT_OK;
}

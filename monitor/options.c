#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <ipc/base.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "discover.h"
#include "lint/lint.h"
#include "output/command.h"
#include "output/select.h"
#include "target.h"
#include "view/settings.h"

static int __attribute__((format(printf, 1, 2))) wrong(const char *format, ...)
{
	va_list args;

	fputs("ipcmon: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; see ipcmon --help\n", stderr);
	return EXIT_USAGE;
}

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
	v *= units[i].seconds;
	/* Each line the monitor reads costs its writer a miss: below this it can be felt. */
	if (v < 0.05 || v > 86400)
		return 0;
	*ret_ns = (uint64_t)(v * 1e9);
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

/* ---- what options do ------------------------------------------------------------ */

static int take_flag(struct options *o, void *member, const char *arg)
{
	*(int *)member = 1;
	return -1;
}

static int take_text(struct options *o, void *member, const char *arg)
{
	*(const char **)member = arg;
	return -1;
}

static int take_delay(struct options *o, void *member, const char *arg)
{
	o->interval_given = parse_delay(arg, member);
	if (o->interval_given)
		return -1;
	return wrong("a delay is 50ms to a day, such as 0.5 or 500ms, not \"%s\"", arg);
}

/* Habits take half of SPAN_NS to show, at least; a day is as long as anybody watches. */
static int take_for(struct options *o, void *member, const char *arg)
{
	if (parse_delay(arg, member))
		return -1;
	return wrong("a time to watch is 50ms to a day, such as 10s, 2m or 1h, not \"%s\"", arg);
}

/* "-10m": so long before the end; the sign says it better, and may be left out. */
static int take_since(struct options *o, void *member, const char *arg)
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
	return wrong("a time before the end is such as -90s, -10m or -2h, not \"%s\"", arg);
}

static int take_count(struct options *o, void *member, const char *arg)
{
	if (parse_count(arg, member))
		return -1;
	return wrong("a count is a number from 1 on, not \"%s\"", arg);
}

static int take_pid(struct options *o, void *member, const char *arg)
{
	if (parse_count(arg, member))
		return -1;
	return wrong("a process id is a number from 1 on, not \"%s\"", arg);
}

static int take_path(struct options *o, void *member, const char *arg)
{
	return discover_path(o, arg) == 0 ? -1 : wrong("the path \"%.40s...\" is too long", arg);
}

static int take_color(struct options *o, void *member, const char *arg)
{
	if (parse_color(arg, member))
		return -1;
	return wrong("--color is auto, always or never, not \"%s\"", arg);
}

static int take_lint(uint64_t *lints, const char *arg, int on)
{
	if (parse_lint(lints, arg, on))
		return -1;
	return wrong("there is no lint \"%s\" (ipcmon explain lists them)", arg);
}

static int take_warn(struct options *o, void *member, const char *arg)
{
	return take_lint(member, arg, 1);
}

static int take_allow(struct options *o, void *member, const char *arg)
{
	return take_lint(member, arg, 0);
}

static int take_never(struct options *o, void *member, const char *arg)
{
	*(enum color *)member = COLOR_NEVER;
	return -1;
}

/* The name of a listing; "help" and what is none of them give the list. */
static int take_table(struct options *o, void *member, const char *arg)
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

static int take_theme(struct options *o, void *member, const char *arg)
{
	if (theme_named(arg) >= 0)
		return take_text(o, member, arg);
	return wrong("a theme is default, colorblind or mono, not \"%s\"", arg);
}

static int take_preset(struct options *o, void *member, const char *arg)
{
	if (preset_named(arg) >= 0)
		return take_text(o, member, arg);
	return wrong("a preset is normal, narrow, wide or minimal, not \"%s\"", arg);
}

static int take_default_config(struct options *o, void *member, const char *arg)
{
	struct ui ui;

	ui_init(&ui, INTERVAL_DEFAULT_NS);
	settings_print(stdout, &ui);
	return command_written() ? EXIT_OK : EXIT_RUN_TIME;
}

static int take_version(struct options *o, void *member, const char *arg)
{
	printf("ipcmon %s\n", ipc_version());
	return EXIT_OK;
}

static int take_help(struct options *o, void *member, const char *arg);

#define OF(member) offsetof(struct options, member)

/* clang-format off */
const struct option_row option_rows[] = {
	{"domain", 0, "DOMAIN", "which domain ($IPC_DOMAIN, else \"default\")", take_text, OF(domain)},
	{"dir", 0, "PATH", "the same by its directory; may be a copy of one", take_text, OF(dir)},
	{"pid", 'p', "PID", "the domain of this process, also in a container", take_pid, OF(pid)},
	{"file", 0, "PATH", "a domain's directory, its registry, or a recording", take_path, 0},
	{"delay", 'd', "TIME", "time between readings: 1, 0.5, 500ms (1s)", take_delay, OF(interval_ns)},
	{"count", 'n', "N", "end after N readings", take_count, OF(count)},
	{"for", 0, "TIME", "lint, check: watch for so long, then say what was seen", take_for, OF(for_ns)},
	{"batch", 'b', NULL, "print instead of drawing, until -n or a signal ends it", take_flag, OF(batch)},
	{"once", '1', NULL, "one reading, at once, without rates", take_flag, OF(once)},
	{"json", 'J', NULL, "JSON, one object a line", take_flag, OF(json)},
	{"replay", 0, "FILE", "show a recording instead of a domain; - is standard input", take_text, OF(replay)},
	{"since", 0, "TIME", "of a recording: from so long before its end on: -10m, -90s, -2h", take_since, OF(since_ns)},
	{"record", 0, "FILE", "record to a new file what is shown", take_text, OF(record)},
	{"jsonl", 0, NULL, "the same again and again, a line a reading", take_flag, OF(jsonl)},
	{"csv", 0, NULL, "ls, waits, stat: comma separated values, in base units", take_flag, OF(csv)},
	{"table", 0, "TABLE", "ls: this table (help lists them)", take_table, OF(table)},
	{"columns", 'o', "LIST", "these columns: a,b,c; +a,b: these, too (help lists them)", take_text, OF(columns)},
	{"sort", 's', "COLUMN", "greatest first; -COLUMN: smallest first (help lists them)", take_text, OF(sort)},
	{"filter", 'F', "FILTER", "rows that hold a text, or re:REGEX, or column>value", take_text, OF(filter)},
	{"no-header", 'H', NULL, "rows alone", take_flag, OF(no_header)},
	{"tree", 't', NULL, "waits: each below the one it waits for", take_flag, OF(tree)},
	{"bytes", 0, NULL, "bytes, nanoseconds and counts in full, not in three digits", take_flag, OF(exact)},
	{"ascii", 'U', NULL, "draw with ASCII only", take_flag, OF(ascii)},
	{"no-mouse", 'M', NULL, "leave the mouse to the terminal", take_flag, OF(no_mouse)},
	{"theme", 0, "NAME", "default, colorblind (blue and orange), mono", take_theme, OF(theme)},
	{"preset", 0, "NAME", "normal, narrow, wide, minimal: how much the screen shows", take_preset, OF(preset)},
	{"config", 0, "FILE", "settings ($XDG_CONFIG_HOME/ipcmon/config; F12 keeps them)", take_text, OF(config)},
	{"default-config", 0, NULL, "print such a file, with what each setting means", take_default_config, 0},
	{"dot", 0, NULL, "graph: as input of dot(1)", take_flag, OF(dot)},
	{"warn", 'W', "LINT", "look for this lint (by id or name, or all)", take_warn, OF(lints)},
	{"allow", 'A', "LINT", "do not look for it; of -W and -A the later counts", take_allow, OF(lints)},
	{"color", 0, "WHEN", "auto, always, never (auto; NO_COLOR is heeded)", take_color, OF(colors)},
	{"no-color", 'C', NULL, "the same as --color never", take_never, OF(colors)},
	{"quiet", 'q', NULL, "tables without the verdict; check: nothing but the exit status", take_flag, OF(quiet)},
	{"perf", 0, NULL, "check: figures behind a |, as Nagios reads them", take_flag, OF(perf)},
	{"self", 0, NULL, "say what ipcmon itself costs, too", take_flag, OF(self)},
	{"names", 0, NULL, "gc: remove named objects, too, that nobody has open", take_flag, OF(names)},
	{"version", 'V', NULL, "print the version", take_version, 0},
	{"help", 0, NULL, "print this", take_help, 0},
};
/* clang-format on */

#define N_ROWS      (sizeof(option_rows) / sizeof(option_rows[0]))
#define FIRST_LONG  256 /* behind every letter */
#define HELP_COLUMN 22

const size_t option_rows_n = N_ROWS;

/* ---- help ----------------------------------------------------------------------- */

static void usage_row(FILE *to, const struct option_row *r)
{
	char left[64];
	int  n = r->letter != 0 ? snprintf(left, sizeof(left), "-%c, ", r->letter)
				: snprintf(left, sizeof(left), "    ");

	snprintf(left + n, sizeof(left) - (size_t)n, "--%s%s%s", r->name,
		 r->argument != NULL ? " " : "", r->argument != NULL ? r->argument : "");
	fprintf(to, "  %-*s %s\n", HELP_COLUMN, left, r->help);
}

static void usage(FILE *to)
{
	fputs("usage: ipcmon [options] [command] [target]\n\n"
	      "Without a command: the screen; where standard output is no terminal, ls. A target is a domain's\n"
	      "name or directory, a process of it, or a recording; - is one on standard input.\n\n",
	      to);
	for (const struct command *c = command_table; c->name != NULL; c++)
		fprintf(to, "  %-*s %s\n", HELP_COLUMN, c->name, c->help);
	putc('\n', to);
	for (size_t i = 0; i < N_ROWS; i++)
		usage_row(to, &option_rows[i]);
	fputs("\n"
	      "Exit status: 0 fine, 1 run-time error, 2 usage, 3 no such domain, 4 permission, 5 incompatible\n"
	      "version; of check: 0 ok, 1 warning, 2 critical, 3 unknown; of verify: 0 moved on, 2 still so, 3\n"
	      "unknown. Keys: press ? on the screen.\n",
	      to);
}

static int take_help(struct options *o, void *member, const char *arg)
{
	usage(stdout);
	return EXIT_OK;
}

/* ---- the command line ---------------------------------------------------------- */

/* What getopt_long() wants to have of the table. */
static void for_getopt(struct option longs[N_ROWS + 1], char letters[2 * N_ROWS + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < N_ROWS; i++) {
		const struct option_row *r = &option_rows[i];

		longs[i] = (struct option){r->name,
					   r->argument != NULL ? required_argument : no_argument,
					   NULL, FIRST_LONG + (int)i};
		if (r->letter == 0)
			continue;
		letters[n++] = (char)r->letter;
		if (r->argument != NULL)
			letters[n++] = ':';
	}
	letters[n] = 0;
	longs[N_ROWS] = (struct option){0};
}

static const struct option_row *row_of(int c)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (c == FIRST_LONG + (int)i || c == option_rows[i].letter)
			return &option_rows[i];
	return NULL;
}

/* Returns -1 at the end of the options, or the code to exit with. */
static int take_options(struct options *o, int argc, char **argv)
{
	struct option longs[N_ROWS + 1];
	char          letters[2 * N_ROWS + 1];
	int           c, r = -1;

	for_getopt(longs, letters);
	while (r < 0 && (c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_row *row = row_of(c);

		if (row == NULL) {
			fputs("see ipcmon --help\n", stderr);
			return EXIT_USAGE;
		}
		r = row->take(o, (char *)o + row->member, optarg);
	}
	return r;
}

static const struct command *find_command(const char *name)
{
	for (const struct command *c = command_table; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static int want_color(enum color c)
{
	const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");

	if (c != COLOR_AUTO)
		return c == COLOR_ALWAYS;
	if (no != NULL && no[0] != 0)
		return 0;
	return isatty(STDOUT_FILENO) || (force != NULL && force[0] != 0 && strcmp(force, "0") != 0);
}

static int is_one_of(const char *name, const char *const *names)
{
	while (*names != NULL && strcmp(name, *names) != 0)
		names++;
	return *names != NULL;
}

/* What one command alone heeds is refused with another: silence would look like an answer. */
static int check_owners(const struct options *o, const char *name)
{
	const struct {
		int         given;
		const char *option, *command;
	} owned[] = {{o->dot, "--dot", "graph"},
		     {o->perf, "--perf", "check"},
		     {o->tree, "--tree", "waits"},
		     {o->names, "--names", "gc"},
		     {o->table != NULL, "--table", "ls"}};

	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		if (owned[i].given && strcmp(name, owned[i].command) != 0)
			return wrong("%s is for %s", owned[i].option, owned[i].command);
	if (o->for_ns > 0 && strcmp(name, "lint") != 0 && strcmp(name, "check") != 0)
		return wrong("--for is for lint and check");
	return -1;
}

/* CSV is of one table; what has none says so. */
static int check_formats(const struct options *o)
{
	static const char *const with_table[] = {"ls", "waits", "stat", NULL};
	static const char *const no_json[] = {"explain", "report",     "record",
					      "stream",  "completion", NULL};
	const char              *name = o->command != NULL ? o->command->name : "ls";

	if (o->csv && o->json)
		return wrong("--csv and --json are two formats");
	if (o->dot && o->json)
		return wrong("--dot and --json are two formats");
	if (!is_one_of(name, with_table) &&
	    (o->csv || o->columns != NULL || o->sort != NULL || o->filter != NULL))
		return wrong("%s prints no table of rows: no --csv, -o, -s, -F", name);
	if (strcmp(name, "stat") == 0 && (o->sort != NULL || o->filter != NULL))
		return wrong("stat prints one line for the whole domain: no -s, -F");
	if (o->json && strcmp(name, "verify") == 0)
		return wrong("verify says one line and exits with the answer: no --json");
	if (o->json && is_one_of(name, no_json))
		return wrong("%s has no JSON: no --json", name);
	return check_owners(o, name);
}

/* The evidence of a finding, word by word or quoted; a domain that is called so needs --domain. */
static int belongs(const char *word)
{
	return (word[0] >= '0' && word[0] <= '9' && strchr(word, ':') != NULL) ||
	       strcmp(word, "wait") == 0 || strncmp(word, "wait ", 5) == 0 ||
	       strcmp(word, "...") == 0 || strcmp(word, "\xe2\x80\xa6") == 0;
}

static void take_many(struct options *o, int argc, char **argv)
{
	o->words = argv + optind;
	while (optind < argc && belongs(argv[optind])) {
		o->n_words++;
		optind++;
	}
}

/* A command and what belongs to it, and what to watch: a word of its own, or an option. */
static int take_words(struct options *o, int argc, char **argv)
{
	static const char *const alone[] = {"diff", "explain", "completion", NULL};

	o->command = optind < argc ? find_command(argv[optind]) : NULL;
	if (o->command != NULL)
		optind++;
	if (o->command != NULL && o->command->takes_argument == WORDS_MANY)
		take_many(o, argc, argv);
	else if (optind < argc && o->command != NULL && o->command->takes_argument > 0)
		o->argument = argv[optind++];
	if (optind < argc && o->command != NULL && o->command->takes_argument == 2)
		o->second = argv[optind++];
	if (optind < argc && o->command != NULL && is_one_of(o->command->name, alone))
		return wrong("%s watches no domain, so what is \"%s\"?", o->command->name,
			     argv[optind]);
	if (optind < argc && discover_word(o, argv[optind++]) < 0)
		return wrong("the path \"%.40s...\" is too long", argv[optind - 1]);
	if (optind < argc)
		return wrong("one command and one domain are enough, so what is \"%s\"?",
			     argv[optind]);
	return -1;
}

/* At most one thing is watched. */
static int check_target(const struct options *o)
{
	int n = (o->domain != NULL) + (o->dir != NULL) + (o->pid > 0) + (o->replay != NULL);

	if (n > 1)
		return wrong("these name two things to watch; one at a time");
	if (o->replay != NULL && o->command != NULL && strcmp(o->command->name, "gc") == 0)
		return wrong("gc cleans domains, and \"%s\" is a recording", o->replay);
	if (o->since_ns > 0 && o->replay == NULL)
		return wrong("--since goes back in a recording: it needs --replay");
	if (o->replay != NULL && o->record != NULL)
		return wrong("--replay shows a recording; there is nothing to record");
	return -1;
}

int options_parse(struct options *ret, int argc, char **argv)
{
	int r;

	*ret = (struct options){.interval_ns = INTERVAL_DEFAULT_NS, .lints = LINT_ALL};
	r = take_options(ret, argc, argv);
	if (r >= 0)
		return r;
	ret->json |= ret->jsonl;
	if (ret->once || ret->json || ret->csv) /* none is for a screen */
		ret->batch = 1;
	r = take_words(ret, argc, argv);
	if (r < 0)
		r = check_target(ret);
	if (r >= 0)
		return r;
	ret->color = want_color(ret->colors);
	return check_formats(ret);
}

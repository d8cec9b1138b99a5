#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "discover.h"
#include "lint/lint.h"
#include "options_parts.h"
#include "output/command.h"
#include "target.h"
#include "view/ui.h"

int options_wrong(const char *format, ...)
{
	va_list args;

	fputs("ipcmon: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; see ipcmon --help\n", stderr);
	return EXIT_USAGE;
}

static take_fn take_help;

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
	{"listen", 0, "ADDRESS", "export: serve HTTP at PORT, 127.0.0.1:PORT or unix:PATH", take_text, OF(listen)},
	{"textfile", 0, "FILE", "export: write this file anew every 15s, or -d", take_text, OF(textfile)},
	{"openmetrics", 0, NULL, "export: in that format", take_flag, OF(openmetrics)},
	{"per-endpoint", 0, NULL, "export: also what each process did with each channel", take_flag, OF(per_endpoint)},
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
	if (optind < argc && o->command != NULL && options_one_of(o->command->name, alone))
		return options_wrong("%s watches no domain, so what is \"%s\"?", o->command->name,
				     argv[optind]);
	if (optind < argc && options_n_targets(o) > 0)
		return options_two_targets();
	if (optind < argc && discover_word(o, argv[optind++]) < 0)
		return options_wrong("the path \"%.40s...\" is too long", argv[optind - 1]);
	if (optind < argc)
		return options_wrong("one command and one domain are enough, so what is \"%s\"?",
				     argv[optind]);
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
		r = options_check_target(ret);
	if (r >= 0)
		return r;
	ret->color = want_color(ret->colors);
	return options_check_formats(ret);
}

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <ipc/base.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target.h"

enum { OPT_DOMAIN = 256, OPT_DIR, OPT_COLOR, OPT_HELP };

static const struct option longs[] = {
	{"domain", required_argument, NULL, OPT_DOMAIN},
	{"dir", required_argument, NULL, OPT_DIR},
	{"delay", required_argument, NULL, 'd'},
	{"count", required_argument, NULL, 'n'},
	{"batch", no_argument, NULL, 'b'},
	{"once", no_argument, NULL, '1'},
	{"json", no_argument, NULL, 'J'},
	{"ascii", no_argument, NULL, 'U'},
	{"color", required_argument, NULL, OPT_COLOR},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static void usage(FILE *to)
{
	fputs("usage: ipcmon [options] [command]\n\n"
	      "Without a command: the screen; where standard output is no terminal, ls.\n\n",
	      to);
	for (const struct command *c = command_table; c->name != NULL; c++)
		fprintf(to, "  %-22s %s\n", c->name, c->help);
	fputs("\n"
	      "  --domain NAME          which domain ($IPC_DOMAIN, else \"default\")\n"
	      "  --dir PATH             the same by its directory; may be a copy of one\n"
	      "  -d, --delay TIME       time between readings: 1, 0.5, 500ms (1s)\n"
	      "  -n, --count N          end after N readings\n"
	      "  -b, --batch            print instead of drawing, until -n or a signal ends it\n"
	      "  -1, --once             one reading, at once, without rates\n"
	      "  -J, --json             JSON, one object a line\n"
	      "  -U, --ascii            draw with ASCII only\n"
	      "      --color WHEN       auto, always, never (auto; NO_COLOR is heeded)\n"
	      "  -V, --version          print the version\n"
	      "      --help             print this\n\n"
	      "Exit status: 0 fine, 1 run-time error, 2 usage, 3 no such domain, 4 permission, 5 incompatible\n"
	      "version; of check: 0 ok, 1 warning, 2 critical, 3 unknown. Keys: press ? on the screen.\n",
	      to);
}

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
	char  *end;
	double v = strtod(text, &end);

	if (end == text || !isfinite(v) || v < 0)
		return 0;
	if (strcmp(end, "ms") == 0)
		v /= 1000;
	else if (end[0] != 0 && strcmp(end, "s") != 0)
		return 0;
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

/* Returns -1 to go on, or an exit code. */
static int take(struct options *o, int c, const char *arg)
{
	switch (c) {
	case OPT_DOMAIN: o->domain = arg; return -1;
	case OPT_DIR: o->dir = arg; return -1;
	case 'd':
		if (parse_delay(arg, &o->interval_ns))
			return -1;
		return wrong("a delay is 50ms to a day, such as 0.5 or 500ms, not \"%s\"", arg);
	case 'n':
		if (parse_count(arg, &o->count))
			return -1;
		return wrong("a count is a number from 1 on, not \"%s\"", arg);
	case OPT_COLOR:
		if (parse_color(arg, &o->colors))
			return -1;
		return wrong("--color is auto, always or never, not \"%s\"", arg);
	case 'b': o->batch = 1; return -1;
	case '1': o->once = o->batch = 1; return -1;
	case 'J': o->json = o->batch = 1; return -1;
	case 'U': o->ascii = 1; return -1;
	case 'V': printf("ipcmon %s\n", ipc_version()); return EXIT_OK;
	case OPT_HELP: usage(stdout); return EXIT_OK;
	default: fputs("see ipcmon --help\n", stderr); return EXIT_USAGE;
	}
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

int options_parse(struct options *ret, int argc, char **argv)
{
	int c, r;

	*ret = (struct options){.interval_ns = UINT64_C(1000000000)};
	while ((c = getopt_long(argc, argv, "d:n:b1JUV", longs, NULL)) != -1) {
		r = take(ret, c, optarg);
		if (r >= 0)
			return r;
	}
	if (optind < argc) {
		ret->command = find_command(argv[optind]);
		if (ret->command == NULL)
			return wrong("there is no command \"%s\"; a domain is named with --domain",
				     argv[optind]);
		optind++;
	}
	if (optind < argc)
		return wrong("nothing can follow the command, so what is \"%s\"?", argv[optind]);
	if (ret->domain != NULL && ret->dir != NULL)
		return wrong("--domain and --dir name two domains");
	ret->color = want_color(ret->colors);
	return -1;
}

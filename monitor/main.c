/*
 * ipcmon - shows who talks, who waits, and who will wait for ever
 *
 * main.c decides between the screen and the printing commands. Everything else
 * lies in a folder: see README.md.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "output/command.h"
#include "target.h"
#include "term/tui.h"

static int run(const struct options *o)
{
	struct options once = *o;
	int            r;

	if (o->command != NULL)
		return o->command->run(o);
	if (o->batch)
		return command_ls(o);
	/* Nobody is there to press q: once, and be done. */
	once.count = o->count > 0 ? o->count : 1;
	if (!isatty(STDOUT_FILENO))
		return command_ls(&once);
	r = tui_run(o);
	if (r >= 0)
		return r;
	fputs("ipcmon: no terminal to draw on (see $TERM); printing instead\n", stderr);
	return command_ls(&once);
}

/* Wrong usage of a check is no verdict: a supervisor must not take it for a deadlock. */
static int usage_code(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "check") == 0)
			return IPC_GRADE_UNKNOWN;
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct options o;
	int            r;

	setlocale(LC_CTYPE, "");
	/* `ipcmon -b | head` ends when head does, and says nothing about it. */
	signal(SIGPIPE, SIG_DFL);
	r = options_parse(&o, argc, argv);
	if (r == EXIT_USAGE)
		return usage_code(argc, argv);
	return r >= 0 ? r : run(&o);
}

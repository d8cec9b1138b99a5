/*
 * ipcmon - shows who talks, who waits, and who will wait for ever
 *
 * main.c decides between the screen and the printing commands. Everything else
 * lies in a folder: see README.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "options.h"
#include "output/command.h"
#include "target.h"
#include "term/tui.h"

#define HEAP_KEPT (32 << 20) /* picked: what a frame of 10 000 channels takes, several times */
#define HEAP_PAGES \
	(1 << 20) /* picked: what grows to more has pages of its own, and leaves no hole */

/* Of the settings, from where on a lint fires holds for what is printed, too. */
static void configure(const struct options *o)
{
	struct ui ui;

	ui_init(&ui, o->interval_ns);
	config_load(&ui, o->config);
}

static int run(const struct options *o)
{
	struct options once = *o;
	int            r;

	if (o->command == NULL && !o->batch && isatty(STDOUT_FILENO)) {
		r = options_check_screen(o);
		if (r < 0)
			r = tui_run(o); /* it takes all of the settings */
		if (r >= 0)
			return r;
		fputs("ipcmon: no terminal to draw on (see $TERM); printing instead\n", stderr);
	} else {
		configure(o);
	}
	if (o->command != NULL)
		return o->command->run(o);
	if (o->batch)
		return command_ls(o);
	/* Nobody is there to press q: once, and be done. */
	once.count = o->count > 0 ? o->count : 1;
	return command_ls(&once);
}

/* Their exit codes are verdicts. */
static int judges(const char *command)
{
	return strcmp(command, "check") == 0 || strcmp(command, "verify") == 0;
}

/* Wrong usage of a check is no verdict: a supervisor must not take it for a deadlock. */
static int usage_code(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (judges(argv[i]))
			return IPC_GRADE_UNKNOWN;
	return EXIT_USAGE;
}

/* Of the three that are closed none may become a file of the domain. Writing to it fails, as it should. */
static void open_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* What was printed and cannot be written is an error, whatever was printed. */
static int finish(const struct options *o, int r)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return r;
	if (r == EXIT_OK)
		fprintf(stderr, "ipcmon: cannot write to standard output: %s\n", strerror(errno));
	if (o->command != NULL && judges(o->command->name))
		return IPC_GRADE_UNKNOWN;
	return r == EXIT_OK ? EXIT_RUN_TIME : r;
}

int main(int argc, char **argv)
{
	struct options o;
	int            r;

	open_standard_files();
	setlocale(LC_CTYPE, "");
	/* What a reading takes, the next one takes again: not to and from the kernel each time. */
	mallopt(M_MMAP_THRESHOLD, HEAP_PAGES);
	mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	/* `ipcmon -b | head` ends when head does, and says nothing about it. */
	signal(SIGPIPE, SIG_DFL);
	/* A file that is as large as it may be is an error of who writes it, like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	r = options_parse(&o, argc, argv);
	if (r == EXIT_USAGE)
		return usage_code(argc, argv);
	return finish(&o, r >= 0 ? r : run(&o));
}

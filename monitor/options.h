#ifndef OPTIONS_H
#define OPTIONS_H

/*
 * options.h - the command line
 */

#include <stdint.h>

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct command;

struct options {
	const struct command *command; /* NULL: the screen, or what stands in for it */
	const char           *domain, *dir;
	uint64_t              interval_ns;
	uint64_t              count; /* readings; 0: not given */
	int                   batch, once, json, ascii;
	enum color            colors;
	int                   color; /* of the three: with colours on standard output */
};

/** What ipcmon can do without a screen. */
struct command {
	const char *name;
	const char *help;
	int (*run)(const struct options *o); /* returns the exit code */
};

extern const struct command command_table[];

/** Fill in @ret. Returns -1, or the code to exit with at once (help, version, wrong usage). */
int options_parse(struct options *ret, int argc, char **argv);

#endif

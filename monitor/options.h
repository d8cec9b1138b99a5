#ifndef OPTIONS_H
#define OPTIONS_H

/*
 * options.h - the command line
 */

#include <stddef.h>
#include <stdint.h>

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct command;

struct options {
	const struct command *command; /* NULL: the screen, or what stands in for it */
	const char           *domain, *dir;
	uint64_t              pid;             /* of a process of the domain; 0: not given */
	const char           *replay, *record; /* files; replay: "-" is standard input */
	uint64_t              since_ns;        /* before the end of a recording; 0: not given */
	uint64_t              interval_ns;
	int                   interval_given; /* by -d: it goes before what is configured */
	uint64_t              count;          /* readings; 0: not given */
	uint64_t              for_ns; /* lint, check: watch for so long before; 0: not given */
	int                   batch, once, json, ascii, dot;
	int                   jsonl, csv;             /* JSON again and again; CSV */
	const char           *table, *columns, *sort; /* NULL: as the command has it */
	const char           *filter;
	int                   no_header, tree, quiet, perf, self;
	int                   exact;             /* numbers in base units instead of three digits */
	const char           *listen, *textfile; /* export: where to; NULL: standard output */
	int                   openmetrics;
	int                   per_endpoint;
	int                   names;          /* gc: unlink, too, what nobody has open */
	const char           *config;         /* file of settings; NULL: the user's own */
	const char           *theme, *preset; /* NULL: as configured */
	int                   no_mouse;
	enum color            colors;
	int                   color;    /* of the three: with colours on standard output */
	uint64_t              lints;    /* bits of enum lint_id: those asked for */
	const char           *argument; /* of the command, where it takes one; NULL: not given */
	const char           *second;   /* the same of one that takes two */
	char                **words;    /* of one that takes many */
	int                   n_words;
};

/** What ipcmon can do without a screen. */
struct command {
	const char *name;
	const char *help;
	int (*run)(const struct options *o); /* returns the exit code */
	int takes_argument;                  /* so many at most; WORDS_MANY */
};

/* All words but the last, if that names what to watch. */
#define WORDS_MANY 3

extern const struct command command_table[];

/**
 * One option: what help says of it, and what it does. take() gets its argument
 * and the member at @member, and returns -1 to go on, or an exit code.
 */
struct option_row {
	const char *name;
	int         letter;   /* 0: it has none */
	const char *argument; /* what help calls it; NULL: it takes none */
	const char *help;
	int (*take)(struct options *o, void *member, const char *arg);
	size_t member;
};

extern const struct option_row option_rows[];
extern const size_t            option_rows_n;

/** Fill in @ret. Returns -1, or the code to exit with at once (help, version, wrong usage). */
int options_parse(struct options *ret, int argc, char **argv);

/** Is there anything that the screen does not heed? Returns -1, or the code to exit with. */
int options_check_screen(const struct options *o);

#endif

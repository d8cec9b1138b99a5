/* options_check.c - options that do not go together, or with the command */

#include <string.h>

#include "options_parts.h"

int options_one_of(const char *name, const char *const *names)
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
		     {o->listen != NULL, "--listen", "export"},
		     {o->textfile != NULL, "--textfile", "export"},
		     {o->openmetrics, "--openmetrics", "export"},
		     {o->per_endpoint, "--per-endpoint", "export"},
		     {o->table != NULL, "--table", "ls"}};

	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		if (owned[i].given && strcmp(name, owned[i].command) != 0)
			return options_wrong("%s is for %s", owned[i].option, owned[i].command);
	if (o->for_ns > 0 && strcmp(name, "lint") != 0 && strcmp(name, "check") != 0)
		return options_wrong("--for is for lint and check");
	return -1;
}

/* It prints one exposition, or keeps one up to date. */
static int check_export(const struct options *o)
{
	int kept = o->listen != NULL || o->textfile != NULL;

	if (o->listen != NULL && o->textfile != NULL)
		return options_wrong("--listen and --textfile are two places; one at a time");
	if (kept && o->replay != NULL)
		return options_wrong(
			"what is collected lives: no --replay with --listen, --textfile");
	if (o->listen != NULL && (o->once || o->openmetrics))
		return options_wrong("--listen serves what is asked for until a signal ends it: "
				     "no --once, --openmetrics");
	if (!kept && (o->batch || o->count > 1))
		return options_wrong("export prints once: -b and -n are for --listen, --textfile");
	return check_owners(o, "export");
}

/* CSV is of one table; what has none says so. */
int options_check_formats(const struct options *o)
{
	static const char *const with_table[] = {"ls", "waits", "stat", NULL};
	static const char *const no_json[] = {"explain", "report",     "record", "export",
					      "stream",  "completion", NULL};
	const char              *name = o->command != NULL ? o->command->name : "ls";

	if (o->csv && o->json)
		return options_wrong("--csv and --json are two formats");
	if (o->dot && o->json)
		return options_wrong("--dot and --json are two formats");
	if (!options_one_of(name, with_table) &&
	    (o->csv || o->columns != NULL || o->sort != NULL || o->filter != NULL))
		return options_wrong("%s prints no table of rows: no --csv, -o, -s, -F", name);
	if (strcmp(name, "stat") == 0 && (o->sort != NULL || o->filter != NULL))
		return options_wrong("stat prints one line for the whole domain: no -s, -F");
	if (o->json && strcmp(name, "verify") == 0)
		return options_wrong("verify says one line and exits with the answer: no --json");
	if (o->json && options_one_of(name, no_json))
		return options_wrong("%s has no JSON: no --json", name);
	return strcmp(name, "export") == 0 ? check_export(o) : check_owners(o, name);
}

/* On the screen there are keys for these. */
int options_check_screen(const struct options *o)
{
	const struct {
		int         given;
		const char *option;
	} printing[] = {{o->columns != NULL, "-o"},   {o->sort != NULL, "-s"},
			{o->no_header, "-H"},         {o->quiet, "-q"},
			{o->exact, "--bytes"},        {o->self, "--self"},
			{o->table != NULL, "--table"}};

	for (size_t i = 0; i < sizeof(printing) / sizeof(printing[0]); i++)
		if (printing[i].given)
			return options_wrong("%s is for what is printed: name a command, as ls, or "
					     "give -b",
					     printing[i].option);
	return -1;
}

int options_n_targets(const struct options *o)
{
	return (o->domain != NULL) + (o->dir != NULL) + (o->pid > 0) + (o->replay != NULL);
}

int options_two_targets(void)
{
	return options_wrong("these name two things to watch; one at a time");
}

/* At most one thing is watched. */
int options_check_target(const struct options *o)
{
	if (options_n_targets(o) > 1)
		return options_two_targets();
	if (o->replay != NULL && o->command != NULL && strcmp(o->command->name, "gc") == 0)
		return options_wrong("gc cleans domains, and \"%s\" is a recording", o->replay);
	if (o->since_ns > 0 && o->replay == NULL)
		return options_wrong("--since goes back in a recording: it needs --replay");
	if (o->replay != NULL && o->record != NULL)
		return options_wrong("--replay shows a recording; there is nothing to record");
	return -1;
}

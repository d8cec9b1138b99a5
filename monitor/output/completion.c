/*
 * completion.c - what a shell offers after `ipcmon`, from the tables of options and commands
 */
#include <stdio.h>
#include <string.h>

#include "lint/lint.h"
#include "output/command.h"
#include "target.h"

static const char *const shells[] = {"bash", "zsh"};

/* ---- words for an argument ---------------------------------------------------------- */

static void lint_words(void)
{
	for (int i = 0; i < N_LINTS; i++)
		printf("%s %s ", lint_kinds[i].id, lint_kinds[i].name);
}

static void lint_words_and_all(void)
{
	lint_words();
	printf("all");
}

static void color_words(void)
{
	printf("auto always never");
}

static void table_words(void)
{
	for (int k = 0; k < N_OBJECTS; k++)
		if (select_table_name((enum object_kind)k) != NULL)
			printf("%s ", select_table_name((enum object_kind)k));
}

/* Those of all tables: which one is meant may stand further on. */
static void column_words(void)
{
	struct listing_column c;

	for (int k = 0; k < N_OBJECTS; k++)
		for (int i = 0; column_at(object_listing((enum object_kind)k), i, &c); i++)
			printf("%s ", column_name(&c));
	printf("help");
}

static void shell_words(void)
{
	printf("%s %s", shells[0], shells[1]);
}

/* By what the option table, or the command, calls its argument. */
static const struct {
	const char *argument;
	void (*words)(void);
	const char *bash, *zsh; /* without words: what the shell itself knows to offer */
} arguments[] = {
	{"LINT", lint_words_and_all, NULL, NULL},
	{"WHEN", color_words, NULL, NULL},
	{"TABLE", table_words, NULL, NULL},
	{"COLUMN", column_words, NULL, NULL},
	{"LIST", column_words, NULL, NULL},
	{"FILE", NULL, "compgen -f --", "_files"},
	{"PATH", NULL, "compgen -d --", "_directories"},
	{"DOMAIN", NULL, "_ipcmon_domains", "_ipcmon_domains"},
	{"explain", lint_words, NULL, NULL},
	{"completion", shell_words, NULL, NULL},
	{"record", NULL, "compgen -f --", "_files"},
	{"report", NULL, "compgen -f --", "_files"},
	{"diff", NULL, "compgen -f --", "_files"},
};

#define N_ARGUMENTS (sizeof(arguments) / sizeof(arguments[0]))

static int argument_of(const char *name)
{
	for (size_t i = 0; name != NULL && i < N_ARGUMENTS; i++)
		if (strcmp(arguments[i].argument, name) == 0)
			return (int)i;
	return -1;
}

/* ---- bash ------------------------------------------------------------------------------ */

static void bash_offer(int i)
{
	if (arguments[i].words == NULL) {
		printf("COMPREPLY=($(%s \"$cur\"))", arguments[i].bash);
		return;
	}
	printf("COMPREPLY=($(compgen -W '");
	arguments[i].words();
	printf("' -- \"$cur\"))");
}

static void bash_option(const struct option_row *r)
{
	int i = argument_of(r->argument);

	if (r->argument == NULL)
		return;
	if (r->letter != 0)
		printf("\t-%c | ", r->letter);
	else
		putchar('\t');
	printf("--%s)", r->name);
	if (i >= 0)
		putchar(' '), bash_offer(i);
	printf("%sreturn ;;\n", i >= 0 ? "; " : " ");
}

static void bash_command(const struct command *c)
{
	int i = argument_of(c->name);

	if (c->takes_argument == 0 || i < 0)
		return;
	printf("\t%s) ", c->name);
	bash_offer(i);
	printf("; return ;;\n");
}

static void bash(void)
{
	printf("# bash completion of ipcmon; written by: ipcmon completion bash\n\n"
	       "_ipcmon_domains() {\n"
	       "\tlocal d\n"
	       "\tfor d in \"${IPC_DIR:-/dev/shm/libipc-$UID}\"/*/registry; do\n"
	       "\t\t[ ! -e \"$d\" ] || { d=${d%%/registry} && compgen -W \"${d##*/}\" -- \"$1\"; }\n"
	       "\tdone\n"
	       "}\n\n"
	       "_ipcmon() {\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n\n"
	       "\tCOMPREPLY=()\n"
	       "\tcase $prev in\n");
	for (size_t i = 0; i < option_rows_n; i++)
		bash_option(&option_rows[i]);
	for (const struct command *c = command_table; c->name != NULL; c++)
		bash_command(c);
	printf("\tesac\n"
	       "\tif [[ $cur == -* ]]; then\n"
	       "\t\tCOMPREPLY=($(compgen -W '");
	for (size_t i = 0; i < option_rows_n; i++)
		printf("--%s ", option_rows[i].name);
	printf("' -- \"$cur\"))\n"
	       "\t\treturn\n"
	       "\tfi\n"
	       "\tCOMPREPLY=($(compgen -W '");
	for (const struct command *c = command_table; c->name != NULL; c++)
		printf("%s ", c->name);
	printf("' -- \"$cur\"))\n"
	       "}\n\n"
	       "complete -F _ipcmon ipcmon\n");
}

/* ---- zsh ---------------------------------------------------------------------------------- */

/* In single quotes, and there in something where each of @special means something. */
static void zsh_text(const char *text, const char *special)
{
	for (; *text != 0; text++)
		if (*text == '\'')
			printf("'\\''");
		else if (strchr(special, *text) != NULL)
			printf("\\%c", *text);
		else
			putchar(*text);
}

static void zsh_action(int i)
{
	if (i < 0)
		return;
	if (arguments[i].words == NULL) {
		printf("%s", arguments[i].zsh);
		return;
	}
	printf("(");
	arguments[i].words();
	printf(")");
}

static void zsh_spelling(const struct option_row *r, const char *dashes, const char *name)
{
	printf("\t'*%s%s[", dashes, name);
	zsh_text(r->help, "[]:\\");
	printf("]");
	if (r->argument != NULL) {
		printf(":%s:", r->argument);
		zsh_action(argument_of(r->argument));
	}
	printf("' \\\n");
}

static void zsh_option(const struct option_row *r)
{
	char letter[2] = {(char)r->letter, 0};

	if (r->letter != 0)
		zsh_spelling(r, "-", letter);
	zsh_spelling(r, "--", r->name);
}

static void zsh_command(const struct command *c)
{
	int i = argument_of(c->name);

	if (c->takes_argument == 0 || i < 0)
		return;
	printf("\t\t%s) ", c->name);
	if (arguments[i].words != NULL) {
		printf("compadd -- ");
		arguments[i].words();
	} else {
		printf("%s", arguments[i].zsh);
	}
	printf(" ;;\n");
}

static void zsh_command_help(const struct command *c)
{
	printf("%s\\:\"", c->name);
	zsh_text(c->help, "\"`$:\\");
	printf("\" ");
}

static void zsh(void)
{
	printf("#compdef ipcmon\n"
	       "# zsh completion of ipcmon; written by: ipcmon completion zsh\n\n"
	       "_ipcmon_domains() {\n"
	       "\tlocal -a domains=(${IPC_DIR:-/dev/shm/libipc-$UID}/*/registry(N:h:t))\n"
	       "\tcompadd -a domains\n"
	       "}\n\n"
	       "_ipcmon() {\n"
	       "\tlocal context state state_descr line\n"
	       "\ttypeset -A opt_args\n\n"
	       "\t_arguments -s \\\n");
	for (size_t i = 0; i < option_rows_n; i++)
		zsh_option(&option_rows[i]);
	printf("\t'1:command:((");
	for (const struct command *c = command_table; c->name != NULL; c++)
		zsh_command_help(c);
	printf("))' \\\n"
	       "\t'*:argument:->argument' && return\n"
	       "\t[[ $state == argument ]] && case $line[1] in\n");
	for (const struct command *c = command_table; c->name != NULL; c++)
		zsh_command(c);
	printf("\tesac\n"
	       "}\n\n"
	       "_ipcmon \"$@\"\n");
}

int command_completion(const struct options *o)
{
	static void (*const print[])(void) = {bash, zsh};

	for (size_t i = 0; o->argument != NULL && i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(o->argument, shells[i]) == 0) {
			print[i]();
			return EXIT_OK;
		}
	fputs("ipcmon: completion is for bash or zsh: ipcmon completion bash\n", stderr);
	return EXIT_USAGE;
}

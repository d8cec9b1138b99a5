/* command_lint.c - lints, and what they mean */

#include <stdio.h>

#include "lint/limits.h"
#include "output/command.h"
#include "output/dump.h"

static void print_lints(const struct text_style *st, const struct options *o, const struct frame *f)
{
	struct lints l;

	/* Who watched for a while wants to know all that came. */
	if (o->for_ns > 0)
		lints_seen(&l, f, o->lints);
	else
		lints_find(&l, f, o->lints);
	if (o->json)
		dump_json(st->to, f, DUMP_LINTS, &l);
	else if (l.n == 0)
		text_line(st, ROLE_OK, "no lints");
	else
		text_lints(st, f, &l);
	lints_fini(&l);
}

int command_lint(const struct options *o)
{
	return command_once(o, print_lints, 0);
}

/* What of it a settings file may change. */
static void print_limits(enum lint_id id)
{
	char now[32], by_default[32];

	for (int i = 0; i < N_LIMITS; i++) {
		if (lint_limit_of((enum lint_limit)i) != id)
			continue;
		lint_limit_text((enum lint_limit)i, 0, now, sizeof(now));
		lint_limit_text((enum lint_limit)i, 1, by_default, sizeof(by_default));
		printf("Setting: lint.%s = %s (%s by default): %s.\n",
		       lint_limit_name((enum lint_limit)i), now, by_default,
		       lint_limit_help((enum lint_limit)i));
	}
}

static void explain(enum lint_id id)
{
	const struct lint_kind *k = &lint_kinds[id];

	printf("%s %s: %s.\n\n%s\nSeen by: %s.\n", k->id, k->name, k->when, k->explain, k->limits);
	print_limits(id);
	printf("Fix: %s.\n", k->fix);
}

int command_explain(const struct options *o)
{
	int i = o->argument != NULL ? lint_named(o->argument) : -1;

	if (o->argument != NULL && i < 0) {
		fprintf(stderr, "ipcmon: there is no lint \"%s\"; ipcmon explain lists them\n",
			o->argument);
		return 2;
	}
	for (int k = 0; o->argument == NULL && k < N_LINTS; k++)
		printf("%s %-20s %s\n", lint_kinds[k].id, lint_kinds[k].name, lint_kinds[k].when);
	if (i >= 0)
		explain((enum lint_id)i);
	return command_written() ? 0 : 1;
}

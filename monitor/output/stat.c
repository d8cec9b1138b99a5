/*
 * stat.c - the domain in one line a second
 */
#include "output/command.h"
#include "output/rows.h"

/* As many lines as are still in sight with the names over them. */
#define HEADER_EVERY 20

static struct selection selection;
static uint64_t         n_printed;

static void print_json(const struct frame *f)
{
	struct json j;

	json_init(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "schema", "ipcmon.stat/1");
	json_string(&j, "domain", f->s->domain);
	rows_members(&j, &selection.tables[0], f, 0, NULL);
	json_end(&j);
	putchar('\n');
}

static void print_stat(const struct text_style *st, const struct options *o, const struct frame *f)
{
	int header = !o->no_header && n_printed % HEADER_EVERY == 0;

	if (o->json)
		print_json(f);
	else if (o->csv)
		rows_csv(stdout, &selection.tables[0], f, header && n_printed == 0);
	else
		text_rows(st, f, &selection.tables[0], header);
	n_printed++;
}

int command_stat(const struct options *o)
{
	struct options copy = *o;
	int            r = selection_of(&selection, o, &total_listing);

	/* One line in JSON too is many lines: a stream is what it is for. */
	copy.jsonl = 1;
	copy.batch = 1;
	if (r < 0)
		r = command_repeat(&copy, print_stat, 1);
	selection_fini(&selection);
	return r;
}

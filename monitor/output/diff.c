/*
 * diff.c - what changed between two states: copies of a domain, or recordings
 *
 * What has an id is the same thing in every reading of one domain. Of two domains that
 * only share their names, for instance of two runs of a program, things with the same
 * name are compared.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "output/command.h"
#include "output/dump.h"
#include "output/rows.h"
#include "source.h"
#include "text/mem.h"
#include "text/number.h"
#include "text/utf8.h"
#include "view/words.h"

struct side {
	const char         *file;
	struct options      options;
	struct source       source;
	const struct frame *f;
};

struct diff {
	struct side a, b;
	int         same; /* both are of one domain: ids count */
	int         n;    /* changes found */
	struct json j;
	int         json;
};

/* ---- the two sides ------------------------------------------------------------------ */

static int open_side(struct side *s, const struct options *o, const char *file)
{
	struct stat st;
	int         r;

	s->file = file;
	s->options = *o;
	s->options.domain = NULL;
	if (stat(file, &st) == 0 && S_ISDIR(st.st_mode))
		s->options.dir = file;
	else
		s->options.replay = file;
	r = source_open(&s->source, &s->options, 0);
	if (r == 0) {
		source_seek(&s->source, 1);
		r = source_read(&s->source);
	}
	if (r < 0) {
		fprintf(stderr, "ipcmon: %s: %s\n", file, s->source.why);
		return r;
	}
	s->f = source_frame(&s->source);
	return 0;
}

/* ---- one change ---------------------------------------------------------------------- */

static void text_of(const struct data *d, char *ret, size_t size)
{
	if (d->unknown)
		snprintf(ret, size, "-");
	else if (d->type == DATA_NUMBER)
		snprintf(ret, size, "%" PRIu64, d->number);
	else if (d->type == DATA_REAL)
		snprintf(ret, size, "%.3f", d->real);
	else if (d->type == DATA_BOOL)
		snprintf(ret, size, "%s", d->yes ? "yes" : "no");
	else
		snprintf(ret, size, "%s", d->text);
}

struct change {
	const struct listing *listing;
	const char           *what; /* "new", "gone", "changed" */
	uint64_t              id;
	const char           *name, *column;
	const struct data    *before, *after;
};

static void change_json(struct json *j, const struct change *c)
{
	char id[24];

	snprintf(id, sizeof(id), "%" PRIu64, c->id);
	json_object(j, NULL);
	json_string(j, "table", c->listing->json);
	json_string(j, "what", c->what);
	json_string(j, "id", id);
	json_string(j, "name", c->name);
	json_string(j, "column", c->column);
	rows_value(j, "before", c->before);
	rows_value(j, "after", c->after);
	json_end(j);
}

static void change_text(const struct text_style *st, const struct change *c)
{
	char before[DATA_ROOM] = "", after[DATA_ROOM] = "", text[3 * DATA_ROOM], more[32] = "";

	if (c->column == NULL) {
		snprintf(text, sizeof(text), "%-10s %-8s %.500s", c->listing->json, c->what,
			 utf8_part(c->name, 500).text);
		text_line(st, strcmp(c->what, "gone") == 0 ? ROLE_DIM : ROLE_ACCENT, text);
		return;
	}
	text_of(c->before, before, sizeof(before));
	text_of(c->after, after, sizeof(after));
	if (!c->before->unknown && !c->after->unknown && c->after->type == DATA_NUMBER)
		snprintf(more, sizeof(more), " (%+" PRIi64 ")",
			 (int64_t)(c->after->number - c->before->number));
	snprintf(text, sizeof(text), "%-10s %-8s %.100s  %s %.400s -> %.400s%s", c->listing->json,
		 c->what, utf8_part(c->name, 100).text, c->column, utf8_part(before, 400).text,
		 utf8_part(after, 400).text, more);
	text_line(st, ROLE_NORMAL, text);
}

static void put_change(struct diff *d, const struct text_style *st, const struct change *c)
{
	d->n++;
	if (d->json)
		change_json(&d->j, c);
	else
		change_text(st, c);
}

/* ---- rows -------------------------------------------------------------------------------- */

/* What it is called: the last column of the screen is its name, or says what it is. */
static void name_of(const struct listing *l, const struct frame *f, uint32_t row, char *ret,
		    size_t size)
{
	struct listing_column c;
	struct data           d;

	if (!column_named(l, "name", &c) && !column_named(l, "summary", &c)) {
		snprintf(ret, size, "?");
		return;
	}
	column_data(&c, f, row, &d);
	text_of(&d, ret, size);
}

static uint32_t row_like(const struct diff *d, const struct listing *l, const struct frame *f,
			 uint32_t row, const struct frame *in)
{
	char name[DATA_ROOM], other[DATA_ROOM];

	name_of(l, f, row, name, sizeof(name));
	for (uint32_t i = 0; i < l->n_rows(in); i++) {
		if (d->same) {
			if (l->id(in, i) == l->id(f, row))
				return i;
			continue;
		}
		name_of(l, in, i, other, sizeof(other));
		if (strcmp(name, other) == 0)
			return i;
	}
	return IPC_NO_INDEX;
}

static int differs(const struct data *a, const struct data *b)
{
	if (a->unknown || b->unknown)
		return a->unknown != b->unknown;
	switch (a->type) {
	case DATA_NUMBER: return a->number != b->number;
	case DATA_BOOL: return a->yes != b->yes;
	case DATA_TEXT: return strcmp(a->text, b->text) != 0;
	default: return 0; /* a rate is of the moment */
	}
}

/* What differs between any two runs, or two moments, and tells nothing. */
static int is_compared(const struct diff *d, const struct listing_column *c)
{
	static const char *const of_a_run[] = {"id",         "pid",       "tid",
					       "created_ns", "joined_ns", "parent_pid",
					       "channel_id", "since_ns"};
	const char              *json = column_json(c);

	if (json[0] == 0 || strcmp(json, "age_ns") == 0 || strcmp(json, "oldest_ns") == 0 ||
	    strcmp(json, "summary") == 0)
		return 0;
	for (size_t i = 0; !d->same && i < sizeof(of_a_run) / sizeof(of_a_run[0]); i++)
		if (strcmp(json, of_a_run[i]) == 0)
			return 0;
	return 1;
}

static void compare(struct diff *d, const struct text_style *st, const struct listing *l,
		    uint32_t a, uint32_t b)
{
	struct listing_column column;
	struct data           before, after;
	char                  name[DATA_ROOM];

	name_of(l, d->b.f, b, name, sizeof(name));
	for (int i = 0; column_at(l, i, &column); i++) {
		if (!is_compared(d, &column))
			continue;
		column_data(&column, d->a.f, a, &before);
		column_data(&column, d->b.f, b, &after);
		if (differs(&before, &after))
			put_change(d, st,
				   &(struct change){l, "changed", l->id(d->b.f, b), name,
						    column_json(&column), &before, &after});
	}
}

static void one_side_only(struct diff *d, const struct text_style *st, const struct listing *l,
			  const struct frame *f, uint32_t row, const char *what)
{
	char name[DATA_ROOM];

	name_of(l, f, row, name, sizeof(name));
	put_change(d, st, &(struct change){l, what, l->id(f, row), name, NULL, NULL, NULL});
}

static void tables(struct diff *d, const struct text_style *st)
{
	static const struct listing *const compared[] = {&finding_listing, &channel_listing,
							 &process_listing, &wait_listing};

	for (size_t t = 0; t < sizeof(compared) / sizeof(compared[0]); t++) {
		const struct listing *l = compared[t];

		for (uint32_t i = 0; i < l->n_rows(d->a.f); i++)
			if (row_like(d, l, d->a.f, i, d->b.f) == IPC_NO_INDEX)
				one_side_only(d, st, l, d->a.f, i, "gone");
		for (uint32_t i = 0; i < l->n_rows(d->b.f); i++) {
			uint32_t before = row_like(d, l, d->b.f, i, d->a.f);

			if (before == IPC_NO_INDEX)
				one_side_only(d, st, l, d->b.f, i, "new");
			else
				compare(d, st, l, before, i);
		}
	}
}

/* ---- what is printed --------------------------------------------------------------------- */

static double seconds(const struct diff *d)
{
	return ((double)d->b.f->s->t_real_ns - (double)d->a.f->s->t_real_ns) / 1e9;
}

static void side_json(struct json *j, const char *key, const struct side *s)
{
	json_object(j, key);
	json_string(j, "file", s->file);
	json_string(j, "domain", s->f->s->domain);
	json_number(j, "t_real_ns", s->f->s->t_real_ns);
	json_string(j, "grade", dump_grade_name(s->f->s->grade));
	json_string(j, "summary", words_summary(s->f).text);
	json_end(j);
}

static void print_json(struct diff *d, const struct text_style *st)
{
	json_init(&d->j, stdout);
	json_object(&d->j, NULL);
	json_string(&d->j, "schema", "ipcmon.diff/1");
	side_json(&d->j, "before", &d->a);
	side_json(&d->j, "after", &d->b);
	json_real(&d->j, "seconds", seconds(d));
	json_array(&d->j, "changes");
	tables(d, st);
	json_end(&d->j);
	json_end(&d->j);
	putchar('\n');
}

static void print_text(struct diff *d, const struct text_style *st)
{
	struct words a = words_summary(d->a.f), b = words_summary(d->b.f);
	double       s = seconds(d);

	printf("before  ");
	text_line(st, a.role, a.text);
	printf("after   ");
	text_line(st, b.role, b.text);
	printf("%s %s, %s\n\n", number_duration((uint64_t)(fabs(s) * 1e9)).text,
	       s < 0 ? "back" : "on",
	       d->same ? "in one domain" : "of two domains: things of the same name are compared");
	tables(d, st);
	if (d->n == 0)
		printf("nothing has changed\n");
}

int command_diff(const struct options *o)
{
	struct text_style st = {stdout, command_caps(o)};
	struct diff       d = {.json = o->json};
	int               r;

	if (o->argument == NULL || o->second == NULL) {
		fputs("ipcmon: diff compares two copies of a domain, or two recordings: ipcmon diff "
		      "A B\n",
		      stderr);
		return EXIT_USAGE;
	}
	r = open_side(&d.a, o, o->argument);
	if (r == 0) {
		r = open_side(&d.b, o, o->second);
		d.same = r == 0 && d.a.f->s->nonce == d.b.f->s->nonce;
		if (r == 0 && o->json)
			print_json(&d, &st);
		else if (r == 0)
			print_text(&d, &st);
		source_close(&d.b.source);
	}
	source_close(&d.a.source);
	return target_exit_code(r);
}

/*
 * command.c - what ipcmon does without a screen: read, print, again
 */
#include "output/command.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include "lint/events.h"
#include "model/tally.h"
#include "output/dump.h"
#include "output/pace.h"
#include "output/self.h"
#include "output/sheet.h"
#include "output/text.h"
#include "symbols.h"
#include "source.h"
#include "view/words.h"

/* Between the two readings that make a rate, where nobody asked for more. */
#define RATE_NS UINT64_C(250000000)

struct caps command_caps(const struct options *o)
{
	const char *term = getenv("TERM");
	int         utf8 = !o->ascii && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	/* The kernel's console has a font of 512 characters, and braille is not of them. */
	return (struct caps){.utf8 = utf8 && term != NULL && strcmp(term, "linux") != 0 ? 2 : utf8,
			     .color = o->color};
}

static void pause_until(uint64_t at_ns)
{
	while (!pace_sleep(at_ns))
		;
}

static void pause_for(uint64_t ns)
{
	pause_until(pace_next(0, ns));
}

static int failed(const struct source *s, int r)
{
	fprintf(stderr, "ipcmon: %s\n", s->why);
	return target_exit_code(r);
}

/* Who asked for an average over some time, and prints once, waits for it. */
static uint64_t rate_ns(const struct options *o)
{
	if (o->interval_given && o->count == 1)
		return o->interval_ns;
	return o->interval_ns < RATE_NS ? o->interval_ns : RATE_NS;
}

/* The first frame, after one that was only read for the rates. */
static int read_first(struct source *s, const struct options *o, int with_rates)
{
	int r = source_read(s);

	/* A recording has what came before, but for its first one. */
	if (r < 0 || !with_rates || o->once ||
	    (source_is_past(s) && source_frame(s)->interval_s > 0))
		return r;
	if (!source_is_past(s))
		pause_for(rate_ns(o));
	r = source_read(s);
	return r == -ENODATA && source_frame(s)->s != NULL ? 0 : r;
}

/* As often as habits are looked for; a recording has its own times. */
#define WATCH_NS EVENTS_LINT_NS

/* Read for as long as --for says; the last frame knows what came on the way. */
static int watch(struct source *s, const struct options *o)
{
	uint64_t begun = 0, left = o->for_ns;
	int      r;

	while ((r = source_read(s)) == 0 && left > 0) {
		uint64_t now = source_frame(s)->s->t_mono_ns;

		begun = begun == 0 ? now : begun;
		left = now - begun < o->for_ns ? o->for_ns - (now - begun) : 0;
		if (!source_is_past(s) && left > 0)
			pause_for(left < WATCH_NS ? left : WATCH_NS);
	}
	return r == -ENODATA && source_frame(s)->s != NULL ? 0 : r;
}

int command_written(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 1;
	fprintf(stderr, "ipcmon: cannot write to standard output: %s\n", strerror(errno));
	return 0;
}

/* Said once; what is printed goes on. */
static void note_recording(struct source *s)
{
	if (s->writer.why[0] == 0 || writer_is_open(&s->writer))
		return;
	fprintf(stderr, "ipcmon: %s\n", s->writer.why);
	s->writer.why[0] = 0;
}

static char buffer[64 << 10]; /* picked: a list of 500 rows in one piece; glibc's own has 4 KB */

/* When that is due; 1: the recording is over. */
static int read_next(struct source *s, const struct options *o, uint64_t *due_ns)
{
	int r;

	if (!source_is_past(s)) {
		*due_ns = pace_next(*due_ns, o->interval_ns);
		pause_until(*due_ns);
	}
	r = source_read(s);
	return r == -ENODATA ? 1 : r;
}

static int print_all(struct source *s, const struct options *o, print_fn *print, int with_rates)
{
	struct text_style st = {stdout, command_caps(o)};
	uint64_t          n = o->once ? 1 : o->count, due_ns = 0;
	int               r;

	if (n != 1)
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	source_seek(s, n == 1);
	r = o->for_ns > 0 ? watch(s, o) : read_first(s, o, with_rates);
	for (uint64_t i = 0; r == 0; i++) {
		note_recording(s);
		print(&st, o, source_frame(s));
		if (!command_written())
			return EXIT_RUN_TIME;
		if (i + 1 == n)
			break;
		r = read_next(s, o, &due_ns);
	}
	return r < 0 ? failed(s, r) : EXIT_OK;
}

void command_json(const struct options *o, const struct frame *f, unsigned parts)
{
	struct lints l;

	lints_find(&l, f, parts & DUMP_LINTS ? o->lints : 0);
	dump_json(stdout, f, parts, &l);
	lints_fini(&l);
}

/* ---- ls, waits -------------------------------------------------------------------- */

static struct selection selection; /* what the running command prints */

static void print_json(const struct options *o, const struct frame *f)
{
	struct lints none = {0};

	dump_selected(stdout, f, 0, &none, &selection);
}

/* A program that reads it wants the names once. */
static void print_csv(const struct options *o, const struct frame *f)
{
	static int before;

	rows_csv(stdout, &selection.tables[0], f, !before && !o->no_header);
	before = 1;
}

static int is_repeated(const struct options *o)
{
	return o->count != 1 && (o->batch || o->count > 1);
}

/* A table that is printed over and over is changed where its values are. */
static struct sheet *sheets[N_OBJECTS];

static void print_table(const struct text_style *st, const struct options *o, const struct frame *f,
			int i)
{
	if (is_repeated(o) && sheets[i] == NULL)
		sheets[i] = sheet_new();
	if (sheets[i] == NULL || !sheet_rows(sheets[i], st, f, &selection.tables[i], !o->no_header))
		text_rows(st, f, &selection.tables[i], !o->no_header);
}

static void print_tables(const struct text_style *st, const struct options *o,
			 const struct frame *f)
{
	for (int i = 0; i < selection.n; i++) {
		if (i > 0 && !o->no_header)
			putc('\n', st->to);
		print_table(st, o, f, i);
	}
	if (o->self)
		self_text(st, f->s);
}

static void print_ls(const struct text_style *st, const struct options *o, const struct frame *f)
{
	struct words w = words_summary(f);

	if (o->json) {
		print_json(o, f);
	} else if (o->csv) {
		print_csv(o, f);
	} else {
		if (!o->quiet) {
			text_line(st, w.role, w.text);
			putc('\n', st->to);
		}
		print_tables(st, o, f);
		if (is_repeated(o))
			putc('\n', st->to);
	}
}

static void print_waits(const struct text_style *st, const struct options *o, const struct frame *f)
{
	if (o->json)
		print_json(o, f);
	else if (o->csv)
		print_csv(o, f);
	else
		print_tables(st, o, f);
}

/* Rows of other tables say nothing of events, nor of lints. */
static int tells_events(print_fn *print)
{
	if (print != print_ls && print != print_waits)
		return 1;
	for (int i = 0; i < selection.n; i++)
		if (selection.tables[i].kind == OBJECT_EVENT)
			return 1;
	return 0;
}

int command_repeat(const struct options *o, print_fn *print, int with_rates)
{
	struct source s;
	int           r = source_open(&s, o, 1);

	s.tally.without_events = s.rewind.tally.without_events = !tells_events(print);
	r = r < 0 ? failed(&s, r) : print_all(&s, o, print, with_rates);
	source_close(&s);
	return r;
}

/* How often, of what prints once where nothing else was said. JSON is one object, or lines. */
static uint64_t times(const struct options *o)
{
	if (o->once || (o->count == 0 && !o->jsonl && (!o->batch || o->json || o->csv)))
		return 1;
	return o->count;
}

int command_once(const struct options *o, print_fn *print, int with_rates)
{
	struct options copy = *o;

	copy.count = times(o);
	return command_repeat(&copy, print, with_rates);
}

static int run_selected(const struct options *o, const enum object_kind *kinds, int n,
			print_fn *print, int with_rates)
{
	int r = selection_init(&selection, o, kinds, n);

	if (r < 0)
		r = command_once(o, print, with_rates);
	for (int i = 0; i < N_OBJECTS; i++) {
		sheet_free(sheets[i]);
		sheets[i] = NULL;
	}
	selection_fini(&selection);
	return r;
}

int command_ls(const struct options *o)
{
	static const enum object_kind both[] = {OBJECT_CHANNEL, OBJECT_PROCESS};
	enum object_kind              one;

	if (o->table == NULL)
		return run_selected(o, both, 2, print_ls, 1);
	one = (enum object_kind)select_table(o->table);
	return run_selected(o, &one, 1, print_ls, 1);
}

int command_waits(const struct options *o)
{
	enum object_kind kind = o->tree ? OBJECT_CHAIN : OBJECT_WAIT;

	return run_selected(o, &kind, 1, print_waits, 0);
}

/* ---- dump --------------------------------------------------------------------------------- */

static void print_dump(const struct text_style *st, const struct options *o, const struct frame *f)
{
	static const enum object_kind kinds[] = {OBJECT_CHANNEL, OBJECT_PROCESS, OBJECT_WAIT};
	struct words                  w = words_summary(f);
	struct lints                  l;

	if (o->json) {
		command_json(o, f, DUMP_ALL);
		return;
	}
	text_line(st, w.role, w.text);
	putc('\n', st->to);
	text_findings(st, f);
	lints_find(&l, f, o->lints);
	text_lints(st, f, &l);
	lints_fini(&l);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		text_table(st, f, kinds[i]);
		if (i + 1 < sizeof(kinds) / sizeof(kinds[0]))
			putc('\n', st->to);
	}
}

int command_dump(const struct options *o)
{
	/* JSON has totals only, so that it need not wait for rates. */
	return command_once(o, print_dump, !o->json);
}

/* ---- graph ---------------------------------------------------------------------------------- */

static void print_graph(const struct text_style *st, const struct options *o, const struct frame *f)
{
	if (o->dot)
		graph_dot(st->to, f);
	else if (o->json)
		graph_json(st->to, f);
	else
		text_graph(st, f);
}

int command_graph(const struct options *o)
{
	return command_once(o, print_graph, 0);
}

/* ---- check ------------------------------------------------------------------------------------ */

static enum ipc_grade checked; /* what the last line printed said */

/* Figures as supervisors read them: a name, a value, and s for seconds, c for a counter. */
static void add_perf(char *text, size_t size, const struct frame *f)
{
	uint64_t queued = 0, deadlocked = 0;
	size_t   n = strlen(text);

	for (size_t i = 0; i < f->s->n_channels; i++)
		for (uint32_t r = 0; r < f->s->channels[i].n_rings; r++)
			queued += f->s->channels[i].ring[r].queued;
	for (size_t i = 0; i < f->s->n_verdicts; i++)
		if (f->s->verdicts[i].class_ == IPC_DEADLOCK)
			deadlocked += f->s->verdicts[i].n_core;
	snprintf(text + n, size - n,
		 " | processes=%zu threads=%zu blocked_threads=%zu deadlocked_threads=%" PRIu64
		 " longest_wait=%.3fs queued_messages=%" PRIu64 " dead_processes=%" PRIu64 "c",
		 f->s->n_processes, f->s->n_threads, f->s->n_waits, deadlocked,
		 f->s->n_waits > 0 ? (double)f->waits[0].age_ns / 1e9 : 0, queued, f->s->n_reaped);
}

static void check_line(const struct text_style *st, const struct options *o, const struct frame *f,
		       const struct lints *l)
{
	struct words w = words_summary(f);
	char         text[WORDS_BYTES + LINT_BYTES + 256];

	snprintf(text, sizeof(text), "%s", w.text);
	if (checked != f->s->grade && !words_all_dead(f)) {
		snprintf(text, sizeof(text), "%s %s  %s", lint_kinds[l->v[0].id].id,
			 lint_kinds[l->v[0].id].name, l->v[0].text);
		w.role = ROLE_WARN;
	}
	if (o->perf)
		add_perf(text, sizeof(text), f);
	text_line(st, w.role, text);
}

/* One line on standard output, whatever happens: that is what a supervisor shows. */
static void print_check(const struct text_style *st, const struct options *o, const struct frame *f)
{
	struct lints l;

	lints_find(&l, f, o->lints);
	checked = dump_grade(f, &l);
	if (o->json)
		dump_json(st->to, f, DUMP_VERDICTS | DUMP_LINTS, &l);
	else if (!o->quiet)
		check_line(st, o, f, &l);
	lints_fini(&l);
}

static int check_unknown(const struct options *o, const char *why)
{
	struct json j;

	if (!o->json) {
		if (!o->quiet)
			printf("UNKNOWN  %s\n", why);
		return IPC_GRADE_UNKNOWN;
	}
	json_init(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "schema", "ipcmon.snapshot/1");
	json_string(&j, "grade", dump_grade_name(IPC_GRADE_UNKNOWN));
	json_string(&j, "why", why);
	json_array(&j, "verdicts");
	json_end(&j);
	json_end(&j);
	putchar('\n');
	return IPC_GRADE_UNKNOWN;
}

/* @n times; 0: until it cannot be read. */
static int check_again(struct source *s, const struct options *o, uint64_t n)
{
	struct text_style st = {stdout, command_caps(o)};
	uint64_t          due_ns = 0;
	int               r;

	source_seek(s, n == 1);
	r = o->for_ns > 0 ? watch(s, o) : source_read(s);
	for (uint64_t i = 0; r == 0; i++) {
		print_check(&st, o, source_frame(s));
		if (!command_written() || i + 1 == n)
			break;
		r = read_next(s, o, &due_ns);
	}
	return r;
}

int command_check(const struct options *o)
{
	struct source s;
	int           r = source_open(&s, o, 0);

	if (r == 0)
		r = check_again(&s, o, times(o));
	r = r >= 0 ? (int)checked : check_unknown(o, s.why);
	source_close(&s);
	return r;
}

const struct command command_table[] = {
	{"ls", "channels and processes, a line each", command_ls, 0},
	{"waits", "threads asleep: since when, for what, where", command_waits, 0},
	{"dump", "everything; with --json one object", command_dump, 0},
	{"stat", "the whole domain, a line a second", command_stat, 0},
	{"check", "the verdict in one line and in the exit status", command_check, 0},
	{"verify", "is a finding still so? verify 9285:6 9288:6, of its line of evidence",
	 command_verify, WORDS_MANY},
	{"graph", "who waits for whom, as a tree; --dot for graphviz", command_graph, 0},
	{"record", "write what is seen to a file: record FILE; --replay shows it", command_record,
	 1},
	{"stream", "the same to standard output: ssh HOST ipcmon stream | ipcmon -", command_stream,
	 0},
	{"export", "numbers for Prometheus: printed, kept in a file, or served", command_export, 0},
	{"lint", "habits that end badly; -W and -A choose which", command_lint, 0},
	{"gc", "clean domains in which nobody lives", command_gc, 0},
	{"explain", "what a lint means: explain I001; alone: all lints", command_explain, 1},
	{"report", "all of it into a directory, for a bug report: report [DIRECTORY]",
	 command_report, 1},
	{"diff", "what changed between two copies, or recordings: diff A B", command_diff, 2},
	{"completion", "what bash or zsh offers: completion bash", command_completion, 1},
	{NULL, NULL, NULL, 0},
};

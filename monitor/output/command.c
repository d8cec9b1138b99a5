/*
 * command.c - what ipcmon does without a screen: read, print, again
 */
#include "output/command.h"

#include <errno.h>
#include <langinfo.h>
#include <string.h>
#include <time.h>

#include "model/tally.h"
#include "output/dump.h"
#include "output/text.h"
#include "symbols.h"
#include "target.h"
#include "view/words.h"

/* Between the two readings that make a rate, where nobody asked for more. */
#define RATE_NS UINT64_C(250000000)

struct caps command_caps(const struct options *o)
{
	return (struct caps){.utf8 = !o->ascii && strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
			     .color = o->color};
}

static void pause_for(uint64_t ns)
{
	struct timespec t = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

typedef void print_fn(const struct text_style *st, const struct options *o, const struct frame *f);

static int failed(const struct target *t, int r)
{
	fprintf(stderr, "ipcmon: %s\n", t->why);
	return target_exit_code(r);
}

/* One reading into the tally; rates need one before it. */
static int read_once(struct target *t, struct tally *m)
{
	const struct ipc_snapshot *s;
	int                        r = target_read(t, &s);

	if (r == 0)
		tally_update(m, s);
	return r;
}

/* @with_rates: a reading alone would have none. */
static int repeat(const struct options *o, print_fn *print, int with_rates)
{
	struct text_style st = {stdout, command_caps(o)};
	struct target     t;
	struct tally      m = {.symbols = symbols_new(), .with_procfs = 1};
	uint64_t          n = o->once ? 1 : o->count;
	int               r;

	target_init(&t, o->domain, o->dir);
	r = read_once(&t, &m);
	if (r == 0 && with_rates && !o->once) {
		pause_for(o->interval_ns < RATE_NS ? o->interval_ns : RATE_NS);
		r = read_once(&t, &m);
	}
	for (uint64_t i = 0; r == 0; i++) {
		print(&st, o, &m.frame);
		if (fflush(stdout) != 0 || ferror(stdout)) {
			fprintf(stderr, "ipcmon: cannot write to standard output: %s\n",
				strerror(errno));
			r = -EIO;
			break;
		}
		if (i + 1 == n)
			break;
		pause_for(o->interval_ns);
		r = read_once(&t, &m);
	}
	if (r < 0 && r != -EIO)
		r = failed(&t, r);
	else
		r = target_exit_code(r);
	tally_fini(&m);
	symbols_free(m.symbols);
	target_fini(&t);
	return r;
}

/* ---- ls ------------------------------------------------------------------------------ */

static void print_ls(const struct text_style *st, const struct options *o, const struct frame *f)
{
	struct words w = words_summary(f);

	if (o->json) {
		dump_json(st->to, f, DUMP_CHANNELS | DUMP_PROCESSES);
		return;
	}
	text_line(st, w.role, w.text);
	putc('\n', st->to);
	text_table(st, f, OBJECT_CHANNEL);
	putc('\n', st->to);
	text_table(st, f, OBJECT_PROCESS);
	if (o->count != 1 && (o->batch || o->count > 1))
		putc('\n', st->to);
}

/* Once, unless a number or --batch says otherwise. */
static struct options once_by_default(const struct options *o)
{
	struct options copy = *o;

	if (copy.count == 0 && (!copy.batch || copy.json))
		copy.count = 1;
	return copy;
}

int command_ls(const struct options *o)
{
	struct options copy = once_by_default(o);

	return repeat(&copy, print_ls, 1);
}

/* ---- waits ------------------------------------------------------------------------------ */

static void print_waits(const struct text_style *st, const struct options *o, const struct frame *f)
{
	if (o->json)
		dump_json(st->to, f, DUMP_WAITS);
	else
		text_table(st, f, OBJECT_WAIT);
}

int command_waits(const struct options *o)
{
	struct options copy = once_by_default(o);

	return repeat(&copy, print_waits, 0);
}

/* ---- dump --------------------------------------------------------------------------------- */

static void print_dump(const struct text_style *st, const struct options *o, const struct frame *f)
{
	static const enum object_kind kinds[] = {OBJECT_CHANNEL, OBJECT_PROCESS, OBJECT_WAIT};
	struct words                  w = words_summary(f);

	if (o->json) {
		dump_json(st->to, f, DUMP_ALL);
		return;
	}
	text_line(st, w.role, w.text);
	putc('\n', st->to);
	text_findings(st, f);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		text_table(st, f, kinds[i]);
		if (i + 1 < sizeof(kinds) / sizeof(kinds[0]))
			putc('\n', st->to);
	}
}

int command_dump(const struct options *o)
{
	struct options copy = once_by_default(o);

	/* JSON has totals only, so that it need not wait for rates. */
	return repeat(&copy, print_dump, !copy.json);
}

/* ---- graph ---------------------------------------------------------------------------------- */

static void print_graph(const struct text_style *st, const struct options *o, const struct frame *f)
{
	if (o->json)
		graph_json(st->to, f);
	else
		text_graph(st, f);
}

int command_graph(const struct options *o)
{
	struct options copy = once_by_default(o);

	return repeat(&copy, print_graph, 0);
}

/* ---- check ------------------------------------------------------------------------------------ */

static enum ipc_grade checked; /* what the last line printed said */

/* One line on standard output, whatever happens: that is what a supervisor shows. */
static void print_check(const struct text_style *st, const struct options *o, const struct frame *f)
{
	struct words w = words_summary(f);

	checked = f->s->grade;
	if (o->json)
		dump_json(st->to, f, DUMP_VERDICTS | DUMP_LINTS);
	else
		text_line(st, w.role, w.text);
}

static int check_unknown(const struct options *o, const char *why)
{
	struct json j;

	if (!o->json) {
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

int command_check(const struct options *o)
{
	struct text_style st = {stdout, command_caps(o)};
	struct target     t;
	struct tally      m = {.symbols = symbols_new()};
	int               r;

	target_init(&t, o->domain, o->dir);
	r = read_once(&t, &m);
	if (r == 0)
		print_check(&st, o, &m.frame);
	r = r == 0 ? (int)checked : check_unknown(o, t.why);
	tally_fini(&m);
	symbols_free(m.symbols);
	target_fini(&t);
	return r;
}

const struct command command_table[] = {
	{"ls", "channels and processes, a line each", command_ls},
	{"waits", "threads asleep: since when, for what, where", command_waits},
	{"dump", "everything; with --json one object", command_dump},
	{"check", "the verdict in one line and in the exit status", command_check},
	{"graph", "who waits for whom, as a tree", command_graph},
	{NULL, NULL, NULL},
};

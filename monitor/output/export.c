/*
 * export.c - numbers for a collector: printed, in a file, or by HTTP
 */
#include "output/command.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "metrics/serve.h"
#include "metrics/textfile.h"
#include "output/pace.h"
#include "source.h"
#include "text/now.h"

/* Of a file, unless -d says otherwise: as often as collectors read one. */
#define TEXTFILE_NS UINT64_C(15000000000)

struct exporter {
	const struct options *o;
	struct source         s;
	struct metrics        m;
	struct textfile       file;
	char                  domain[NAME_MAX + 1];
	uint64_t              nonce;   /* of the domain that was read last */
	int                   r;       /* of the last reading */
	int                   said_it; /* that the domain cannot be read */
	int                   cannot;  /* the file was not written, and that was said */
	uint64_t              n;       /* readings */
};

/* Until it was read once: the last part of its path, or what it was called. */
static void call_it(struct exporter *x, const char *name)
{
	const char *slash = strrchr(name, '/');

	snprintf(x->domain, sizeof(x->domain), "%.*s", NAME_MAX,
		 slash != NULL && slash[1] != 0 ? slash + 1 : name);
	x->m.domain = x->domain;
}

static void know_it(struct exporter *x, const struct ipc_snapshot *s)
{
	call_it(x, s->domain);
	x->m.torn += s->torn;
	if (x->m.tick_ns > 0 && s->nonce == x->nonce)
		return;
	x->m.tick_ns = s->tick_ns;
	x->nonce = s->nonce;
}

/* A domain that is not there is what "ipc_up 0" says, and is waited for. */
static void take_reading(struct exporter *x)
{
	uint64_t before = now_ns(CLOCK_MONOTONIC);

	x->r = source_read(&x->s);
	x->m.frame = x->r == 0 ? source_frame(&x->s) : NULL;
	x->m.reading_s = (double)(now_ns(CLOCK_MONOTONIC) - before) / 1e9;
	if (x->r == 0)
		know_it(x, x->m.frame->s);
	else if (!x->said_it)
		fprintf(stderr, "ipcmon: %s\n", x->s.why);
	x->said_it = x->r != 0;
	x->n++;
}

static int goes_on(const struct exporter *x)
{
	uint64_t n = x->o->once ? 1 : x->o->count;

	return !pace_ending() && (n == 0 || x->n < n);
}

/* ---- printed ------------------------------------------------------------------------- */

static int print(struct exporter *x)
{
	source_seek(&x->s, 1);
	take_reading(x);
	metrics_print(stdout, &x->m, x->o->openmetrics);
	return x->r == 0 ? EXIT_OK : (int)target_exit_code(x->r);
}

/* ---- in a file ------------------------------------------------------------------------ */

static int write_file(struct exporter *x)
{
	int r = textfile_write(&x->file, &x->m, x->o->openmetrics);

	if (r < 0 && !x->cannot)
		fprintf(stderr, "ipcmon: cannot write %s: %s\n", x->file.path,
			r == -EEXIST ? "it exists, and is no plain file" : strerror(-r));
	x->cannot = r < 0;
	return r;
}

/* Who ends it takes the file away: nobody is to take old numbers for new ones. */
static int keep_file(struct exporter *x)
{
	uint64_t interval_ns = x->o->interval_given ? x->o->interval_ns : TEXTFILE_NS, due_ns = 0;

	for (;;) {
		take_reading(x);
		if (write_file(x) < 0 && x->n == 1)
			return EXIT_RUN_TIME;
		if (!goes_on(x))
			break;
		due_ns = pace_next(due_ns, interval_ns);
		(void)pace_sleep(due_ns);
		if (pace_ending())
			break;
	}
	if (pace_ending())
		textfile_remove(&x->file);
	return x->cannot ? EXIT_RUN_TIME : EXIT_OK;
}

/* ---- by HTTP --------------------------------------------------------------------------- */

static int serve(struct exporter *x)
{
	struct server v;
	uint64_t      due_ns = 0;

	if (serve_open(&v, x->o->listen, &x->m) < 0) {
		fprintf(stderr, "ipcmon: %s\n", v.why);
		serve_close(&v);
		return v.no_address ? EXIT_USAGE : EXIT_RUN_TIME;
	}
	fprintf(stderr, "ipcmon: metrics of \"%s\" at %s\n", x->s.label, v.where);
	do {
		take_reading(x);
		due_ns = pace_next(due_ns, x->o->interval_ns);
		while (!pace_ending() && serve_until(&v, due_ns))
			;
	} while (goes_on(x));
	serve_close(&v);
	return EXIT_OK;
}

int command_export(const struct options *o)
{
	struct exporter x = {.o = o};
	int             r = source_open(&x.s, o, 0);

	x.m = (struct metrics){.lints = o->lints, .per_endpoint = o->per_endpoint};
	x.file.path = o->textfile;
	call_it(&x, x.s.label);
	if (r < 0) {
		fprintf(stderr, "ipcmon: %s\n", x.s.why);
		source_close(&x.s);
		return (int)target_exit_code(r);
	}
	if (o->listen != NULL || o->textfile != NULL)
		pace_heed_signals();
	r = o->listen != NULL ? serve(&x) : o->textfile != NULL ? keep_file(&x) : print(&x);
	source_close(&x.s);
	return r;
}

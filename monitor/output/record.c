/*
 * record.c - what is seen, to a file or to standard output, until -n or a signal ends it
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "output/command.h"
#include "output/pace.h"
#include "source.h"

static int goes_on(uint64_t *at_ns, uint64_t interval_ns)
{
	*at_ns = pace_next(*at_ns, interval_ns);
	return !pace_ending() && pace_sleep(*at_ns);
}

/* A domain that is not there (yet, or any more) is waited for: its next life belongs here, too. */
static int is_waited_for(int r)
{
	return r == -ENOENT || r == -ESTALE;
}

static int record(struct source *s, const struct options *o)
{
	uint64_t at_ns = 0, n = 0;
	int      r = 0, said = 0;

	pace_heed_signals();
	do {
		r = source_read(s);
		if (r < 0 && !is_waited_for(r))
			return r;
		if (r < 0 && !said)
			fprintf(stderr, "ipcmon: waiting: %s\n", s->why);
		said = r < 0;
		if (!writer_is_open(&s->writer)) {
			s->why = s->writer.why;
			return -EIO;
		}
		n += r == 0;
	} while ((o->count == 0 || n < o->count) && goes_on(&at_ns, o->interval_ns));
	return 0;
}

static int record_to(const struct options *o, const char *path)
{
	struct options copy = *o;
	struct source  s;
	int            r;

	copy.record = path;
	r = source_open(&s, &copy, 1);
	if (r < 0)
		fprintf(stderr, "ipcmon: %s\n", s.why);
	else if ((r = record(&s, &copy)) < 0)
		fprintf(stderr, "ipcmon: %s\n", s.why);
	if (strcmp(path, "-") != 0 && s.writer.n_samples > 0)
		fprintf(stderr, "ipcmon: %" PRIu64 " samples, %" PRIu64 " bytes in %s\n",
			s.writer.n_samples, s.writer.bytes, path);
	source_close(&s);
	return target_exit_code(r);
}

int command_record(const struct options *o)
{
	if (o->argument == NULL || o->replay != NULL) {
		fputs("ipcmon: record needs the name of a file to write, and a domain to watch; see "
		      "ipcmon --help\n",
		      stderr);
		return EXIT_USAGE;
	}
	return record_to(o, o->argument);
}

int command_stream(const struct options *o)
{
	if (isatty(STDOUT_FILENO) || o->replay != NULL) {
		fputs("ipcmon: stream writes a recording of a domain to a pipe or a file, not to a "
		      "terminal; see ipcmon --help\n",
		      stderr);
		return EXIT_USAGE;
	}
	return record_to(o, "-");
}

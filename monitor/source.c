#include "source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "symbols.h"

/* How much of a recording that comes through a pipe is kept. Picked. */
#define PIPE_BYTES (UINT32_C(64) << 20)

static int open_recording(struct source *s, const struct options *o)
{
	int r = feed_open(&s->feed, &s->tape, o->replay, PIPE_BYTES);

	s->replays = 1;
	s->label = strcmp(o->replay, "-") == 0 ? "standard input" : o->replay;
	s->why = s->feed.why;
	rewind_init(&s->rewind, &s->tape, NULL);
	s->rewind.tally.lints_off = ~o->lints;
	return r;
}

static int open_domain(struct source *s, const struct options *o, int with_procfs)
{
	if (o->pid > 0)
		target_init_pid(&s->target, o->pid);
	else
		target_init(&s->target, o->domain, o->dir);
	s->label = s->target.label;
	s->why = s->target.why;
	s->tally = (struct tally){
		.symbols = symbols_new(), .with_procfs = with_procfs, .lints_off = ~o->lints};
	return 0;
}

int source_open(struct source *s, const struct options *o, int with_procfs)
{
	int r;

	*s = (struct source){.options = o, .tape = {.fd = -1}, .writer = {.fd = -1}};
	r = o->replay != NULL ? open_recording(s, o) : open_domain(s, o, with_procfs);
	if (r == 0 && o->record != NULL && writer_open(&s->writer, o->record) < 0) {
		s->why = s->writer.why;
		r = -EIO; /* whatever it was: it says nothing of the domain */
	}
	return r;
}

/* Of a recording, whatever was shown: what is missing. Where nothing was, it has been said why. */
static void note_damage(const struct source *s)
{
	if (rewind_frame(&s->rewind)->s == NULL)
		return;
	if (s->feed.why[0] != 0)
		fprintf(stderr, "ipcmon: %s: %s\n", s->label, s->feed.why);
	if (s->rewind.n_damaged > 0)
		fprintf(stderr,
			"ipcmon: %s: the recording is damaged: %" PRIu64 " of its samples could "
			"not be read\n",
			s->label, s->rewind.n_damaged);
}

void source_close(struct source *s)
{
	writer_close(&s->writer);
	if (s->replays) {
		note_damage(s);
		rewind_fini(&s->rewind);
		feed_close(&s->feed);
		tape_fini(&s->tape);
	} else {
		tally_fini(&s->tally);
		symbols_free(s->tally.symbols);
		target_fini(&s->target);
	}
}

const struct frame *source_frame(const struct source *s)
{
	return s->replays ? rewind_frame(&s->rewind) : &s->tally.frame;
}

/* ---- reading ------------------------------------------------------------------------ */

static int read_domain(struct source *s)
{
	const struct ipc_snapshot *x;
	int                        r = target_read(&s->target, &x);

	if (r == 0)
		tally_update(&s->tally, x);
	else
		tally_drop_frame(&s->tally); /* the observer, and its snapshot, are gone */
	return r;
}

static int read_recording(struct source *s)
{
	int shown = source_frame(s)->s != NULL, r = 0;

	if (s->next >= tape_end(&s->tape))
		r = feed_more(&s->feed, 1);
	if (s->next < s->tape.first) /* a pipe was quicker than we are */
		s->next = s->tape.first;
	if (r == 0)
		r = rewind_to(&s->rewind, s->next);
	if (r == 0 && shown && s->rewind.at < s->next)
		return -ENODATA; /* the rest is damaged, and this was the last before it */
	if (r == 0)
		s->next = s->rewind.at + 1;
	return r;
}

static void record(struct source *s)
{
	if (writer_is_open(&s->writer))
		(void)writer_add(&s->writer, &s->tally.frame, s->tally.symbols);
}

int source_read(struct source *s)
{
	int r = s->replays ? read_recording(s) : read_domain(s);

	if (r == 0 && !s->replays)
		record(s);
	if (r == -ENODATA && s->tape.n > 0 && source_frame(s)->s == NULL) {
		s->why = "the recording is damaged: none of its samples can be read";
		r = -EBADMSG;
	}
	if (r == -ENODATA && s->why[0] == 0)
		s->why = "there is no sample in the recording";
	return r;
}

int source_is_past(const struct source *s)
{
	return s->replays;
}

void source_seek(struct source *s, int once)
{
	uint64_t end, before = s->options->since_ns;

	if (before == 0) /* of what is over, it is the end that one watches */
		before = s->options->for_ns;
	if (!s->replays || s->tape.n == 0)
		return;
	end = tape_at(&s->tape, tape_end(&s->tape) - 1)->t_real_ns;
	if (before > 0)
		s->next = tape_when(&s->tape, end > before ? end - before : 0);
	else if (once)
		s->next = tape_end(&s->tape) - 1;
}

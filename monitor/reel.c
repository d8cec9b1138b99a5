#include "reel.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text/now.h"

/* Hours of a small domain. Picked, to stay far below what that many samples cost unpacked. */
#define PAST_BYTES (UINT32_C(16) << 20)

int reel_open(struct reel *r, const struct options *o)
{
	int e;

	*r = (struct reel){.frozen = 0};
	e = source_open(&r->source, o, 1);
	past_init(&r->past, PAST_BYTES);
	rewind_init(&r->back, &r->past.tape, r->source.tally.symbols);
	r->back.tally.lints_off = ~o->lints;
	if (e < 0 || !r->source.replays)
		return e;
	/* Who has one looks for what happened at its end, or where he says. */
	source_seek(&r->source, 1);
	r->place = r->source.next;
	r->frozen = r->source.feed.is_file;
	return 0;
}

void reel_close(struct reel *r)
{
	frame_fini(&r->copy);
	rewind_fini(&r->back);
	past_fini(&r->past);
	source_close(&r->source);
}

static const struct tape *tape_of(const struct reel *r)
{
	return r->source.replays ? &r->source.tape : &r->past.tape;
}

static struct rewind *rewind_of(struct reel *r)
{
	return r->source.replays ? &r->source.rewind : &r->back;
}

static uint64_t last_of(const struct tape *t)
{
	return t->n > 0 ? tape_end(t) - 1 : t->first;
}

/* ---- reading ------------------------------------------------------------------------ */

static int show(struct reel *r)
{
	const struct tape *t = tape_of(r);

	if (r->place < t->first)
		r->place = t->first;
	return rewind_to(rewind_of(r), r->place);
}

/* One sample on; of a pipe the newest, as there somebody else says when it is time. */
static int play(struct reel *r)
{
	const struct tape *t = &r->source.tape;
	int                e = feed_more(&r->source.feed, 0);

	if (e < 0)
		return e;
	if (!r->frozen && r->source.rewind.at != UINT64_MAX)
		r->place = r->source.feed.is_file && r->place < last_of(t) ? r->place + 1
									   : last_of(t);
	r->attached = t->n > 0;
	if (!r->attached)
		return -ENODATA;
	return show(r);
}

int reel_read(struct reel *r)
{
	int e = r->source.replays ? play(r) : source_read(&r->source);

	if (r->source.replays)
		return e;
	if (e == 0)
		past_add(&r->past, source_frame(&r->source), 0);
	else if (r->attached && !r->frozen && r->past.tape.n > 0) {
		r->place = last_of(&r->past.tape); /* the last that was seen stays */
		show(r);
	}
	r->attached = e == 0;
	return e;
}

/* ---- showing ------------------------------------------------------------------------- */

const struct frame *reel_frame(const struct reel *r)
{
	if (r->source.replays)
		return rewind_frame(&r->source.rewind);
	if (r->frozen && !r->stepped)
		return &r->copy;
	return r->frozen || !r->attached ? rewind_frame(&r->back) : source_frame(&r->source);
}

void reel_freeze(struct reel *r, int frozen)
{
	const struct frame *now = reel_frame(r);

	if (frozen == r->frozen)
		return;
	if (!r->source.replays && frozen && now->s != NULL) {
		if (r->attached)
			past_add(&r->past, now, 1); /* to come back to */
		frame_copy(&r->copy, now);
	}
	r->frozen = frozen && (r->source.replays || now->s != NULL);
	r->stepped = 0;
	if (r->source.replays)
		return;
	r->place = last_of(&r->past.tape);
	if (!r->frozen)
		frame_fini(&r->copy);
	if (!r->frozen && !r->attached)
		show(r);
}

void reel_step(struct reel *r, long n)
{
	const struct tape *t = tape_of(r);
	uint64_t           last = last_of(t);

	if (t->n == 0)
		return;
	reel_freeze(r, 1);
	if (n < 0)
		r->place -= r->place - t->first < (uint64_t)-n ? r->place - t->first : (uint64_t)-n;
	else
		r->place += last - r->place < (uint64_t)n ? last - r->place : (uint64_t)n;
	r->stepped = 1;
	show(r);
}

uint64_t reel_behind_ns(const struct reel *r)
{
	const struct frame *f = reel_frame(r);
	const struct tape  *t = tape_of(r);
	uint64_t            newest = now_ns(CLOCK_REALTIME);

	if (f->s == NULL || t->n == 0)
		return 0;
	if (r->source.replays || f->s->post_mortem)
		newest = tape_at(t, last_of(t))->t_real_ns;
	return newest > f->s->t_real_ns ? newest - f->s->t_real_ns : 0;
}

/* ---- recording ------------------------------------------------------------------------ */

static void begin_recording(struct reel *r, const char *name, char *ret, size_t size)
{
	time_t    now = time(NULL);
	struct tm tm;
	char      when[32], safe[64];

	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &tm);
	snprintf(safe, sizeof(safe), "%s", name);
	for (char *c = safe; *c != 0; c++)
		if (*c == '/' || (unsigned char)*c <= ' ')
			*c = '-';
	snprintf(r->path, sizeof(r->path), "ipcmon-%s-%s.rec", safe, when);
	if (writer_open(&r->source.writer, r->path) < 0)
		snprintf(ret, size, "%s", r->source.writer.why);
	else
		snprintf(ret, size, "recording to %s; r ends it", r->path);
}

void reel_record(struct reel *r, const char *name, char *ret, size_t size)
{
	struct writer *w = &r->source.writer;

	if (r->source.replays) {
		snprintf(ret, size, "this is a recording already");
	} else if (writer_is_open(w)) {
		snprintf(ret, size, "recorded: %" PRIu64 " samples in %.200s", w->n_samples,
			 w->path);
		writer_close(w);
	} else {
		begin_recording(r, name, ret, size);
	}
}

uint64_t reel_recorded(const struct reel *r)
{
	return writer_is_open(&r->source.writer) ? r->source.writer.bytes : 0;
}

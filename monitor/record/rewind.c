#include "record/rewind.h"

#include <errno.h>
#include <time.h>

#include "symbols.h"
#include "text/now.h"

/* As far back as graphs go, but not longer than a person takes a key press to be answered at once. */
#define BEFORE_NS   UINT64_C(240000000000)
#define PATIENCE_NS UINT64_C(60000000)
#define NOWHERE     UINT64_MAX

void rewind_init(struct rewind *w, const struct tape *tape, struct symbols *symbols)
{
	*w = (struct rewind){.tape = tape,
			     .packer = packer_new(),
			     .at = NOWHERE,
			     .decoded = NOWHERE,
			     .patience_ns = PATIENCE_NS};
	if (symbols == NULL)
		symbols = w->symbols = symbols_recorded();
	w->tally.symbols = symbols;
}

void rewind_fini(struct rewind *w)
{
	tally_fini(&w->tally);
	decoder_fini(&w->decoder);
	packer_free(w->packer);
	symbols_free(w->symbols);
	bytes_fini(&w->scratch);
	bytes_fini(&w->payload);
	bytes_fini(&w->damaged);
}

/* ---- one sample ----------------------------------------------------------------- */

/* Once each, however often it is come by. */
static void count_damaged(struct rewind *w, uint64_t number)
{
	while (w->damaged.n <= number)
		*bytes_more(&w->damaged, 1) = 0;
	w->n_damaged += !w->damaged.p[number];
	w->damaged.p[number] = 1;
}

static int unpack_next(struct rewind *w, uint64_t number)
{
	const struct tape_entry *e = tape_at(w->tape, number);
	const uint8_t           *data = e != NULL ? tape_data(w->tape, e, &w->scratch) : NULL;

	tally_drop_frame(&w->tally); /* the sample under it goes */
	w->decoded = number;
	if (data != NULL &&
	    unpack_record(w->packer, e->key ? RECORD_KEY : RECORD_DELTA, data, e->bytes,
			  &w->payload) == 0 &&
	    (w->decoder.values != NULL ||
	     decoder_schema(&w->decoder, w->tape->schema.p, w->tape->schema.n) == 0))
		return decode(&w->decoder, e->key, w->payload.p, w->payload.n, &w->sample);
	w->decoder.follows = 0; /* up to the next key all are differences to what is lost */
	return -EBADMSG;
}

static int decode_next(struct rewind *w, uint64_t number)
{
	int r = unpack_next(w, number);

	if (r < 0)
		count_damaged(w, number);
	return r;
}

/* Decode @number, and what it is the difference to as far as that is not decoded yet. */
static int decode_to(struct rewind *w, uint64_t number)
{
	uint64_t key = tape_key(w->tape, number), i = key;
	int      r = -EBADMSG;

	if (w->decoded != NOWHERE && w->decoded >= key && w->decoded < number)
		i = w->decoded + 1;
	for (; i <= number; i++)
		r = decode_next(w, i);
	return r;
}

static void tell_sites(struct rewind *w)
{
	if (w->symbols == NULL)
		return;
	for (size_t i = 0; i < w->sample.n_sites; i++) {
		const struct sample_site *site = &w->sample.sites[i];

		symbols_tell(w->symbols, &w->sample.s.processes[site->process], site->address,
			     site->text);
	}
}

static int step(struct rewind *w, uint64_t number)
{
	int r = decode_to(w, number);

	if (r < 0) {
		w->at = NOWHERE;
		return r;
	}
	tell_sites(w);
	w->tally.usage = w->sample.n_usage > 0 ? w->sample.usage : NULL;
	tally_update(&w->tally, &w->sample.s);
	w->at = number;
	return 0;
}

/* ---- going somewhere --------------------------------------------------------------- */

/* Where to begin, so that @number's frame knows what came before. */
static uint64_t start_of(const struct rewind *w, uint64_t number)
{
	const struct tape_entry *e = tape_at(w->tape, number);
	uint64_t                 since = e->t_real_ns > BEFORE_NS ? e->t_real_ns - BEFORE_NS : 0;
	uint64_t                 first = tape_when(w->tape, since);
	uint64_t                 most = w->step_ns > 0 ? w->patience_ns / w->step_ns : 240;

	if (first > number)
		first = number;
	if (number - first > most)
		first = number - most;
	return first == number && number > w->tape->first ? number - 1 : first; /* for rates */
}

static int go_to(struct rewind *w, uint64_t number)
{
	uint64_t from = start_of(w, number), start = now_ns(CLOCK_MONOTONIC), n = 0;
	int      r = -EBADMSG;

	if (w->at != NOWHERE && w->at < number && w->at + 1 >= from)
		from = w->at + 1;
	else if (w->at == number && w->tally.frame.s != NULL)
		return 0;
	else
		tally_forget(&w->tally);
	for (uint64_t i = from; i <= number; i++, n++)
		r = step(w, i);
	if (n > 0)
		w->step_ns = (w->step_ns + (now_ns(CLOCK_MONOTONIC) - start) / n) / 2 + 1;
	return r;
}

/* The last one before @number that can be read, looked for from key to key; or NOWHERE. */
static uint64_t last_before(struct rewind *w, uint64_t number)
{
	uint64_t good = NOWHERE;

	while (good == NOWHERE && number > w->tape->first) {
		uint64_t key = tape_key(w->tape, number - 1);

		for (uint64_t i = key; i < number; i++)
			good = decode_next(w, i) == 0 ? i : good;
		number = key < number ? key : w->tape->first; /* differences to nothing */
	}
	w->at = NOWHERE; /* its sample is decoded over */
	return good;
}

int rewind_to(struct rewind *w, uint64_t number)
{
	int r;

	if (tape_at(w->tape, number) == NULL)
		return -ENODATA;
	r = go_to(w, number);
	for (uint64_t i = number + 1; r < 0 && i < tape_end(w->tape); i++)
		r = step(w, i);
	if (r < 0 && (number = last_before(w, number)) != NOWHERE)
		r = go_to(w, number);
	return r < 0 ? -ENODATA : 0;
}

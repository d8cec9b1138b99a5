#include "record/encode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"

/* A key costs ten times what a sample after it does: at this ratio keys are a tenth of it all. */
#define DELTAS_PER_KEY  8
#define SAMPLES_PER_KEY 600
#define BLOBS_PER_KEY   (UINT32_C(4) << 20) /* [bytes]: what a reader must keep */

#define SLOTS_LEAST     1024

/* ---- blobs ------------------------------------------------------------------- */

static uint32_t hash_of(const uint8_t *p, size_t n)
{
	uint64_t h = n * UINT64_C(0x9e3779b97f4a7c15), word = 0;

	for (; n > 0; p += n < 8 ? n : 8, n -= n < 8 ? n : 8) {
		word = 0;
		memcpy(&word, p, n < 8 ? n : 8);
		h = (h ^ word) * UINT64_C(0xd6e8feb86659fd93);
		h ^= h >> 32;
	}
	return (uint32_t)(h >> 32);
}

static struct blob_slot *slot_of(struct encoder *e, uint32_t hash, const void *p, size_t n)
{
	size_t i = hash & (e->n_slots - 1);

	for (; e->slots[i].id != 0; i = (i + 1) & (e->n_slots - 1))
		if (e->slots[i].hash == hash && e->slots[i].n == n &&
		    memcmp(e->blobs.p + e->slots[i].at, p, n) == 0)
			break;
	return &e->slots[i];
}

static void widen(struct encoder *e)
{
	struct blob_slot *old = e->slots;
	size_t            n = e->n_slots;

	e->n_slots = n > 0 ? 2 * n : SLOTS_LEAST;
	e->slots = mem_new(e->n_slots, sizeof(*e->slots));
	for (size_t i = 0; i < n; i++)
		if (old[i].id != 0)
			*slot_of(e, old[i].hash, e->blobs.p + old[i].at, old[i].n) = old[i];
	free(old);
}

/* Its number, counted from 1 since the key; nothing at all is 0. */
static uint64_t number_of(struct encoder *e, const void *p, size_t n)
{
	uint32_t          hash = hash_of(p, n);
	struct blob_slot *s;

	if (n == 0)
		return 0;
	if (2 * (e->n_blobs + 1) > e->n_slots)
		widen(e);
	s = slot_of(e, hash, p, n);
	if (s->id != 0)
		return s->id;
	bytes_number(&e->blobs, n);
	*s = (struct blob_slot){hash, (uint32_t)e->blobs.n, (uint32_t)n, (uint32_t)++e->n_blobs};
	bytes_add(&e->blobs, p, n);
	return s->id;
}

/* ---- cells ------------------------------------------------------------------- */

static const void *pointer_at(const uint8_t *member)
{
	const void *p;

	memcpy(&p, member, sizeof(p));
	return p;
}

static uint64_t histogram(struct encoder *e, const uint8_t *member)
{
	const uint32_t *counts = pointer_at(member);
	uint64_t        r;
	struct bytes    b = {0};
	unsigned        last = 0;

	for (unsigned i = 0; counts != NULL && i < IPC_OBS_HIST; i++) {
		if (counts[i] == 0)
			continue;
		bytes_number(&b, i - last);
		bytes_number(&b, counts[i]);
		last = i;
	}
	r = number_of(e, b.p, b.n);
	bytes_fini(&b);
	return r;
}

static size_t count_at(const uint8_t *row, const struct column *c)
{
	size_t n;

	memcpy(&n, row + c->count, sizeof(n));
	return n;
}

static uint64_t number_at(const uint8_t *member, uint32_t n_bytes)
{
	uint64_t wide;
	uint32_t narrow;

	if (n_bytes == sizeof(narrow)) {
		memcpy(&narrow, member, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, member, sizeof(wide));
	return wide;
}

/* Indices as this machine has them: both ends of a recording are little-endian 64 bit. */
static uint64_t cell(struct encoder *e, const uint8_t *row, const struct column *c)
{
	const uint8_t *member = row + c->at;
	const char    *text;

	switch (c->type) {
	case COLUMN_NUMBER: return number_at(member, c->bytes);
	case COLUMN_TEXT:
		text = pointer_at(member);
		return text != NULL ? number_of(e, text, strlen(text)) : 0;
	case COLUMN_CHARS: return number_of(e, member, strnlen((const char *)member, c->bytes));
	case COLUMN_BLOB: return number_of(e, pointer_at(member), count_at(row, c));
	case COLUMN_LIST:
		return number_of(e, pointer_at(member), count_at(row, c) * sizeof(uint32_t));
	case COLUMN_HIST: return histogram(e, member);
	}
	return 0;
}

/* ---- columns ----------------------------------------------------------------- */

static void flush_zeroes(struct bytes *to, size_t *run)
{
	if (*run == 0)
		return;
	bytes_number(to, 0);
	bytes_number(to, *run - 1);
	*run = 0;
}

/* The values of before make way for those of now, one by one. */
static void put_column(struct encoder *e, enum sample_table t, uint32_t c, const uint8_t *rows,
		       size_t n, struct bytes *to)
{
	const struct table_shape *shape = &sample_shapes[t];
	struct values            *last = &e->last[t];
	size_t                    first = value_place(last, c, 0), run = 0;

	for (size_t i = 0; i < n; i++) {
		size_t   k = first + i;
		uint64_t guess = i < last->n ? value_at(last, k)
				 : i > 0     ? value_at(last, k - 1)
					     : 0;
		uint64_t now = cell(e, rows + i * shape->row_bytes, &shape->columns[c]);

		value_set(last, k, now);
		if (now == guess) {
			run++;
			continue;
		}
		flush_zeroes(to, &run);
		bytes_number(to, fold(now - guess));
	}
	flush_zeroes(to, &run);
}

static void put_table(struct encoder *e, const struct sample *x, enum sample_table t,
		      struct bytes *to)
{
	uint32_t       n_columns = sample_shapes[t].n_columns;
	const uint8_t *rows = sample_rows(x, t);
	size_t         n = sample_n_rows(x, t);

	values_reserve(&e->last[t], n, n_columns);
	bytes_number(to, n);
	for (uint32_t c = 0; c < n_columns; c++)
		put_column(e, t, c, rows, n, to);
	e->last[t].n = n;
}

/* ---- samples ------------------------------------------------------------------- */

void encoder_restart(struct encoder *e)
{
	if (e->n_slots > 0)
		memset(e->slots, 0, e->n_slots * sizeof(*e->slots));
	e->n_blobs = 0;
	e->blobs.n = 0;
	for (int t = 0; t < N_SAMPLE_TABLES; t++)
		e->last[t].n = 0;
	e->n_since_key = 0;
	e->key_bytes = e->since_key_bytes = 0;
}

static int is_too_much(const struct sample *x)
{
	uint64_t cells = 0;

	for (int t = 0; t < N_SAMPLE_TABLES; t++)
		cells += (uint64_t)sample_n_rows(x, (enum sample_table)t) *
			 sample_shapes[t].n_columns;
	return cells > SAMPLE_CELLS_MAX;
}

/* They are kept beside the sample; but if a key alone has more, no more keys make it less. */
static int has_many_blobs(const struct encoder *e)
{
	size_t most = e->blobs_most > 0 ? e->blobs_most : BLOBS_PER_KEY;

	return e->blobs.n > most && e->blobs.n > 2 * e->key_blobs;
}

static int wants_key(const struct encoder *e, const struct sample *x)
{
	return e->n_since_key == 0 || e->nonce != x->s.nonce || e->n_since_key >= SAMPLES_PER_KEY ||
	       has_many_blobs(e) || e->since_key_bytes > DELTAS_PER_KEY * e->key_bytes;
}

/* Those that were numbered on the way stand before the columns, which refer to them. */
static void put_blobs_first(const struct encoder *e, size_t n_old, size_t old_bytes, size_t start,
			    struct bytes *to)
{
	size_t       n_columns = to->n - start, n = e->blobs.n - old_bytes;
	struct bytes number = {0};
	uint8_t     *first;

	bytes_number(&number, e->n_blobs - n_old);
	bytes_more(to, number.n + n);
	first = to->p + start;
	memmove(first + number.n + n, first, n_columns);
	memcpy(first, number.p, number.n);
	if (n > 0)
		memcpy(first + number.n, e->blobs.p + old_bytes, n);
	bytes_fini(&number);
}

int encode(struct encoder *e, const struct sample *x, struct bytes *to)
{
	size_t start = to->n, n_old, old_bytes;
	int    key;

	if (is_too_much(x))
		return -E2BIG;
	key = wants_key(e, x);
	if (key)
		encoder_restart(e);
	n_old = e->n_blobs;
	old_bytes = e->blobs.n;
	for (int t = 0; t < N_SAMPLE_TABLES; t++)
		put_table(e, x, (enum sample_table)t, to);
	put_blobs_first(e, n_old, old_bytes, start, to);
	e->nonce = x->s.nonce;
	*(key ? &e->key_bytes : &e->since_key_bytes) += to->n - start;
	if (key)
		e->key_blobs = e->blobs.n;
	e->n_since_key++;
	return key;
}

void encoder_fini(struct encoder *e)
{
	free(e->slots);
	bytes_fini(&e->blobs);
	for (int t = 0; t < N_SAMPLE_TABLES; t++)
		values_fini(&e->last[t]);
	*e = (struct encoder){0};
}

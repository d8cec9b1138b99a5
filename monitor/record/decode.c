#include "record/decode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"

#define CHUNK_BYTES 65536
#define HISTS_EACH  64
#define HIST_BYTES  (IPC_OBS_HIST * sizeof(uint32_t))
#define ROWS_MAX    (UINT64_C(512) << 20) /* [bytes] of one table, unpacked; as SAMPLE_CELLS_MAX */

struct chunk {
	struct chunk *next;
	size_t        used, room;
	uint64_t      words[]; /* bytes; aligned for lists of indices */
};

/* ---- blobs ------------------------------------------------------------------- */

static void drop_blobs(struct decoder *d)
{
	while (d->chunks != NULL) {
		struct chunk *next = d->chunks->next;

		free(d->chunks);
		d->chunks = next;
	}
	d->n_blobs = 0;
}

/* Aligned, as lists of indices are among them. */
static uint8_t *keep(struct decoder *d, const uint8_t *p, size_t n)
{
	struct chunk *c = d->chunks;
	size_t        bytes = (n + 8) & ~(size_t)7;
	uint8_t      *to;

	if (c == NULL || c->room - c->used < bytes) {
		size_t room = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;

		c = mem_new(1, sizeof(*c) + room);
		c->next = d->chunks;
		c->room = room;
		d->chunks = c;
	}
	to = (uint8_t *)c->words + c->used;
	memcpy(to, p, n);
	to[n] = 0;
	c->used += bytes;
	return to;
}

static void add_blob(struct decoder *d, const uint8_t *p, size_t n)
{
	if (d->n_blobs == d->blobs_room) {
		d->blobs_room = d->blobs_room * 2 + 256;
		d->blobs = mem_grow(d->blobs, d->blobs_room, sizeof(*d->blobs));
	}
	d->blobs[d->n_blobs++] = (struct blob){.p = keep(d, p, n), .n = (uint32_t)n};
}

static void read_blobs(struct decoder *d, struct cursor *c)
{
	uint64_t n = cursor_number(c);

	if (d->n_blobs == 0)
		add_blob(d, (const uint8_t *)"", 0); /* number 0 */
	for (uint64_t i = 0; i < n && !c->bad; i++) {
		uint64_t       size = cursor_number(c);
		const uint8_t *p = cursor_take(c, size);

		if (p != NULL)
			add_blob(d, p, size);
	}
}

static struct blob *blob_at(struct decoder *d, uint64_t number)
{
	return number < d->n_blobs ? &d->blobs[number] : NULL;
}

/* Nothing in it steers a terminal, or breaks a line where there is to be one. */
static void clean(struct blob *b, int lines)
{
	for (uint32_t i = 0; i < b->n && !b->clean; i++)
		if ((b->p[i] < ' ' && !(lines && b->p[i] == '\n')) || b->p[i] == 127)
			b->p[i] = '?';
	b->clean = 1;
}

/* ---- columns ----------------------------------------------------------------- */

static void read_column(struct cursor *c, struct values *values, size_t first, size_t n)
{
	uint64_t run = 0;

	for (size_t i = 0; i < n; i++) {
		size_t   k = first + i;
		uint64_t guess = i < values->n ? value_at(values, k)
				 : i > 0       ? value_at(values, k - 1)
					       : 0;
		uint64_t v = 0;

		if (run > 0) {
			run--;
		} else {
			v = cursor_number(c);
			if (v == 0)
				run = cursor_number(c);
			if (c->bad)
				return;
		}
		value_set(values, k, guess + unfold(v));
	}
	if (run > 0)
		c->bad = 1;
}

static void read_tables(struct decoder *d, struct cursor *c)
{
	uint64_t cells = 0;

	for (uint32_t t = 0; t < d->schema.n_tables && !c->bad; t++) {
		struct values *v = &d->values[t];
		uint32_t       n_columns = d->schema.tables[t].n_columns;
		uint64_t       n = cursor_number(c);

		if (n > SAMPLE_CELLS_MAX || (cells += n * n_columns) > SAMPLE_CELLS_MAX) {
			c->bad = 1;
			return;
		}
		values_reserve(v, n, n_columns);
		for (uint32_t i = 0; i < n_columns && !c->bad; i++)
			read_column(c, v, value_place(v, i, 0), n);
		v->n = n;
	}
}

/* ---- cells ------------------------------------------------------------------- */

static void put_pointer(uint8_t *member, const void *p)
{
	memcpy(member, &p, sizeof(p));
}

/* Good until the next sample, and then used again. */
static uint32_t *next_hist(struct decoder *d)
{
	size_t block = d->n_hists / HISTS_EACH;

	if (block == d->n_hist_blocks) {
		d->hists = mem_grow(d->hists, block + 1, sizeof(*d->hists));
		d->hists[block] = mem_new(HISTS_EACH, HIST_BYTES);
		d->n_hist_blocks++;
	}
	return d->hists[block] + d->n_hists++ % HISTS_EACH * IPC_OBS_HIST;
}

static int put_histogram(struct decoder *d, const struct blob *b, uint8_t *member)
{
	struct cursor c = {b->p, b->p + b->n, 0};
	uint64_t      i = 0, n;
	uint32_t     *counts;

	if (b->n == 0)
		return 0;
	counts = next_hist(d);
	memset(counts, 0, HIST_BYTES);
	while (c.p < c.end && !c.bad) {
		i += cursor_number(&c);
		if (i >= IPC_OBS_HIST)
			return -EBADMSG;
		n = cursor_number(&c);
		counts[i] = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	}
	put_pointer(member, counts);
	return c.bad ? -EBADMSG : 0;
}

static int put_number(const struct column *c, uint64_t v, const size_t n_rows[], uint8_t *member)
{
	uint32_t narrow;

	if (c->rule == RULE_MOST && v > c->limit)
		v = 0;
	if (c->bytes == sizeof(v)) {
		memcpy(member, &v, sizeof(v));
		return 0;
	}
	narrow = (uint32_t)v;
	if ((c->rule == RULE_INDEX || c->rule == RULE_PERHAPS) && narrow >= n_rows[c->limit] &&
	    (c->rule == RULE_INDEX || narrow != IPC_NO_INDEX))
		return -EBADMSG;
	memcpy(member, &narrow, sizeof(narrow));
	return 0;
}

static int put_list(const struct column *c, struct blob *b, const size_t n_rows[], uint8_t *row)
{
	size_t n = b->n / sizeof(uint32_t);

	for (size_t i = 0; i < n; i++) {
		uint32_t index;

		memcpy(&index, b->p + i * sizeof(index), sizeof(index));
		if (index >= n_rows[c->limit])
			return -EBADMSG;
	}
	b->list = n > 0;
	memcpy(row + c->count, &n, sizeof(n));
	return 0;
}

static int put_cell(struct decoder *d, const struct column *c, uint64_t v, const size_t n_rows[],
		    uint8_t *row)
{
	struct blob *b = c->type != COLUMN_NUMBER ? blob_at(d, v) : NULL;
	size_t       n;

	if (c->type == COLUMN_NUMBER)
		return put_number(c, v, n_rows, row + c->at);
	if (b == NULL)
		return -EBADMSG;
	if (c->type == COLUMN_HIST)
		return put_histogram(d, b, row + c->at);
	if (b->list && c->type != COLUMN_LIST)
		return -EBADMSG;
	if (c->type == COLUMN_TEXT || c->type == COLUMN_CHARS)
		clean(b, c->rule == RULE_LINES);
	if (c->type == COLUMN_CHARS) {
		n = strlen((char *)b->p);
		memcpy(row + c->at, b->p, n < c->bytes ? n : c->bytes - 1);
		return 0;
	}
	put_pointer(row + c->at, b->p);
	n = b->n;
	if (c->type == COLUMN_BLOB)
		memcpy(row + c->count, &n, sizeof(n));
	return c->type == COLUMN_LIST ? put_list(c, b, n_rows, row) : 0;
}

/* Of a column the recording has not: what says "not known" in the most harmless way. */
static void put_absent(const struct column *c, uint8_t *row)
{
	static const uint32_t none = IPC_NO_INDEX;

	if (c->type == COLUMN_TEXT)
		put_pointer(row + c->at, "");
	else if (c->rule == RULE_PERHAPS)
		memcpy(row + c->at, &none, sizeof(none));
}

/* ---- rows -------------------------------------------------------------------- */

static uint8_t *clear_rows(struct decoder *d, enum sample_table t, size_t n)
{
	size_t bytes = n * sample_shapes[t].row_bytes;

	if (bytes > d->rows_room[t] || d->rows[t] == NULL) {
		free(d->rows[t]);
		d->rows[t] = mem_new(bytes + bytes / 4 + 1, 1);
		d->rows_room[t] = bytes + bytes / 4;
	}
	memset(d->rows[t], 0, bytes);
	for (size_t i = 0; i < n; i++)
		for (uint32_t c = 0; c < sample_shapes[t].n_columns; c++)
			put_absent(&sample_shapes[t].columns[c],
				   d->rows[t] + i * sample_shapes[t].row_bytes);
	return d->rows[t];
}

static int fill_rows(struct decoder *d, uint32_t i_table, const size_t n_rows[])
{
	int                       t = d->schema.tables[i_table].table;
	const struct table_shape *shape = &sample_shapes[t];
	const struct values      *v = &d->values[i_table];

	for (uint32_t k = 0; k < d->schema.tables[i_table].n_columns; k++) {
		uint32_t c = d->schema.tables[i_table].column[k];

		for (size_t i = 0; c != UINT32_MAX && i < v->n; i++)
			if (put_cell(d, &shape->columns[c], value_at(v, value_place(v, k, i)),
				     n_rows, d->rows[t] + i * shape->row_bytes) < 0)
				return -EBADMSG;
	}
	return 0;
}

static int count_rows(const struct decoder *d, size_t n_rows[N_SAMPLE_TABLES])
{
	for (uint32_t i = 0; i < d->schema.n_tables; i++) {
		int t = d->schema.tables[i].table;

		if (t < 0)
			continue;
		if (d->values[i].n > ROWS_MAX / sample_shapes[t].row_bytes)
			return -EBADMSG;
		n_rows[t] = d->values[i].n;
	}
	return n_rows[SAMPLE_MOMENT] == 1 ? 0 : -EBADMSG;
}

/* ---- samples ----------------------------------------------------------------- */

static void publish(const struct decoder *d, const size_t n_rows[], struct sample *ret)
{
	memcpy(&ret->s, d->rows[SAMPLE_MOMENT], sizeof(ret->s));
	for (int t = SAMPLE_MOMENT + 1; t < N_SAMPLE_TABLES; t++) {
		put_pointer((uint8_t *)ret + sample_shapes[t].rows, d->rows[t]);
		memcpy((uint8_t *)ret + sample_shapes[t].n_rows, &n_rows[t], sizeof(n_rows[t]));
	}
}

/* What columns cannot say one by one. */
static int is_sound(const struct sample *x)
{
	for (size_t i = 0; i < x->s.n_channels; i++) {
		const struct ipc_obs_channel *c = &x->s.channels[i];

		if ((uint64_t)c->first_end + c->n_ends > x->s.n_ends)
			return 0;
	}
	for (size_t i = 0; i < x->s.n_waits; i++)
		if ((uint64_t)x->s.waits[i].first_item + x->s.waits[i].n_listed > x->s.n_items)
			return 0;
	return x->n_usage == 0 || x->n_usage == x->s.n_processes;
}

static int make_sample(struct decoder *d, struct sample *ret)
{
	size_t n_rows[N_SAMPLE_TABLES] = {0};
	int    r = count_rows(d, n_rows);

	d->n_hists = 0;
	for (int t = 0; r == 0 && t < N_SAMPLE_TABLES; t++)
		clear_rows(d, (enum sample_table)t, n_rows[t]);
	for (uint32_t i = 0; r == 0 && i < d->schema.n_tables; i++)
		if (d->schema.tables[i].table >= 0)
			r = fill_rows(d, i, n_rows);
	if (r < 0)
		return r;
	publish(d, n_rows, ret);
	return is_sound(ret) ? 0 : -EBADMSG;
}

int decode(struct decoder *d, int key, const uint8_t *p, size_t n, struct sample *ret)
{
	struct cursor c = {p, p + n, 0};
	int           r;

	if (d->values == NULL || (!key && !d->follows))
		return -EBADMSG;
	if (key)
		drop_blobs(d);
	for (uint32_t t = 0; key && t < d->schema.n_tables; t++)
		d->values[t].n = 0;
	read_blobs(d, &c);
	read_tables(d, &c);
	r = c.bad || c.p != c.end ? -EBADMSG : make_sample(d, ret);
	d->follows = r == 0;
	return r;
}

static void drop_schema(struct decoder *d)
{
	for (uint32_t t = 0; d->values != NULL && t < d->schema.n_tables; t++)
		values_fini(&d->values[t]);
	free(d->values);
	d->values = NULL;
	schema_fini(&d->schema);
	d->follows = 0;
}

int decoder_schema(struct decoder *d, const uint8_t *p, size_t n)
{
	int r;

	drop_schema(d);
	r = schema_read(&d->schema, p, n);
	if (r < 0)
		schema_fini(&d->schema);
	else
		d->values = mem_new(d->schema.n_tables, sizeof(*d->values));
	return r;
}

void decoder_fini(struct decoder *d)
{
	drop_schema(d);
	drop_blobs(d);
	free(d->blobs);
	for (size_t i = 0; i < d->n_hist_blocks; i++)
		free(d->hists[i]);
	free(d->hists);
	for (int t = 0; t < N_SAMPLE_TABLES; t++)
		free(d->rows[t]);
	*d = (struct decoder){0};
}

#include "view/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "text/utf8.h"

struct order order_new(size_t room)
{
	return (struct order){.v = mem_new(room, sizeof(struct order_entry)), .room = room};
}

void order_fini(struct order *o)
{
	free(o->v);
	free(o->texts);
	*o = (struct order){.n = 0};
}

void order_add(struct order *o, uint32_t row, uint64_t tie, double key)
{
	o->is_mixed |= o->n > 0 && tie < o->v[o->n - 1].tie;
	o->v[o->n++] = (struct order_entry){.key = key, .tie = tie, .row = row};
}

void order_add_text(struct order *o, uint32_t row, uint64_t tie, const char *text)
{
	if (o->texts == NULL)
		o->texts = mem_new(o->room, sizeof(*o->texts));
	utf8_copy(o->texts[o->n_texts], sizeof(*o->texts), text);
	order_add(o, row, tie, (double)NAN);
	o->v[o->n - 1].text = o->texts[o->n_texts++];
}

static int by_text(const struct order_entry *x, const struct order_entry *y)
{
	return x->text != NULL && y->text != NULL ? strcmp(x->text, y->text) : 0;
}

static int by_tie(const struct order_entry *x, const struct order_entry *y)
{
	return x->tie < y->tie ? -1 : x->tie > y->tie;
}

static int descending(const void *a, const void *b)
{
	const struct order_entry *x = a, *y = b;
	int                       r;

	if (isnan(x->key) != isnan(y->key))
		return isnan(x->key) ? 1 : -1;
	if (!isnan(x->key) && x->key != y->key)
		return x->key > y->key ? -1 : 1;
	r = by_text(x, y);
	return r != 0 ? r : by_tie(x, y);
}

static int ascending(const void *a, const void *b)
{
	const struct order_entry *x = a, *y = b;

	if (!isnan(x->key) && !isnan(y->key) && x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (by_text(x, y) != 0)
		return by_text(y, x);
	return descending(a, b);
}

/* ---- numbers alone ------------------------------------------------------------------ */

/* A key as a number without a sign that goes up where the order goes on, and where it was added. */
struct digits {
	uint64_t key;
	uint32_t at;
};

#define DIGIT_BITS 11 /* picked: counts of them stay in the first-level cache */
#define N_DIGITS   6  /* of 64 bits */

static uint64_t rising(double key, int is_ascending)
{
	uint64_t bits, sign = UINT64_C(1) << 63;

	if (isnan(key))
		return UINT64_MAX;
	key += 0.0; /* of two zeroes neither is less */
	memcpy(&bits, &key, sizeof(bits));
	bits = bits & sign ? ~bits : bits | sign;
	return is_ascending ? bits : ~bits;
}

static unsigned digit_of(uint64_t key, unsigned i)
{
	return key >> (i * DIGIT_BITS) & ((1u << DIGIT_BITS) - 1);
}

/* By digit @i, those of one digit in the order they are in; 0: all have the same one. */
static int by_digit(const struct digits *from, struct digits *to, size_t n, unsigned i)
{
	uint32_t count[1u << DIGIT_BITS] = {0}, at = 0, some;

	for (size_t k = 0; k < n; k++)
		count[digit_of(from[k].key, i)]++;
	if (n == 0 || count[digit_of(from[0].key, i)] == n)
		return 0;
	for (size_t d = 0; d < 1u << DIGIT_BITS; d++, at += some) {
		some = count[d];
		count[d] = at;
	}
	for (size_t k = 0; k < n; k++)
		to[count[digit_of(from[k].key, i)]++] = from[k];
	return 1;
}

/* In place, by keys; those of one key stay in the order they are in. @spare: room for as many. */
static void sort_digits(struct digits *d, struct digits *spare, size_t n)
{
	struct digits *from = d, *to = spare, *was;

	for (unsigned i = 0; i < N_DIGITS; i++)
		if (by_digit(from, to, n, i)) {
			was = from;
			from = to;
			to = was;
		}
	if (from != d)
		memcpy(d, from, n * sizeof(*d));
}

/*
 * Digit after digit from the last one on, ties before keys. Thousands are sorted at each reading,
 * and this takes a fraction of what comparing them takes.
 */
static void sort_numbers(struct order *o, int is_ascending)
{
	struct digits      *d = mem_new(o->n, 2 * sizeof(*d));
	struct order_entry *sorted = mem_new(o->n, sizeof(*sorted));

	for (size_t k = 0; k < o->n; k++)
		d[k] = (struct digits){o->v[k].tie, (uint32_t)k};
	sort_digits(d, d + o->n, o->is_mixed ? o->n : 0);
	for (size_t k = 0; k < o->n; k++)
		d[k].key = rising(o->v[d[k].at].key, is_ascending);
	sort_digits(d, d + o->n, o->n);
	for (size_t k = 0; k < o->n; k++)
		sorted[k] = o->v[d[k].at];
	free(d);
	free(o->v);
	o->v = sorted;
}

#define MANY 256 /* picked: from here on it is worth it */

void order_sort(struct order *o, int is_ascending)
{
	if (o->n >= MANY && o->n_texts == 0)
		sort_numbers(o, is_ascending);
	else
		qsort(o->v, o->n, sizeof(*o->v), is_ascending ? ascending : descending);
}

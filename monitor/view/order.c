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

void order_sort(struct order *o, int is_ascending)
{
	qsort(o->v, o->n, sizeof(*o->v), is_ascending ? ascending : descending);
}

/*
 * table.c - open addressing with linear probing
 *
 * Messages come and go by the million, so removal leaves no tombstones: the
 * slots behind a gap move up until one is where it belongs.
 */

#include "table.h"

#include "memory.h"

struct table_slot {
	uint64_t a, b;
	uint32_t index; /* TABLE_NONE: free */
};

/* Keys are small consecutive numbers; the multipliers (splitmix64's) spread them. */
static size_t home(const struct table *t, uint64_t a, uint64_t b)
{
	uint64_t h = (a + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;

	h = (h ^ (h >> 31) ^ b) * 0x94d049bb133111eb;
	return (size_t)(h ^ (h >> 29)) & (t->n_slots - 1);
}

/* Where (a, b) is, or the free slot where it would be. */
static struct table_slot *find(const struct table *t, uint64_t a, uint64_t b)
{
	size_t i = home(t, a, b);

	while (t->slots[i].index != TABLE_NONE && (t->slots[i].a != a || t->slots[i].b != b))
		i = (i + 1) & (t->n_slots - 1);
	return &t->slots[i];
}

static void grow(struct table *t)
{
	struct table old = *t;

	t->n_slots = old.n_slots ? 2 * old.n_slots : 16;
	t->slots = memory_zero(t->n_slots, sizeof(*t->slots));
	for (size_t i = 0; i < t->n_slots; i++)
		t->slots[i].index = TABLE_NONE;
	for (size_t i = 0; i < old.n_slots; i++)
		if (old.slots[i].index != TABLE_NONE)
			*find(t, old.slots[i].a, old.slots[i].b) = old.slots[i];
	free(old.slots);
}

uint32_t table_get(const struct table *t, uint64_t a, uint64_t b)
{
	return t->n ? find(t, a, b)->index : TABLE_NONE;
}

void table_put(struct table *t, uint64_t a, uint64_t b, uint32_t index)
{
	struct table_slot *s;

	if (4 * (t->n + 1) > 3 * t->n_slots)
		grow(t);
	s = find(t, a, b);
	t->n += s->index == TABLE_NONE;
	*s = (struct table_slot){a, b, index};
}

/* Fill the gap at @i: what would be found no more moves into it, and leaves a gap itself. */
static void close_gap(struct table *t, size_t i)
{
	size_t mask = t->n_slots - 1;

	for (size_t j = (i + 1) & mask; t->slots[j].index != TABLE_NONE; j = (j + 1) & mask) {
		size_t h = home(t, t->slots[j].a, t->slots[j].b);

		if (((j - h) & mask) < ((j - i) & mask))
			continue;
		t->slots[i] = t->slots[j];
		i = j;
	}
	t->slots[i].index = TABLE_NONE;
}

uint32_t table_take(struct table *t, uint64_t a, uint64_t b)
{
	struct table_slot *s;
	uint32_t           index;

	if (!t->n)
		return TABLE_NONE;
	s = find(t, a, b);
	index = s->index;
	if (index == TABLE_NONE)
		return TABLE_NONE;
	close_gap(t, (size_t)(s - t->slots));
	t->n--;
	return index;
}

void table_fini(struct table *t)
{
	free(t->slots);
	*t = (struct table){0};
}

#include "model/table.h"

#include <stdlib.h>

#include "text/mem.h"

static struct table_slot *place(struct table_slot *slots, size_t n_slots, uint64_t id)
{
	/*
	 * The lower half of an id is a place in the registry, which no two have at a time: so
	 * there is next to nothing to spread, and who asks in order walks along in memory.
	 */
	size_t i = (size_t)(id ^ id >> 32) & (n_slots - 1);

	while (slots[i].value != NULL && slots[i].id != id)
		i = (i + 1) & (n_slots - 1);
	return &slots[i];
}

/* Into a new array; leaves out what is older than @oldest. */
static void rebuild(struct table *t, size_t n_slots, uint32_t oldest)
{
	struct table_slot *slots = mem_new(n_slots, sizeof(*slots));

	for (size_t i = 0; i < t->n_slots; i++) {
		struct table_slot *s = &t->slots[i];

		if (s->value == NULL)
			continue;
		if (s->round < oldest) {
			free(s->value);
			t->n--;
			continue;
		}
		*place(slots, n_slots, s->id) = *s;
	}
	free(t->slots);
	t->slots = slots;
	t->n_slots = n_slots;
}

void *table_get(struct table *t, uint64_t id, size_t size)
{
	struct table_slot *s;

	if (t->n_slots < 2 * (t->n + 1))
		rebuild(t, t->n_slots > 0 ? 2 * t->n_slots : 64, 0);
	s = place(t->slots, t->n_slots, id);
	if (s->value == NULL) {
		s->id = id;
		s->value = mem_new(1, size);
		t->n++;
	}
	s->round = t->round;
	return s->value;
}

void *table_find(const struct table *t, uint64_t id)
{
	return t->n_slots > 0 ? place(t->slots, t->n_slots, id)->value : NULL;
}

#define LINE 64

void table_fetch(const struct table *t, uint64_t id, size_t bytes)
{
	const char *value = table_find(t, id);

	for (size_t at = 0; value != NULL && at < bytes; at += LINE)
		__builtin_prefetch(value + at, 1);
}

void table_sweep(struct table *t)
{
	size_t n_old = 0;

	for (size_t i = 0; i < t->n_slots; i++)
		n_old += t->slots[i].value != NULL && t->slots[i].round < t->round;
	if (n_old > 0)
		rebuild(t, t->n_slots, t->round);
	t->round++;
}

void table_fini(struct table *t)
{
	for (size_t i = 0; i < t->n_slots; i++)
		free(t->slots[i].value);
	free(t->slots);
	*t = (struct table){0};
}

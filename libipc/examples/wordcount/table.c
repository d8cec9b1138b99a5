#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Room for text [bytes per word]: in C headers words have 11 on average; the 12th is the length. */
#define TEXT_PER_WORD 16

static uint32_t slots_for(uint32_t max_words)
{
	uint32_t n = 16;

	while (n < max_words + max_words / 2)
		n *= 2;
	return n;
}

static size_t text_for(uint32_t max_words)
{
	size_t n = (size_t)max_words * TEXT_PER_WORD;

	return n < UINT32_MAX ? n : UINT32_MAX;
}

static struct table_entry *entries(const struct table *t)
{
	return (struct table_entry *)(uintptr_t)(t + 1);
}

static uint32_t *slots(const struct table *t)
{
	return (uint32_t *)(entries(t) + t->max_words);
}

static char *text(const struct table *t)
{
	return (char *)(slots(t) + t->n_slots);
}

size_t table_bytes(uint32_t max_words)
{
	return sizeof(struct table) + max_words * sizeof(struct table_entry) +
	       slots_for(max_words) * sizeof(uint32_t) + text_for(max_words);
}

void table_init(struct table *t, uint32_t max_words)
{
	t->max_words = max_words;
	t->n_slots = slots_for(max_words);
	t->text_max = (uint32_t)text_for(max_words);
}

struct table *table_new(uint32_t max_words)
{
	struct table *t = calloc(1, table_bytes(max_words));

	if (t)
		table_init(t, max_words);
	return t;
}

/* FNV-1a */
static uint32_t hash_of(const char *word, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)word[i]) * 16777619u;
	return h;
}

/* The slot of @word: 0 in it if the word is not there, else the index of its entry + 1. */
static uint32_t *find(const struct table *t, const char *word, size_t len, uint32_t hash)
{
	uint32_t *slot = slots(t), i = hash & (t->n_slots - 1);

	for (; slot[i]; i = (i + 1) & (t->n_slots - 1)) {
		const struct table_entry *e = &entries(t)[slot[i] - 1];
		const char               *w = text(t) + e->text;

		if (e->hash == hash && (size_t)(unsigned char)w[0] == len &&
		    memcmp(w + 1, word, len) == 0)
			break;
	}
	return &slot[i];
}

int table_add(struct table *t, const char *word, size_t len, uint64_t n)
{
	uint32_t            hash = hash_of(word, len);
	uint32_t           *slot = find(t, word, len, hash);
	struct table_entry *e;

	if (*slot) {
		entries(t)[*slot - 1].count += n;
		return 0;
	}
	if (t->n_words == t->max_words || t->text_max - t->text_bytes < len + 1)
		return -ENOSPC;
	e = &entries(t)[t->n_words];
	*e = (struct table_entry){.count = n, .hash = hash, .text = t->text_bytes};
	text(t)[e->text] = (char)len;
	memcpy(text(t) + e->text + 1, word, len);
	t->text_bytes += (uint32_t)len + 1;
	*slot = ++t->n_words;
	return 0;
}

uint64_t table_count(const struct table *t, const char *word, size_t len)
{
	uint32_t slot = *find(t, word, len, hash_of(word, len));

	return slot ? entries(t)[slot - 1].count : 0;
}

const struct table_entry *table_entry(const struct table *t, uint32_t i)
{
	return &entries(t)[i];
}

const char *table_word(const struct table *t, const struct table_entry *e, size_t *ret_len)
{
	const char *w = text(t) + e->text;

	*ret_len = (size_t)(unsigned char)w[0];
	return w + 1;
}

void table_clear(struct table *t)
{
	/* Slots in use without a gap are a run; a word sits in the run that begins at or before its
	 * own slot. So from there to the gap everything goes, and what is found empty went before. */
	for (uint32_t i = 0; i < t->n_words; i++) {
		uint32_t at = entries(t)[i].hash & (t->n_slots - 1);

		for (; slots(t)[at]; at = (at + 1) & (t->n_slots - 1))
			slots(t)[at] = 0;
	}
	t->n_words = 0;
	t->text_bytes = 0;
}

#ifndef WORDCOUNT_TABLE_H
#define WORDCOUNT_TABLE_H

/*
 * table.h - words and how often they were seen, in one piece of memory
 *
 * Open addressing over a dense list of entries. There are no pointers in it, so it may lie in
 * shared memory and be copied. It never grows: who owns the memory makes a larger one.
 *
 * Not locked: whoever shares a table also shares a lock.
 */

#include <stddef.h>
#include <stdint.h>

#define WORD_MAX 63 /* longer words are cut [bytes]; an entry of a batch has one byte for it */

struct table {
	uint32_t max_words;
	uint32_t n_slots; /* a power of two */
	uint32_t n_words;
	uint32_t text_bytes; /* of the words, used */
	uint32_t text_max;
	uint32_t spare;
	/* then: entries[max_words], slots[n_slots], text[text_max] */
};

struct table_entry {
	uint64_t count;
	uint32_t hash;
	uint32_t text; /* where its word begins, with its length in front */
};

/** What a table for @max_words words needs [bytes]. */
size_t table_bytes(uint32_t max_words);

/** Make the memory behind @t, all zeroes, an empty table. */
void table_init(struct table *t, uint32_t max_words);

/** Make one on the heap; NULL: no memory. */
struct table *table_new(uint32_t max_words);

/** Count @word, of @len <= WORD_MAX bytes, @n times more. 0, or -ENOSPC: full, not counted. */
int table_add(struct table *t, const char *word, size_t len, uint64_t n);

/** How often @word was seen. */
uint64_t table_count(const struct table *t, const char *word, size_t len);

/** The @i-th of t->n_words entries, and its word (not ended by 0). */
const struct table_entry *table_entry(const struct table *t, uint32_t i);
const char *table_word(const struct table *t, const struct table_entry *e, size_t *ret_len);

/** Forget all words. Costs what was in it, not what it could hold. */
void table_clear(struct table *t);

#endif /* WORDCOUNT_TABLE_H */

#include "result.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define SHOWN_DIFFERENCES 10

/* ---- keeping and printing ---------------------------------------------------------------- */

static int before(uint64_t count, const char *word, size_t len, const struct result *res,
		  unsigned i)
{
	size_t shorter = len < res->top[i].len ? len : res->top[i].len;
	int    order;

	if (count != res->top[i].count)
		return count > res->top[i].count;
	order = memcmp(word, res->top[i].word, shorter);
	return order < 0 || (order == 0 && len < res->top[i].len);
}

static void insert(struct result *res, uint64_t count, const char *word, size_t len)
{
	unsigned i = res->n_top;

	if (i == TOP_WORDS && !before(count, word, len, res, i - 1))
		return;
	if (res->n_top < TOP_WORDS)
		res->n_top++;
	else
		i--;
	for (; i > 0 && before(count, word, len, res, i - 1); i--)
		res->top[i] = res->top[i - 1];
	res->top[i].count = count;
	res->top[i].len = len;
	memcpy(res->top[i].word, word, len);
}

void result_take(struct result *res, const struct totals *totals, const struct table *table)
{
	res->rounds++;
	res->totals = *totals;
	res->distinct = table->n_words;
	res->n_top = 0;
	for (uint32_t i = 0; i < table->n_words; i++) {
		const struct table_entry *e = table_entry(table, i);
		size_t                    len;
		const char               *word = table_word(table, e, &len);

		insert(res, e->count, word, len);
	}
}

void result_print(const struct result *res, const char *dir, FILE *out)
{
	const struct totals *t = &res->totals;

	fprintf(out, "%s: %lu files, %.1f MB, %lu words, %lu distinct\n", dir,
		(unsigned long)t->files, (double)t->bytes / 1e6, (unsigned long)t->words,
		(unsigned long)res->distinct);
	if (t->unreadable)
		fprintf(out, "%lu files or folders could not be read\n",
			(unsigned long)t->unreadable);
	if (res->n_top)
		fprintf(out, "\n     count  word\n");
	for (unsigned i = 0; i < res->n_top; i++)
		fprintf(out, "%10lu  %.*s\n", (unsigned long)res->top[i].count,
			(int)res->top[i].len, res->top[i].word);
}

/* ---- the same by one process --------------------------------------------------------------- */

static int grow(struct reference *ref)
{
	struct table *larger = table_new(ref->table->max_words * 2);

	if (!larger)
		return -ENOMEM;
	for (uint32_t i = 0; i < ref->table->n_words; i++) {
		const struct table_entry *e = table_entry(ref->table, i);
		size_t                    len;
		const char               *word = table_word(ref->table, e, &len);

		if (table_add(larger, word, len, e->count) < 0)
			abort(); /* it is larger */
	}
	free(ref->table);
	ref->table = larger;
	return 0;
}

static int reference_word(void *arg, const char *word, size_t len)
{
	struct reference *ref = arg;
	int               r;

	ref->totals.words++;
	r = table_add(ref->table, word, len, 1);
	if (r < 0) {
		r = grow(ref);
		if (r == 0)
			r = table_add(ref->table, word, len, 1);
	}
	return r;
}

static int reference_file(void *arg, const char *path)
{
	struct reference *ref = arg;
	int               r = file_words(path, reference_word, ref, &ref->totals.bytes);

	ref->totals.files++;
	ref->totals.unreadable += r == 1;
	return r < 0 ? r : 0;
}

int reference_count(struct reference *ref, const char *dir)
{
	memset(ref, 0, sizeof(*ref));
	ref->table = table_new(64 * 1024);
	if (!ref->table)
		return -ENOMEM;
	return tree_walk(dir, reference_file, ref, &ref->totals.unreadable);
}

static int differs(const char *what, uint64_t is, uint64_t should)
{
	if (is == should)
		return 0;
	fprintf(stderr, "wordcount: %s: %lu, but one process alone counts %lu\n", what,
		(unsigned long)is, (unsigned long)should);
	return 1;
}

/* Name the words that @of and @other count differently, until enough are @shown. */
static unsigned compare(const struct table *of, const struct table *other, int of_is_reference,
			unsigned shown)
{
	char what[WORD_MAX + 3];

	for (uint32_t i = 0; i < of->n_words && shown < SHOWN_DIFFERENCES; i++) {
		const struct table_entry *e = table_entry(of, i);
		size_t                    len;
		const char               *word = table_word(of, e, &len);
		uint64_t                  n = table_count(other, word, len);

		snprintf(what, sizeof(what), "\"%.*s\"", (int)len, word);
		if (of_is_reference)
			shown += (unsigned)differs(what, n, e->count);
		else if (n == 0) /* else it was compared from the other side */
			shown += (unsigned)differs(what, e->count, n);
	}
	return shown;
}

int reference_differs(const struct reference *ref, const struct totals *totals,
		      const struct table *table)
{
	const struct totals *should = &ref->totals;
	unsigned             n = 0;

	n += (unsigned)differs("files", totals->files, should->files);
	n += (unsigned)differs("unreadable", totals->unreadable, should->unreadable);
	n += (unsigned)differs("bytes", totals->bytes, should->bytes);
	n += (unsigned)differs("words", totals->words, should->words);
	n += (unsigned)differs("distinct words", table->n_words, ref->table->n_words);
	n = compare(ref->table, table, 1, n);
	n = compare(table, ref->table, 0, n);
	return n > 0;
}

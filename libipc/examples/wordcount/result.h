#ifndef WORDCOUNT_RESULT_H
#define WORDCOUNT_RESULT_H

/*
 * result.h - what a round came to: kept, printed, and compared with a count by one process
 */

#include <stdio.h>

#include "job.h"

#define TOP_WORDS 10

struct result {
	unsigned long rounds;
	struct totals totals;
	uint32_t      distinct;
	unsigned      n_top;
	struct {
		uint64_t count;
		size_t   len;
		char     word[WORD_MAX];
	} top[TOP_WORDS];
};

/* struct reference - the same count, made by this process alone */
struct reference {
	struct totals totals;
	struct table *table; /* free(3) it */
};

/** Keep the sums and the most frequent words; words of equal count in order of the alphabet. */
void result_take(struct result *res, const struct totals *totals, const struct table *table);

void result_print(const struct result *res, const char *dir, FILE *out);

/** Count the words below @dir here and now. 0 or negative errno. */
int reference_count(struct reference *ref, const char *dir);

/** Say on stderr where the two differ, at most a few words of it. Return: 1 if they do, else 0. */
int reference_differs(const struct reference *ref, const struct totals *totals,
		      const struct table *table);

#endif /* WORDCOUNT_RESULT_H */

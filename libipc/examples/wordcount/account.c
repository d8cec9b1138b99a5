#include "account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct kept {
	struct kept *next;
	size_t       len;
	struct batch batch; /* and its words */
};

int account_has(const struct account *a, const struct batch *b)
{
	return b->task / 8 < a->n_bytes && (a->counted[b->task / 8] >> b->task % 8 & 1);
}

static int note(struct account *a, uint64_t task)
{
	size_t         n = task / 8 + 1;
	unsigned char *more;

	if (n > a->n_bytes) {
		more = realloc(a->counted, 2 * n);
		if (!more)
			return -ENOMEM;
		memset(more + a->n_bytes, 0, 2 * n - a->n_bytes);
		a->counted = more;
		a->n_bytes = 2 * n;
	}
	a->counted[task / 8] |= (unsigned char)(1u << task % 8);
	return 0;
}

int account_keep(struct account *a, const struct batch *b, size_t len)
{
	struct kept **at = &a->first, *k;

	while ((k = *at) != NULL) {
		if (k->batch.task == b->task && k->batch.attempt != b->attempt) {
			*at = k->next;
			free(k);
		} else {
			at = &k->next;
		}
	}
	k = malloc(offsetof(struct kept, batch) + len);
	if (!k)
		return -ENOMEM;
	k->next = NULL;
	k->len = len;
	memcpy(&k->batch, b, len);
	*at = k;
	return 0;
}

int account_settle(struct account *a, const struct batch                            *b,
		   int (*merge)(void *arg, const struct batch *b, size_t len), void *arg)
{
	struct kept **at = &a->first, *k;
	int           r = note(a, b->task);

	while (r == 0 && (k = *at) != NULL) {
		if (k->batch.task != b->task) {
			at = &k->next;
			continue;
		}
		if (k->batch.attempt == b->attempt)
			r = merge(arg, &k->batch, k->len);
		*at = k->next;
		free(k);
	}
	return r;
}

void account_clear(struct account *a)
{
	struct kept *k;

	while ((k = a->first) != NULL) {
		a->first = k->next;
		free(k);
	}
	free(a->counted);
	*a = (struct account){.first = NULL};
}

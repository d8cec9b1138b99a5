#include "runtime/journal.h"

#include <assert.h>
#include <stddef.h>

#include "runtime/domain.h"

static unsigned n_set; /* words prepared and not committed; of who has the lock */

void journal_set(uint64_t *word, uint64_t value)
{
	struct journal_word *w = &the_domain.hdr->journal.word[n_set++];

	assert(n_set <= JOURNAL_WORDS);
	w->at = (uint64_t)((const char *)word - (const char *)the_domain.hdr);
	w->value = value;
}

/* Of a registry that others can write, and so perhaps of nonsense. */
static uint64_t *place_of(const struct journal_word *w)
{
	if (w->at % sizeof(uint64_t) || w->at > the_domain.map_bytes - sizeof(uint64_t))
		return NULL;
	return (uint64_t *)(void *)((char *)the_domain.hdr + w->at);
}

void journal_finish(void)
{
	struct journal *j = &the_domain.hdr->journal;
	uint64_t        n = load_acquire(&j->n);

	for (uint64_t i = 0; i < n && i < JOURNAL_WORDS; i++) {
		uint64_t *place = place_of(&j->word[i]);

		if (place)
			store_release(place, j->word[i].value);
	}
	store_release(&j->n, UINT64_C(0));
	n_set = 0;
}

void journal_commit(void)
{
	store_release(&the_domain.hdr->journal.n, (uint64_t)n_set); /* from here on it counts */
	journal_finish();
}

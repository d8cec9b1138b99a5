#ifndef RUNTIME_JOURNAL_H
#define RUNTIME_JOURNAL_H

/*
 * journal.h - several words of the registry changed as one; under the registry lock
 *
 * Who cleans up after the dead counts what they took with them, and may be killed over it:
 * nothing may be counted twice then, or not at all. So what the words are to be is written
 * to the header first, then how many they are, which makes it count; then they are copied
 * to their places. Absolute values, so copying them twice does no harm. Killed before it
 * counts, nothing has happened; after it, who takes the lock next finishes it before all
 * else (runtime/repair.c).
 *
 * All words must be of records that nobody living changes, or changes without the lock.
 */

#include <stdint.h>

/** Have @word become @value with the next journal_commit(); at most JOURNAL_WORDS of them. */
void journal_set(uint64_t *word, uint64_t value);

/** All of them, or after a kill none. */
void journal_commit(void);

/** Finish what a dead process had committed. */
void journal_finish(void);

#endif /* RUNTIME_JOURNAL_H */

#ifndef BASE_COPY_H
#define BASE_COPY_H

/* copy.h - short messages, word by word */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline void copy_word(unsigned char *to, const unsigned char *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	__asm__ volatile("" : "+r"(word)); /* or the compiler makes wide moves of several */
	memcpy(to, &word, sizeof(word));
}

/**
 * copy_words() - memcpy for a message of some ten words, last word first
 *
 * A message was written by its fields a moment ago. memcpy's wide loads would have
 * to wait until those stores have left the store buffer; a load of the width they
 * had is served from it. Worth a factor of two on 64 bytes.
 *
 * Backwards, because stores leave in order and a reader looks at the start of a slot
 * all the time: what is written last should be what lies there. Else it takes that line
 * away while the writer still waits for the one behind (measured: see put_fast()).
 */
#ifndef __SANITIZE_THREAD__
static inline void copy_words(void *to, const void *from, size_t len)
{
	unsigned char       *t = (unsigned char *)to + len;
	const unsigned char *f = (const unsigned char *)from + len;

	for (size_t odd = len & 7; odd; odd--)
		*--t = *--f;
	for (size_t words = len >> 3 & 3; words; words--)
		copy_word(t -= 8, f -= 8);
	for (len >>= 5; len; len--) {
		t -= 32;
		f -= 32;
		copy_word(t + 24, f + 24);
		copy_word(t + 16, f + 16);
		copy_word(t + 8, f + 8);
		copy_word(t, f);
	}
}
#else
/*
 * Who reads a slot as its owner may lose it meanwhile, and then throws away what it read
 * (object/empty.c). The sanitizer has to be told that such reads are meant.
 */
static inline void copy_words(void *to, const void *from, size_t len)
{
	unsigned char       *t = to;
	const unsigned char *f = from;

	while (len--)
		__atomic_store_n(&t[len], __atomic_load_n(&f[len], __ATOMIC_RELAXED),
				 __ATOMIC_RELAXED);
}
#endif

#endif /* BASE_COPY_H */

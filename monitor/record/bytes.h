#ifndef RECORD_BYTES_H
#define RECORD_BYTES_H

/*
 * bytes.h - bytes that grow while they are written, and bytes that are read with care
 *
 * Numbers are written seven bits a byte, least first, so that small ones are
 * short; a signed difference is folded so that small ones of either sign are.
 */

#include <stddef.h>
#include <stdint.h>

/* All zeroes is empty. */
struct bytes {
	uint8_t *p;
	size_t   n, room;
};

void bytes_fini(struct bytes *b);

/** @n more bytes at the end, to be written by the caller. */
uint8_t *bytes_more(struct bytes *b, size_t n);
void     bytes_add(struct bytes *b, const void *p, size_t n);
void     bytes_number(struct bytes *b, uint64_t v);
void     bytes_text(struct bytes *b, const char *text); /* its length before it */

/* What is left to read; reading past the end gives zeroes and sets @bad. */
struct cursor {
	const uint8_t *p, *end;
	int            bad;
};

uint64_t cursor_number(struct cursor *c);

/** The next @n bytes; NULL: there are not as many. */
const uint8_t *cursor_take(struct cursor *c, uint64_t n);

static inline uint64_t fold(uint64_t difference)
{
	return difference << 1 ^ (0 - (difference >> 63));
}

static inline uint64_t unfold(uint64_t v)
{
	return v >> 1 ^ (0 - (v & 1));
}

/* Fixed width, least byte first whatever the machine. */
void     put_fixed(uint8_t *to, uint64_t v, unsigned n_bytes);
uint64_t get_fixed(const uint8_t *from, unsigned n_bytes);

#endif

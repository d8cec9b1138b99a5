#include "record/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "text/mem.h"

#define NUMBER_MAX 10 /* bytes of one number: 64 bits, seven a byte */

void bytes_fini(struct bytes *b)
{
	free(b->p);
	*b = (struct bytes){0};
}

uint8_t *bytes_more(struct bytes *b, size_t n)
{
	uint8_t *at;

	if (b->room - b->n < n) {
		b->room = b->room + b->room / 2 + n + 64;
		b->p = mem_grow(b->p, b->room, 1);
	}
	at = b->p + b->n;
	b->n += n;
	return at;
}

void bytes_add(struct bytes *b, const void *p, size_t n)
{
	uint8_t *to = bytes_more(b, n);

	if (n > 0)
		memcpy(to, p, n);
}

void bytes_number(struct bytes *b, uint64_t v)
{
	uint8_t *start = bytes_more(b, NUMBER_MAX), *at = start;

	while (v > 0x7f) {
		*at++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*at++ = (uint8_t)v;
	b->n -= (size_t)(NUMBER_MAX - (at - start));
}

void bytes_text(struct bytes *b, const char *text)
{
	size_t n = strlen(text);

	bytes_number(b, n);
	bytes_add(b, text, n);
}

uint64_t cursor_number(struct cursor *c)
{
	uint64_t v = 0;

	for (unsigned shift = 0; c->p < c->end && shift < 64; shift += 7) {
		uint8_t byte = *c->p++;

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	c->bad = 1;
	return 0;
}

const uint8_t *cursor_take(struct cursor *c, uint64_t n)
{
	const uint8_t *at = c->p;

	if (c->bad || n > (uint64_t)(c->end - c->p)) {
		c->bad = 1;
		return NULL;
	}
	c->p += n;
	return at;
}

void put_fixed(uint8_t *to, uint64_t v, unsigned n_bytes)
{
	for (unsigned i = 0; i < n_bytes; i++)
		to[i] = (uint8_t)(v >> (8 * i));
}

uint64_t get_fixed(const uint8_t *from, unsigned n_bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n_bytes; i++)
		v |= (uint64_t)from[i] << (8 * i);
	return v;
}

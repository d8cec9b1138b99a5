#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

/*
 * utf8.h - characters in and out of text that nobody has checked
 *
 * Names come from other programs: they may hold control characters, broken
 * UTF-8, half a character. Nothing here trusts them, and none of it depends on
 * the locale, so that a screen is the same on every machine.
 */

#include <stddef.h>
#include <stdint.h>

#define UTF8_BAD     UINT32_MAX /* not a character; one byte was passed over */
#define UTF8_REPLACE 0xfffdu
#define UTF8_MAX     4 /* most bytes of one character */

/** The character at *@p, or UTF8_BAD; moves *@p behind it. 0 at the end, where *@p stays. */
uint32_t utf8_next(const char **p);

/** Write @c to @to, without a final 0; returns the number of bytes, at most UTF8_MAX. */
size_t utf8_put(char *to, uint32_t c);

/** Columns @c takes on a terminal: 1 or 2; 0 for what cannot stand in a cell of its own. */
int utf8_width(uint32_t c);

/** @c, or UTF8_REPLACE where it is none, or would steer what shows it. For text that is no grid. */
uint32_t utf8_harmless(uint32_t c);

/** Bytes of plain ASCII in front of @text, which is next to all there is. */
size_t utf8_plain(const char *text);

/** Columns a whole text takes, as the grid writes it. */
int utf8_columns(const char *text);

/** Copy @from to @to, cut at a character where @size bytes, with the final 0, are too few. */
void utf8_copy(char *to, size_t size, const char *from);

#define UTF8_PART_BYTES 512

struct utf8_part {
	char text[UTF8_PART_BYTES];
};

/**
 * @text, or where it has more than @most bytes as many whole characters as fit, and "...".
 * Formats say "%.24s" all the same: so the compiler knows how long it is.
 */
struct utf8_part utf8_part(const char *text, size_t most);

#endif

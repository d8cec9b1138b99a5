#include "text/utf8.h"

#include <string.h>

struct lead {
	uint8_t  n; /* bytes behind the first */
	uint32_t bits, min;
};

static struct lead lead_of(unsigned char b)
{
	if (b >= 0xc2 && b < 0xe0)
		return (struct lead){1, b & 0x1fu, 0x80};
	if ((b & 0xf0) == 0xe0)
		return (struct lead){2, b & 0x0fu, 0x800};
	if (b >= 0xf0 && b < 0xf5)
		return (struct lead){3, b & 0x07u, 0x10000};
	return (struct lead){0, 0, 0};
}

uint32_t utf8_next(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;
	struct lead          l;
	uint32_t             c;

	if (s[0] == 0)
		return 0;
	(*p)++;
	if (s[0] < 0x80)
		return s[0];
	l = lead_of(s[0]);
	if (l.n == 0)
		return UTF8_BAD;
	c = l.bits;
	for (unsigned i = 1; i <= l.n; i++) {
		if ((s[i] & 0xc0) != 0x80) /* the final 0 ends here too */
			return UTF8_BAD;
		c = c << 6 | (s[i] & 0x3fu);
	}
	/* Overlong, a surrogate, or beyond Unicode: other programs disagree on what it is. */
	if (c < l.min || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return UTF8_BAD;
	*p += l.n;
	return c;
}

size_t utf8_put(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

struct range {
	uint32_t first, last;
};

static int in(const struct range *ranges, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return 1;
	return 0;
}

/*
 * Not wcwidth(3): it answers by the locale, and differently from one machine
 * to the next. These blocks are the ones every terminal agrees on.
 */
int utf8_width(uint32_t c)
{
	static const struct range none[] = {
		{0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},       {0x300, 0x36f},
		{0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},     {0x64b, 0x65f},
		{0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},   {0x20d0, 0x20f0},
		{0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xe0000, 0xe0fff},
	};
	static const struct range wide[] = {
		{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
		{0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
		{0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
	};

	if (c >= 0x20 && c < 0x7f)
		return 1;
	if (c == UTF8_BAD || in(none, sizeof(none) / sizeof(none[0]), c))
		return 0;
	return in(wide, sizeof(wide) / sizeof(wide[0]), c) ? 2 : 1;
}

size_t utf8_plain(const char *text)
{
	size_t n = 0;

	while (text[n] >= 0x20 && text[n] < 0x7f)
		n++;
	return n;
}

/*
 * Those of no width that make others read from right to left, or end a line where nobody sees
 * it; and all that a terminal takes for a command.
 */
uint32_t utf8_harmless(uint32_t c)
{
	static const struct range steers[] = {
		{0, 0x1f},        {0x7f, 0x9f},     {0x61c, 0x61c},     {0x200e, 0x200f},
		{0x2028, 0x202e}, {0x2066, 0x2069}, {0xe0000, 0xe007f},
	};

	if (c >= 0x20 && c < 0x7f)
		return c;
	return c == UTF8_BAD || in(steers, sizeof(steers) / sizeof(steers[0]), c) ? UTF8_REPLACE
										  : c;
}

int utf8_columns(const char *text)
{
	size_t   n_plain = utf8_plain(text);
	int      n = (int)n_plain;
	uint32_t c;

	text += n_plain;
	while ((c = utf8_next(&text)) != 0) {
		int w = utf8_width(c);
		n += w > 0 ? w : 1; /* shown as a replacement */
	}
	return n;
}

void utf8_copy(char *to, size_t size, const char *from)
{
	size_t n = strlen(from);

	if (size == 0)
		return;
	if (n >= size) {
		n = size - 1;
		while (n > 0 && ((unsigned char)from[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(to, from, n);
	to[n] = 0;
}

/* Not U+2026: it is not known yet whether what it is for can show it. */
struct utf8_part utf8_part(const char *text, size_t most)
{
	static const char dots[] = "...";
	struct utf8_part  r;

	r.text[0] = 0;
	if (most > sizeof(r.text) - 1)
		most = sizeof(r.text) - 1;
	if (strnlen(text, most + 1) <= most) {
		utf8_copy(r.text, sizeof(r.text), text);
	} else {
		utf8_copy(r.text, most - sizeof(dots) + 2, text);
		memcpy(r.text + strlen(r.text), dots, sizeof(dots));
	}
	return r;
}

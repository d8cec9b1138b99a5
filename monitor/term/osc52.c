#include "term/osc52.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text/mem.h"

#define ESC "\033"

/* GNU screen hands on little at a time: what is longer comes in pieces [bytes]. */
#define SCREEN_PIECE 240
#define SCREEN_JOINT ESC "\\" ESC "P"

static const struct {
	const char *begin, *end;
} ways[] = {
	[OSC52_PLAIN] = {ESC "]52;c;", "\a"},
	[OSC52_TMUX] = {ESC "Ptmux;" ESC ESC "]52;c;",
			"\a" ESC "\\"}, /* an Esc inside is doubled */
	[OSC52_SCREEN] = {ESC "P" ESC "]52;c;", "\a" ESC "\\"},
};

/* Base64 of @n bytes. */
static void encode(char *to, const char *from, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t three = 0;

		for (size_t k = 0; k < 3; k++)
			three = three << 8 | (i + k < n ? (uint8_t)from[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			*to++ = i + k <= n ? digits[three >> (18 - 6 * k) & 63] : '=';
	}
}

/* Puts the joints into @digits characters at @from, which lie at the end of @to's room. */
static char *in_pieces(char *to, const char *from, size_t digits)
{
	for (size_t n; digits > 0; digits -= n, from += n, to += n) {
		n = digits < SCREEN_PIECE ? digits : SCREEN_PIECE;
		memmove(to, from, n);
		if (n == digits)
			continue;
		for (const char *joint = SCREEN_JOINT; *joint != 0; to++)
			to[n] = *joint++;
	}
	return to;
}

char *osc52(const char *text, enum osc52_way way)
{
	size_t n = strlen(text), begin = strlen(ways[way].begin), digits, joints = 0;
	char  *all, *p;

	if (n > OSC52_MOST)
		n = OSC52_MOST;
	digits = (n + 2) / 3 * 4;
	if (way == OSC52_SCREEN)
		joints = digits / SCREEN_PIECE * strlen(SCREEN_JOINT);
	all = mem_new(begin + joints + digits + strlen(ways[way].end) + 1, 1);
	memcpy(all, ways[way].begin, begin);
	encode(all + begin + joints, text, n);
	p = way == OSC52_SCREEN ? in_pieces(all + begin, all + begin + joints, digits)
				: all + begin + digits;
	memcpy(p, ways[way].end, strlen(ways[way].end) + 1);
	return all;
}

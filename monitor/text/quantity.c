#include "text/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct suffix {
	const char        *text;
	enum quantity_kind kind;
	double             factor;
	int                power;
} suffixes[] = {
	{"", QUANTITY_PLAIN, 1, 0},         {"%", QUANTITY_PERCENT, 1, 0},
	{"k", QUANTITY_SCALED, 1, 1},       {"K", QUANTITY_SCALED, 1, 1},
	{"M", QUANTITY_SCALED, 1, 2},       {"G", QUANTITY_SCALED, 1, 3},
	{"T", QUANTITY_SCALED, 1, 4},       {"B", QUANTITY_BYTES, 1, 0},
	{"kB", QUANTITY_BYTES, 1e3, 0},     {"MB", QUANTITY_BYTES, 1e6, 0},
	{"GB", QUANTITY_BYTES, 1e9, 0},     {"TB", QUANTITY_BYTES, 1e12, 0},
	{"KiB", QUANTITY_BYTES, 0x1p10, 0}, {"MiB", QUANTITY_BYTES, 0x1p20, 0},
	{"GiB", QUANTITY_BYTES, 0x1p30, 0}, {"TiB", QUANTITY_BYTES, 0x1p40, 0},
	{"ns", QUANTITY_TIME, 1, 0},        {"us", QUANTITY_TIME, 1e3, 0},
	{"\u00b5s", QUANTITY_TIME, 1e3, 0}, {"ms", QUANTITY_TIME, 1e6, 0},
	{"s", QUANTITY_TIME, 1e9, 0},       {"m", QUANTITY_TIME, 60e9, 0},
	{"min", QUANTITY_TIME, 60e9, 0},    {"h", QUANTITY_TIME, 3600e9, 0},
	{"d", QUANTITY_TIME, 86400e9, 0},
};

static int is_number(char c)
{
	return isdigit((unsigned char)c) || c == '.';
}

static const struct suffix *suffix_at(const char *text, size_t n)
{
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strlen(suffixes[i].text) == n && memcmp(suffixes[i].text, text, n) == 0)
			return &suffixes[i];
	return NULL;
}

int quantity_parse(const char *text, struct quantity *ret)
{
	struct quantity q = {0};
	int             parts = 0;

	do {
		const struct suffix *s;
		char                *end;
		double               v;
		size_t               n = 0;

		/* strtod() would take "inf" and "0x10", too, which nobody means here. */
		if (!is_number(text[0]) || (text[0] == '0' && (text[1] | 0x20) == 'x'))
			return -EINVAL;
		v = strtod(text, &end);
		while (end[n] != 0 && !is_number(end[n]))
			n++;
		s = suffix_at(end, n);
		/* Only times come in several parts. */
		if (end == text || s == NULL ||
		    (parts > 0 && (s->kind != QUANTITY_TIME || q.kind != QUANTITY_TIME)))
			return -EINVAL;
		q.kind = s->kind;
		q.number += v * s->factor;
		q.power = s->power;
		parts++;
		text = end + n;
	} while (*text != 0);
	*ret = q;
	return 0;
}

double quantity_in(const struct quantity *q, double step)
{
	double v = q->number;

	for (int i = 0; i < q->power; i++)
		v *= step;
	return v;
}

const char *quantity_name(enum quantity_kind kind)
{
	static const char *const names[] = {
		[QUANTITY_PLAIN] = "a number",       [QUANTITY_SCALED] = "a number",
		[QUANTITY_BYTES] = "bytes",          [QUANTITY_TIME] = "a time",
		[QUANTITY_PERCENT] = "a percentage",
	};

	return names[kind];
}

#include "view/bar.h"

#include <math.h>

#include "text/utf8.h"

#define LEFT_EDGE  0x2595u
#define RIGHT_EDGE 0x258fu
#define FULL_BLOCK 0x2588u

/* Eighths of a block from the left: ▏ is one, █ is eight. */
static uint32_t partial(int eighths)
{
	return FULL_BLOCK + (uint32_t)(8 - eighths);
}

static uint32_t level_char(int i, int inside, double fill, int utf8)
{
	int eighths = (int)lround(fill * inside * 8) - 8 * i;

	/* Something is in it: never draw that as empty. */
	if (i == 0 && eighths <= 0 && fill > 0)
		eighths = 1;
	if (eighths <= 0)
		return ' ';
	if (utf8)
		return eighths >= 8 ? FULL_BLOCK : partial(eighths);
	return eighths >= 8 ? '=' : '-';
}

void bar_level(char ret[BAR_BYTES], int width, double fill, double high_water, int utf8)
{
	int    inside = width - 2, mark = -1;
	size_t n = 0;

	if (inside > (BAR_BYTES - 2 * UTF8_MAX - 1) / UTF8_MAX)
		inside = (BAR_BYTES - 2 * UTF8_MAX - 1) / UTF8_MAX;
	if (isnan(fill))
		fill = 0;
	fill = fill > 1 ? 1 : fill;
	if (!isnan(high_water) && high_water > 0 && inside > 0) {
		mark = (int)ceil((high_water > 1 ? 1 : high_water) * inside) - 1;
		if (mark < (int)ceil(fill * inside)) /* the level itself says it */
			mark = -1;
	}
	n += utf8_put(ret + n, utf8 ? LEFT_EDGE : '[');
	for (int i = 0; i < inside; i++)
		n += utf8_put(ret + n, i == mark ? '^' : level_char(i, inside, fill, utf8));
	n += utf8_put(ret + n, utf8 ? RIGHT_EDGE : ']');
	ret[n] = 0;
}

enum role bar_role(double fill)
{
	if (isnan(fill) || fill < 0.7)
		return ROLE_OK;
	return fill < 0.9 ? ROLE_WARN : ROLE_CRITICAL;
}

double bar_history(char ret[BAR_BYTES], int width, const struct history *h,
		   const history_number *series, int utf8)
{
	static const char ascii[] = " .:-=+*#@";
	double            most = 0;
	size_t            n = 0;

	if (width > HISTORY_SECONDS)
		width = HISTORY_SECONDS;
	if (width > BAR_BYTES / UTF8_MAX - 1)
		width = BAR_BYTES / UTF8_MAX - 1;
	for (int i = 0; i < width; i++)
		most = fmax(most, history_at(h, series, (unsigned)i));
	for (int i = width - 1; i >= 0; i--) {
		double v = history_at(h, series, (unsigned)i);
		int    step = most > 0 ? (int)ceil(v / most * 8) : 0;

		if (utf8) /* ▁ is U+2581, █ U+2588 */
			n += utf8_put(ret + n, step > 0 ? 0x2580u + (uint32_t)step : ' ');
		else
			n += utf8_put(ret + n, (unsigned char)ascii[step]);
	}
	ret[n] = 0;
	return most;
}

#include "view/theme.h"

#include <stdlib.h>
#include <string.h>

/* The eight that every terminal with colours has, in everybody's order; + 8: brighter. */
enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE, BRIGHT = 8, OWN = -1 };

/*
 * A colour is the nearest of the sixteen, and, where they have none that is near,
 * what to show on terminals of more. The sixteen are often the person's own choice,
 * so they are taken wherever they will do.
 */
struct color {
	int     of_16;
	int32_t rgb; /* -1: the one of the sixteen is meant */
};

struct look {
	struct color text, ground;
	unsigned     attributes;
};

/* clang-format off */
#define NAMED(c)       {(c), -1}
#define MIXED(c, rgb)  {(c), (rgb)}
#define TEXT(c, attrs) {NAMED(c), NAMED(OWN), (attrs)}

#define GREY   MIXED(BRIGHT + BLACK, 0x8a8a8a)
#define ORANGE MIXED(YELLOW, 0xff8700)
#define AZURE  MIXED(BRIGHT + BLUE, 0x5fafff)

static const struct look default_looks[N_ROLES] = {
	[ROLE_NORMAL] = TEXT(OWN, 0),
	[ROLE_OK] = TEXT(GREEN, 0),
	[ROLE_MOVING] = TEXT(GREEN, 0),
	[ROLE_NOTICE] = TEXT(CYAN, 0),
	[ROLE_WARN] = TEXT(YELLOW, PAINT_BOLD),
	[ROLE_CRITICAL] = TEXT(RED, PAINT_BOLD),
	[ROLE_ALARM] = {NAMED(BRIGHT + WHITE), MIXED(RED, 0xaf0000), PAINT_BOLD},
	[ROLE_DEAD] = TEXT(MAGENTA, 0),
	[ROLE_DIM] = {GREY, NAMED(OWN), 0},
	[ROLE_ACCENT] = TEXT(CYAN, PAINT_BOLD),
	[ROLE_SELECTION] = {NAMED(BLACK), NAMED(CYAN), 0},
	[ROLE_HEADER] = TEXT(OWN, PAINT_BOLD),
	[ROLE_TITLE] = {MIXED(BLUE, 0x5f87ff), NAMED(OWN), PAINT_BOLD},
	[ROLE_PAUSED] = {NAMED(YELLOW), NAMED(BLUE), PAINT_BOLD},
	[ROLE_MARKED] = TEXT(CYAN, PAINT_UNDERLINE),
};

/* Blue is well and orange is not: both are told apart by every kind of eye. */
static const struct look colorblind_looks[N_ROLES] = {
	[ROLE_NORMAL] = TEXT(OWN, 0),
	[ROLE_OK] = {AZURE, NAMED(OWN), 0},
	[ROLE_MOVING] = {AZURE, NAMED(OWN), 0},
	[ROLE_NOTICE] = TEXT(CYAN, 0),
	[ROLE_WARN] = {ORANGE, NAMED(OWN), 0},
	[ROLE_CRITICAL] = {ORANGE, NAMED(OWN), PAINT_BOLD | PAINT_UNDERLINE},
	[ROLE_ALARM] = {NAMED(BLACK), ORANGE, PAINT_BOLD},
	[ROLE_DEAD] = {GREY, NAMED(OWN), PAINT_UNDERLINE},
	[ROLE_DIM] = {GREY, NAMED(OWN), 0},
	[ROLE_ACCENT] = TEXT(OWN, PAINT_BOLD),
	[ROLE_SELECTION] = {NAMED(BLACK), AZURE, 0},
	[ROLE_HEADER] = TEXT(OWN, PAINT_BOLD),
	[ROLE_TITLE] = {AZURE, NAMED(OWN), PAINT_BOLD},
	[ROLE_PAUSED] = {NAMED(BRIGHT + WHITE), NAMED(BLUE), PAINT_BOLD},
	[ROLE_MARKED] = TEXT(OWN, PAINT_BOLD | PAINT_UNDERLINE),
};

static const struct look mono_looks[N_ROLES] = {
	[ROLE_NORMAL] = TEXT(OWN, 0),
	[ROLE_OK] = TEXT(OWN, 0),
	[ROLE_MOVING] = TEXT(OWN, 0),
	[ROLE_NOTICE] = TEXT(OWN, 0),
	[ROLE_WARN] = TEXT(OWN, PAINT_BOLD),
	[ROLE_CRITICAL] = TEXT(OWN, PAINT_BOLD | PAINT_UNDERLINE),
	[ROLE_ALARM] = TEXT(OWN, PAINT_BOLD | PAINT_REVERSE),
	[ROLE_DEAD] = TEXT(OWN, PAINT_DIM | PAINT_UNDERLINE),
	[ROLE_DIM] = TEXT(OWN, PAINT_DIM),
	[ROLE_ACCENT] = TEXT(OWN, PAINT_BOLD),
	[ROLE_SELECTION] = TEXT(OWN, PAINT_REVERSE),
	[ROLE_HEADER] = TEXT(OWN, PAINT_UNDERLINE),
	[ROLE_TITLE] = TEXT(OWN, 0),
	[ROLE_PAUSED] = TEXT(OWN, PAINT_BOLD | PAINT_REVERSE),
	[ROLE_MARKED] = TEXT(OWN, PAINT_UNDERLINE),
};
/* clang-format on */

static const struct {
	const char        *name;
	const struct look *looks;
} themes[N_THEMES] = {
	[THEME_DEFAULT] = {"default", default_looks},
	[THEME_COLORBLIND] = {"colorblind", colorblind_looks},
	[THEME_MONO] = {"mono", mono_looks},
};

/* ---- as many colours as there are ------------------------------------------------- */

/* Of the cube of 6 × 6 × 6 from 16 on, or of the greys behind it; both are xterm's. */
static int32_t of_256(int32_t rgb)
{
	static const int steps[] = {0, 95, 135, 175, 215, 255};
	int              parts[3] = {rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255}, at = 0;

	if (parts[0] == parts[1] && parts[1] == parts[2] && parts[0] >= 8 && parts[0] <= 238)
		return 232 + (parts[0] - 8 + 5) / 10;
	for (int i = 0; i < 3; i++) {
		int best = 0;

		for (int k = 1; k < 6; k++)
			if (abs(steps[k] - parts[i]) < abs(steps[best] - parts[i]))
				best = k;
		at = 6 * at + best;
	}
	return 16 + at;
}

/* The sixteen in numbers, for terminals that know nothing else: those of xterm. */
static int32_t rgb_of(int of_16)
{
	static const int32_t rgb[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
					0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
					0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};

	return rgb[of_16];
}

static int32_t color_of(const struct color *c, int colors)
{
	if (c->of_16 == OWN)
		return -1;
	if (colors >= 1 << 24)
		return c->rgb >= 0 ? c->rgb : rgb_of(c->of_16);
	if (colors >= 256 && c->rgb >= 0)
		return of_256(c->rgb);
	return colors >= 16 ? c->of_16 : c->of_16 % 8;
}

struct paint theme_paint(enum theme theme, enum role role, int colors)
{
	const struct look *l = &themes[colors < 8 ? THEME_MONO : theme].looks[role];
	struct paint p = {color_of(&l->text, colors), color_of(&l->ground, colors), l->attributes};

	/* Of eight colours the brighter black is black: it would not be seen. */
	if (colors >= 8 && colors < 16 && l->text.of_16 == BRIGHT + BLACK) {
		p.text = -1;
		p.attributes |= PAINT_DIM;
	}
	return p;
}

const char *theme_name(enum theme theme)
{
	return themes[theme].name;
}

int theme_named(const char *name)
{
	for (int i = 0; i < N_THEMES; i++)
		if (strcmp(themes[i].name, name) == 0)
			return i;
	return -1;
}

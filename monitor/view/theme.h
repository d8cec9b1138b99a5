#ifndef VIEW_THEME_H
#define VIEW_THEME_H

/*
 * theme.h - what roles look like, by how many colours the terminal has
 *
 * Views speak of roles only; here is the one place that knows colours. Where a
 * terminal has none, or nobody wants them, bold, reverse, underline and dim take
 * their place, so that nothing is told by colour alone.
 */

#include <stdint.h>

#include "view/grid.h"

enum theme { THEME_DEFAULT, THEME_COLORBLIND, THEME_MONO, N_THEMES };

enum {
	PAINT_BOLD = 1 << 0,
	PAINT_DIM = 1 << 1,
	PAINT_REVERSE = 1 << 2,
	PAINT_UNDERLINE = 1 << 3,
};

struct paint {
	int32_t  text, ground; /* the terminal's numbers of colours; -1: its own */
	unsigned attributes;
};

/**
 * How @role looks in @theme on a terminal of @colors colours: 1 << 24 (then colours
 * are 0xrrggbb), 256 (of xterm), 16, 8; fewer: none.
 */
struct paint theme_paint(enum theme theme, enum role role, int colors);

/** "default", "colorblind", "mono". */
const char *theme_name(enum theme theme);

/** -1: there is none of that name. */
int theme_named(const char *name);

#endif

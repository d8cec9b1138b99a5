#ifndef VIEW_GRID_H
#define VIEW_GRID_H

/*
 * grid.h - a screen as a value: rows × columns of one character and one role
 *
 * Views write into a grid and know no terminal; term/screen.c shows it, tests
 * compare it. Nothing can be written outside of it: everything is clipped.
 *
 * Roles, not colours: what a role looks like is decided where it is shown, so
 * that a theme is one table and no view depends on colour.
 */

#include <stddef.h>
#include <stdint.h>

enum role {
	ROLE_NORMAL,
	ROLE_OK,
	ROLE_MOVING,
	ROLE_NOTICE,
	ROLE_WARN,
	ROLE_CRITICAL,
	ROLE_ALARM, /* critical, over the whole line */
	ROLE_DEAD,
	ROLE_DIM,
	ROLE_ACCENT,
	ROLE_SELECTION,
	ROLE_HEADER, /* line of a table's titles */
	ROLE_TITLE,  /* line between sections */
	ROLE_PAUSED,
	ROLE_MARKED, /* a row somebody wants on top */
	N_ROLES,
};

struct cell {
	uint32_t ch; /* 0: the right half of the wide character before it */
	uint32_t role;
};

/** What the terminal, or the file, can show. */
struct caps {
	int utf8; /* 2: its font has braille, too */
	int color;
};

/* A place where a press of the mouse means something. */
enum hit_what {
	HIT_NONE,
	HIT_ROW,    /* number: of the rows of the view, in order */
	HIT_COLUMN, /* number: of the listing's fields; kind: enum object_kind */
	HIT_KEY,    /* number: in the table of keys */
	HIT_CHOICE, /* number: of the lines of the setup */
};

struct hit {
	enum hit_what what;
	int           y, x, width;
	size_t        number;
	int           kind;
};

struct grid {
	int          rows, cols;
	struct caps  caps;
	struct cell *cells;
	struct hit  *hits;
	size_t       n_hits;
};

void grid_init(struct grid *g, int rows, int cols, struct caps caps);
void grid_fini(struct grid *g);
void grid_clear(struct grid *g);

/**
 * Write @text at row @y, columns [@x, @x + @width); what does not fit ends in an
 * ellipsis. Broken UTF-8 and control characters are shown as a replacement;
 * without UTF-8 so is everything beyond ASCII. Returns the columns used.
 */
int grid_text(struct grid *g, int y, int x, int width, enum role role, const char *text);

int grid_printf(struct grid *g, int y, int x, int width, enum role role, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/** Give columns [@x, @x + @width) of row @y another role. */
void grid_paint(struct grid *g, int y, int x, int width, enum role role);

/** Say what a press there means. */
void grid_hit(struct grid *g, struct hit hit);

/** What a press there means; HIT_NONE: nothing. */
struct hit grid_hit_at(const struct grid *g, int y, int x);

/** A line across the screen with a title in it. */
void grid_rule(struct grid *g, int y, const char *title);

/** Row @y as UTF-8 without the spaces at its end; @size should be 4 * cols + 1. */
void grid_row(const struct grid *g, int y, char *ret, size_t size);

#endif

#ifndef VIEW_COLUMNS_H
#define VIEW_COLUMNS_H

/*
 * columns.h - which fields of a listing are shown, and in which order
 *
 * As a text: "name,depth,put" is these and no others; with a + or - before each,
 * "+ends,-hwm", it changes what there is by default.
 */

#include <stddef.h>
#include <stdint.h>

#include "view/field.h"

struct columns {
	int     n;               /* 0: all, as the listing has them */
	uint8_t at[FIELDS_MAX];  /* fields from left to right, hidden ones too */
	uint8_t off[FIELDS_MAX]; /* by field: it is hidden */
};

/* How much of everything is shown. */
enum preset { PRESET_NORMAL, PRESET_NARROW, PRESET_WIDE, PRESET_MINIMAL, N_PRESETS };

/** All of @l, written out. */
void columns_all(struct columns *c, const struct listing *l);

/** Those of @l that @preset shows. */
void columns_preset(struct columns *c, const struct listing *l, enum preset preset);

/** The field at place @i from the left. */
int columns_at(const struct columns *c, int i);
int columns_shows(const struct columns *c, int field);

/** Show the field at place @i, or hide it; the last one that is shown stays. */
void columns_toggle(struct columns *c, const struct listing *l, int i);

/** Move the field at place @i by @step; returns its new place. */
int columns_move(struct columns *c, const struct listing *l, int i, int step);

/** Understand @text; -EINVAL, and @ret_error of FILTER_ERROR_BYTES says why. */
int columns_parse(struct columns *ret, const struct listing *l, const char *text, char *ret_error);

/** The text of @c: names of those shown. */
void columns_print(const struct columns *c, const struct listing *l, char *ret, size_t size);

const char *preset_name(enum preset preset);

/** -1: there is none of that name. */
int preset_named(const char *name);

#endif

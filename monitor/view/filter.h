#ifndef VIEW_FILTER_H
#define VIEW_FILTER_H

/*
 * filter.h - which rows: a small language over the columns
 *
 *   jobs            some column holds "jobs", in any case
 *   "log x"         the same, of a text with spaces, or with one of <>= in it
 *   re:^(a|b)       some column matches a POSIX extended regular expression
 *   put>1.5k        the column of that name, title or JSON name compares so: > >= < <= = !=
 *   kind=pipe       of text, = and != only
 *
 * Terms apart by spaces have to hold all. Numbers take the units the column has:
 * 1.5k, 64KiB, 20ms, 90%; a plain number is seconds where the column is a time.
 * A comparison is false of what has not that column, and of what is not known.
 */

#include "view/field.h"
#include "view/views.h"

/** Room for the text of one, as it is typed. */
#define FILTER_BYTES 128

/** Room for what is wrong with one. */
#define FILTER_ERROR_BYTES 160

struct filter;

/** Understand @text. NULL: it cannot be, and @ret_error, of FILTER_ERROR_BYTES, says why. */
struct filter *filter_new(const char *text, char *ret_error);

/** Always returns NULL; @filter may be NULL. */
struct filter *filter_free(struct filter *filter);

/** Is @row one of those asked for? @filter NULL: every row is. */
int filter_passes(const struct filter *filter, enum object_kind kind, const struct frame *f,
		  uint32_t row);

#endif

#ifndef VIEW_SETTINGS_H
#define VIEW_SETTINGS_H

/*
 * settings.h - what of the state a person keeps, as words
 *
 * One line each, "key = value"; see the table in settings.c, which also writes the
 * default file.
 */

#include <stdio.h>

#include "view/ui.h"

/**
 * Take over one. Returns 0; -ENOENT: there is no such @key, -EINVAL: it cannot be
 * @value; then @ret_error, of FILTER_ERROR_BYTES, says so.
 */
int settings_set(struct ui *ui, const char *key, const char *value, char *ret_error);

/** All of @ui, with what each means; what is as it is by default, as a comment. */
void settings_print(FILE *to, const struct ui *ui);

#endif

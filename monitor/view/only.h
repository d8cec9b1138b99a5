#ifndef VIEW_ONLY_H
#define VIEW_ONLY_H

/*
 * only.h - what of a frame has to do with some of its processes
 */

#include "view/ui.h"

struct only;

/**
 * Those called @text, whole or in part and in any case, of that pid, or of the user called
 * so. NULL, which is all: @text is "".
 */
struct only *only_new(const struct frame *f, const char *text);

/** Always returns NULL; @o may be NULL. */
struct only *only_free(struct only *o);

int only_passes(const struct only *o, const struct frame *f, enum object_kind kind, uint32_t row);

/** Is any process called so? */
int only_any(const struct only *o);

#endif

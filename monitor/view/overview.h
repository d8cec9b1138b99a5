#ifndef VIEW_OVERVIEW_H
#define VIEW_OVERVIEW_H

/*
 * overview.h - one screen with some of everything, the worst first
 */

#include "view/ui.h"

struct overview {
	size_t shown[N_OBJECTS]; /* lines of each kind that fit */
};

/** Share a screen of @rows lines among the kinds; each has a title and a head. */
void overview_fit(struct overview *ret, int rows, const struct rows parts[N_OBJECTS]);

#endif

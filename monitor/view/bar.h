#ifndef VIEW_BAR_H
#define VIEW_BAR_H

/*
 * bar.h - numbers drawn in one line of characters
 */

#include "model/history.h"
#include "view/grid.h"

#define BAR_BYTES 512

/**
 * A level of @fill (0 to 1) in @width columns with its ends: "▕████▌^ ▏" or
 * "[====-^ ]"; ^ is the highest it has been. A NaN draws an empty one.
 */
void bar_level(char ret[BAR_BYTES], int width, double fill, double high_water, int utf8);

/** The role of a level: fine below 70 %, then warning, from 90 % on critical. */
enum role bar_role(double fill);

/** @width seconds of @series, the newest at the right, scaled to their greatest; returns that. */
double bar_history(char ret[BAR_BYTES], int width, const struct history *h,
		   const history_number *series, int utf8);

#endif

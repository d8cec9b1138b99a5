#ifndef CRASH_FIGURES_H
#define CRASH_FIGURES_H

/*
 * figures.h - what came of it all, for those who were not there
 *
 * A line for who ran it; and, where a file is named, tables in Markdown behind what is in
 * it already, of which tests/crash/full makes a page.
 */

#include "row.h"
#include "storm.h"

/** Where tables go; NULL: nowhere. */
void figures_open(const char *path);

/** From here on rows are of this table of operations. */
void figures_group(const char *name);

void figures_add(const struct row *row);

/** Say what all rows have come to; whether none failed. */
bool figures_close(double seconds);

/** The same of a storm. */
void figures_storm(const struct storm_options *o, const struct storm_result *r);

#endif /* CRASH_FIGURES_H */

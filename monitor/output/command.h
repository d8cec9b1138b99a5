#ifndef OUTPUT_COMMAND_H
#define OUTPUT_COMMAND_H

#include "options.h"
#include "view/grid.h"

int command_ls(const struct options *o);
int command_waits(const struct options *o);
int command_dump(const struct options *o);
int command_check(const struct options *o);
int command_graph(const struct options *o);

/** What standard output can show. */
struct caps command_caps(const struct options *o);

#endif

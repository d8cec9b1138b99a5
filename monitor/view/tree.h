#ifndef VIEW_TREE_H
#define VIEW_TREE_H

/*
 * tree.h - the lines of a chain as text
 */

#include "model/frame.h"
#include "view/grid.h"
#include "view/words.h"

/** What stands before line @i to show where it hangs: "|  `- "; "" at a root. */
void tree_branch(const struct frame *f, uint32_t i, struct caps caps, char *ret, size_t size);

/** Who it is and what it does: "4711/ingest  get(queue "jobs") empty". */
struct words tree_words(const struct frame *f, uint32_t i);

/** What would end it: "get by 4711"; of a process that waits for nobody, what keeps it: "running". */
struct words tree_needs(const struct frame *f, uint32_t i);

/** Where its wait stands in the source, or where it runs; "": unknown. */
const char *tree_site(const struct frame *f, uint32_t i);

#endif

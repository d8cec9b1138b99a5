#ifndef CRASH_COVERAGE_H
#define CRASH_COVERAGE_H

/*
 * coverage.h - which of the images that can be left behind did random kills leave?
 *
 * Stepping tells which instructions are executed while each image is there. A random kill
 * is known by the instruction at which it came; it hit the images that are there at this
 * instruction, in the operations that a storm consists of.
 */

#include <stdint.h>
#include <stdio.h>

/** List the images, and count from now on which are hit. */
void coverage_begin(void);

/** How many are there, and how many were hit. */
void coverage_count(uint64_t *ret_hit, uint64_t *ret_all);

/** The same of each operation, as a table in Markdown. */
void coverage_table(FILE *to);

#endif /* CRASH_COVERAGE_H */

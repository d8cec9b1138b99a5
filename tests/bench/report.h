#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

/*
 * report.h - from the values of many rounds to tables, or to lines of JSON
 */

#include "block.h"
#include "measure.h"

/** JSON: the medians of all that was measured with messages of the @size'th size. */
void report_json(const struct block *b, unsigned size);

/** For reading: all of it, with what it is compared to. */
void report_table(const struct block *b);

/** The table of the README: measures it, and prints it. 0; 1: something failed, and was said. */
int report_markdown(const struct effort *e);

/** "64 KiB". @text has room for 32 bytes; returned. */
const char *report_size(char *text, size_t size);

/** Without a reader there is no point in measuring on; and exit() leaves the domain in order. */
void report_flush(void);

#endif /* BENCH_REPORT_H */

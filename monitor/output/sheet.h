#ifndef OUTPUT_SHEET_H
#define OUTPUT_SHEET_H

/*
 * sheet.h - a table that is printed again and again
 *
 * It keeps its lines as they were, and changes the cells whose values are others now:
 * of ten thousand channels most stood still since the last reading. Where the values
 * are the same the lines are those of text_rows(), but that a column which was wide
 * once stays so.
 */

#include "output/text.h"

struct sheet;

struct sheet *sheet_new(void);
void          sheet_free(struct sheet *sh);

/**
 * Print it; 0: it has cells that only text_rows() can print, in colour for one, and
 * nothing was printed.
 */
int sheet_rows(struct sheet *sh, const struct text_style *st, const struct frame *f,
	       const struct select *s, int header);

#endif

#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

/*
 * page.h - lines of text to scroll in, broken to a width
 */

#include <stddef.h>

#include "view/grid.h"

struct page_line {
	char     *text;
	enum role role;
};

struct page {
	struct page_line *lines;
	size_t            n;
	int               cols;
	struct caps       caps;
};

void page_init(struct page *p, int cols, struct caps caps);
void page_fini(struct page *p);

/** One paragraph, broken at spaces; what follows the first line is indented by @hang more. */
void page_add(struct page *p, enum role role, int hang, const char *text);
void page_printf(struct page *p, enum role role, int hang, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/** One line as it is: a picture is not broken, but cut. */
void page_line(struct page *p, enum role role, const char *text);

/** A heading with an empty line above it. */
void page_title(struct page *p, const char *text);

#endif

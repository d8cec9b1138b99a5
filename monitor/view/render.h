#ifndef VIEW_RENDER_H
#define VIEW_RENDER_H

/*
 * render.h - frame × state × size × abilities → grid
 *
 * Pure: the same arguments give the same grid. All of the screen is here, and
 * nothing of the terminal.
 */

#include "view/grid.h"
#include "view/page.h"
#include "view/ui.h"

#define RENDER_HEADER 3 /* lines above */
#define RENDER_FOOTER 1 /* lines below */

/* Smaller than this is one line: the verdict. */
#define RENDER_LEAST_ROWS 8
#define RENDER_LEAST_COLS 40

/* What is neither of the domain nor of the person: how the watching goes. */
struct status {
	const char *domain; /* its name, or its directory */
	int         attached;
	const char *why;      /* not attached: the reason */
	uint64_t    gone_ns;  /* not attached any more: for so long; 0: never was */
	double      self_cpu; /* [% of one core]; NaN: unknown */
	uint64_t    self_bytes;
	uint64_t    frozen_ns; /* display stands still for so long */
};

/** Draw into @g, whose size and abilities count. */
void render(struct grid *g, const struct frame *f, const struct ui *ui,
	    const struct status *status);

/** Lines of what is scrolled: help, or the detail. */
size_t render_lines(const struct ui *ui, const struct frame *f);

/* ---- its parts --------------------------------------------------------------- */

void render_header(struct grid *g, const struct frame *f, const struct ui *ui,
		   const struct status *status);
void render_keys(struct grid *g, const struct ui *ui);
void render_overview(struct grid *g, const struct frame *f, const struct ui *ui);

/** Titles of the columns at row @y; the sorted one is marked. */
void table_head(struct grid *g, int y, const struct listing *l, int sort, int inverted);
void table_row(struct grid *g, int y, const struct listing *l, const struct frame *f, uint32_t row,
	       int selected);

/** All about one thing. */
void detail_page(struct page *page, const struct frame *f, struct object o, struct caps caps);
void help_page(struct page *page);

void detail_finding(struct page *page, const struct frame *f, uint32_t i);
void explain_finding(struct page *page, const struct frame *f,
		     uint32_t i); /* the same without its headline */
void detail_wait(struct page *page, const struct frame *f, uint32_t i);
void detail_channel(struct page *page, const struct frame *f, uint32_t i, struct caps caps);
void detail_process(struct page *page, const struct frame *f, uint32_t i);

#endif

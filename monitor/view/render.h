#ifndef VIEW_RENDER_H
#define VIEW_RENDER_H

/*
 * render.h - frame × state × size × abilities → grid
 *
 * Pure: the same arguments give the same grid. All of the screen is here, and
 * nothing of the terminal.
 */

#include <stdio.h>

#include "view/grid.h"
#include "view/page.h"
#include "view/ui.h"

#define RENDER_HEADER 3 /* lines above */
#define RENDER_FOOTER 1 /* lines below */

/* Smaller than this is one line, the verdict, and below it that it is too small. */
#define RENDER_LEAST_ROWS 8
#define RENDER_LEAST_COLS 40

/* Lower than this, lists need all of it, and there are no pictures. */
#define RENDER_GRAPH_ROWS 24

/* What is neither of the domain nor of the person: how the watching goes. */
struct status {
	const char *domain; /* its name, or its directory */
	int         attached;
	const char *why;      /* not attached: the reason */
	uint64_t    gone_ns;  /* not attached any more: for so long; 0: never was */
	double      self_cpu; /* [% of one core]; NaN: unknown */
	uint64_t    self_bytes;
	uint64_t    frozen_ns;      /* display stands still for so long */
	int         replay;         /* it is a recording */
	int         past;           /* what is shown was stepped back to */
	uint64_t    behind_ns;      /* in either case: so long before the newest */
	uint64_t    recorded_bytes; /* 0: nothing is being recorded */
	uint64_t    n_damaged;      /* samples of the recording that could not be read */
};

/** Draw into @g, whose size and abilities count. */
void render(struct grid *g, const struct frame *f, const struct ui *ui,
	    const struct status *status);

/** Lines of what is scrolled: help, or the detail. */
size_t render_lines(const struct ui *ui, const struct frame *f);

/** Write them, broken at @cols. */
void render_text(FILE *to, const struct ui *ui, const struct frame *f, int cols);

/**
 * The line of them that holds @text, in any case: the next behind @from (@step 1),
 * the one before (-1), or (0) the first from @from on. SIZE_MAX: none does.
 */
size_t render_find(const struct ui *ui, const struct frame *f, const char *text, size_t from,
		   int step);

/* ---- its parts --------------------------------------------------------------- */

void render_header(struct grid *g, const struct frame *f, const struct ui *ui,
		   const struct status *status);
void render_keys(struct grid *g, const struct ui *ui);

/** A view of rows of one kind. */
void render_listing(struct grid *g, const struct frame *f, const struct ui *ui);
void render_overview(struct grid *g, const struct frame *f, const struct ui *ui);
/** A view of rows of several kinds: each with a title and its own heads. */
void render_sections(struct grid *g, const struct frame *f, const struct ui *ui);
void render_latency(struct grid *g, const struct frame *f, const struct ui *ui);

/** Selectable lines of a view, in order; f->s is there. */
struct rows rows_listing(const struct ui *ui, const struct frame *f);
struct rows rows_events(const struct ui *ui, const struct frame *f);
struct rows rows_overview(const struct ui *ui, const struct frame *f);
struct rows rows_latency(const struct ui *ui, const struct frame *f);
struct rows rows_memory(const struct ui *ui, const struct frame *f);

/** All of @kind that the filter leaves, as the person sorted them; rows_fini() when done. */
struct rows rows_sorted(const struct ui *ui, const struct frame *f, enum object_kind kind);

/* What the lines of views.h become; see there. */
struct view_kind {
	enum object_kind kind;
	struct rows (*rows)(const struct ui *ui, const struct frame *f);
	void (*draw)(struct grid *g, const struct frame *f, const struct ui *ui);
	int below;
};

struct object_class {
	const struct listing *listing;
	void (*detail)(struct page *page, const struct frame *f, uint32_t i, const struct ui *ui);
	int lines;
};

extern const struct view_kind    view_kinds[N_VIEWS];
extern const struct object_class object_classes[N_OBJECTS];

/** Titles of the columns at row @y; the sorted one is marked. */
void table_head(struct grid *g, int y, const struct ui *ui, enum object_kind kind);

/** The @i-th of @rows. */
void table_row(struct grid *g, int y, const struct ui *ui, const struct frame *f,
	       const struct rows *rows, size_t i, int selected);

/** The setup: choices, and what is chosen. */
void render_setup(struct grid *g, const struct ui *ui);

/* ---- pages ------------------------------------------------------------------- */

typedef void page_fn(struct page *page, const struct frame *f, const struct ui *ui);

/** All about what ui->detail names; and the help. */
page_fn detail_page, help_page, sites_page, trace_page;

typedef void detail_fn(struct page *page, const struct frame *f, uint32_t i, const struct ui *ui);

/** Where an end last put and got, indented as what else is said of it. */
void detail_end_sites(struct page *page, const struct frame *f, size_t i_end);

detail_fn detail_finding, detail_wait, detail_channel, detail_process, detail_chain, detail_lock,
	detail_event;

/** A finding without its headline. */
void explain_finding(struct page *page, const struct frame *f, uint32_t i);

#endif

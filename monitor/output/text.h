#ifndef OUTPUT_TEXT_H
#define OUTPUT_TEXT_H

/*
 * text.h - a frame as lines for people and for awk
 *
 * A table has one line a thing, no blank cells but for the last column, and the
 * order of the registry, so that two readings can be compared line by line.
 */

#include <stdio.h>

#include "lint/lint.h"
#include "model/frame.h"
#include "output/select.h"
#include "view/ui.h"

/** How text comes out. */
struct text_style {
	FILE       *to;
	struct caps caps;
};

/** One line in the colour of a role; control characters and broken UTF-8 are replaced. */
void text_line(const struct text_style *st, enum role role, const char *text);

void text_table(const struct text_style *st, const struct frame *f, enum object_kind kind);
void text_rows(const struct text_style *st, const struct frame *f, const struct select *select,
	       int header);

/* The parts of it, for sheet.c. */
void text_bytes(const struct text_style *st, const char *bytes, size_t n);
void text_plain(const struct text_style *st, const char *text);
void text_cell(const struct select *s, int i, const struct frame *f, uint32_t row, struct caps caps,
	       struct field_text *ret);
int  text_is_right(const struct listing_column *c);
void text_titles(const struct text_style *st, const struct select *s, const int *widths);

/** The verdicts with all their explanations. */
void text_findings(const struct text_style *st, const struct frame *f);

/** Who waits for whom, from the head of each chain. */
void text_graph(const struct text_style *st, const struct frame *f);
void graph_json(FILE *to, const struct frame *f);
void graph_dot(FILE *to, const struct frame *f);

/** One lint in one line; all of them, each with its remedy. */
void text_lint(const struct text_style *st, const struct lint *l);
void text_lints(const struct text_style *st, const struct frame *f, const struct lints *lints);

#endif

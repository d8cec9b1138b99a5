#ifndef OUTPUT_TEXT_H
#define OUTPUT_TEXT_H

/*
 * text.h - a frame as lines for people and for awk
 *
 * A table has one line a thing, no blank cells but for the last column, and the
 * order of the registry, so that two readings can be compared line by line.
 */

#include <stdio.h>

#include "model/frame.h"
#include "view/ui.h"

/** How text comes out. */
struct text_style {
	FILE       *to;
	struct caps caps;
};

/** One line in the colour of a role; control characters and broken UTF-8 are replaced. */
void text_line(const struct text_style *st, enum role role, const char *text);

void text_table(const struct text_style *st, const struct frame *f, enum object_kind kind);

/** The verdicts with all their explanations. */
void text_findings(const struct text_style *st, const struct frame *f);

/** Who waits for whom, from the head of each chain. */
void text_graph(const struct text_style *st, const struct frame *f);
void graph_json(FILE *to, const struct frame *f);

#endif

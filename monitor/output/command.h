#ifndef OUTPUT_COMMAND_H
#define OUTPUT_COMMAND_H

#include "options.h"
#include "output/text.h"
#include "view/grid.h"

int command_ls(const struct options *o);
int command_waits(const struct options *o);
int command_dump(const struct options *o);
int command_check(const struct options *o);
int command_verify(const struct options *o);
int command_graph(const struct options *o);
int command_record(const struct options *o);
int command_stream(const struct options *o);
int command_gc(const struct options *o);

int command_stat(const struct options *o);
int command_diff(const struct options *o);
int command_report(const struct options *o);
int command_completion(const struct options *o);

int command_export(const struct options *o);

int command_lint(const struct options *o);
int command_explain(const struct options *o);

/* ---- between the commands --------------------------------------------------------- */

typedef void print_fn(const struct text_style *st, const struct options *o, const struct frame *f);

/** What was printed so far has arrived; else it is said on standard error, and 0. */
int command_written(void);

/** Read and print, as often as the options say; rates need a reading before the first. */
int command_repeat(const struct options *o, print_fn *print, int with_rates);

/** The same once, unless a number or --batch says otherwise. */
int command_once(const struct options *o, print_fn *print, int with_rates);

/** A frame as JSON with @parts of it. */
void command_json(const struct options *o, const struct frame *f, unsigned parts);

/** What standard output can show. */
struct caps command_caps(const struct options *o);

#endif

#ifndef OUTPUT_DUMP_H
#define OUTPUT_DUMP_H

/*
 * dump.h - a frame as JSON, ipcmon.snapshot/1
 *
 * Integers in base units with the unit in the name, unknown is null, names are
 * never reused for something else. Programs rely on this: add, never change.
 */

#include "lint/lint.h"
#include "model/frame.h"
#include "output/rows.h"

enum {
	DUMP_PROCESSES = 1 << 0,
	DUMP_THREADS = 1 << 1,
	DUMP_CHANNELS = 1 << 2,
	DUMP_WAITS = 1 << 3,
	DUMP_VERDICTS = 1 << 4,
	DUMP_LINTS = 1 << 5,
	DUMP_HOLDS = 1 << 6,
	DUMP_ALL = (1 << 7) - 1,
};

/** One object with the parts asked for, and a newline. @lints are those of @f. */
void dump_json(FILE *to, const struct frame *f, unsigned parts, const struct lints *lints);

/** The same, and the tables of @selection as it has them. */
void dump_selected(FILE *to, const struct frame *f, unsigned parts, const struct lints *lints,
		   const struct selection *selection);

/* Rows come from the tables of columns; what they have besides is here. */
void   dump_table(struct json *j, const struct frame *f, const struct select *select);
void   dump_tables(struct json *j, const struct frame *f, unsigned parts);
row_fn dump_directions;

void dump_threads(struct json *j, const struct frame *f);
void dump_holds(struct json *j, const struct frame *f);
void dump_verdicts(struct json *j, const struct frame *f);

void dump_lints(struct json *j, const struct frame *f, const struct lints *lints);

/** Of the verdicts; where they are all right, a lint is a warning. */
enum ipc_grade dump_grade(const struct frame *f, const struct lints *lints);

/** "ok", "warning", "critical", "unknown". */
const char *dump_grade_name(enum ipc_grade grade);

#endif

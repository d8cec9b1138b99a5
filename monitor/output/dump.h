#ifndef OUTPUT_DUMP_H
#define OUTPUT_DUMP_H

/*
 * dump.h - a frame as JSON, ipcmon.snapshot/1
 *
 * Integers in base units with the unit in the name, unknown is null, names are
 * never reused for something else. Programs rely on this: add, never change.
 */

#include "model/frame.h"
#include "output/json.h"

enum {
	DUMP_PROCESSES = 1 << 0,
	DUMP_THREADS = 1 << 1,
	DUMP_CHANNELS = 1 << 2,
	DUMP_WAITS = 1 << 3,
	DUMP_VERDICTS = 1 << 4,
	DUMP_LINTS = 1 << 5,
	DUMP_ALL = (1 << 6) - 1,
};

/** One object with the parts asked for, and a newline. */
void dump_json(FILE *to, const struct frame *f, unsigned parts);

void dump_processes(struct json *j, const struct frame *f);
void dump_threads(struct json *j, const struct frame *f);
void dump_channels(struct json *j, const struct frame *f);

/* The fields that an end, a direction and a process have in common. */
void dump_flows(struct json *j, const struct ipc_obs_flow *out, const struct ipc_obs_flow *in);
void dump_waits(struct json *j, const struct frame *f);
void dump_verdicts(struct json *j, const struct frame *f);

/** "ok", "warning", "critical", "unknown". */
const char *dump_grade_name(enum ipc_grade grade);

#endif

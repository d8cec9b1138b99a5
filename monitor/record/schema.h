#ifndef RECORD_SCHEMA_H
#define RECORD_SCHEMA_H

/*
 * schema.h - what a recording holds of a reading: tables of columns
 *
 * A sample is a snapshot and what else a frame is made of: what the kernel said
 * of each process, and where call sites lie, in words, for a machine that has
 * not the programs. All of it is tables; each member of a structure is a column
 * here, and nothing else in this folder knows any of them.
 *
 * A recording begins with the names of its columns. A reader takes those it
 * knows and passes over the others, so a column more or less is no new format.
 */

#include <ipc/observe.h>

#include "model/procfs.h"
#include "record/bytes.h"

/* A call site in words. */
struct sample_site {
	uint32_t    process; /* index in processes */
	uint64_t    address;
	const char *text;
};

/* Who recorded it. */
struct sample_origin {
	const char *host;
	const char *version; /* of ipcmon */
};

struct sample {
	struct ipc_snapshot         s;
	const struct procfs_usage  *usage; /* per process */
	size_t                      n_usage;
	const struct sample_site   *sites;
	size_t                      n_sites;
	const struct sample_origin *origin;
	size_t                      n_origin;
};

enum sample_table {
	SAMPLE_MOMENT, /* one row: the members of the snapshot itself */
	SAMPLE_PROCESSES,
	SAMPLE_THREADS,
	SAMPLE_CHANNELS,
	SAMPLE_ENDS,
	SAMPLE_WAITS,
	SAMPLE_HOLDS,
	SAMPLE_VERDICTS,
	SAMPLE_FAILURES,
	SAMPLE_ITEMS,
	SAMPLE_USAGE,
	SAMPLE_SITES,
	SAMPLE_ORIGIN,
	N_SAMPLE_TABLES,
};

enum column_type {
	COLUMN_NUMBER = 1, /* of 4 or 8 bytes: integers, enumerators, floating point */
	COLUMN_TEXT,       /* a pointer to a string */
	COLUMN_CHARS,      /* a string in place */
	COLUMN_BLOB,       /* a pointer to bytes, and their number */
	COLUMN_HIST,       /* a pointer to IPC_OBS_HIST numbers (uint32_t), or NULL */
	COLUMN_LIST,       /* a pointer to indices (uint32_t), and their number */
};

/* What a value must be for a reader to rely on it. */
enum column_rule {
	RULE_NONE,
	RULE_MOST,    /* at most .limit, else it is 0: an enumerator of a later version, or a
			 time that is none */
	RULE_INDEX,   /* of a row in the table .limit */
	RULE_PERHAPS, /* the same, or IPC_NO_INDEX */
	RULE_LINES,   /* text that may hold newlines */
};

struct column {
	const char      *name;
	enum column_type type;
	uint32_t         at;    /* of the member in its structure */
	uint32_t         bytes; /* of the member */
	uint32_t         count; /* blob, list: where the number of elements is */
	enum column_rule rule;
	uint64_t         limit;
};

struct table_shape {
	const char          *name;
	uint32_t             row_bytes;
	uint32_t             rows, n_rows; /* where the sample has the pointer, and the number */
	const struct column *columns;
	uint32_t             n_columns;
	uint32_t             padding; /* bytes of a row that are no member */
};

extern const struct table_shape sample_shapes[N_SAMPLE_TABLES];

/** Rows of table @t of @x, and the first of them. */
size_t         sample_n_rows(const struct sample *x, enum sample_table t);
const uint8_t *sample_rows(const struct sample *x, enum sample_table t);

/* Where a recording's columns are among ours. */
struct schema_map {
	struct {
		int       table; /* enum sample_table; -1: unknown here */
		uint32_t  n_columns;
		uint32_t *column; /* UINT32_MAX: unknown here */
	} * tables;
	uint32_t n_tables;
};

void schema_write(struct bytes *to);

/** 0, or -EBADMSG; schema_fini() in either case. */
int  schema_read(struct schema_map *ret, const uint8_t *p, size_t n);
void schema_fini(struct schema_map *map);

#endif

/*
 * schema.c - the columns, and their names at the head of a recording
 *
 * A member added to a structure of ipc/observe.h is added here; the unit test
 * counts bytes and says so where it is forgotten.
 */
#include "record/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"

#define TABLES_MAX  256 /* of a recording: a guard for reading, never near */
#define COLUMNS_MAX 4096

#define SIZE_(s, m) (uint32_t)sizeof(((const struct s *)0)->m)
#define AT_(s, m)   (uint32_t) offsetof(struct s, m)
#define COLUMN_(s, m, type, count, rule, limit)                                      \
	{                                                                            \
#m, COLUMN_##type, AT_(s, m), SIZE_(s, m), count, RULE_##rule, limit \
	}

#define NUMBER(s, m)         COLUMN_(s, m, NUMBER, 0, NONE, 0)
#define MOST(s, m, limit)    COLUMN_(s, m, NUMBER, 0, MOST, limit)
#define INDEX(s, m, table)   COLUMN_(s, m, NUMBER, 0, INDEX, SAMPLE_##table)
#define PERHAPS(s, m, table) COLUMN_(s, m, NUMBER, 0, PERHAPS, SAMPLE_##table)
#define TEXT(s, m)           COLUMN_(s, m, TEXT, 0, NONE, 0)
#define LINES(s, m)          COLUMN_(s, m, TEXT, 0, LINES, 0)
#define CHARS(s, m)          COLUMN_(s, m, CHARS, 0, NONE, 0)
#define HIST(s, m)           COLUMN_(s, m, HIST, 0, NONE, 0)
#define BLOB(s, m, n)        COLUMN_(s, m, BLOB, AT_(s, n), NONE, 0)
#define LIST(s, m, n, table) COLUMN_(s, m, LIST, AT_(s, n), INDEX, SAMPLE_##table)

#define FLOW(s, m)                                                                               \
	NUMBER(s, m.messages), NUMBER(s, m.bytes), NUMBER(s, m.blocks), NUMBER(s, m.blocked_ns), \
		NUMBER(s, m.timeouts)

static const struct column moment[] = {
	TEXT(ipc_snapshot, domain),
	TEXT(ipc_snapshot, dir),
	NUMBER(ipc_snapshot, nonce),
	MOST(ipc_snapshot, t_mono_ns, INT64_MAX),
	MOST(ipc_snapshot, t_real_ns, INT64_MAX),
	MOST(ipc_snapshot, created_mono_ns, INT64_MAX),
	MOST(ipc_snapshot, created_real_ns, INT64_MAX),
	NUMBER(ipc_snapshot, post_mortem),
	NUMBER(ipc_snapshot, torn),
	NUMBER(ipc_snapshot, damaged),
	NUMBER(ipc_snapshot, registry_bytes),
	NUMBER(ipc_snapshot, n_reaped),
	NUMBER(ipc_snapshot, tick_ns),
	MOST(ipc_snapshot, grade, IPC_GRADE_UNKNOWN),
	NUMBER(ipc_snapshot, generation),
};

static const struct column processes[] = {
	NUMBER(ipc_obs_process, id),
	NUMBER(ipc_obs_process, pid),
	TEXT(ipc_obs_process, name),
	TEXT(ipc_obs_process, exe),
	NUMBER(ipc_obs_process, exe_base),
	NUMBER(ipc_obs_process, exe_end),
	BLOB(ipc_obs_process, build_id, build_id_len),
	MOST(ipc_obs_process, life, IPC_OBS_DEAD),
	PERHAPS(ipc_obs_process, parent, PROCESSES),
	NUMBER(ipc_obs_process, joined_ns),
	NUMBER(ipc_obs_process, ns_inode),
	NUMBER(ipc_obs_process, foreign_ns),
	NUMBER(ipc_obs_process, n_threads),
	NUMBER(ipc_obs_process, n_blocked),
	NUMBER(ipc_obs_process, n_ends),
	NUMBER(ipc_obs_process, asleep_ns),
	FLOW(ipc_obs_process, out),
	FLOW(ipc_obs_process, in),
};

static const struct column threads[] = {
	NUMBER(ipc_obs_thread, id),           NUMBER(ipc_obs_thread, tid),
	TEXT(ipc_obs_thread, name),           INDEX(ipc_obs_thread, process, PROCESSES),
	PERHAPS(ipc_obs_thread, wait, WAITS), NUMBER(ipc_obs_thread, asleep_ns),
};

#define RING(r)                                                                                    \
	NUMBER(ipc_obs_channel, r.sent), NUMBER(ipc_obs_channel, r.received),                      \
		NUMBER(ipc_obs_channel, r.queued), NUMBER(ipc_obs_channel, r.capacity),            \
		NUMBER(ipc_obs_channel, r.high_water), NUMBER(ipc_obs_channel, r.heap_bytes),      \
		NUMBER(ipc_obs_channel, r.oldest_ns), NUMBER(ipc_obs_channel, r.abandoned),        \
		NUMBER(ipc_obs_channel, r.taken_by_dead), NUMBER(ipc_obs_channel, r.shut),         \
		FLOW(ipc_obs_channel, r.out), FLOW(ipc_obs_channel, r.in),                         \
		HIST(ipc_obs_channel, r.hist), NUMBER(ipc_obs_channel, r.p50_ns),                  \
		NUMBER(ipc_obs_channel, r.p99_ns), NUMBER(ipc_obs_channel, r.max_ns),              \
		NUMBER(ipc_obs_channel, r.blocked_senders),                                        \
		NUMBER(ipc_obs_channel, r.blocked_receivers), NUMBER(ipc_obs_channel, r.vain_out), \
		NUMBER(ipc_obs_channel, r.vain_in)

static const struct column channels[] = {
	NUMBER(ipc_obs_channel, id),
	MOST(ipc_obs_channel, kind, IPC_KIND_VALUE),
	TEXT(ipc_obs_channel, name),
	NUMBER(ipc_obs_channel, named),
	NUMBER(ipc_obs_channel, simplex),
	MOST(ipc_obs_channel, n_rings, 2),
	RING(ring[0]),
	RING(ring[1]),
	NUMBER(ipc_obs_channel, size_bytes),
	NUMBER(ipc_obs_channel, created_ns),
	NUMBER(ipc_obs_channel, first_end),
	NUMBER(ipc_obs_channel, n_ends),
	NUMBER(ipc_obs_channel, unfinished),
	NUMBER(ipc_obs_channel, tasks_failed),
	NUMBER(ipc_obs_channel, failed_pid),
	NUMBER(ipc_obs_channel, memory_bytes),
	NUMBER(ipc_obs_channel, sealed),
	FLOW(ipc_obs_channel, lock_waits),
	NUMBER(ipc_obs_channel, lock_vain),
	NUMBER(ipc_obs_channel, on_death),
	NUMBER(ipc_obs_channel, requeued),
	NUMBER(ipc_obs_channel, returned),
};

static const struct column ends[] = {
	INDEX(ipc_obs_end, process, PROCESSES),
	INDEX(ipc_obs_end, channel, CHANNELS),
	NUMBER(ipc_obs_end, rights),
	NUMBER(ipc_obs_end, handles),
	NUMBER(ipc_obs_end, opened_ns),
	NUMBER(ipc_obs_end, owed),
	FLOW(ipc_obs_end, out),
	FLOW(ipc_obs_end, in),
	NUMBER(ipc_obs_end, extra_done),
	NUMBER(ipc_obs_end, out_site),
	NUMBER(ipc_obs_end, in_site),
	PERHAPS(ipc_obs_end, out_thread, THREADS),
	PERHAPS(ipc_obs_end, in_thread, THREADS),
};

static const struct column waits[] = {
	INDEX(ipc_obs_wait, thread, THREADS),
	MOST(ipc_obs_wait, op, IPC_OP_WAIT),
	NUMBER(ipc_obs_wait, n_items),
	NUMBER(ipc_obs_wait, all),
	NUMBER(ipc_obs_wait, fd),
	PERHAPS(ipc_obs_wait, channel, CHANNELS),
	MOST(ipc_obs_wait, ring, 1),
	PERHAPS(ipc_obs_wait, owner, THREADS),
	PERHAPS(ipc_obs_wait, child, PROCESSES),
	NUMBER(ipc_obs_wait, child_pid),
	NUMBER(ipc_obs_wait, lock_offset),
	NUMBER(ipc_obs_wait, since_ns),
	NUMBER(ipc_obs_wait, deadline_ns),
	NUMBER(ipc_obs_wait, site),
	NUMBER(ipc_obs_wait, satisfied),
	CHARS(ipc_obs_wait, text),
	NUMBER(ipc_obs_wait, have),
	NUMBER(ipc_obs_wait, want),
	NUMBER(ipc_obs_wait, alarm_ns),
	NUMBER(ipc_obs_wait, parked),
	NUMBER(ipc_obs_wait, first_item),
	NUMBER(ipc_obs_wait, n_listed),
	NUMBER(ipc_obs_wait, seq),
};

static const struct column holds[] = {
	INDEX(ipc_obs_hold, thread, THREADS),
	MOST(ipc_obs_hold, kind, IPC_HOLD_ARRIVAL),
	PERHAPS(ipc_obs_hold, channel, CHANNELS),
	NUMBER(ipc_obs_hold, lock_offset),
	NUMBER(ipc_obs_hold, count),
	NUMBER(ipc_obs_hold, since_ns),
	NUMBER(ipc_obs_hold, site),
};

static const struct column verdicts[] = {
	MOST(ipc_obs_verdict, class_, IPC_POISONED),
	MOST(ipc_obs_verdict, strength, IPC_NOT_CERTAIN),
	NUMBER(ipc_obs_verdict, since_ns),
	LIST(ipc_obs_verdict, core, n_core, WAITS),
	LIST(ipc_obs_verdict, behind, n_behind, WAITS),
	TEXT(ipc_obs_verdict, headline),
	LINES(ipc_obs_verdict, text),
	TEXT(ipc_obs_verdict, pattern),
	TEXT(ipc_obs_verdict, fix),
	PERHAPS(ipc_obs_verdict, chosen, WAITS),
	NUMBER(ipc_obs_verdict, chosen_error),
};

static const struct column failures[] = {
	PERHAPS(ipc_obs_failure, end, ENDS), INDEX(ipc_obs_failure, channel, CHANNELS),
	NUMBER(ipc_obs_failure, put),        NUMBER(ipc_obs_failure, code),
	NUMBER(ipc_obs_failure, count),      NUMBER(ipc_obs_failure, first_ns),
	NUMBER(ipc_obs_failure, last_ns),
};

static const struct column items[] = {
	MOST(ipc_obs_item, op, IPC_OP_WAIT),
	PERHAPS(ipc_obs_item, channel, CHANNELS),
	MOST(ipc_obs_item, ring, 1),
	PERHAPS(ipc_obs_item, owner, THREADS),
	PERHAPS(ipc_obs_item, child, PROCESSES),
	NUMBER(ipc_obs_item, fd),
	NUMBER(ipc_obs_item, child_pid),
	NUMBER(ipc_obs_item, lock_offset),
};

static const struct column usage[] = {
	NUMBER(procfs_usage, cpu_ns), NUMBER(procfs_usage, rss_bytes), NUMBER(procfs_usage, pid),
	NUMBER(procfs_usage, user),   NUMBER(procfs_usage, rate),
};

static const struct column sites[] = {
	INDEX(sample_site, process, PROCESSES),
	NUMBER(sample_site, address),
	TEXT(sample_site, text),
};

static const struct column origin[] = {
	TEXT(sample_origin, host),
	TEXT(sample_origin, version),
};

#define N_(a) (sizeof(a) / sizeof((a)[0]))
#define ROWS_(table, type, at, n, pad)                                                          \
	{                                                                                       \
#table, sizeof(struct type), AT_(sample, at), AT_(sample, n), table, N_(table), \
			pad                                                                     \
	}

/* The arrays and their numbers in the snapshot are its tables, not its columns. */
#define ARRAYS_BYTES 9 * (sizeof(void *) + sizeof(size_t))

const struct table_shape sample_shapes[N_SAMPLE_TABLES] = {
	[SAMPLE_MOMENT] = {"moment", sizeof(struct ipc_snapshot), 0, 0, moment, N_(moment),
			   ARRAYS_BYTES + 8},
	[SAMPLE_PROCESSES] = ROWS_(processes, ipc_obs_process, s.processes, s.n_processes, 0),
	[SAMPLE_THREADS] = ROWS_(threads, ipc_obs_thread, s.threads, s.n_threads, 0),
	[SAMPLE_CHANNELS] = ROWS_(channels, ipc_obs_channel, s.channels, s.n_channels, 16),
	[SAMPLE_ENDS] = ROWS_(ends, ipc_obs_end, s.ends, s.n_ends, 0),
	[SAMPLE_WAITS] = ROWS_(waits, ipc_obs_wait, s.waits, s.n_waits, 8),
	[SAMPLE_HOLDS] = ROWS_(holds, ipc_obs_hold, s.holds, s.n_holds, 4),
	[SAMPLE_VERDICTS] = ROWS_(verdicts, ipc_obs_verdict, s.verdicts, s.n_verdicts, 0),
	[SAMPLE_FAILURES] = ROWS_(failures, ipc_obs_failure, s.failures, s.n_failures, 0),
	[SAMPLE_ITEMS] = ROWS_(items, ipc_obs_item, s.items, s.n_items, 4),
	[SAMPLE_USAGE] = ROWS_(usage, procfs_usage, usage, n_usage, 0),
	[SAMPLE_SITES] = ROWS_(sites, sample_site, sites, n_sites, 4),
	[SAMPLE_ORIGIN] = ROWS_(origin, sample_origin, origin, n_origin, 0),
};

size_t sample_n_rows(const struct sample *x, enum sample_table t)
{
	size_t n = 1;

	if (t != SAMPLE_MOMENT)
		memcpy(&n, (const char *)x + sample_shapes[t].n_rows, sizeof(n));
	return n;
}

const uint8_t *sample_rows(const struct sample *x, enum sample_table t)
{
	const uint8_t *rows = (const uint8_t *)&x->s;

	if (t != SAMPLE_MOMENT)
		memcpy(&rows, (const char *)x + sample_shapes[t].rows, sizeof(rows));
	return rows;
}

/* ---- names ------------------------------------------------------------------- */

void schema_write(struct bytes *to)
{
	bytes_number(to, N_SAMPLE_TABLES);
	for (int t = 0; t < N_SAMPLE_TABLES; t++) {
		const struct table_shape *s = &sample_shapes[t];

		bytes_text(to, s->name);
		bytes_number(to, s->n_columns);
		for (uint32_t i = 0; i < s->n_columns; i++) {
			bytes_text(to, s->columns[i].name);
			bytes_number(to, s->columns[i].type);
		}
	}
}

static int is_text(const char *text, const uint8_t *p, uint64_t n)
{
	return p != NULL && strlen(text) == n && memcmp(text, p, n) == 0;
}

static int find_table(struct cursor *c)
{
	uint64_t       n = cursor_number(c);
	const uint8_t *name = cursor_take(c, n);

	for (int t = 0; t < N_SAMPLE_TABLES; t++)
		if (is_text(sample_shapes[t].name, name, n))
			return t;
	return -1;
}

static uint32_t find_column(struct cursor *c, int table)
{
	uint64_t       n = cursor_number(c);
	const uint8_t *name = cursor_take(c, n);
	uint64_t       type = cursor_number(c);

	for (uint32_t i = 0; table >= 0 && i < sample_shapes[table].n_columns; i++) {
		const struct column *column = &sample_shapes[table].columns[i];

		if (column->type == type && is_text(column->name, name, n))
			return i;
	}
	return UINT32_MAX;
}

static int is_known(const struct schema_map *map, int table)
{
	for (uint32_t i = 0; i < map->n_tables; i++)
		if (table >= 0 && map->tables[i].table == table)
			return 1;
	return 0;
}

int schema_read(struct schema_map *ret, const uint8_t *p, size_t n)
{
	struct cursor c = {p, p + n, 0};
	uint64_t      n_tables = cursor_number(&c);

	*ret = (struct schema_map){0};
	if (n_tables > TABLES_MAX)
		return -EBADMSG;
	ret->tables = mem_new(n_tables, sizeof(*ret->tables));
	for (ret->n_tables = 0; !c.bad && ret->n_tables < n_tables; ret->n_tables++) {
		int      table = find_table(&c);
		uint64_t n_columns = cursor_number(&c);

		if (c.bad || n_columns > COLUMNS_MAX || is_known(ret, table))
			return -EBADMSG;
		ret->tables[ret->n_tables].table = table;
		ret->tables[ret->n_tables].n_columns = (uint32_t)n_columns;
		ret->tables[ret->n_tables].column = mem_new(n_columns, sizeof(uint32_t));
		for (uint64_t i = 0; i < n_columns; i++)
			ret->tables[ret->n_tables].column[i] = find_column(&c, table);
	}
	return c.bad ? -EBADMSG : 0;
}

void schema_fini(struct schema_map *map)
{
	for (uint32_t i = 0; i < map->n_tables; i++)
		free(map->tables[i].column);
	free(map->tables);
	*map = (struct schema_map){0};
}

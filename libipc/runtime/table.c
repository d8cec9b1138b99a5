/* table.c - records of the registry: found free, made, freed; under the registry lock */

#include "runtime/table.h"

#include <errno.h>

#include "base/error.h"
#include "base/file.h"
#include "runtime/journal.h"
#include "runtime/process.h"

const struct table_shape table_shapes[N_TABLES] = {
	[TABLE_PROCESSES] = {sizeof(struct process_rec), 32},
	[TABLE_THREADS] = {sizeof(struct thread_rec), 64},
	[TABLE_OBJECTS] = {sizeof(struct object_rec), 32},
	[TABLE_ENDS] = {sizeof(struct end_rec), 64},
	[TABLE_PROCESS_LABELS] = {sizeof(struct process_label), 32},
	[TABLE_OBJECT_LABELS] = {sizeof(struct object_label), 32},
	[TABLE_HISTOGRAMS] = {sizeof(struct histogram_rec), 64},
	[TABLE_FAILURES] = {sizeof(struct failures_rec), 64},
	[TABLE_PASTS] = {sizeof(struct past_rec), 32},
};

const enum table_id table_next_part[N_TABLES] = {
	[TABLE_PROCESSES] = TABLE_PROCESS_LABELS, [TABLE_PROCESS_LABELS] = TABLE_PROCESS_LABELS,
	[TABLE_THREADS] = TABLE_THREADS,          [TABLE_OBJECTS] = TABLE_OBJECT_LABELS,
	[TABLE_OBJECT_LABELS] = TABLE_PASTS,      [TABLE_PASTS] = TABLE_PASTS,
	[TABLE_ENDS] = TABLE_HISTOGRAMS,          [TABLE_HISTOGRAMS] = TABLE_FAILURES,
	[TABLE_FAILURES] = TABLE_FAILURES,
};

static const char *const table_names[N_TABLES] = {
	"processes", "threads", "objects", "handles", "processes",
	"objects",   "handles", "handles", "objects",
};

static const char *table_limit(enum table_id table)
{
	return table == TABLE_PROCESSES || table == TABLE_THREADS ? "IPC_MAX_PROCESSES"
								  : "IPC_MAX_OBJECTS";
}

/* Make records of @table real up to and including @index. */
static int table_reserve(enum table_id table, uint64_t index)
{
	struct table_desc *t = &the_domain.hdr->table[table];
	uint64_t           ready = t->ready, more;
	int                r;

	if (index < ready)
		return 0;
	more = ready / 2 > table_shapes[table].step ? ready / 2 : table_shapes[table].step;
	if (more > t->capacity - ready)
		more = t->capacity - ready;
	if (index >= ready + more)
		return fail(
			-ENOBUFS,
			"the domain \"%s\" is full: it has %llu %s; set %s higher before its first "
			"program starts",
			the_domain.name, (unsigned long long)t->capacity, table_names[table],
			table_limit(table));
	r = file_reserve(the_domain.registry_fd, t->offset + ready * t->stride, more * t->stride,
			 "the registry");
	if (r == 0)
		store_release(&t->ready, ready + more);
	return r;
}

static int table_append(enum table_id table, uint32_t *ret)
{
	struct table_desc *all = the_domain.hdr->table;
	uint64_t           index = all[table].used;
	int                r = table_reserve(table, index);

	for (enum table_id t = table; r == 0 && table_next_part[t] != t; t = table_next_part[t])
		r = table_reserve(table_next_part[t], index);
	if (r < 0)
		return r;
	for (enum table_id t = table; table_next_part[t] != t; t = table_next_part[t])
		store_release(&all[table_next_part[t]].used, index + 1);
	store_release(&all[table].used, index + 1);
	*ret = (uint32_t)index;
	return 0;
}

/*
 * .spare[0] counts free records below .used, so that a table without any is not
 * searched; it is made right again by repair. The search goes on where the last
 * one of this process ended.
 */
static bool table_reuse(enum table_id table, uint32_t *ret)
{
	static uint32_t    hint[N_TABLES];
	struct table_desc *t = &the_domain.hdr->table[table];

	for (uint64_t n = 0; t->spare[0] && n < t->used; n++) {
		uint32_t  i = (uint32_t)((hint[table] + n) % t->used);
		uint64_t *life = table_at(table, i);

		if (life && life_state(*life) == LIFE_FREE) {
			t->spare[0]--;
			hint[table] = i + 1;
			*ret = i;
			return true;
		}
	}
	t->spare[0] = 0; /* none was found: whatever it said was wrong */
	return false;
}

int table_alloc(enum table_id table, uint32_t *ret)
{
	const struct table_desc *t = &the_domain.hdr->table[table];

	if (table_reuse(table, ret))
		return 0;
	if (t->used == t->ready) { /* before it grows: what the dead have left is there to be had */
		process_reap_all();
		if (table_reuse(table, ret))
			return 0;
	}
	return table_append(table, ret);
}

void table_give_back(enum table_id table, uint32_t n)
{
	the_domain.hdr->table[table].spare[0] += n;
}

void table_clear(enum table_id table, uint32_t index)
{
	uint64_t *life = table_at(table, index);

	/* by words: who walks the table may still be reading what was here before */
	for (size_t i = 1; i < table_shapes[table].stride / sizeof(*life); i++)
		store_relaxed(&life[i], UINT64_C(0));
}

/* Generations stay below 2^30: the two top bits of a reference are free for marks. */
static uint64_t freed(uint64_t life)
{
	return life_make((life_gen(life) + 1) & 0x3fffffffu, LIFE_FREE);
}

void table_free(enum table_id table, uint32_t index)
{
	struct table_desc *t = &the_domain.hdr->table[table];
	uint64_t          *life = table_at(table, index);

	store_release(life, freed(*life));
	t->spare[0]++;
}

void table_free_journaled(enum table_id table, uint32_t index)
{
	struct table_desc *t = &the_domain.hdr->table[table];
	uint64_t          *life = table_at(table, index);

	journal_set(life, freed(*life));
	journal_set(&t->spare[0], t->spare[0] + 1);
}

void domain_changed(void)
{
	fetch_add(&the_domain.hdr->change, UINT64_C(1));
}

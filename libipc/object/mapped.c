/*
 * mapped.c - the blocks this process has mapped; see mapped.h
 *
 * A table that is changed under the registry lock and read without: readers go by the
 * turn, which is odd while it is being changed.
 *
 * Ordering
 *     R1  change_end()      release  mapped_turn  the table is whole again
 *     A1  mapped_look_up()  acquire  mapped_turn  pairs with R1
 */

#include "object/mapped.h"

#include "runtime/object.h"

#define MAPPED_MAX 1024 /* picked; locks in blocks beyond that are shown by their address */
#define PAGE       ((uintptr_t)4096)

uint64_t mapped_turn = 2;

__thread struct mapped mapped_last;

static struct mapped table[MAPPED_MAX];
static size_t        n_table;

static void change_begin(void)
{
	store_relaxed(&mapped_turn, mapped_turn + 1);
	fence_seq_cst();
}

static void change_end(void)
{
	store_release(&mapped_turn, mapped_turn + 1); /* R1 */
}

/* The range around @a as the table has it; without a block, the page alone. */
static struct mapped find(uintptr_t a)
{
	size_t n = load_relaxed(&n_table);

	for (size_t i = 0; i < n && i < MAPPED_MAX; i++) {
		uintptr_t begin = load_relaxed(&table[i].begin);
		size_t    size = load_relaxed(&table[i].size);

		if (a - begin < size)
			return (struct mapped){.begin = begin,
					       .size = size,
					       .block = load_relaxed(&table[i].block),
					       .by = load_relaxed(&table[i].by)};
	}
	return (struct mapped){.begin = a & ~(PAGE - 1), .size = PAGE};
}

void mapped_look_up(uintptr_t address)
{
	struct mapped m;

	for (;;) {
		uint64_t turn = load_acquire(&mapped_turn); /* A1: pairs with R1 */

		m = find(address);
		m.turn = turn;
		fence_acquire();
		if (!(turn & 1) && load_relaxed(&mapped_turn) == turn)
			break;
		cpu_relax();
	}
	mapped_last = m;
}

void mapped_add(const void *begin, size_t size, const struct handle *by)
{
	if (n_table == MAPPED_MAX)
		return;
	change_begin();
	store_relaxed(&table[n_table].begin, (uintptr_t)begin);
	store_relaxed(&table[n_table].size, size);
	store_relaxed(&table[n_table].block, by->object_ref);
	store_relaxed(&table[n_table].by, by);
	store_relaxed(&n_table, n_table + 1);
	change_end();
}

void mapped_remove(const void *begin)
{
	size_t i = 0;

	while (i < n_table && table[i].begin != (uintptr_t)begin)
		i++;
	if (i == n_table)
		return;
	change_begin();
	store_relaxed(&n_table, n_table - 1);
	store_relaxed(&table[i].begin, table[n_table].begin);
	store_relaxed(&table[i].size, table[n_table].size);
	store_relaxed(&table[i].block, table[n_table].block);
	store_relaxed(&table[i].by, table[n_table].by);
	change_end();
}

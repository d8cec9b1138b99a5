/*
 * repair.c - make the tables right after a lock owner died
 *
 * What it may have left, and what becomes of it:
 *
 *     a fold half done              finished from its journal
 *     a change of several words,    finished from its journal, before all else
 *     committed and not stored
 *     a record in MAKING            freed; a process's or thread's maker is dead.
 *                                   An object's maker may be alive (it makes the
 *                                   file without the lock): reaping decides that
 *     an end not in its list, or    lists and counts are built anew from the ends
 *     in it but not counted
 *     an end half removed           removed
 *     an end of an object or a      freed
 *     process that is gone
 *     an object without name and    removed
 *     without ends
 *     wrong count of free records   counted anew
 *     chains of names               whole at each store; built anew all the same, since
 *                                   what damages them would else stay
 */

#include "runtime/repair.h"

#include "runtime/domain.h"
#include "runtime/end.h"
#include "runtime/journal.h"
#include "runtime/names.h"
#include "runtime/object.h"
#include "runtime/parcel.h"
#include "runtime/process.h"

static bool process_exists(ref p)
{
	const struct process_rec *rec = process_at(ref_index(p));

	return rec && life_gen(rec->life) == ref_gen(p) && life_state(rec->life) != LIFE_FREE;
}

static void repair_processes(void)
{
	for (uint64_t i = 0; i < table_used(TABLE_PROCESSES); i++)
		if (life_state(process_at(i)->life) == LIFE_MAKING)
			table_free(TABLE_PROCESSES, (uint32_t)i);
}

static void repair_threads(void)
{
	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		const struct thread_rec *t = thread_at(i);

		if (life_state(t->life) == LIFE_MAKING ||
		    (life_state(t->life) == LIFE_LIVE && !process_exists(t->process)))
			table_free(TABLE_THREADS, (uint32_t)i);
	}
}

static void repair_ends(void)
{
	end_finish_fold();
	ends_rebuild();
	for (uint64_t i = 0; i < table_used(TABLE_ENDS); i++) {
		const struct end_rec *e = end_at(i);

		if (life_state(e->life) == LIFE_DYING ||
		    (life_state(e->life) == LIFE_LIVE && !process_exists(e->process) &&
		     !parcel_outlives_sender((uint32_t)i)))
			(void)end_remove((uint32_t)i);
	}
}

static void repair_objects(void)
{
	for (uint64_t i = 0; i < table_used(TABLE_OBJECTS); i++) {
		const struct object_rec *o = object_at(i);

		if (life_state(o->life) == LIFE_LIVE && !object_can_be_opened(o) && !o->first_end)
			object_destroy((uint32_t)i);
	}
}

static void recount_free(enum table_id table)
{
	struct table_desc *t = &the_domain.hdr->table[table];
	uint64_t           n = 0;

	for (uint64_t i = 0; i < t->used; i++)
		n += life_state(*(const uint64_t *)table_at(table, i)) == LIFE_FREE;
	t->spare[0] = n;
}

void registry_repair(void)
{
	journal_finish();
	repair_processes();
	repair_threads();
	repair_ends();
	names_rebuild();
	repair_objects();
	recount_free(TABLE_PROCESSES);
	recount_free(TABLE_THREADS);
	recount_free(TABLE_OBJECTS);
	recount_free(TABLE_ENDS);
	parcels_sweep(); /* who died may have been about to */
	domain_changed();
}

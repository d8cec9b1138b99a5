/* quiet.c - see quiet.h */

#include "observe/quiet.h"

/* Per process slot. */
struct quiet {
	uint64_t life, sleeps;
};

static uint64_t mix(uint64_t sum, uint64_t word)
{
	return (sum ^ word) * UINT64_C(0x100000001b3); /* FNV-1a's, of words */
}

uint64_t quiet_sleeps(const struct judge *j, uint32_t p)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (uint32_t k = j->model.of_members[p]; k < j->model.of_members[p + 1]; k++) {
		uint32_t                 t = j->model.members[k], slot = j->v->thread_slot[t];
		const struct thread_rec *rec = image_at(j->image, TABLE_THREADS, slot);

		if (j->v->thread[t].wait == IPC_NO_INDEX)
			return 0;
		sum = mix(mix(mix(sum, slot), rec->life), rec->wait.seq);
	}
	return sum;
}

static uint64_t life_of(const struct judge *j, uint32_t p)
{
	const struct process_rec *rec = image_at(j->image, TABLE_PROCESSES, j->v->process_slot[p]);

	return rec->life;
}

/* NULL: no memory, and everybody is asked each time. */
static struct quiet *quiet_of(struct judge *j, uint32_t p)
{
	struct quiet *all = grow_to(&j->quiet, j->image->n[TABLE_PROCESSES] * sizeof(*all));

	return all ? &all[j->v->process_slot[p]] : NULL;
}

bool quiet_still(struct judge *j, uint32_t p, uint64_t sleeps)
{
	const struct quiet *q = quiet_of(j, p);

	return q && sleeps && q->life == life_of(j, p) && q->sleeps == sleeps;
}

void quiet_from_now(struct judge *j, uint32_t p, uint64_t sleeps)
{
	struct quiet *q = quiet_of(j, p);

	if (q)
		*q = (struct quiet){.life = life_of(j, p), .sleeps = sleeps};
}

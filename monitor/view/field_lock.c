/*
 * field_lock.c - the columns of locks
 */
#include "text/utf8.h"
#include "view/field.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "text/number.h"
#include "view/more.h"
#include "view/render.h"
#include "view/words.h"

typedef const struct frame frame;

static const struct lock_stat *lock(frame *f, uint32_t i)
{
	return &f->locks[i];
}

static enum role role(frame *f, uint32_t i)
{
	const struct lock_stat *l = lock(f, i);

	if (l->verdict != IPC_NO_INDEX)
		return words_role(f->s->verdicts[l->verdict].class_);
	return ROLE_NORMAL;
}

/* ---- its state ------------------------------------------------------------------------ */

static void state_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct lock_stat *l = lock(f, i);
	char                    letter[2] = {0};

	letter[0] = l->verdict != IPC_NO_INDEX ? frame_wait_letter(f, l->wait)
		    : l->n_waits > 0           ? 'w'
		    : l->n_holds > 0           ? 'h'
					       : '-';
	field_put(ret, letter[0] == '-' ? ROLE_DIM : role(f, i), letter);
}

static uint64_t longest_ns(frame *f, uint32_t i)
{
	return lock(f, i)->wait != IPC_NO_INDEX ? f->waits[lock(f, i)->wait].age_ns : 0;
}

/* Those in findings, those that are waited for, those that are held, in this order. */
static double state_key(frame *f, uint32_t i)
{
	const struct lock_stat *l = lock(f, i);
	double                  key = l->verdict != IPC_NO_INDEX ? 1e21 / (1 + l->verdict) : 0;

	return key + (double)longest_ns(f, i) * 1e3 + (l->n_holds > 0 ? 1 : 0);
}

static void kind_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_put(ret, ROLE_NORMAL,
		  lock(f, i)->kind != 0 ? field_short_kind(lock(f, i)->kind) : "?");
}

static double waiters_key(frame *f, uint32_t i)
{
	return lock(f, i)->n_waits;
}

static double longest_key(frame *f, uint32_t i)
{
	return lock(f, i)->n_waits > 0 ? (double)longest_ns(f, i) : NAN;
}

static double caused_key(frame *f, uint32_t i)
{
	return (double)lock(f, i)->caused_ns;
}

static double held_key(frame *f, uint32_t i)
{
	return field_known(lock(f, i)->held_ns);
}

static void held_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct lock_stat *l = lock(f, i);

	snprintf(ret->text, sizeof(ret->text), "%s%s", l->at_least ? ">" : "",
		 number_duration(l->held_ns).text);
	ret->role = l->held_ns == IPC_UNKNOWN ? ROLE_DIM : ROLE_NORMAL;
}

/* ---- who has it ---------------------------------------------------------------------- */

/* Is it a thing that nobody ever has? */
static int no_owner(const struct lock_stat *l)
{
	return l->kind == IPC_KIND_EVENT || l->kind == IPC_KIND_CONDITION;
}

static void owner_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct lock_stat *l = lock(f, i);

	if (l->owner != IPC_NO_INDEX) {
		const struct ipc_obs_thread  *t = &f->s->threads[l->owner];
		const struct ipc_obs_process *p = &f->s->processes[t->process];

		snprintf(ret->text, sizeof(ret->text), "%" PRIu64 "/%.40s%s", t->tid,
			 utf8_part(p->name, 40).text, p->life == IPC_OBS_DEAD ? " (dead)" : "");
		ret->role = p->life == IPC_OBS_DEAD ? ROLE_DEAD : ROLE_NORMAL;
	} else if (l->n_holds > 0) {
		snprintf(ret->text, sizeof(ret->text), "%" PRIu32 " %s", l->n_holds,
			 l->kind == IPC_KIND_BARRIER ? "have come" : "share it");
		ret->role = ROLE_NORMAL;
	} else {
		field_put(ret, ROLE_DIM, no_owner(l) ? "-" : l->n_waits > 0 ? "?" : "free");
	}
}

static void site_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct lock_stat *l = lock(f, i);

	field_site(ret, l->hold != IPC_NO_INDEX ? f->holds[l->hold].site : "", width, caps);
}

static void name_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	struct words w = words_lock(f, lock(f, i));

	field_put(ret, role(f, i), w.text);
}

/* clang-format off */
static const struct field fields[] = {
	{"state", "S", "state", "w: somebody waits for it, h: somebody holds it, -: free; in a finding, its letter",
	 1, 1, 0, 0, UNIT_NONE, state_key, state_text},
	{"kind", "KIND", "kind", "mutex (in a block rmutex, too), rmutex, rwlock, sem (semaphore), event, cond (condition), barr (barrier)",
	 6, 6, 0, 0, UNIT_NONE, NULL, kind_text},
	{"waiters", "WAIT", "waiting_threads", "threads that wait for it",
	 4, 5, 1, 0, UNIT_COUNT, waiters_key, NULL},
	{"longest", "LONGEST", "longest_wait_ns", "the longest of them, for so long",
	 7, 7, 1, 0, UNIT_DURATION, longest_key, NULL},
	{"caused", "CAUSED", "caused_ns", "time waited for it since it is watched, of all threads together, as far as readings saw it",
	 6, 7, 1, 2, UNIT_DURATION, caused_key, NULL},
	{"held", "HELD", "held_ns", "it is held for so long; >: was held already when it was first seen",
	 7, 8, 1, 0, UNIT_NONE, held_key, held_text},
	{"owner", "HELD BY", "owner", "the thread that has it; where several can, how many",
	 14, 40, 0, 0, UNIT_NONE, NULL, owner_text},
	{"site", "TAKEN AT", "site", "where in the source it was taken",
	 15, 60, 0, 1, UNIT_NONE, NULL, site_text},
	{"name", "NAME", "name", "its name, or the block it lies in and the place there; a lock in the memory of one process by its address",
	 12, 60, 0, 0, UNIT_NONE, NULL, name_text},
};
/* clang-format on */

static size_t n_rows(frame *f)
{
	return f->n_locks;
}

static uint64_t id(frame *f, uint32_t i)
{
	return lock(f, i)->id;
}

const struct listing lock_listing = {
	.name = "Locks",
	.none = "no lock is held or waited for",
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.n_rows = n_rows,
	.id = id,
	.role = role,
	.json = "locks",
	.more = more_of_lock,
};

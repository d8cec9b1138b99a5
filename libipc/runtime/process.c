#include "runtime/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alive.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/fence.h"
#include "base/file.h"
#include "base/name.h"
#include "base/proc.h"
#include "runtime/deadlock.h"
#include "runtime/descriptors.h"
#include "runtime/domain.h"
#include "runtime/end.h"
#include "runtime/journal.h"
#include "runtime/lock.h"
#include "runtime/object.h"
#include "runtime/parcel.h"
#include "runtime/recover.h"
#include "runtime/thread.h"
#include "runtime/trace.h"

/* ---- joining ------------------------------------------------------------------ */

void process_label_name(uint32_t slot, const char *name)
{
	struct process_label *l = table_at(TABLE_PROCESS_LABELS, slot);

	name_copy(l->name, sizeof(l->name), name);
}

void process_note_pid(ref child, uint64_t pid)
{
	struct process_rec *p = process_at(ref_index(child));

	registry_lock();
	if (p && p->life == life_make(ref_gen(child), LIFE_FORKING))
		p->pid = pid;
	registry_unlock();
}

const char *process_name(uint32_t slot)
{
	return ((struct process_label *)table_at(TABLE_PROCESS_LABELS, slot))->name;
}

/*
 * What the parent asked for, if it was spawned: "parent pid:name". The pid keeps
 * the name from the children of this process, who inherit the variable.
 */
static const char *spawned_name(void)
{
	const char *text = getenv(PROCESS_NAME_VARIABLE);
	char       *end;

	if (!text || strtoll(text, &end, 10) != getppid() || *end != ':' || !end[1])
		return program_invocation_short_name;
	return end + 1;
}

static void fill_label(uint32_t slot)
{
	struct process_label *l = table_at(TABLE_PROCESS_LABELS, slot);
	struct proc_program   program;

	proc_program(&program);
	memset(l, 0, sizeof(*l));
	process_label_name(slot, spawned_name());
	memcpy(l->exe, program.path, sizeof(l->exe));
	l->exe_base = program.base;
	l->exe_end = program.end;
	l->build_id_len = program.build_id_len;
	memcpy(l->build_id, program.build_id, sizeof(l->build_id));
}

static void fill_record(struct process_rec *p, uint32_t gen)
{
	const struct domain *d = &the_domain;

	table_clear(TABLE_PROCESSES, d->slot);
	store_release(&p->life, life_make(gen, LIFE_MAKING));
	p->pid = d->pid;
	p->ns_inode = d->ns_inode;
	p->start_ticks = d->start_ticks;
	random_fill(&p->nonce, sizeof(p->nonce));
	p->joined_ns = clock_now_ns();
	p->uid = geteuid();
	p->on_deadlock = deadlock_setting();
	p->disowned = handles_were_disowned();
}

int process_join(void)
{
	struct domain *d = &the_domain;
	uint32_t       slot, gen, passed = 0;
	bool           full;
	int            r;

	/* none yet: what lies in slot 0, or in its parent's, is somebody else's and may be dead */
	d->slot = UINT32_MAX;
	process_reap_all();
	do {
		r = table_alloc(TABLE_PROCESSES, &slot);
		full = r < 0;
		if (full)
			break;
		/* a free slot whose byte is locked: its process left, and is not gone yet */
		r = alive_claim(d->alive_fd, slot);
		passed += r < 0;
	} while (r == -EAGAIN);
	table_give_back(TABLE_PROCESSES, passed);
	if (full)
		return r;
	if (r < 0)
		return fail(r, "cannot lock %s/%s: %s", d->dir, ALIVE_FILE, strerrordesc_np(-r));
	d->slot = slot;
	d->has_slot = true;
	d->process = process_at(slot);
	gen = life_gen(d->process->life);
	d->self = ref_make(gen, slot);
	fill_record(d->process, gen);
	fill_label(slot);
	store_release(&d->process->life, life_make(gen, LIFE_LIVE));
	if (!fence_register())
		store_release(&d->hdr->symmetric, UINT64_C(1));
	fence_symmetric = &d->hdr->symmetric;
	d->hdr->mono1 = clock_now_ns();
	d->hdr->tick1 = clock_ticks(d->tick_kind);
	domain_changed();
	return 0;
}

/* ---- death ------------------------------------------------------------------------ */

/* It ran another program since, which joined in its turn: same pid, same start. */
static bool has_successor(const struct process_rec *p)
{
	for (uint64_t i = 0; i < table_used(TABLE_PROCESSES); i++) {
		const struct process_rec *q = process_at(i);

		if (q != p && life_state(load_acquire(&q->life)) == LIFE_LIVE &&
		    load_relaxed(&q->pid) == load_relaxed(&p->pid) &&
		    load_relaxed(&q->ns_inode) == load_relaxed(&p->ns_inode) &&
		    load_relaxed(&q->joined_ns) > load_relaxed(&p->joined_ns))
			return true;
	}
	return false;
}

/* It may have closed the descriptor its lock was on, and live: see base/alive.h. */
static bool lives_unlocked(uint64_t slot)
{
	const struct process_rec *p = process_at(slot);
	uint64_t                  ticks = load_relaxed(&p->start_ticks);

	return ticks && load_relaxed(&p->pid) != the_domain.pid && /* before exec: its own past */
	       load_relaxed(&p->ns_inode) == the_domain.ns_inode &&
	       proc_has_mapped(load_relaxed(&p->pid), ticks, REGISTRY_FILE,
			       the_domain.hdr->file_inode) != 0 &&
	       !has_successor(p);
}

static bool slot_is_dead(uint64_t slot, uint32_t state)
{
	if (slot == the_domain.slot)
		return false;
	descriptors_mend();
	switch (state) {
	case LIFE_LIVE: return alive_asks(the_domain.alive_fd, slot) == 0 && !lives_unlocked(slot);
	case LIFE_FORKING: /* in this order: the child takes the one before it lets go of the other */
		return alive_asks(the_domain.fork_fd, slot) == 0 &&
		       alive_asks(the_domain.alive_fd, slot) == 0;
	case LIFE_DYING: return true;
	default: return false;
	}
}

bool process_is_dead(ref p)
{
	const struct process_rec *rec = process_at(ref_index(p));
	uint64_t                  life = rec ? load_acquire(&rec->life) : 0;

	if (!rec || life_gen(life) != ref_gen(p))
		return true; /* it was, and somebody has cleaned up after it */
	return slot_is_dead(ref_index(p), life_state(life));
}

bool process_proven_dead(ref p)
{
	const struct process_rec *rec = process_at(ref_index(p));

	return rec && load_acquire(&rec->life) == life_make(ref_gen(p), LIFE_DYING);
}

bool process_any_dead(void)
{
	for (uint64_t i = 0; i < table_used(TABLE_PROCESSES); i++)
		if (slot_is_dead(i, life_state(load_acquire(&process_at(i)->life))))
			return true;
	return false;
}

static bool claims_recovered(ref p)
{
	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		struct thread_rec *t = thread_at(i);

		if (t->process == p && life_state(t->life) == LIFE_LIVE && !recover_thread(t))
			return false;
	}
	return true;
}

/* False: of some it could not be done now. */
static bool ends_remove(ref p)
{
	bool all = true;

	for (uint64_t i = 0; i < table_used(TABLE_ENDS); i++) {
		const struct end_rec *e = end_at(i);

		if (e->process == p && life_state(e->life) != LIFE_FREE &&
		    !parcel_outlives_sender((uint32_t)i))
			all = end_remove((uint32_t)i) && all;
	}
	return all;
}

static void unfinished_objects_remove(ref p)
{
	for (uint64_t i = 0; i < table_used(TABLE_OBJECTS); i++) {
		const struct object_rec *o = object_at(i);

		if (life_state(o->life) == LIFE_MAKING && o->creator == p)
			object_destroy((uint32_t)i);
	}
}

bool process_reap(uint32_t slot)
{
	struct process_rec *p = process_at(slot);
	ref                 self;
	uint64_t            pid;

	if (!p || life_state(p->life) == LIFE_FREE)
		return true;
	if (!slot_is_dead(slot, life_state(p->life)))
		return false;
	self = ref_make(life_gen(p->life), slot);
	pid = p->pid;
	store_release(&p->life, life_make(life_gen(p->life), LIFE_DYING));
	if (!claims_recovered(self) || !ends_remove(self))
		return false;
	unfinished_objects_remove(self);
	threads_free(self);
	journal_set(&the_domain.hdr->n_reaped, the_domain.hdr->n_reaped + 1);
	table_free_journaled(TABLE_PROCESSES, slot);
	journal_commit();
	domain_changed();
	TRACE(process_reap, self, (int64_t)pid);
	return true;
}

void process_reap_all(void)
{
	for (uint64_t i = 0; i < table_used(TABLE_PROCESSES); i++)
		(void)process_reap((uint32_t)i);
}

bool process_reap_ref(ref p)
{
	if (registry_lock_within(IPC_NOW) < 0)
		return false;
	if (process_is_dead(p))
		(void)process_reap(ref_index(p));
	registry_unlock();
	return true;
}

/* ---- leaving ------------------------------------------------------------------------ */

bool process_alone(void)
{
	for (uint64_t i = 0; i < table_used(TABLE_PROCESSES); i++)
		if (i != the_domain.slot && life_state(process_at(i)->life) != LIFE_FREE &&
		    !process_reap((uint32_t)i))
			return false;
	return true;
}

static bool any_object(void)
{
	for (uint64_t i = 0; i < table_used(TABLE_OBJECTS); i++)
		if (life_state(object_at(i)->life) != LIFE_FREE)
			return true;
	return false;
}

/* The last to leave, and nothing left that has a name: the domain goes. */
static void domain_remove(void)
{
	store_release(&the_domain.hdr->state, (uint64_t)DOMAIN_RETIRED);
	domain_take_away(&the_domain);
}

static void release_all(ref self)
{
	if (ends_remove(self)) {
		threads_free(self);
		table_free(TABLE_PROCESSES, the_domain.slot);
	} else { /* for others to finish: it is out of descriptors, or of memory */
		store_release(&the_domain.process->life, life_make(ref_gen(self), LIFE_DYING));
	}
	domain_changed();
	if (process_alone() && !any_object())
		domain_remove();
	the_domain.has_slot = false;
	(void)alive_release(the_domain.alive_fd, the_domain.slot);
}

void process_leave(void)
{
	struct domain *d = &the_domain;
	ref            self = d->self;
	unsigned       mine = thread_rec_self ? 1 : 0;

	if (!load_acquire(&d->joined) || d->pid != (uint64_t)getpid())
		return; /* never joined; or a child the fork handlers did not see */
	if (threads_count(self) > mine)
		return; /* they may be anywhere in a call: their death is what ends this membership */
	TRACE(process_leave, self);
	registry_lock();
	release_all(self);
	handles_disown(); /* should it join again: their ends may be somebody else's then */
	store_release(&d->joined, false);
	registry_unlock();
	thread_forget();
}

__attribute__((destructor)) static void leave_at_exit(void)
{
	process_leave();
}

/*
 * fork.c - a child is a process of the domain before fork returns in it
 *
 * If the child registered itself only when it came to run, there would be a
 * moment in which it holds a pipe's end and nobody knows: the parent closes its
 * own, the reader sees the end of file, and then the child writes. So the parent
 * makes the child's slot and its ends before the fork; the child only claims
 * them. In between the slot is FORKING, and its proof of life is a lock on the
 * "fork" file through a description both share (base/alive.h): it goes when
 * neither has it, that is, when the fork failed or the child died.
 *
 * The registry lock is held across the fork, so no other thread of the parent is
 * half way through a change that the child would inherit half done.
 *
 * The parent may die at any point: what it made is a FORKING slot like any other,
 * the child's to claim or anybody's to clean up.
 */

#include "runtime/fork.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/alive.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/proc.h"
#include "runtime/domain.h"
#include "runtime/end.h"
#include "runtime/lock.h"
#include "runtime/object.h"
#include "runtime/process.h"
#include "runtime/thread.h"
#include "runtime/trace.h"

static struct {
	bool     active; /* the parent holds the registry lock for the fork */
	int      fd;     /* the shared description; -1: the child could not be registered */
	uint32_t slot;
	ref      child;
} forking = {.fd = -1};

static __thread char next_name[NAME_BYTES];
static __thread ref  last_child;

void process_next_child_name(const char *name)
{
	memset(next_name, 0, sizeof(next_name));
	if (name)
		strncpy(next_name, name, sizeof(next_name) - 1);
}

ref process_last_child(void)
{
	return last_child;
}

/* A slot for the child, kept alive by the description in forking.fd. */
static int child_slot(void)
{
	uint32_t passed = 0;
	int      r;

	forking.fd = alive_fork_open(the_domain.dir);
	if (forking.fd < 0)
		return forking.fd;
	do {
		r = table_alloc(TABLE_PROCESSES, &forking.slot);
		if (r < 0)
			break;
		/* a free slot whose byte is locked: who was in it is not gone yet, as in joining */
		r = alive_asks(the_domain.alive_fd, forking.slot) > 0
			    ? -EAGAIN
			    : alive_fork_claim(forking.fd, forking.slot);
		passed += r < 0;
	} while (r == -EAGAIN);
	table_give_back(TABLE_PROCESSES, passed);
	return r;
}

static void child_record(void)
{
	struct process_rec   *p = process_at(forking.slot);
	struct process_label *l = table_at(TABLE_PROCESS_LABELS, forking.slot);
	uint32_t              gen = life_gen(p->life);

	table_clear(TABLE_PROCESSES, forking.slot);
	memcpy(l, table_at(TABLE_PROCESS_LABELS, the_domain.slot), sizeof(*l));
	p->parent = the_domain.self;
	p->ns_inode = the_domain.ns_inode;
	p->uid = the_domain.process->uid;
	p->on_deadlock = the_domain.process->on_deadlock;
	p->disowned = the_domain.process->disowned;
	p->joined_ns = clock_now_ns();
	forking.child = ref_make(gen, forking.slot);
	store_release(&p->life, life_make(gen, LIFE_FORKING));
	if (next_name[0])
		process_label_name(forking.slot, next_name);
}

/* The child holds what the parent holds. */
static int child_ends(void)
{
	int r = 0;

	for (struct handle *h = handles_first(); h && r == 0; h = h->next)
		r = end_open(h->object, forking.child, h->rights, &h->child_end);
	return r;
}

static void before_fork(void)
{
	int r;

	last_child = 0;
	domain_join_lock(); /* a thread that is joining is waited for */
	if (!load_acquire(&the_domain.joined))
		return;
	registry_lock();
	forking.active = true;
	forking.fd = -1;
	r = child_slot();
	if (r == 0) {
		child_record();
		store_release(&the_domain.process->handles_gen,
			      the_domain.process->handles_gen + 2);
		r = child_ends();
		last_child = forking.child;
	}
	domain_changed();
	if (r < 0 && forking.fd >= 0) {
		(void)close(forking.fd); /* what was made of it now looks dead, and is cleaned up */
		forking.fd = -1;
	}
}

static void after_fork_parent(void)
{
	if (forking.active) {
		forking.active = false;
		if (forking.fd >= 0)
			(void)close(forking.fd);
		registry_unlock();
	}
	domain_join_unlock();
}

static void child_handles(void)
{
	for (struct handle *h = handles_first(); h; h = h->next) {
		h->end = h->child_end;
		h->e = end_at(h->end);
		h->hist = table_at(TABLE_HISTOGRAMS, h->end);
	}
}

/*
 * There was no room for the child, or no lock: it is no member, and the handles it inherited
 * can do nothing but be closed. It may still join by itself, once there is room.
 */
static void child_stranger(void)
{
	handles_disown();
	store_release(&the_domain.joined, false);
}

static void child_enter(void)
{
	struct domain      *d = &the_domain;
	struct process_rec *p = process_at(forking.slot);
	ref                 parent = d->self;

	d->slot = forking.slot;
	d->self = forking.child;
	d->process = p;
	d->pid = (uint64_t)getpid();
	d->start_ticks = proc_start_ticks();
	d->ns_inode = proc_pid_namespace();
	registry_lock_after_fork();
	p->pid = d->pid;
	p->start_ticks = d->start_ticks;
	p->ns_inode = d->ns_inode;
	random_fill(&p->nonce, sizeof(p->nonce));
	child_handles();
	store_release(&p->life, life_make(ref_gen(d->self), LIFE_LIVE));
	domain_changed();
	registry_unlock();
	(void)close(forking.fd);
	TRACE(process_fork, parent, d->self);
	TRACE(process_join, d->self, d->name, process_name(d->slot));
}

/* In the child: has it a slot, and gives the kernel it the lock that shows it to be alive? */
static bool claim_slot(void)
{
	if (forking.fd >= 0 && alive_claim(the_domain.alive_fd, forking.slot) < 0) {
		(void)close(forking.fd); /* as before the fork: it looks dead, and is cleaned up */
		forking.fd = -1;
	}
	return forking.fd >= 0;
}

static void after_fork_child(void)
{
	last_child = 0;
	thread_forget();
	domain_join_unlock(); /* this thread, which locked it, is the one that came along */
	if (!forking.active)
		return;
	forking.active = false;
	if (!claim_slot()) {
		the_domain.has_slot = false; /* it is its parent's */
		registry_lock_after_fork();
		registry_unlock();
		child_stranger();
		return;
	}
	child_enter();
}

/* Without memory for it, children are no members: they would be told -EBADF by their handles. */
void fork_watch(void)
{
	(void)pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

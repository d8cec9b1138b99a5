#ifndef RUNTIME_DEADLOCK_H
#define RUNTIME_DEADLOCK_H

/*
 * deadlock.h - when a thread that sleeps asks whether it will ever wake up
 *
 * What a process wants done is in its record, or in the domain's header: whoever
 * looks must know it of all of them, to choose the same one. When to look:
 *
 *  - a deadlock is closed by the last one to fall asleep, so each looks once it has
 *    slept for a while, and its look finds whatever it closed;
 *  - or by somebody who leaves or dies, which raises the domain's change count: then
 *    the old sleepers look again;
 *  - else at intervals that double, up to LOOK_MAX_NS, for what neither shows.
 *
 * A look finds all there is, not only what concerns the looker. So one serves all
 * that were asleep when it began: header.diagnosed_ns says when that was, and
 * header.diagnosing_ns keeps them from looking all at once. Whom it finds chosen is
 * nudged, by a word in its thread's record, to look itself: nobody acts on what
 * another one saw.
 *
 * Killed in between: a claim on diagnosing_ns runs out after a slice; a nudge that
 * was not heard names a wait's seq, and means nothing to any other wait.
 *
 * Both are stored by threads that are published as asleep. That is allowed, as they
 * change nothing that any wait depends on (wait.h, I1).
 */

#include <stdbool.h>

#include <ipc/deadlock.h>

#include "runtime/wait.h"

enum wait_answer {
	WAIT_ON,   /* nothing to say */
	WAIT_TOLD, /* withdraw the record and have the doctor act */
};

/**
 * Who can tell; the object layer's, NULL: nobody.
 * @look: reads only; the calling thread is published as asleep on @w
 * @act:  what @look found; the record is withdrawn. 0: sleep on; -EDEADLK
 */
struct wait_doctor {
	enum wait_answer (*look)(struct wait *w);
	int (*act)(struct wait *w);
};

extern const struct wait_doctor *wait_doctor;

/** Look, if it is time to; at the end of a slice, published as asleep. */
enum wait_answer deadlock_ask(struct wait *w);

/** 0, or -EINVAL: the environment says something of deadlocks that is none of its words. */
int deadlock_check_environment(void);

/** What this process's own call or environment says, for its record. */
uint64_t deadlock_setting(void);

/** What it does about a deadlock in which one of its threads was chosen. */
enum on_deadlock deadlock_action(void);

/** What the program said; NULL: nothing. */
const struct ipc_deadlock_opts *deadlock_options(void);

/**
 * From here on (@stays) this thread's waits are inside a call that has done half its work
 * and cannot end with -EDEADLK: another one of a core is chosen for that, if there is one.
 */
void deadlock_stay(bool stays);

/** What this thread declared of its waits: enum wait_flags. For its wait records. */
uint32_t deadlock_flags(void);

#endif /* RUNTIME_DEADLOCK_H */

#ifndef RUNTIME_PROCESS_H
#define RUNTIME_PROCESS_H

/*
 * process.h - the processes of the domain: this one, and the others' deaths
 *
 * A slot's life: FREE → (join) LIVE, or (fork) FORKING → LIVE; LIVE → FREE by
 * leaving, or → DYING → FREE by whoever proves its death. See base/alive.h for
 * the proof.
 */

#include <stdbool.h>
#include <stdint.h>

#include "runtime/layout.h"

/** Carries the name of a spawned program to it, as "<parent pid>:<name>". */
#define PROCESS_NAME_VARIABLE "IPC_PROCESS_NAME"

/** Take a slot for this process; under the registry lock. */
int process_join(void);

/** Free this process's slot and what hangs on it; ends the membership. Takes the lock. */
void process_leave(void);

/** True: the process @p has ended. False: it lives, or it cannot be told. */
bool process_is_dead(ref p);

/** It has ended, somebody has seen that, and what it left is being cleaned up. */
bool process_proven_dead(ref p);

/** Has any process of the domain ended that nobody has cleaned up after? */
bool process_any_dead(void);

/**
 * Clean up after the process in @slot if it is dead; under the registry lock.
 *
 * False: it is alive, or something it was about to claim cannot be told from
 * what the living are claiming; ask again later.
 */
bool process_reap(uint32_t slot);

/** The same for every dead process; under the registry lock. */
void process_reap_all(void);

/** Clean up after @p, taking the registry lock. False: it is held, for long. */
bool process_reap_ref(ref p);

/** Is anybody but this process in the domain? Under the registry lock. */
bool process_alone(void);

/** What slot @slot is called. */
const char *process_name(uint32_t slot);

/** Call slot @slot @name; longer names are cut. */
void process_label_name(uint32_t slot, const char *name);

/**
 * What this process should be called in the domain when it joins or forks next;
 * used by spawn. NULL: its program's name.
 */
void process_next_child_name(const char *name);

/** The child in slot @child is process @pid: known to the parent before the child runs. */
void process_note_pid(ref child, uint64_t pid);

/** The process slot made by the last fork of this thread, in the parent; 0: none. */
ref process_last_child(void);

#endif /* RUNTIME_PROCESS_H */

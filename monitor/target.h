#ifndef TARGET_H
#define TARGET_H

/*
 * target.h - the domain that is watched, and what to say when it cannot be
 */

#include <ipc/observe.h>

enum exit_code {
	EXIT_OK = 0,
	EXIT_RUN_TIME = 1,
	EXIT_USAGE = 2,
	EXIT_NO_TARGET = 3,
	EXIT_PERMISSION = 4,
	EXIT_INCOMPATIBLE = 5,
};

struct target {
	const char   *name, *dir;    /* as asked for; NULL: not given */
	uint64_t      pid;           /* of a process in it; 0: not given */
	char          pid_dir[4096]; /* where that has its domain */
	char          pid_label[32];
	const char   *label;     /* what to call it */
	int           was_there; /* it has been read before */
	ipc_observer *o;         /* NULL: not attached */
	char          why[704];  /* the last failure in words: what, and what to do */
};

void target_init(struct target *t, const char *name, const char *dir);
/** The domain that process @pid lives in. */
void target_init_pid(struct target *t, uint64_t pid);

void target_fini(struct target *t);

/**
 * Read it, attaching first where that is to be done. 0 or a negative errno, with
 * the reason in @t->why; after -ESTALE the next call looks for a successor.
 */
int target_read(struct target *t, const struct ipc_snapshot **ret);

enum exit_code target_exit_code(int r);

#endif

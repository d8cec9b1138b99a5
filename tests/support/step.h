#ifndef SUPPORT_STEP_H
#define SUPPORT_STEP_H

/*
 * step.h - a child, one instruction at a time
 *
 * A child that asked to be traced (step_me) is stepped through a piece of code that
 * ends at step_end(). Where it stands is said by how many system calls it made, and how
 * often since the last of them it came to the address where it is: so a later run is
 * brought to the same place mostly at full speed, and does not miss it because it went
 * round a loop that waits for time once more or less.
 *
 * A child killed while it stands executes nothing more: what it had not stored by then
 * is never stored.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A place in the code of a child. */
struct place {
	uint32_t n_calls; /* system calls made */
	uint32_t nth;     /* time at .pc since the last; the first is 1 */
	uint64_t pc;      /* address of the next instruction */
	bool     asleep;  /* in a system call, which does not return yet */
};

#define STEP_SEEN_LOG2 14
#define STEP_SEEN      (1u << STEP_SEEN_LOG2) /* more than there are addresses between two calls */

struct step_seen {
	uint64_t pc;
	uint32_t n_calls, n;
};

struct stepper {
	pid_t            pid;
	struct place     at;
	bool             ended;   /* it reached step_end() */
	bool             stopped; /* in step_end() */
	bool             gone;    /* it ended altogether, or was killed by somebody else */
	int              signal;  /* to be delivered with the next step */
	uint64_t         n_total;
	struct step_seen seen[STEP_SEEN];
};

/** In the child: wait to be stepped. */
void step_me(void);

/** In the child: the end of what is stepped. */
void step_end(void);

/** Whether this machine and this build allow it; if not, *@ret_why says why not. */
bool step_possible(const char **ret_why);

/** Take charge of child @pid, which is on its way to step_me(). */
void step_begin(struct stepper *t, pid_t pid);

/** One instruction. May end .asleep: then the next call waits until it woke. */
void step_once(struct stepper *t);

/** At full speed until @n_calls calls were made; @asleep is called if one of them sleeps. */
void step_calls(struct stepper *t, uint32_t n_calls, void (*asleep)(void *arg), void *arg);

/**
 * At full speed to step_end(), and stand there; @asleep (NULL: nothing) is called while it
 * sleeps, again and again.
 */
void step_finish(struct stepper *t, void (*asleep)(void *arg), void *arg);

/** Let it run, not traced any more; from step_end() on, if it is not there yet. */
void step_release(struct stepper *t);

/** SIGKILL, here and now; wait until it is gone. */
void step_kill(struct stepper *t);

#endif /* SUPPORT_STEP_H */

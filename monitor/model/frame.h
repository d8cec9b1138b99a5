#ifndef MODEL_FRAME_H
#define MODEL_FRAME_H

/*
 * frame.h - one reading, and what follows from it and the readings before
 *
 * A frame is all a view or an output needs, and they change nothing in it. Its
 * arrays go with those of the snapshot, index by index. Rates are per second;
 * a NaN is "not known (yet)".
 *
 * A frame of the tally borrows the observer's snapshot; frame_copy() makes one
 * that stands alone: for a frozen display, and for a domain that has gone.
 */

#include <ipc/observe.h>

#include "model/history.h"

#define SITE_BYTES 160

struct channel_stat {
	double put, get;             /* [messages/s], all directions */
	double put_bytes, get_bytes; /* [bytes/s] */
	double blocked_put,
		blocked_get; /* threads asleep here on average, since the last reading */
	uint64_t       asleep_put_ns, asleep_get_ns; /* ages of the sleeps that last, added up */
	double         fill;    /* queued / capacity of the fuller direction; NaN: unlimited */
	uint32_t       ring;    /* the fuller direction */
	uint32_t       verdict; /* gravest one that concerns it; IPC_NO_INDEX */
	int            behind;  /* only by a thread that is blocked behind its core */
	struct history history;
};

struct process_stat {
	double   out, in; /* [messages/s] */
	double   out_bytes, in_bytes;
	double   blocked;   /* threads asleep in calls on average */
	uint64_t asleep_ns; /* ages of its threads' sleeps that last, added up */
	double   cpu;       /* [% of one core] */
	uint64_t rss_bytes; /* IPC_UNKNOWN: cannot be read */
	uint32_t verdict;
	uint32_t wait; /* its longest one; IPC_NO_INDEX */
};

struct wait_stat {
	uint64_t age_ns;
	uint32_t verdict;          /* gravest one it belongs to; IPC_NO_INDEX */
	int      behind;           /* not one of its core: blocked behind it */
	char     site[SITE_BYTES]; /* "file.c:218 function", "prog+0x1234"; "" unknown */
};

struct frame {
	const struct ipc_snapshot *s;
	struct channel_stat       *channels;
	struct process_stat       *processes;
	struct wait_stat          *waits;
	double                     interval_s; /* between the two readings; NaN: the first one */
	int                        owned;      /* the snapshot too is this frame's */
};

/** Room for what follows from @s; numbers are unknown until the tally fills them in. */
void frame_init(struct frame *f, const struct ipc_snapshot *s);
void frame_fini(struct frame *f);

/** A copy that shares nothing with @f; frame_fini() when done. */
void frame_copy(struct frame *to, const struct frame *f);

/* ---- small questions ------------------------------------------------------ */

const struct ipc_obs_thread  *frame_thread(const struct frame *f, const struct ipc_obs_wait *w);
const struct ipc_obs_process *frame_process(const struct frame *f, const struct ipc_obs_wait *w);

/** How grave a finding of @class_ is; IPC_GRADE_OK: worth a line, no reason to act. */
enum ipc_grade frame_grade(enum ipc_verdict_class class_);

/** The letter of a thread's, of a process's state; see help. */
char frame_wait_letter(const struct frame *f, uint32_t i_wait);
char frame_process_letter(const struct frame *f, uint32_t i_process);

/** Identity of a verdict from one reading to the next: the same class over the same thread. */
uint64_t frame_verdict_id(const struct frame *f, const struct ipc_obs_verdict *v);

/* ---- who could end a wait ------------------------------------------------- */

struct releaser {
	uint32_t process; /* index */
	uint32_t thread;  /* index; IPC_NO_INDEX: any thread of it */
};

/** Up to @max of those who could end wait @i_wait; returns how many there are. */
size_t frame_releasers(const struct frame *f, uint32_t i_wait, struct releaser *ret, size_t max);

/** What a wait needs of its releasers, in a word: "get", "put", "unlock", "exit", "task_done". */
const char *frame_need(enum ipc_op op);

#endif

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

#include "model/chain.h"
#include "model/history.h"
#include "model/latency.h"
#include "model/locks.h"

#define SITE_BYTES 160

struct channel_stat {
	double put, get;             /* [messages/s], all directions */
	double put_bytes, get_bytes; /* [bytes/s] */
	double put_blocks, get_blocks, put_timeouts, get_timeouts; /* [1/s] */
	double blocked_put,
		blocked_get; /* threads asleep here on average, since the last reading */
	uint64_t asleep_put_ns, asleep_get_ns; /* ages of the sleeps that last, added up */
	uint64_t caused_put_ns, caused_get_ns; /* time asleep here since it was first seen, and
						  before that in the sleeps that lasted then */
	uint64_t full_ns, empty_ns; /* time that a direction was full, that all were empty, as seen
				       at readings, since it was first seen */
	double   fill;              /* queued / capacity of the fuller direction; NaN: unlimited */
	uint32_t ring;              /* the fuller direction */
	uint32_t verdict;           /* gravest one that concerns it; IPC_NO_INDEX */
	int      behind;            /* only by a thread that is blocked behind its core */
	unsigned layer;             /* hops from where messages come from; FLOW_LAYERS: unknown */
	const struct history *history;
	struct latency       *latency; /* NULL: nothing is kept of it */
};

struct process_stat {
	double   out, in; /* [messages/s] */
	double   out_bytes, in_bytes;
	double   out_blocks, in_blocks, out_timeouts, in_timeouts; /* [1/s] */
	double   blocked_out, blocked_in; /* of its threads, asleep in puts and gets on average */
	double   blocked;                 /* threads asleep in calls on average */
	uint64_t asleep_ns;               /* ages of its threads' sleeps that last, added up */
	uint64_t asleep_out_ns, asleep_in_ns; /* of those, in puts, and in gets */
	double   cpu;                         /* [% of one core] */
	uint64_t rss_bytes;                   /* IPC_UNKNOWN: cannot be read */
	uint64_t cpu_ns;   /* processor time so far; IPC_UNKNOWN: cannot be read */
	uint64_t user;     /* its effective uid + 1; 0: cannot be read */
	uint64_t pid_here; /* its pid in our pid namespace; 0: not to be seen */
	uint32_t verdict;
	uint32_t wait;                 /* its longest one; IPC_NO_INDEX */
	const struct history *history; /* put and get are what it sends and receives */
	const char
		*site; /* others wait for it and it runs: where it last did what they wait for; ""
			     unknown, and it stays */
};

struct wait_stat {
	uint64_t age_ns;
	uint32_t verdict;          /* gravest one it belongs to; IPC_NO_INDEX */
	int      behind;           /* not one of its core: blocked behind it */
	uint32_t line;             /* in the chain */
	char     site[SITE_BYTES]; /* "file.c:218 function", "prog+0x1234"; "" unknown */
};

struct hold_stat {
	char site[SITE_BYTES]; /* of the call that took it; "" unknown */
};

struct end_stat {
	double      out, in;            /* [messages/s] */
	const char *out_site, *in_site; /* where it last put and got, as struct wait_stat's; "":
					   unknown. They stay, whatever becomes of the frame */
};

/* Something that was wrong; lint/events.h finds them. */
enum event_kind { EVENT_FINDING, EVENT_LINT, EVENT_FAILURE };

/* Small, for a large domain has ten thousand: what is said of it lies elsewhere. */
struct event {
	enum event_kind kind;
	enum { EVENT_GONE, EVENT_SEEN, EVENT_MISSED } now;
	uint64_t       id; /* unique within the kind */
	enum ipc_grade grade;
	int            code; /* class of a finding, id of a lint, negative errno */
	uint64_t       count, first_ns, last_ns; /* CLOCK_MONOTONIC */
	const char    *text;                     /* as good as the frame is */
};

struct lint;

/* Rows that its arrays have memory for. */
struct frame_room {
	size_t channels, processes, waits, holds, ends, events;
};

struct frame {
	const struct ipc_snapshot *s;
	struct channel_stat       *channels;
	struct process_stat       *processes;
	struct wait_stat          *waits;
	struct hold_stat          *holds;
	struct end_stat           *ends;
	struct chain               chain; /* who keeps whom waiting */
	struct lock_stat          *locks; /* waited for, held, or objects of their own */
	size_t                     n_locks;
	struct event              *events; /* what is there now first, then the last seen */
	size_t                     n_events;
	struct lint               *habits; /* lints of more than this reading: lint/habits.h */
	size_t                     n_habits;
	double                     interval_s; /* between the two readings; NaN: the first one */
	int                        owned;      /* the snapshot too is this frame's */
	int recorded; /* its processes are not to be looked at: they may be others by now */
	struct frame_room room;
	struct history   *histories; /* owned: what its channels and processes point to */
	uint32_t         *hists;     /* owned: what its snapshot's rings point to */
	char             *texts;     /* owned: what its events say */
};

/**
 * A frame of @s from one of the reading before, or from all zeroes, in the same memory as far as
 * it goes; numbers are unknown until the tally fills them in. Those of ends are as they were.
 */
void frame_renew(struct frame *f, const struct ipc_snapshot *s);

/** The same of its ends. */
void frame_renew_ends(struct frame *f);
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
	int      idle;    /* it could, and never has done what ends such a wait */
};

/** Up to @max of those who could end wait @i_wait, the idle last; returns how many there are. */
size_t frame_releasers(const struct frame *f, uint32_t i_wait, struct releaser *ret, size_t max);

/** Is it a call on a thing of ipc/sync.h? Then its channel and lock_offset say where that lies. */
int frame_is_lock(enum ipc_op op);

/** As frame_releasers(), of such a wait. */
size_t frame_lock_releasers(const struct frame *f, const struct ipc_obs_wait *w,
			    struct releaser *ret, size_t max);

/** What a wait needs of its releasers, in a word: "get", "put", "unlock", "exit", "task_done". */
const char *frame_need(enum ipc_op op);

#endif

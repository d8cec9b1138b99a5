#ifndef LINT_LINT_H
#define LINT_LINT_H

/*
 * lint.h - habits that end badly
 *
 * What one reading shows, a rule finds in any frame. What goes on for seconds the tally
 * finds while it watches (habits.h), and frames carry it along.
 */

#include "model/frame.h"

#define LINT_BYTES 320

/* Something is so for a moment many times a second; a habit is what lasts [ns]. */
#define LINT_LASTS_NS UINT64_C(1000000000)

enum lint_id {
	LINT_JOIN_BEFORE_DRAIN,
	LINT_DEAD_OWNER,
	LINT_NOBODY_THERE,
	LINT_LOST_TASK_DONE,
	LINT_EXTRA_TASK_DONE,
	LINT_LOCK_ORDER,
	LINT_SATURATED,
	LINT_STARVED_CONSUMER,
	LINT_PING_PONG,
	LINT_HERD,
	LINT_OVERSIZE,
	LINT_NEVER_DRAINED,
	LINT_LEAKED_END,
	LINT_POLL_SPIN,
	LINT_FORK_WHILE_LOCKED,
	LINT_TELEMETRY_LOST,
	LINT_TRUNCATED_MESSAGE,
	LINT_LATE,
	N_LINTS,
};

#define LINT_ALL ((UINT64_C(1) << N_LINTS) - 1)

struct lint_kind {
	const char *id;      /* "I001" */
	const char *name;    /* "join-before-drain" */
	const char *when;    /* it fires */
	const char *limits;  /* what is looked at, for how long, and from where on it fires */
	const char *explain; /* several lines: what it means, an example, how to mend it */
	const char *fix;     /* in one line */
};

extern const struct lint_kind lint_kinds[N_LINTS];

struct lint {
	enum lint_id id;
	uint32_t     process;   /* whose habit it is: index; IPC_NO_INDEX: nobody's alone */
	uint32_t     channel;   /* index; IPC_NO_INDEX */
	uint64_t     window_ns; /* how long was looked at; 0: one reading */
	char         text[LINT_BYTES];
	int          is_now; /* 0: it is over */
	/* Since somebody watches, CLOCK_MONOTONIC; it came so often. 0: nobody did. */
	uint64_t count, first_ns, last_ns;
};

struct lints {
	struct lint *v;
	size_t       n;
};

/** What @f shows of the kinds in @enabled (bits). lints_fini() when done. */
void lints_find(struct lints *ret, const struct frame *f, uint64_t enabled);

/** The same, and what is over by now and was there since somebody watches. */
void lints_seen(struct lints *ret, const struct frame *f, uint64_t enabled);

/** Tells one from another of the same frame, and is the same in the next; never 0. */
uint64_t lint_key(const struct frame *f, const struct lint *l);

void lints_fini(struct lints *l);

/** The kind with that id or name, or -1. */
int lint_named(const char *name);

/* ---- between the rules ----------------------------------------------------------- */

void lint_add(struct lints *l, enum lint_id id, uint32_t process, uint32_t channel, const char *fmt,
	      ...) __attribute__((format(printf, 5, 6)));

/** Is it among @l already? */
int lint_tells(const struct lints *l, enum lint_id id, uint32_t process, uint32_t channel);

typedef void lint_rule(struct lints *l, const struct frame *f);

lint_rule rule_join_before_drain, rule_lost_task_done, rule_extra_task_done;
lint_rule rule_nobody_there, rule_leaked_end, rule_truncated_message;
lint_rule rule_dead_owner, rule_fork_while_locked, rule_late;

/** Its end of channel @c, if it is alive and has one of @rights; else NULL. */
const struct ipc_obs_end *lint_end(const struct frame *f, uint32_t c, uint32_t process,
				   uint32_t rights);

/** Are all threads of a living process asleep in calls? */
int lint_all_asleep(const struct frame *f, uint32_t process);

#define LINT_SEND(ring) ((uint32_t)IPC_RIGHT_SEND0 << (2 * (ring)))
#define LINT_RECV(ring) ((uint32_t)IPC_RIGHT_RECV0 << (2 * (ring)))

#endif

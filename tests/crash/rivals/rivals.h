#ifndef RIVALS_H
#define RIVALS_H

/*
 * rivals.h - what every rival is asked: two processes put, two get, one of the four is killed
 *
 * main      the table, and the clock: starts a round, kills, waits, adds up (round.c)
 *   host    a process of its own for each round, in a session of its own: makes the channel,
 *           forks the roles, says how each ended. A program, where the rival is not for C
 *     role  a producer or a consumer, at full speed (role.c)
 *
 * They share the board: who is who, how far each has come, and what came. A message says who sent
 * it and which of its messages it is, and the rest of it follows from that, so that a torn one
 * is told from a whole one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PRODUCERS    2u
#define CONSUMERS    2u
#define ROLES        (PRODUCERS + CONSUMERS) /* producers first */
#define DEPTH        8u                      /* messages; what every rival can do */
#define MESSAGE_MAX  240u                    /* [bytes] */
#define MESSAGE_MIN  16u
#define MESSAGES_MAX 100000u /* of a producer in a round */
#define BOARD_FD     9       /* where a program finds the board */

enum phase { PHASE_RUN, PHASE_PAUSE /* producers wait */, PHASE_END };

/* All words of 64 bits, in this order: rivals.py has the same. */
struct role {
	uint64_t pid;    /* 0: not started yet */
	uint64_t steps;  /* sends that returned, or messages that came */
	uint64_t torn;   /* messages that nobody sent */
	uint64_t paused; /* of a producer: its last send has returned */
	uint64_t ended;  /* it has, and: */
	uint64_t status; /* as waitpid() tells it */
};

struct board {
	uint64_t    phase;
	uint64_t    n_consumers;
	struct role role[ROLES];
	/* how often message [seq] of a producer came to a consumer, each its own */
	uint8_t got[CONSUMERS][PRODUCERS][MESSAGES_MAX];
};

struct rival {
	unsigned n_consumers;
	bool     own_queue; /* of each consumer: what it has not read goes with it */

	int (*installed)(void);                   /* what it needs when it runs; may be NULL */
	int (*open)(void);                        /* in the host; 0 or negative errno */
	int (*enter)(bool producer);              /* in a role */
	int (*send)(const void *buf, size_t len); /* waits for room */
	ssize_t (*recv)(void *buf, size_t cap);   /* waits for a message */
	void (*leave)(void);
	void (*clean)(pid_t host); /* in main: what a host that was killed has left; may be NULL */
	const char *program;       /* instead of all these, beside the source */
};

extern const struct rival rival_libipc, rival_mq, rival_socketpair, rival_python;
/* NULL where it was not there to be built against */
extern const struct rival rival_boost __attribute__((weak));
extern const struct rival rival_iceoryx __attribute__((weak));

/* One process of a round: what it does until the end of it. */
int role_play(const struct rival *rival, struct board *board, unsigned role);

/* What came of a round, or the sum of several. */
struct result {
	unsigned kills, lost, duplicated, torn, hung, harmed;
};

/* One round with @rival in which @victim is killed. 0, or why there was none: negative errno. */
int round_play(const struct rival *rival, struct board *board, unsigned victim, uint32_t *seed,
	       struct result *ret);

#ifdef __cplusplus
}
#endif

#endif /* RIVALS_H */

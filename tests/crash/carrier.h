#ifndef CRASH_CARRIER_H
#define CRASH_CARRIER_H

/*
 * carrier.h - whatever carries messages, under one face; and who put and got which
 *
 * Every message says who put it and as which of that writer's, and is filled with what
 * only these two make. The ledger is memory that all share and that is not the
 * library's: it outlives whoever wrote into it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/simple_queue.h>

#include "found.h"

/* ---- carriers ------------------------------------------------------------------------ */

enum carrier_kind {
	CARRIER_QUEUE,
	CARRIER_JOINABLE,
	CARRIER_SIMPLE,
	CARRIER_PIPE,
	CARRIER_REQUEUE, /* joinable, too: tasks of the dead come back */
	CARRIER_LOST,    /* and here nobody is told of them */
};

/* Through a pipe messages go from end[0] to end[1]. */
struct carrier {
	enum carrier_kind kind;
	ipc_queue        *q;
	ipc_simple_queue *simple;
	ipc_conn         *end[2];
};

/** Each message is a task. */
bool carrier_has_tasks(const struct carrier *c);

void carrier_make(struct carrier *c, const char *name, uint64_t maxsize);
void carrier_close(struct carrier *c);
int  carrier_put(struct carrier *c, const void *buf, size_t len, ipc_nsec timeout);

/* A simple queue has no time limit: ask it only when something is there, or is to be waited for. */
ssize_t carrier_get(struct carrier *c, void *buf, size_t cap, ipc_nsec timeout);

/* ---- the ledger ---------------------------------------------------------------------- */

enum writer { WRITER_STAGE, WRITER_VICTIM, WRITER_HELPER, N_WRITERS };

#define LEDGER_MOST 8192u
#define MESSAGE_MAX 8192u

struct stamp {
	uint32_t writer, seq;
};

struct got {
	struct stamp stamp;
	uint32_t     getter; /* enum writer */
};

struct ledger {
	uint32_t   begun[N_WRITERS]; /* puts that were begun */
	uint32_t   put[N_WRITERS];   /* puts that returned 0 */
	int        child;            /* pid of the victim's, if it has one */
	uint32_t   n_got;
	bool       any_order;        /* a message may come back, and then comes late */
	struct got got[LEDGER_MOST]; /* in the order of their return */
	char       torn[160];        /* what was wrong with a message, if any was */
};

/*
 * The same in parts, for who is stepped: to make and to verify a message takes more
 * instructions than to carry it.
 */
void ledger_make(struct ledger *l, enum writer writer, void *buf, size_t len);
void ledger_was_put(struct ledger *l, enum writer writer, int r);
void ledger_was_got(struct ledger *l, enum writer getter, const void *buf, ssize_t n);

/** Put @writer's next message, @len bytes; 0, or the error. */
int ledger_put(struct ledger *l, struct carrier *c, enum writer writer, size_t len,
	       ipc_nsec timeout);

/** @getter: get a message, verify and enter it; its length, or the error. */
ssize_t ledger_get(struct ledger *l, struct carrier *c, enum writer getter, ipc_nsec timeout);

/** Message @seq of @writer was got. */
bool ledger_has(const struct ledger *l, enum writer writer, uint32_t seq);

/**
 * Each message at most once, each writer's in order at each getter, all whole; what is wrong, and of
 * which kind that is, or NULL. *@ret_missing: how many were put and not got.
 */
const char *ledger_judge(const struct ledger *l, uint32_t *ret_missing, enum found *ret_what);

#endif /* CRASH_CARRIER_H */

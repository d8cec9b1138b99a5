#ifndef OBJECT_LEDGER_H
#define OBJECT_LEDGER_H

/*
 * ledger.h - joinable queues whose tasks come back when their process dies
 *
 * In such a queue (IPC_TASKS_REQUEUE) each payload is in a block of the heap, behind a
 * struct task_head, and stays there until its task is done. One block is one task, for all
 * its life, and its owner word says where that is:
 *
 *     QUEUED|pos      in the ring
 *     TAKEN|thread    a thread is getting it
 *     OWED|process    that process has it, and has not said that it is done
 *     RETURNED        its process died, or closed the queue: for whoever gets next
 *     FREE            done
 *
 * So what is unfinished is what is in any of the first four, and join counts blocks rather
 * than trust sums. What was returned does not go through the ring, which may be full: a get
 * looks at object_rec.returned first. That is a hint, kept by additions of getters and by
 * whoever cleans up; who waits looks once a slice whether it is true.
 *
 * Killed, a getter: its block is made OWED by its process when its claim is recovered
 * (object/recover.c), and RETURNED with all that it owed when its end goes
 * (object/held.c). Between FREE and the count in task_done: the count of the end is made
 * right then, from the blocks. Who cleans up is killed: owner words say what is left to do.
 */

#include "object/transfer.h"

#define BLOCK_RETURNED (BLOCK_QUEUED | BLOCK_TAKEN)
#define BLOCK_OWED     BLOCK_RETURNED /* | process */

/* In front of the payload; as long as payloads are aligned. */
struct task_head {
	uint64_t pos;    /* the task's, in the order of puts */
	uint64_t len;    /* of the payload [bytes] */
	uint64_t stamp;  /* when it was put [ticks] */
	ref      thread; /* who got it last */
	uint32_t type;
	uint32_t attempt; /* how often it was got */
	uint64_t got;     /* when last [ticks] */
	uint64_t spare[2];
};

_Static_assert(sizeof(struct task_head) == 64, "ABI");

static inline bool ledgered(const struct channel *c)
{
	return unlikely(c->head_bytes);
}

/** What this thread got last from such a queue. */
struct ledger_got {
	ref      object;
	unsigned attempt;
};

extern __thread struct ledger_got ledger_got __attribute__((tls_model("initial-exec")));

/** The block of t->block is about to be queued at t->pos. */
void ledger_write(const struct transfer *t);

/** A task that came back, in t->block and this thread's name: 1; 0: there is none; -EMSGSIZE. */
int ledger_take(struct transfer *t, size_t *ret_len);

/** What was got in t->block is owed by this process from here on. */
void ledger_owe(struct transfer *t);

/** Length of a task that came back; -EAGAIN: there is none. */
ssize_t ledger_peek(struct channel *c);

/** One task less is owed: the first this thread got, or else the process. -EINVAL: none is. */
int ledger_done(struct channel *c);

/** The task in the block of that name, which this process owes, is done. 0 or -EINVAL. */
int ledger_done_with(struct channel *c, uint64_t name);

/** Every task that was put is done. */
bool ledger_settled(struct channel *c);

/** How many came back and wait for a get, as far as is known. */
static inline uint64_t ledger_returned(const struct channel *c)
{
	int64_t n = (int64_t)load_acquire(&c->h.o->returned);

	return n > 0 ? (uint64_t)n : 0;
}

/** That is not true (reads only); make it true, if the registry can be had. */
bool ledger_astray(struct channel *c);
void ledger_recount(struct channel *c);

#endif /* OBJECT_LEDGER_H */

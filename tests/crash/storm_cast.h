#ifndef CRASH_STORM_CAST_H
#define CRASH_STORM_CAST_H

/* storm_cast.h - who is in a storm: workers that put and get, and who kills them */

#include <ipc/queue.h>

#include "storm.h"
#include "support/test.h"

#define WORKERS_MAX 16
#define BATCH       48u /* kills between two audits of everything */
#define LIVES       (BATCH + WORKERS_MAX)
#define SEQ_MOST    (1u << 18) /* messages of one life */
#define STUCK_NS    UINT64_C(2000000000)
#define LARGE       2000u

/* What the workers of a batch share besides the queue; a life is one process. */
struct board {
	uint32_t begun[LIVES], put[LIVES];
	uint64_t progress[WORKERS_MAX]; /* raised by whatever a worker gets done */
	uint32_t n_torn, n_late, n_double;
	int32_t  error;                     /* what a worker's call failed with */
	uint32_t exhausted;                 /* somebody has put all it may */
	uint32_t got[LIVES][SEQ_MOST / 32]; /* a bit each */
};

struct worker {
	pid_t    pid;
	unsigned life;
	uint64_t seen, since;
};

struct weather {
	const struct storm_options *o;
	struct storm_result        *r;
	struct board               *b;
	ipc_queue                  *q;
	uint64_t                    maxsize;
	uint32_t                    seed;
	unsigned                    lives, getters_killed;
	struct worker               w[WORKERS_MAX];
	bool                        joinable;
};

struct letter {
	uint32_t      life, seq, len, crc;
	unsigned char rest[LARGE];
};

/** Note the first thing that went wrong; always false. */
bool storm_wrong(struct weather *w, enum found what, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** Start worker @index anew: those with an even index put, the others get. */
void storm_spawn(struct weather *w, unsigned index);

/** Get until the queue is shut down and empty: -EPIPE, or what went wrong. */
ssize_t storm_consume(struct weather *w, uint64_t *progress);

/** Kill worker @index, at random or just after it got something done. */
void storm_kill(struct weather *w, unsigned index);

/** Does each worker get on? False: one has got nowhere for a long time. */
bool storm_all_get_on(struct weather *w);

#endif /* CRASH_STORM_CAST_H */

#ifndef SUPPORT_FAILPOINT_CAST_H
#define SUPPORT_FAILPOINT_CAST_H

/*
 * failpoint_cast.h - processes that use all of the library, each until it dies of its fate
 *
 * A stage makes one object of each kind, and a cast of workers that use them at random. A
 * life ends at a place of base/failpoint.h which the stage has chosen for it, or, for some,
 * by leaving; another takes its turn. What they carry is entered into a ledger.
 */

#include <stdbool.h>
#include <stdint.h>

#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>
#include <ipc/value.h>

#define CAST_LIVES 96u   /* of a batch */
#define CAST_SEQS  2048u /* messages that one life may put into one carrier */
#define CAST_MANY  4u    /* messages at once: as many a death may take with it */

/* What carries messages that are accounted for. */
enum carrier { SMALL, UNLIMITED, REQUEUE, FAIL, CONN, N_CARRIERS };

struct cast_ledger {
	uint32_t begun[CAST_LIVES][N_CARRIERS], put[CAST_LIVES][N_CARRIERS];
	uint32_t got[CAST_LIVES][N_CARRIERS][CAST_SEQS / 32];
	uint32_t n_torn, n_twice;
	uint32_t deaths;
	uint32_t closing, closed; /* visitors are asked not to come; no more will */
};

/* What lies in a block of shared memory. */
struct cast_block {
	ipc_mutex   mutex, cond_mutex;
	ipc_rmutex  rmutex;
	ipc_rwlock  rwlock;
	ipc_sem     sem, permits;
	ipc_event   event;
	ipc_cond    cond;
	ipc_barrier barrier;
	ipc_value   value;
	ipc_real    real;
	uint64_t    pair[3][2]; /* by mutex, rmutex, rwlock: the two are the same */
};

struct cast {
	struct cast_ledger *ledger;
	ipc_queue          *q[N_CARRIERS]; /* not CONN */
	ipc_queue          *loose;         /* of what is not accounted for */
	ipc_conn           *conn[2];
	ipc_shm            *shm;
	struct cast_block  *block;
	uint32_t            life, seed;
	bool                mortal; /* a worker: the stage is not */
};

/** Make the objects. */
void cast_make(struct cast *c);

/** Close them; the last one takes their names away. */
void cast_unmake(struct cast *c, bool for_all);

/** Of one who comes from outside: join, use what there is or something of its own, leave. */
void cast_visit(uint32_t seed);

/** One act of this process, at random. */
void cast_act(struct cast *c);

/** Get one message, or some: how many; negative: why none. */
int cast_get(struct cast *c, enum carrier from, int64_t timeout);

#endif /* SUPPORT_FAILPOINT_CAST_H */

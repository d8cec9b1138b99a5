#ifndef DEADLOCK_SYSTEM_H
#define DEADLOCK_SYSTEM_H

/*
 * system.h - a small program of several processes, as data
 *
 * The same description is played by real processes (play.c), explored state by state
 * (truth.c), made up at random (random.c), and written by hand (parse.c, *.txt). So what
 * the detector says of a program can be compared with what the program can still do.
 *
 * A process holds the ends that its operations name, what its children will need until
 * they are spawned, and what it keeps without a use.
 */

#include <stdbool.h>
#include <stdint.h>

#define SYS_PROCS   8
#define SYS_THREADS 12
#define SYS_OBJECTS 12
#define SYS_OPS     16
#define SYS_NAME    12
#define SYS_EXPECTS 4
#define SYS_TEXT    200

/*
 * put and get mean, of a semaphore: post and wait; of an event: set and wait; of a
 * condition: notify one and wait; of a barrier: get is to arrive; of a rwlock: get is to
 * lock it for reading, lock for writing.
 */
enum sys_kind {
	SYS_PIPE,
	SYS_QUEUE,
	SYS_JOINABLE,
	SYS_MUTEX,
	SYS_RMUTEX,
	SYS_RWLOCK,
	SYS_SEM,  /* of .capacity permits, all there at first */
	SYS_GATE, /* an unbounded semaphore, at 0 first */
	SYS_EVENT,
	SYS_COND,    /* with a mutex of its own, locked only around its calls */
	SYS_BARRIER, /* of .capacity parties */
	SYS_KINDS,
};

enum sys_act {
	SYS_PUT,  /* put or send */
	SYS_GET,  /* get or recv */
	SYS_DONE, /* task_done */
	SYS_JOIN, /* of a queue */
	SYS_LOCK,
	SYS_UNLOCK,
	SYS_CLOSE,    /* of the ends in .ends */
	SYS_ANY,      /* until .on or .on2 could be got from */
	SYS_ALL,      /* until both could */
	SYS_SPAWN,    /* process .on */
	SYS_WAIT,     /* for process .on to end */
	SYS_CONT,     /* of process .on, once it has stopped: let it go on */
	SYS_OPEN,     /* .on by its name: until then it is not had */
	SYS_SLEEP,    /* outside the library, .times 10 ms */
	SYS_RUN,      /* for ever, outside the library */
	SYS_DIE,      /* by SIGKILL */
	SYS_HALT,     /* by SIGSTOP, until another says cont */
	SYS_STRANGER, /* from here on it has a thread that the library does not know */
};

struct sys_op {
	enum sys_act act;
	uint8_t      on;    /* object, or process */
	uint8_t      on2;   /* object */
	uint8_t      ends;  /* of close: SYS_R, SYS_W or both */
	uint8_t      times; /* 0 is once */
	bool         timed; /* with a time limit, far away */
};

struct sys_object {
	char          name[SYS_NAME];
	enum sys_kind kind;
	uint8_t       capacity; /* 0: unlimited */
	bool          named;
	bool          sealed;  /* and named: nobody else can open it */
	bool          requeue; /* joinable: what is owed by who goes comes back */
};

#define SYS_R 1
#define SYS_W 2

struct sys_thread {
	uint8_t       process, n_ops;
	struct sys_op op[SYS_OPS];
};

struct sys_process {
	char    name[SYS_NAME];
	bool    spawned;           /* by an operation; else from the start */
	uint8_t keep[SYS_OBJECTS]; /* ends it holds without a use */
};

struct sys {
	char               name[40];
	unsigned           n_objects, n_processes, n_threads;
	struct sys_object  object[SYS_OBJECTS];
	struct sys_process process[SYS_PROCS];
	struct sys_thread  thread[SYS_THREADS]; /* the first of a process is its main one */
	/* what is expected of it: "deadlock certain P Q behind R"; then, after .then */
	unsigned n_kinds;    /* sys_random.c: of how many */
	bool     locks_stay; /* see sys_dead_but_for_exits() */
	unsigned n_expects, n_maybes, n_asleep, settle_ms;
	char     expect[SYS_EXPECTS][SYS_TEXT], maybe[SYS_EXPECTS][SYS_TEXT];
};

/* Ends of object @o that process @p holds while thread operations from @after on remain. */
uint8_t sys_own(const struct sys *s, unsigned p, unsigned o);
/* The same with those of the children it has yet to spawn. */
uint8_t sys_need(const struct sys *s, unsigned p, unsigned o);

/* ---- texts ---------------------------------------------------------------------- */

/* Read the systems of @file: their number; ends the program where it is not well formed. */
unsigned sys_parse(const char *file, struct sys **ret);
/* "P" or "P.2" */
void sys_thread_name(const struct sys *s, unsigned t, char *buf, unsigned size);
/* As text that sys_parse() reads. */
void sys_print(const struct sys *s);

/* ---- all that can happen ----------------------------------------------------------- */

struct sys_state {
	uint8_t pc[SYS_THREADS], left[SYS_THREADS]; /* left: of the operation's times */
	uint8_t life[SYS_PROCS];                    /* enum sys_life */
	uint8_t ends[SYS_PROCS][SYS_OBJECTS];
	uint8_t queued[SYS_OBJECTS];
	uint8_t owed[SYS_PROCS][SYS_OBJECTS];
	uint8_t owner[SYS_OBJECTS]; /* thread + 1 */
	uint8_t share[SYS_THREADS]
		     [SYS_OBJECTS]; /* of locks, permits; how deep a rmutex is locked */
	uint8_t in[SYS_THREADS];    /* sys_sync.c */
	uint8_t goes_on[SYS_PROCS]; /* another has seen it stopped */
};

enum sys_life { SYS_UNBORN, SYS_ALIVE, SYS_ENDED };

void sys_start(const struct sys *s, struct sys_state *st);
/* Has @t an operation to do, and its process is there? */
bool sys_active(const struct sys *s, const struct sys_state *st, unsigned t);
/* May its next step be done now? Without regard to time limits. */
bool sys_can_step(const struct sys *s, const struct sys_state *st, unsigned t);
void sys_step(const struct sys *s, struct sys_state *st, unsigned t);
/* Threads (as a set) that never take another step from @st on; false: too many states. */
bool sys_dead(const struct sys *s, const struct sys_state *st, uint32_t *ret);
/*
 * The same where a process that ends does not free what its other threads have locked:
 * what is said of a closed world is true of this one.
 */
bool sys_dead_but_for_exits(const struct sys *s, const struct sys_state *st, uint32_t *ret);

/* For sys_truth.c: may @t do @op of something of ipc/sync.h; do a step of it: true: it is done. */
bool sys_sync_can(const struct sys *s, const struct sys_state *st, unsigned t,
		  const struct sys_op *op);
bool sys_sync_do(const struct sys *s, struct sys_state *st, unsigned t, const struct sys_op *op);
/* Thread @t is no more, by its own doing or @by_another: what it had comes back. */
void sys_sync_gone(const struct sys *s, struct sys_state *st, unsigned t, bool by_another);
bool sys_owner_gone(const struct sys *s, const struct sys_state *st, unsigned o);

/* Whatever happens first, do always the same (a set of threads) wait in the end? */
bool sys_ends_always(const struct sys *s, uint32_t *ret_asleep);

/* ---- at random ------------------------------------------------------------------------ */

/* Of the first @n_kinds of enum sys_kind. */
void sys_random(struct sys *s, uint32_t *seed, unsigned n_kinds);

/* ---- with real processes ---------------------------------------------------------------- */

struct sys_cast { /* shared between all of them */
	int pid[SYS_PROCS], tid[SYS_THREADS];
	int step[SYS_THREADS]; /* operations finished; of who has ended, one more */
};

/* Start @s, in this process's domain; both stay where they are until sys_stop(). */
void sys_play(const struct sys *s, struct sys_cast *cast, uint32_t seed);
/* End what is played, if anything is; on return it is gone, and all children of this process. */
void sys_stop(void);

#endif /* DEADLOCK_SYSTEM_H */

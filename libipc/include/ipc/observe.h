#ifndef IPC_OBSERVE_H
#define IPC_OBSERVE_H

/*
 * ipc/observe.h - look at a domain from outside
 *
 * An observer reads; it joins nothing, maps nothing, locks nothing and sends
 * nothing: no call here can change, slow or stop what it looks at. A snapshot
 * is a private copy, checked as it is read: whatever the file holds, a snapshot
 * is well formed (every index in range, every string ended) and names what it
 * found wrong.
 *
 *     ipc_observer *o;
 *     const struct ipc_snapshot *s;
 *     int r = ipc_observer_open(&o, NULL);
 *     r = ipc_observer_read(o, &s);
 *     for (size_t i = 0; i < s->n_channels; i++)
 *             printf("%s %lu\n", s->channels[i].name, s->channels[i].ring[0].queued);
 *     o = ipc_observer_close(o);
 *
 * Unknown numbers are IPC_UNKNOWN. Units are in the names. References between
 * the arrays are indices of that same snapshot; IPC_NO_INDEX is none. An id is
 * the same thing in every snapshot of a domain and is never used again.
 *
 * Threads: an observer belongs to one thread at a time. No call blocks but for
 * reading files.
 */

#include <ipc/base.h>

IPC_BEGIN_DECLS

#define IPC_UNKNOWN  UINT64_MAX
#define IPC_NO_INDEX UINT32_MAX
#define IPC_OBS_HIST 160

/* ---- what exists ----------------------------------------------------------- */

enum ipc_kind {
	IPC_KIND_PIPE = 1,
	IPC_KIND_QUEUE,
	IPC_KIND_JOINABLE,
	IPC_KIND_SIMPLE,
	IPC_KIND_SHM,
	IPC_KIND_MUTEX, /* from here on: locks with a name or block of their own, ipc/sync.h */
	IPC_KIND_RMUTEX,
	IPC_KIND_RWLOCK,
	IPC_KIND_SEMAPHORE,
	IPC_KIND_EVENT,
	IPC_KIND_CONDITION,
	IPC_KIND_BARRIER,
	IPC_KIND_VALUE /* ipc/value.h */
};

enum ipc_obs_life {
	IPC_OBS_ALIVE = 1, /* proven */
	IPC_OBS_STARTING,  /* forked, not here yet */
	IPC_OBS_DEAD,      /* proven dead, nobody has cleaned up after it yet */
};

/**
 * struct ipc_obs_flow - counters of one direction
 *
 * Totals since the end (or, in a ring, the channel) was made.
 */
struct ipc_obs_flow {
	uint64_t messages, bytes;
	uint64_t blocks, blocked_ns; /* sleeps that waited for it, and time asleep */
	uint64_t timeouts;
};

/** struct ipc_obs_process - one process of the domain */
struct ipc_obs_process {
	uint64_t          id;
	uint64_t          pid;
	const char       *name;
	const char       *exe;      /* path of its program, "" if unknown */
	uint64_t          exe_base; /* address - exe_base = the ELF file's own address */
	uint64_t          exe_end;  /* first address behind the program's segments */
	const uint8_t    *build_id;
	size_t            build_id_len; /* [bytes] */
	enum ipc_obs_life life;         /* of more than 64 processes, as it was up to a second ago;
				   verdicts ask anew */
	uint32_t          parent;       /* index in processes */
	uint64_t          joined_ns;    /* CLOCK_MONOTONIC */
	uint64_t          ns_inode;     /* its pid namespace */
	int      foreign_ns; /* 1: not the observer's pid namespace: pid means nothing here */
	uint32_t n_threads;  /* registered */
	uint32_t n_blocked;  /* of those, asleep in a call */
	uint32_t n_ends;
	uint64_t asleep_ns;          /* of all its threads, also those that have ended */
	struct ipc_obs_flow out, in; /* sums over its ends */
};

/** struct ipc_obs_thread - one thread that has used the library */
struct ipc_obs_thread {
	uint64_t    id;
	uint64_t    tid;
	const char *name;
	uint32_t    process;   /* index in processes */
	uint32_t    wait;      /* index in waits: asleep; IPC_NO_INDEX: running */
	uint64_t    asleep_ns; /* in calls, ever; the sleep that lasts included */
};

/** struct ipc_obs_ring - one direction of a channel */
struct ipc_obs_ring {
	uint64_t sent, received, queued; /* [messages]; sent = received + queued, always */
	uint64_t capacity;               /* [messages]; 0: unlimited */
	uint64_t high_water;             /* most queued, as far as seen [messages] */
	uint64_t heap_bytes;             /* payload outside slots, now */
	uint64_t oldest_ns; /* age of the oldest message; IPC_UNKNOWN: none, or not read. Of more
			       than a hundred rings it may be as old as some readings */
	uint64_t abandoned, taken_by_dead; /* [messages] */
	int      shut;
	struct ipc_obs_flow out, in; /* sums over all ends, those gone included */
	const uint32_t     *hist; /* [IPC_OBS_HIST]: put to get, sampled; bounds: ipc_obs_hist_ns();
				     NULL: nothing sampled. A bucket that is full stays full. Of
				     more than a few hundred that change it may be some seconds old */
	uint64_t            p50_ns, p99_ns, max_ns; /* of hist; IPC_UNKNOWN: nothing sampled */
	uint32_t            blocked_senders, blocked_receivers; /* threads asleep now */
	uint64_t            vain_out, vain_in; /* wakes that found nothing to do, ever */
};

/** struct ipc_obs_channel - one object: pipe, queue, shared memory */
struct ipc_obs_channel {
	uint64_t            id;
	enum ipc_kind       kind;
	const char         *name;  /* as made; else "pid.n" of its maker, "?.n" if that was gone */
	int                 named; /* others can open it by name */
	int                 simplex;
	uint32_t            n_rings; /* 2: duplex pipe; 0: shared memory */
	struct ipc_obs_ring ring[2];
	uint64_t            size_bytes;        /* shared memory: as made; else IPC_UNKNOWN */
	uint64_t            created_ns;        /* CLOCK_MONOTONIC */
	uint32_t            first_end, n_ends; /* its ends are ends[first_end … +n_ends) */
	uint64_t            unfinished;   /* joinable: tasks put and not done; else IPC_UNKNOWN */
	uint64_t            tasks_failed; /* joinable: owed by processes that died */
	uint64_t            failed_pid;   /* the last of those; 0: none */
	uint64_t            memory_bytes; /* its own memory that is there; looked up now and then */
	struct ipc_obs_flow lock_waits;   /* shared memory: .blocks, .blocked_ns and .timeouts of
					     waits for locks in it, by all ends, those gone included */
	int                 sealed;       /* has a name, by which nobody can open it any more */
	unsigned            on_death;     /* joinable: enum ipc_tasks of ipc/queue.h */
	uint64_t            requeued;     /* tasks that came back from processes that died, ever */
	uint64_t            returned;     /* of those, not yet got again; not among the queued */
	uint64_t lock_vain; /* shared memory: wakes of those waits that found nothing to do */
};

/** struct ipc_obs_end - one process's hold on one channel */
struct ipc_obs_end {
	uint32_t            process, channel; /* indices */
	uint32_t            rights;           /* IPC_RIGHT_* */
	uint32_t            handles;
	uint64_t            opened_ns; /* CLOCK_MONOTONIC */
	uint64_t            owed;      /* joinable: tasks it got and has not finished */
	struct ipc_obs_flow out, in;
	uint64_t            extra_done; /* joinable: task_done calls that were one too many */

	/* Where messages were last put and got, as far as sampled, and by whom: the line of one
	   that is busy, for who sleeps has a wait with a site of its own. */
	uint64_t out_site, in_site;     /* return address of the call; 0: none yet */
	uint32_t out_thread, in_thread; /* index in threads; IPC_NO_INDEX: gone, or none yet */
};

enum {
	IPC_RIGHT_SEND0 = 1 << 0,
	IPC_RIGHT_RECV0 = 1 << 1,
	IPC_RIGHT_SEND1 = 1 << 2,
	IPC_RIGHT_RECV1 = 1 << 3,
	IPC_RIGHT_DONE = 1 << 4,
	IPC_RIGHT_MAP = 1 << 5,
};

/* ---- what is waited for ----------------------------------------------------- */

enum ipc_op {
	IPC_OP_SEND = 1,
	IPC_OP_RECV,
	IPC_OP_PUT,
	IPC_OP_GET,
	IPC_OP_JOIN,
	IPC_OP_LOCK,
	IPC_OP_PROC,
	IPC_OP_POLL,
	IPC_OP_RDLOCK,
	IPC_OP_WRLOCK,
	IPC_OP_SEM,
	IPC_OP_EVENT,
	IPC_OP_COND,
	IPC_OP_BARRIER,
	IPC_OP_FD,   /* a descriptor: nobody knows who could end that */
	IPC_OP_WAIT, /* several things at once: ipc/wait.h */
};

/**
 * struct ipc_obs_wait - one thread asleep in one call
 *
 * Of a wait for several things @op is IPC_OP_WAIT, @text names them, and the rest is
 * about the first.
 */
struct ipc_obs_wait {
	uint32_t    thread; /* index in threads */
	enum ipc_op op;
	uint32_t    n_items; /* how many things it waits for */
	int         all;     /* 1: for all of them at once; 0: for any */
	int64_t     fd;      /* descriptor: its number; -1: none */
	uint32_t    channel; /* what it waits on; IPC_NO_INDEX: a child's exit, a lock elsewhere */
	uint32_t    ring;    /* which direction of the channel */
	uint32_t    owner; /* lock: index in threads of the owner; IPC_NO_INDEX: free or unknown */
	uint32_t child; /* join of a process: index in processes; IPC_NO_INDEX: not of the domain */
	uint64_t child_pid;   /* join of a process: its pid */
	uint64_t lock_offset; /* lock: where in the shared memory [bytes], or its address */
	uint64_t since_ns;    /* CLOCK_MONOTONIC */
	uint64_t deadline_ns; /* CLOCK_MONOTONIC; 0: none */
	uint64_t site;        /* return address of the call; 0: unknown */
	int      satisfied;   /* what it waits for is there: it only has to wake */
	char     text[160];   /* "get(queue \"jobs\") empty", for people */
	uint64_t have, want;  /* semaphore: its number and bound; barrier: who has come, of how
				 many; rwlock: readers; where it can be read */
	uint64_t alarm_ns;    /* when a SIGALRM was to come, as it fell asleep and from then on
				 every 250 ms; 0: none; IPC_UNKNOWN: again and again.
				 CLOCK_MONOTONIC */
	int      parked;      /* declared as meant to last: ipc_park() */
	uint32_t first_item, n_listed; /* of several things: items[first_item … +n_listed) */
	uint64_t seq;                  /* number of this sleep: the thread's next one has another */
};

/** struct ipc_obs_item - one of several things that one thread waits for at once */
struct ipc_obs_item {
	enum ipc_op op;
	uint32_t    channel, ring, owner, child; /* as in struct ipc_obs_wait */
	int64_t     fd;
	uint64_t    child_pid, lock_offset;
};

enum ipc_hold_kind {
	IPC_HOLD_MUTEX = 1, /* of either kind */
	IPC_HOLD_WRITE,     /* a rwlock, to write */
	IPC_HOLD_READ,      /* a rwlock, to read */
	IPC_HOLD_PERMIT,    /* of a bounded semaphore */
	IPC_HOLD_ARRIVAL,   /* has come to a barrier, and waits */
};

/** struct ipc_obs_hold - what one thread has of one lock */
struct ipc_obs_hold {
	uint32_t           thread; /* index in threads */
	enum ipc_hold_kind kind;
	uint32_t           channel;     /* where the lock lies; IPC_NO_INDEX: private memory */
	uint64_t           lock_offset; /* there [bytes], or its address */
	uint64_t           count;       /* shares; arrival: the barrier's turn */
	uint64_t           since_ns; /* CLOCK_MONOTONIC; IPC_UNKNOWN: it had not to wait for it */
	uint64_t           site;     /* return address of the call that took it */
};

/* ---- what failed -------------------------------------------------------------- */

/**
 * struct ipc_obs_failure - calls of one end that failed in one way
 *
 * A get that found nothing and would not wait is one, too: -EAGAIN. -ENOSPC stands for
 * -ENOMEM and -ENOBUFS as well; of errors that are not told apart it is the last one.
 */
struct ipc_obs_failure {
	uint32_t end;     /* index in ends; IPC_NO_INDEX: those that are gone, together */
	uint32_t channel; /* index in channels */
	int      put;     /* 1: puts and sends; 0: gets and receives */
	int      code;    /* negative errno */
	uint64_t count;
	uint64_t first_ns, last_ns; /* CLOCK_MONOTONIC */
};

/* ---- verdicts ---------------------------------------------------------------- */

enum ipc_verdict_class {
	IPC_DEADLOCK = 1, /* a set of processes waits for one another, and for nobody else */
	IPC_ORPHANED,     /* nobody alive could ever end this wait */
	IPC_SUSPECTED,    /* would be one of the above, but something could not be known */
	IPC_STALLED,      /* long asleep; somebody running could end it */
	IPC_STOPPED,      /* who could end it is stopped or traced */
	IPC_TIMED,        /* would be a deadlock, but a time limit will end it */
	IPC_LOST_WAKEUP,  /* asleep although what it waits for is there */
	IPC_POISONED,     /* held by somebody dead, not recovered */
};

#define IPC_OBS_TEXT_CORE 32

enum ipc_strength {
	IPC_CERTAIN = 1,  /* nobody outside the domain could join in: no name, no late comer */
	IPC_CLOSED_WORLD, /* unless a program that is not there yet opens a named object, or a
			     process that runs exits, whose other threads have locks */
	IPC_NOT_CERTAIN,  /* see why */
};

/**
 * struct ipc_obs_verdict - one finding, explained
 *
 * @text begins with the headline; its line k + 1 is about core[k] and begins with
 * that thread's process and pid, for the first IPC_OBS_TEXT_CORE of the core. What
 * follows is for people. All of it is one verdict's only, and ends in a newline.
 */
struct ipc_obs_verdict {
	enum ipc_verdict_class class_; /* a trailing _ as C++ owns the word */
	enum ipc_strength      strength;
	uint64_t               since_ns; /* CLOCK_MONOTONIC: when its last member fell asleep */
	const uint32_t        *core;     /* indices in waits */
	size_t                 n_core;
	const uint32_t        *behind; /* indices in waits: blocked behind the core */
	size_t                 n_behind;
	const char            *headline; /* one line that says it all */
	const char            *text; /* several lines: who waits for what, why, what frees whom */
	const char            *pattern; /* name of the pattern, for instance "join-before-drain" */
	const char            *fix;     /* what to change */
	uint32_t               chosen;  /* index in waits: who speaks for it, see ipc/deadlock.h;
					  IPC_NO_INDEX: nobody asked to be told */
	int                    chosen_error; /* 1: its call will return -EDEADLK */
};

/** How bad it all is, for a light or an exit code. */
enum ipc_grade {
	IPC_GRADE_OK = 0,
	IPC_GRADE_WARNING = 1,
	IPC_GRADE_CRITICAL = 2,
	IPC_GRADE_UNKNOWN = 3
};

/* ---- snapshots ------------------------------------------------------------------ */

/**
 * struct ipc_snapshot - everything, at one time
 *
 * Belongs to the observer; valid until its next read or close.
 */
struct ipc_snapshot {
	const char *domain; /* name of the domain */
	const char *dir;    /* its directory */
	uint64_t    nonce;  /* tells a domain from its successor of the same name */
	uint64_t    t_mono_ns, t_real_ns;
	uint64_t    created_mono_ns, created_real_ns;
	int post_mortem;  /* 1: a copy, or of an earlier boot: ages end when ipcmon report took it,
			     else at its last sign of life */
	uint32_t torn;    /* records that kept changing while they were read; left out or old */
	uint32_t damaged; /* records that made no sense; left out */
	uint64_t registry_bytes; /* read for this snapshot */
	uint64_t n_reaped;       /* processes found dead since the domain was made */
	double   tick_ns;        /* length of the tick that hist counts in [ns] */

	const struct ipc_obs_process *processes;
	size_t                        n_processes;
	const struct ipc_obs_thread  *threads;
	size_t                        n_threads;
	const struct ipc_obs_channel *channels;
	size_t                        n_channels;
	const struct ipc_obs_end     *ends; /* grouped by channel */
	size_t                        n_ends;
	const struct ipc_obs_wait    *waits; /* longest first */
	size_t                        n_waits;
	const struct ipc_obs_hold    *holds; /* those of one lock together */
	size_t                        n_holds;
	const struct ipc_obs_verdict *verdicts; /* gravest first */
	size_t                        n_verdicts;
	enum ipc_grade                grade; /* of the gravest verdict */

	const struct ipc_obs_failure *failures; /* by ends, those of ends that are gone last */
	size_t                        n_failures;
	const struct ipc_obs_item    *items; /* of waits for several things */
	size_t                        n_items;

	uint64_t
		generation; /* the same as at the reading before: no process, channel or end has come
				or gone, and each has the index it had; 0: not known */
};

typedef struct ipc_observer ipc_observer;

/**
 * Look at the domain called @name; NULL: $IPC_DOMAIN, else "default". Under
 * $IPC_DIR, else /dev/shm/libipc-<uid>.
 *
 * -ENOENT: no such domain; -EACCES: not readable; -EPROTO: another major
 * version; -EBADMSG: not a registry, or damaged; ipc_explain() says which file.
 */
IPC_API IPC_CHECKED int ipc_observer_open(ipc_observer **ret, const char *name);

/** The same by path of the domain's directory: also a copy of it, post mortem. */
IPC_API IPC_CHECKED int ipc_observer_open_dir(ipc_observer **ret, const char *path);

/** Free it and the snapshot it holds; always returns NULL; @o may be NULL. */
IPC_API ipc_observer *ipc_observer_close(ipc_observer *o);

/**
 * Read the domain and judge it. A deadlock or an orphaned wait is only reported
 * after a second reading proved that nothing moved in between.
 *
 * *@ret is the observer's, valid until its next read or close. -ESTALE: the
 * domain was removed, or replaced by another of its name: open it again;
 * -EBADMSG, -EIO, -ENOMEM.
 */
IPC_API IPC_CHECKED int ipc_observer_read(ipc_observer *o, const struct ipc_snapshot **ret);

/**
 * Call @fn with the name and directory of each domain of this user, in order of
 * name, until it returns non-zero; returns that, or 0, or a negative errno.
 */
IPC_API int ipc_domains(int (*fn)(const char *name, const char *dir, void *arg), void *arg);

/** Upper bound of bucket @i of a ring's hist [ns]. */
IPC_API uint64_t ipc_obs_hist_ns(const struct ipc_snapshot *s, unsigned i);

/**
 * "pipe", "queue", "joinable", "simple", "shm", "mutex", "rmutex", "rwlock", "semaphore",
 * "event", "condition", "barrier", "value"; never NULL.
 */
IPC_API const char *ipc_kind_name(enum ipc_kind kind);
/**
 * "send", "recv", "put", "get", "join", "lock", "proc_join", "poll", "rdlock", "wrlock",
 * "sem_wait", "event_wait", "cond_wait", "barrier_wait", "fd_wait", "wait"; never NULL.
 */
IPC_API const char *ipc_op_name(enum ipc_op op);
/** "deadlock", "orphaned", "suspected", …; never NULL. */
IPC_API const char *ipc_verdict_name(enum ipc_verdict_class class_);
/** "certain", "closed world", "not certain"; never NULL. */
IPC_API const char *ipc_strength_name(enum ipc_strength strength);

IPC_END_DECLS

#endif /* IPC_OBSERVE_H */

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
	IPC_KIND_SHM
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
	enum ipc_obs_life life;
	uint32_t          parent;    /* index in processes */
	uint64_t          joined_ns; /* CLOCK_MONOTONIC */
	uint64_t          ns_inode;  /* its pid namespace */
	int      foreign_ns; /* 1: not the observer's pid namespace: pid means nothing here */
	uint32_t n_threads;  /* registered */
	uint32_t n_blocked;  /* of those, asleep in a call */
	uint32_t n_ends;
	struct ipc_obs_flow out, in; /* sums over its ends */
};

/** struct ipc_obs_thread - one thread that has used the library */
struct ipc_obs_thread {
	uint64_t    id;
	uint64_t    tid;
	const char *name;
	uint32_t    process; /* index in processes */
	uint32_t    wait;    /* index in waits: asleep; IPC_NO_INDEX: running */
};

/** struct ipc_obs_ring - one direction of a channel */
struct ipc_obs_ring {
	uint64_t sent, received, queued; /* [messages]; sent = received + queued, always */
	uint64_t capacity;               /* [messages]; 0: unlimited */
	uint64_t high_water;             /* most queued, as far as seen [messages] */
	uint64_t heap_bytes;             /* payload outside slots, now */
	uint64_t oldest_ns; /* age of the oldest message; IPC_UNKNOWN: none, or not read */
	uint64_t abandoned, taken_by_dead; /* [messages] */
	int      shut;
	struct ipc_obs_flow out, in;            /* sums over all ends, those gone included */
	uint64_t            hist[IPC_OBS_HIST]; /* put to get, sampled; bounds: ipc_obs_hist_ns() */
	uint64_t            p50_ns, p99_ns, max_ns; /* of hist; IPC_UNKNOWN: nothing sampled */
	uint32_t            blocked_senders, blocked_receivers; /* threads asleep now */
};

/** struct ipc_obs_channel - one object: pipe, queue, shared memory */
struct ipc_obs_channel {
	uint64_t            id;
	enum ipc_kind       kind;
	const char         *name;  /* as made, or "pid.n" of its maker if it has none */
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
};

/** struct ipc_obs_end - one process's hold on one channel */
struct ipc_obs_end {
	uint32_t            process, channel; /* indices */
	uint32_t            rights;           /* IPC_RIGHT_* */
	uint32_t            handles;
	uint64_t            opened_ns; /* CLOCK_MONOTONIC */
	uint64_t            owed;      /* joinable: tasks it got and has not finished */
	struct ipc_obs_flow out, in;
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
};

/** struct ipc_obs_wait - one thread asleep in one call */
struct ipc_obs_wait {
	uint32_t    thread; /* index in threads */
	enum ipc_op op;
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
	IPC_CLOSED_WORLD, /* unless a program that is not there yet opens a named object */
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
	int post_mortem;  /* 1: a copy, or of an earlier boot: ages end at its last sign of life */
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
	const struct ipc_obs_verdict *verdicts; /* gravest first */
	size_t                        n_verdicts;
	enum ipc_grade                grade; /* of the gravest verdict */
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

/** "pipe", "queue", "joinable", "simple", "shm"; never NULL. */
IPC_API const char *ipc_kind_name(enum ipc_kind kind);
/** "send", "recv", "put", "get", "join", "lock", "proc_join", "poll"; never NULL. */
IPC_API const char *ipc_op_name(enum ipc_op op);
/** "deadlock", "orphaned", "suspected", …; never NULL. */
IPC_API const char *ipc_verdict_name(enum ipc_verdict_class class_);
/** "certain", "closed world", "not certain"; never NULL. */
IPC_API const char *ipc_strength_name(enum ipc_strength strength);

IPC_END_DECLS

#endif /* IPC_OBSERVE_H */

#ifndef RUNTIME_LAYOUT_H
#define RUNTIME_LAYOUT_H

/*
 * layout.h - the registry, byte by byte
 *
 * A domain is a directory:
 *
 *     registry      this file: everything an observer needs
 *     alive         empty; byte i is locked by the process in slot i (base/alive.h)
 *     fork          empty; byte i is locked while slot i is between two processes
 *     o<slot>.<gen> the payload memory of object <slot>
 *     o<slot>.<gen>.<ring><g|p>
 *                   a FIFO, where somebody asked for a descriptor: runtime/level.h
 *     copied        of a copy: when it was taken, CLOCK_MONOTONIC in decimal [ns]
 *
 * The registry is the control plane: who is here, what exists, who holds what,
 * who waits for what, and the words every ring turns on (head, tail, sleepers).
 * Object files hold payload only. So one read of this file is a whole picture,
 * and the depth in it is exact: it is the same two words the ring itself uses.
 *
 * It is also the ABI between processes and observers built at different times:
 *  - the header names each table's offset, stride and record count, so a reader
 *    of another minor version walks it by the header, not by sizeof;
 *  - a minor version only uses spare words or adds fields behind the last one;
 *    a major version means "do not touch";
 *  - all words are 64-bit, or pairs of 32-bit ones, naturally aligned;
 *  - no pointers: a reference is generation << 32 | index + 1, 0 is nobody;
 *  - labels lie apart from values: they are read once, values every tick;
 *  - tables are reserved sparse and made real in steps, ahead of use: nobody
 *    ever touches a page that posix_fallocate() has not granted.
 *
 * Writers: a table record is made and ended under the registry lock
 * (runtime/lock.h); the words that change while it lives have one writer (a
 * thread's wait record, an end's counters) or are atomics of an algorithm that
 * says so (rings, locks). Readers map nothing: they pread() into a copy.
 */

#include <stdint.h>

#include "base/alive.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/ref.h"
#include "ring/ctl.h"

#define REGISTRY_MAGIC \
	UINT64_C(0x3152637069626c00) /* "\0libipcR1", as a number: also tells endianness */
#define REGISTRY_MAJOR 3
#define REGISTRY_MINOR 0
#define REGISTRY_FILE  "registry"
#define COPIED_FILE    "copied"
#define NAME_BYTES     64
#define WAIT_ITEMS_MAX 16
#define RIGHTS_MAX     8

/* ---- header --------------------------------------------------------------- */

enum table_id {
	TABLE_PROCESSES,      /* struct process_rec */
	TABLE_THREADS,        /* struct thread_rec */
	TABLE_OBJECTS,        /* struct object_rec */
	TABLE_ENDS,           /* struct end_rec */
	TABLE_PROCESS_LABELS, /* struct process_label, same index as its process */
	TABLE_OBJECT_LABELS,  /* struct object_label, same index as its object */
	TABLE_HISTOGRAMS,     /* struct histogram_rec, same index as its end */
	TABLE_FAILURES,       /* struct failures_rec, same index as its end */
	TABLE_PASTS,          /* struct past_rec, same index as its object */
	N_TABLES,
};

struct table_desc {
	uint64_t offset;   /* in the file [bytes] */
	uint64_t stride;   /* from record to record [bytes] */
	uint64_t capacity; /* most records there may ever be */
	uint64_t ready;    /* records whose memory exists */
	uint64_t used;     /* high-water mark: no record at or above it was ever used */
	uint64_t spare[3];
};

enum domain_state {
	DOMAIN_READY = 1,
	DOMAIN_RETIRED = 2, /* its last process removed it: open it anew by name */
};

/*
 * What one step of folding an ended end's counters into its object writes, so
 * that whoever finds the step half done can finish it: see runtime/end.c.
 */
struct fold_journal {
	uint64_t valid; /* end index + 1 while the step is under way */
	uint64_t object;
	uint64_t ring;
	uint64_t out[8];
	uint64_t in[8];
	uint64_t spare[5];
};

/*
 * Words of the registry that are changed as one, whoever dies over it: see
 * runtime/journal.h. What the death of a thread costs is the largest such change.
 */
#define JOURNAL_WORDS 16

struct journal_word {
	uint64_t at; /* where in the registry [bytes] */
	uint64_t value;
};

struct journal {
	uint64_t            n; /* words to be stored; 0: nothing is under way */
	uint64_t            spare[7];
	struct journal_word word[JOURNAL_WORDS];
};

/* Calls that failed, by why. */
enum failure_kind {
	FAILED_AGAIN = 0, /* -EAGAIN: full, or empty, and the caller would not wait */
	FAILED_TIME,      /* -ETIMEDOUT */
	FAILED_CLOSED,    /* -EPIPE */
	FAILED_LENGTH,    /* -EMSGSIZE */
	FAILED_MEMORY,    /* -ENOSPC, -ENOMEM, -ENOBUFS */
	FAILED_OTHER,     /* .other_code says which it was last */
	N_FAILURES,
};

struct failures {
	struct {
		uint64_t count, first_tick, last_tick;
	} of[N_FAILURES];
	uint64_t other_code; /* errno, positive */
	uint64_t spare[1];
};

/* Of one end, written by its process as its counters are; or of an object's ends that are gone. */
struct failures_rec {
	struct failures out, in;
};

/* What of an ended end's records fold_journal.ring says where to put. */
struct fold_past {
	uint32_t            bucket[HIST_BUCKETS];
	struct failures_rec failed;
};

struct registry_header {
	uint64_t magic;
	uint32_t major, minor;
	uint32_t header_bytes; /* of this structure, as the maker knew it */
	uint32_t word_bytes;   /* 8 */
	uint64_t state;        /* enum domain_state; written last by the maker */
	uint64_t nonce;        /* random: tells a domain from its successor */
	uint64_t created_real_ns, created_mono_ns;
	uint64_t tick_kind;    /* enum tick_kind */
	uint64_t tick0, mono0; /* the same instant in ticks and in ns */
	uint64_t ns_inode;     /* the maker's pid namespace */
	char     boot_id[40];
	uint64_t on_deadlock; /* for processes that say nothing themselves; see process_rec */
	uint64_t file_inode;  /* of this file; another one: it is a copy. 0: not known */

	on_own_line uint64_t
		 dirty;        /* process slot + 1 that is changing tables; set: repair first */
	uint64_t change;       /* raised by every change of processes, objects and ends */
	uint64_t tick1, mono1; /* a later such instant, for post-mortem conversion */
	uint64_t n_reaped;     /* processes found dead and cleaned up after */
	uint64_t symmetric;    /* a process here cannot use membarrier(2): base/fence.h */
	uint64_t
		diagnosing_ns; /* when a sleeper last began to look for deadlocks: runtime/deadlock.h */
	uint64_t diagnosed_ns; /* when the last one that came to an end had begun */

	struct fold_journal fold;

	on_own_line uint64_t          n_locks;   /* numbers given to locks so far: enum held_bits */
	uint64_t                      n_parcels; /* ends in messages: runtime/parcel.h */
	uint64_t                      turn;      /* raised by who takes the registry lock */
	uint64_t                      spare2[5];
	struct fold_past              fold_past; /* what else .fold writes */
	on_own_line struct journal    journal;
	on_own_line struct table_desc table[N_TABLES]; /* last, so that there can be more */
};

#define REGISTRY_HEADER_BYTES 4096

/* Behind it: per chain of names, index + 1 of its first object; see runtime/names.c. */
#define NAME_CHAINS          1024
#define REGISTRY_NAMES_AT    REGISTRY_HEADER_BYTES
#define REGISTRY_NAMES_BYTES (NAME_CHAINS * 8)
#define REGISTRY_TABLES_AT   (REGISTRY_NAMES_AT + REGISTRY_NAMES_BYTES)

/* ---- processes ------------------------------------------------------------ */

struct process_rec {
	uint64_t life;
	uint64_t pid;         /* as seen in its own pid namespace */
	uint64_t ns_inode;    /* of that namespace */
	uint64_t start_ticks; /* field 22 of /proc/PID/stat */
	uint64_t nonce;
	uint64_t joined_ns; /* CLOCK_MONOTONIC */
	uint64_t
		handles_gen; /* raised before and after each change of what it holds, and before fork */
	ref     parent;      /* the process that forked it, if that is of this domain */
	uint64_t uid;
	uint64_t on_deadlock; /* enum on_deadlock, and ON_DEADLOCK_CLOSED; 0: as the domain says */
	uint64_t disowned;    /* 1: it had handles before it joined, and may have mapped what of */
	uint64_t asleep_ns;   /* in calls, of its threads that have ended */
	uint64_t spare[4];
};

/* What a process wants done when one of its threads is chosen to speak for a deadlock. */
enum on_deadlock {
	ON_DEADLOCK_DEFAULT = 0,
	ON_DEADLOCK_OFF = 1,
	ON_DEADLOCK_REPORT = 2,
	ON_DEADLOCK_ERROR = 3,
	ON_DEADLOCK_MASK = 0xff,
	ON_DEADLOCK_CLOSED =
		1 << 8, /* names are no doors: an error even if only true of a closed world */
};

/* What symbols are found with; filled once at join. */
struct process_label {
	char     name[NAME_BYTES];
	char     exe[256];     /* path of the program, "" if unknown or longer */
	uint64_t exe_base;     /* what to subtract from an address to get the ELF's own */
	uint64_t exe_end;      /* first address behind the program's segments */
	uint64_t build_id_len; /* [bytes] */
	uint8_t  build_id[40];
	uint64_t spare[10];
};

/* ---- threads and what they wait for --------------------------------------- */

/*
 * wait.seq: raised by 4 with each publication; the two low bits say what it is.
 * Equal at two readings and BLOCKED in both: the thread slept in that very wait
 * all the time between. While BLOCKED it stores nothing but sleepers' words
 * (deadlock detection rests on that; see runtime/wait.h).
 */
enum wait_bits {
	WAIT_RUNNING = 0,
	WAIT_WRITING = 1, /* do not believe the rest of the record */
	WAIT_BLOCKED = 2,
	WAIT_STATE_MASK = 3,
};

enum wait_op {
	OP_NONE = 0,
	OP_SEND = 1, /* conn;   need: the right to receive; arg: ring, arg2: heap bytes wanted */
	OP_RECV = 2, /* conn;   need: the right to send; arg: ring */
	OP_PUT = 3,  /* queue;  as OP_SEND */
	OP_GET = 4,  /* queue;  as OP_RECV */
	OP_JOIN = 5, /* queue;  until all tasks are done; need: RIGHT_DONE */
	OP_LOCK = 6, /* mutex;  object: the shm block it lies in, or 0; arg: offset there, or its
			address; arg2: the owner thread's ref as seen before sleeping */
	OP_PROC = 7, /* exit of a child; object: 0; arg: its pid; arg2: its process ref, or 0 */
	OP_POLL = 8, /* conn; as OP_RECV, in ipc_conn_poll() */

	/* ipc/sync.h. object, arg: as OP_LOCK. What else it takes is read where it lies */
	OP_RDLOCK = 9,   /* rwlock;    arg2: its number */
	OP_WRLOCK = 10,  /* rwlock;    arg2: its number */
	OP_SEM = 11,     /* semaphore; need: RIGHT_MAP, or who has a permit; arg2: its number */
	OP_EVENT = 12,   /* event;     need: RIGHT_MAP; arg2: its state before */
	OP_COND = 13,    /* condition; need: RIGHT_MAP; arg2: ticket */
	OP_BARRIER = 14, /* barrier;   need: RIGHT_MAP; arg2: its state after arriving */

	OP_FD = 15, /* a descriptor, or whatever else the library cannot see into; object: 0;
		       arg: its number, UINT64_MAX: none; arg2: events of poll(2) */
	N_OPS,
};

enum wait_flags {
	WAIT_ALL = 1 << 0,     /* every item must be satisfied; else any one */
	WAIT_INTR = 1 << 1,    /* returns EINTR to its caller */
	WAIT_EXT = 1 << 2,     /* also waits for something the library cannot see */
	WAIT_PARK = 1 << 3,    /* declared: meant to sleep for ever */
	WAIT_POLLS = 1 << 4,   /* asleep in poll(2), and counted at no event */
	WAIT_STAYS = 1 << 5,   /* inside a call that cannot end with -EDEADLK here */
	WAIT_ROOM = 1 << 6,    /* OP_SEND, OP_PUT: for memory alone, and not for a slot */
	WAIT_COUNTED = 1 << 7, /* what large payloads take was counted anew since it began */
};

struct wait_item {
	uint32_t op;   /* enum wait_op */
	uint32_t need; /* a holder of any of these rights could release it */
	ref      object;
	uint64_t arg, arg2;
};

struct wait_rec {
	uint64_t         seq;
	uint64_t         since_ns;    /* CLOCK_MONOTONIC */
	uint64_t         deadline_ns; /* CLOCK_MONOTONIC; 0: none */
	uint64_t         site;        /* return address of the call that waits */
	uint32_t         n_items;
	uint32_t         flags;     /* enum wait_flags */
	uint64_t         n_hidden;  /* items beyond WAIT_ITEMS_MAX */
	uint64_t         alarm_ns;  /* when its process had a SIGALRM coming, CLOCK_MONOTONIC; 0:
				      none; UINT64_MAX: again and again */
	uint64_t         asleep_ns; /* in calls, ever; while BLOCKED less the age of the call, with
				       which it is what that was when it was published */
	struct wait_item item[WAIT_ITEMS_MAX];
};

/*
 * What a thread has of the locks of ipc/sync.h. Of a mutex and of the right to write
 * the lock itself tells the owner, and this is for people. Of shares (to read, permits,
 * arrivals at a barrier) the lock has only a count, and the truth is here: when in
 * doubt, it is counted anew over the living (object/share.h). So of a share it is said
 * that it is being taken or given before the lock is touched, and what came of it after.
 */
enum held_bits {
	HELD_TAKING = 1, /* phase: about to; cannot be told from the lock whether it has */
	HELD_GIVING = 2,
	HELD_HAS = 3,
	HELD_PHASE = 3,

	HELD_MUTEX = 1 << 2, /* kind; number: made of where it lies, object/sync.c */
	HELD_WRITE = 2 << 2, /* the same */
	HELD_READ = 3 << 2,
	HELD_PERMIT = 4 << 2,
	HELD_ARRIVAL = 5 << 2, /* count: the barrier's turn */
	HELD_KIND = 7 << 2,

	HELD_COUNT_SHIFT = 8,   /* 16 bits: how many, of this lock */
	HELD_NUMBER_SHIFT = 24, /* 40 bits: which lock, of the domain */
};

#define HELD_COUNT_ONE (UINT64_C(1) << HELD_COUNT_SHIFT)
#define HELD_COUNT_MAX 0xffffu
#define HELD_KEY       (~UINT64_C(0) << HELD_NUMBER_SHIFT | (uint64_t)HELD_KIND) /* kind, number */
#define HELD_MAX       16

struct held_rec {
	uint64_t what;     /* enum held_bits; 0: unused */
	ref      object;   /* the block it lies in, or 0 */
	uint64_t offset;   /* there; or its address */
	uint64_t since_ns; /* CLOCK_MONOTONIC; 0: taken without waiting, so nobody looked */
	uint64_t site;     /* return address of the call that took it */
};

struct thread_rec {
	uint64_t life;
	ref      process;
	uint64_t tid;
	char     name[16];
	ref      self;   /* of this very record, so that it need not be computed */
	uint64_t n_held; /* entries of held[] at or above this are unused */
	uint64_t nudge;  /* seq of its wait: chosen to speak for a deadlock, and should look now */
	on_own_line struct intent_rec intent;
	on_own_line struct wait_rec   wait;
	on_own_line struct held_rec   held[HELD_MAX];
};

/* ---- objects -------------------------------------------------------------- */

enum object_kind {
	KIND_NONE = 0,
	KIND_PIPE = 1,
	KIND_QUEUE = 2,
	KIND_JOINABLE = 3,
	KIND_SIMPLE = 4,
	KIND_SHM = 5,
	/* locks that have a name, or a block, of their own: ipc/sync.h, ipc/value.h */
	KIND_MUTEX = 6,
	KIND_RMUTEX = 7,
	KIND_RWLOCK = 8,
	KIND_SEMAPHORE = 9,
	KIND_EVENT = 10,
	KIND_CONDITION = 11,
	KIND_BARRIER = 12,
	KIND_VALUE = 13,
	N_KINDS,
};

enum object_flags {
	OBJECT_NAMED = 1 << 0,    /* others may open it */
	OBJECT_UNLINKED = 1 << 1, /* had a name: nobody else can open it any more */
	OBJECT_SIMPLEX = 1 << 2,
	OBJECT_JOINABLE = 1 << 3,
	OBJECT_SEALED = 1 << 4,  /* has a name still, by which nobody can open it any more */
	OBJECT_REQUEUE = 1 << 5, /* tasks of the dead are delivered again: object/ledger.h */
	OBJECT_LOST = 1 << 6,    /* they are counted, and join says nothing */
};

/*
 * Rights are bits. A pipe has two rings: ring 0 carries from end 0 to end 1,
 * ring 1 back. Duplex: end 0 holds SEND0|RECV1, end 1 RECV0|SEND1. Simplex uses
 * ring 0 only: end 0 holds RECV0, end 1 SEND0. A queue has ring 0.
 */
enum right {
	RIGHT_SEND0 = 1 << 0,
	RIGHT_RECV0 = 1 << 1,
	RIGHT_SEND1 = 1 << 2,
	RIGHT_RECV1 = 1 << 3,
	RIGHT_DONE = 1 << 4, /* may say task_done for what it got */
	RIGHT_MAP = 1 << 5,  /* has the block mapped */
};

#define RIGHT_SEND(ring) ((uint32_t)RIGHT_SEND0 << (2 * (ring)))
#define RIGHT_RECV(ring) ((uint32_t)RIGHT_RECV0 << (2 * (ring)))

/* What ends that are gone have counted; same order as struct flow. */
struct flow_totals {
	uint64_t messages, bytes, blocks, blocked_ns, timeouts, tasks_done;
	uint64_t high_water;
	uint64_t ends; /* how many those were: struct past_rec has changed */
};

struct object_rec {
	uint64_t life;
	uint32_t kind;       /* enum object_kind */
	uint32_t flags;      /* enum object_flags */
	uint64_t size_bytes; /* from KIND_SHM on: as asked for; else 0 */
	uint64_t name_hash;
	ref      creator;
	uint64_t created_ns;
	uint64_t first_end; /* index + 1 of the first of its ends, linked by end_rec.next */
	uint64_t inflight;  /* handles to it inside messages */
	on_own_line uint32_t        holders[RIGHTS_MAX]; /* per right bit: ends that hold it */
	struct event                joiners;             /* who waits for all tasks to be done */
	uint64_t                    tasks_failed;        /* tasks owed by processes that died */
	uint64_t                    tasks_reported;      /* of those, told to a joiner */
	uint64_t                    failed_pid;          /* the last such process */
	on_own_line struct ring_ctl ring[2];
	struct flow_totals          past_out[2], past_in[2]; /* per ring, of ends that are gone */
	on_own_line uint64_t returned; /* OBJECT_REQUEUE: tasks of the dead to be got again */
	uint64_t             requeued; /* such tasks, ever */
	uint64_t vain[2][2]; /* wakes for nothing, ever: ring; put, get. Locks: the first */
	uint64_t name_next;  /* index + 1 of the next object in its chain of names */
	uint64_t spare[1];
};

struct object_label {
	char     name[NAME_BYTES];
	uint64_t spare[8];
};

/* ---- ends: who holds what, and what it did with it ------------------------- */

/*
 * One direction's counters of one end. Written by that process only: plain
 * stores while it has one thread, atomic adds once it has more.
 */
struct flow {
	uint64_t messages, bytes;
	uint64_t blocks, blocked_ns; /* sleeps, and time asleep [ns] */
	uint64_t timeouts;
	uint64_t tasks_done; /* in: task_done calls */
	uint64_t high_water; /* out: most messages seen queued after a put of its own */
	uint64_t last_tick;  /* when a sampled message last passed [ticks] */
};

/* Messages in place: object/held.c. */
enum in_place {
	IN_PLACE_NONE = 0,
	IN_PLACE_SOME = 1,    /* its process may hold some */
	IN_PLACE_COUNTED = 2, /* it is dead, and what it had taken is counted as lost */
};

/* Which message a handle is in: ring and position. */
enum carried_bits {
	CARRIED = 1,
	CARRIED_RING_SHIFT = 1,
	CARRIED_POS_SHIFT = 2,
};

/*
 * Where in the program a message passed, and who passed it: the last sampled one, and the
 * last that needed more than the fast path. Two words, written one after the other: they
 * may be of two calls.
 */
struct passage {
	uint64_t site; /* return address of the call; 0: none yet */
	ref      thread;
};

struct end_rec {
	uint64_t life;
	ref      process, object;
	uint32_t rights;  /* enum right */
	uint32_t handles; /* open handles of that process */
	uint64_t next;    /* index + 1 of the object's next end */
	uint64_t opened_ns;
	uint64_t watches; /* descriptors it asked for, bits: runtime/level.h */
	ref      carrier; /* of a parcel: the object whose message it is in; else 0 */
	on_own_line struct flow out, in;
	uint64_t                tasks_extra; /* task_done calls where it owed none */
	uint64_t                in_place;    /* enum in_place */
	struct passage          last_out, last_in;
	uint64_t                failed; /* calls, of all kinds: struct failures_rec has changed */
	uint64_t carried; /* of a parcel: its message, enum carried_bits; 0: none yet */
};

/*
 * Time from put to get of sampled messages, counted by the getter [ticks]:
 * four buckets to each power of two; see base/histogram.h.
 */
struct histogram_rec {
	uint32_t bucket[HIST_BUCKETS];
};

/* What ends that are gone have left, beside the totals of their counters. */
struct past_rec {
	uint32_t            bucket[2][HIST_BUCKETS]; /* per ring; a full one stays full */
	struct failures_rec failed;
};

_Static_assert(sizeof(struct process_rec) == 128, "ABI");
_Static_assert(sizeof(struct process_label) == 464, "ABI");
_Static_assert(sizeof(struct wait_item) == 32, "ABI");
_Static_assert(sizeof(struct held_rec) == 40, "ABI");
_Static_assert(sizeof(struct thread_rec) == 1344, "ABI");
_Static_assert(sizeof(struct end_rec) == 256, "ABI");
_Static_assert(sizeof(struct object_rec) == 1216, "ABI");
_Static_assert(sizeof(struct histogram_rec) == 640, "ABI");
_Static_assert(sizeof(struct failures_rec) == 320, "ABI");
_Static_assert(sizeof(struct past_rec) == 1600, "ABI");
_Static_assert(sizeof(struct registry_header) <= REGISTRY_HEADER_BYTES, "ABI");

#endif /* RUNTIME_LAYOUT_H */

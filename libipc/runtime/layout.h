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
#define REGISTRY_MAJOR 1
#define REGISTRY_MINOR 0
#define REGISTRY_FILE  "registry"
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
	uint64_t spare0[2];

	on_own_line uint64_t
		 dirty;        /* process slot + 1 that is changing tables; set: repair first */
	uint64_t change;       /* raised by every change of processes, objects and ends */
	uint64_t tick1, mono1; /* a later such instant, for post-mortem conversion */
	uint64_t n_reaped;     /* processes found dead and cleaned up after */
	uint64_t symmetric;    /* a process here cannot use membarrier(2): base/fence.h */
	uint64_t spare1[2];

	struct table_desc   table[N_TABLES];
	struct fold_journal fold;
};

#define REGISTRY_HEADER_BYTES 4096

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
	uint64_t spare[7];
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
	N_OPS,
};

enum wait_flags {
	WAIT_ALL = 1 << 0,  /* every item must be satisfied; else any one */
	WAIT_INTR = 1 << 1, /* returns EINTR to its caller */
	WAIT_EXT = 1 << 2,  /* also waits for something the library cannot see */
	WAIT_PARK = 1 << 3, /* declared: meant to sleep for ever */
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
	uint32_t         flags; /* enum wait_flags */
	uint64_t         spare[3];
	struct wait_item item[WAIT_ITEMS_MAX];
};

struct thread_rec {
	uint64_t life;
	ref      process;
	uint64_t tid;
	char     name[16];
	ref      self; /* of this very record, so that it need not be computed */
	uint64_t spare[2];
	on_own_line struct intent_rec intent;
	on_own_line struct wait_rec   wait;
};

/* ---- objects -------------------------------------------------------------- */

enum object_kind {
	KIND_NONE = 0,
	KIND_PIPE = 1,
	KIND_QUEUE = 2,
	KIND_JOINABLE = 3,
	KIND_SIMPLE = 4,
	KIND_SHM = 5,
	N_KINDS,
};

enum object_flags {
	OBJECT_NAMED = 1 << 0,    /* others may open it */
	OBJECT_UNLINKED = 1 << 1, /* had a name: nobody else can open it any more */
	OBJECT_SIMPLEX = 1 << 2,
	OBJECT_JOINABLE = 1 << 3,
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
	uint64_t messages, bytes, blocks, blocked_ns, timeouts, tasks_done, spare[2];
};

struct object_rec {
	uint64_t life;
	uint32_t kind;       /* enum object_kind */
	uint32_t flags;      /* enum object_flags */
	uint64_t size_bytes; /* KIND_SHM: as asked for; else 0 */
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

struct end_rec {
	uint64_t                life;
	ref                     process, object;
	uint32_t                rights;  /* enum right */
	uint32_t                handles; /* open handles of that process */
	uint64_t                next;    /* index + 1 of the object's next end */
	uint64_t                opened_ns;
	uint64_t                spare[2];
	on_own_line struct flow out, in;
	uint64_t                spare1[8];
};

/*
 * Time from put to get of sampled messages, counted by the getter [ticks]:
 * four buckets to each power of two; see base/histogram.h.
 */
struct histogram_rec {
	uint32_t bucket[HIST_BUCKETS];
};

_Static_assert(sizeof(struct process_rec) == 128, "ABI");
_Static_assert(sizeof(struct process_label) == 464, "ABI");
_Static_assert(sizeof(struct wait_item) == 32, "ABI");
_Static_assert(sizeof(struct thread_rec) == 704, "ABI");
_Static_assert(sizeof(struct end_rec) == 256, "ABI");
_Static_assert(sizeof(struct object_rec) == 1152, "ABI");
_Static_assert(sizeof(struct histogram_rec) == 640, "ABI");
_Static_assert(sizeof(struct registry_header) <= REGISTRY_HEADER_BYTES, "ABI");

#endif /* RUNTIME_LAYOUT_H */

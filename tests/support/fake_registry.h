#ifndef SUPPORT_FAKE_REGISTRY_H
#define SUPPORT_FAKE_REGISTRY_H

/*
 * fake_registry.h - a domain that a test makes up, for tests of the observer
 *
 * The registry is built in memory, record by record, and written to a directory
 * of its own. Processes are real where they should be alive: children that hold
 * the lock of their slot and do nothing else. So an observer finds in the kernel
 * what it finds of a real program, and the test decides who waits for what.
 *
 * For unit tests only: it reaches into the library.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/layout.h"

#define FAKE_PROCESSES 80
#define FAKE_THREADS   96
#define FAKE_OBJECTS   64
#define FAKE_ENDS      128
#define FAKE_BYTES     (640 * 1024)

struct fake {
	char     dir[256];
	uint8_t *bytes; /* the registry: FAKE_BYTES */
	uint32_t n[N_TABLES];
	pid_t    child[FAKE_PROCESSES];
	uint64_t made_ns; /* CLOCK_MONOTONIC */
	bool     as_is;   /* write what is there: marks, holders and lists are the test's */
};

void fake_make(struct fake *f);
void fake_write(struct fake *f); /* holders and lists are worked out first */
void fake_remove(struct fake *f);

struct registry_header *fake_header(struct fake *f);
void                   *fake_record(struct fake *f, enum table_id t, uint32_t i);

/* Each returns the index of the new record. */
uint32_t fake_process(struct fake *f, const char *name); /* alive, one thread: its own */
uint32_t fake_threaded_process(struct fake *f,
			       const char  *name); /* alive, a second thread unknown */
/*
 * Alive, and before it idles it does @habit, which returns whether its main thread shall leave.
 * For what a process is to the kernel: timers, signals, mappings, threads.
 */
typedef bool fake_habit(const struct fake *f);
uint32_t     fake_process_of_habit(struct fake *f, const char *name, fake_habit *habit);
uint32_t     fake_dead_process(struct fake *f, const char *name);
uint32_t     fake_thread(struct fake *f, uint32_t process, uint64_t tid);
uint32_t     fake_object(struct fake *f, enum object_kind kind, uint32_t flags, const char *name);
uint32_t     fake_end(struct fake *f, uint32_t process, uint32_t object, uint32_t rights);

/* The thread that came with a process: it has the same index. */
struct thread_rec *fake_main(struct fake *f, uint32_t process);
struct ring_ctl   *fake_ring(struct fake *f, uint32_t object, unsigned ring);
struct end_rec    *fake_end_at(struct fake *f, uint32_t end);

/* Put thread @t to sleep @age_ns ago; on @object where that is not FAKE_NONE. */
#define FAKE_NONE UINT32_MAX
void fake_wait(struct fake *f, uint32_t t, enum wait_op op, uint32_t object, uint64_t arg);
void fake_wait_age(struct fake *f, uint32_t t, uint64_t age_ns);

/* @n messages are in the ring, of @capacity. */
void fake_fill(struct fake *f, uint32_t object, unsigned ring, uint64_t n, uint64_t capacity);

/* Write @bytes at @offset of the object's own file. */
void fake_object_file(struct fake *f, uint32_t object, const void *buf, size_t bytes,
		      uint64_t offset);

ref fake_process_ref(struct fake *f, uint32_t process);
ref fake_thread_ref(struct fake *f, uint32_t thread);

#endif /* SUPPORT_FAKE_REGISTRY_H */

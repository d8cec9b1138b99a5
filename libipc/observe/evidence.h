#ifndef OBSERVE_EVIDENCE_H
#define OBSERVE_EVIDENCE_H

/*
 * evidence.h - what the kernel knows of a process, for verdicts only
 *
 * The registry knows the threads that have used the library. Whether there are
 * others, and whether a thread is stopped, only /proc can tell. It is asked about
 * processes that seem stuck, and never otherwise: it costs some 10 µs a thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What there is to know of one task. */
struct task_look {
	char     state;       /* as in stat(5): R S D T t Z X; 0: there is no such task */
	uint64_t start_ticks; /* of the thread */
};

struct task_look evidence_task(uint64_t pid, uint64_t tid);

/* How often a task went to sleep of its own accord; 0: unknown. */
uint64_t evidence_sleeps(uint64_t pid, uint64_t tid);

/* The signals process @pid has handlers for, a bit each; all: unknown. */
uint64_t evidence_caught(uint64_t pid);

/*
 * May process @pid do something that its known threads @tid[n] do not do?
 *
 * False: its tasks are those, and no others. True: the reason is in @why, a part
 * of a sentence: "it has a thread libipc does not know: tid 4330 …".
 */
bool evidence_opaque(uint64_t pid, const uint64_t *tid, size_t n, char *why, size_t why_size);

/* Would a SIGALRM do anything to the process: is it neither ignored nor blocked by all of @tid[n]? */
bool evidence_heeds_alarm(uint64_t pid, const uint64_t *tid, size_t n);

/* What the kernel calls the task; false: there is none. */
bool evidence_name(uint64_t pid, uint64_t tid, char *buf, size_t size);

/* Is a debugger attached to it? What cannot be read may be. */
bool evidence_is_traced(uint64_t pid, uint64_t tid);

/* Has it a timer of timer_create(2) that sends a signal? Armed or not: the kernel does not tell. */
bool evidence_has_timer(uint64_t pid);

#endif /* OBSERVE_EVIDENCE_H */

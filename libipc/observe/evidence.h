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

/*
 * May process @pid do something that its known threads @tid[n] do not do?
 *
 * False: its tasks are those, and no others. True: the reason is in @why, a part
 * of a sentence: "it has a thread libipc does not know: tid 4330 …".
 */
bool evidence_opaque(uint64_t pid, uint64_t start_ticks, const uint64_t *tid, size_t n, char *why,
		     size_t why_size);

#endif /* OBSERVE_EVIDENCE_H */

#ifndef BENCH_H
#define BENCH_H

/*
 * bench.h - what is measured, and what an implementation has to offer for it
 *
 * A measurement is a (case, size, implementation). It is made in rounds: each round opens the
 * implementation's channel anew, forks the processes of the case, lets them exchange verified
 * messages for a while, and yields one value per metric. Rounds of all implementations take
 * turns, so that a machine that changes its mood in between spoils all of them alike.
 *
 * To add a peer: one file with a struct bench_impl, one line in impls.c.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum bench_case {
	CASE_ONEWAY,       /* one sender, one receiver, as fast as it goes */
	CASE_ROUNDTRIP,    /* a message there, the same back, one at a time */
	CASE_MANYTOMANY,   /* two senders, two receivers, one channel */
	CASE_WAKEUP,       /* the receiver has slept for 1 ms: from send to its return from recv */
	CASE_INPLACE,      /* messages made and read where they lie: first and last word only */
	CASE_INPLACE_FULL, /* the same, every word written and every word read */
	N_CASES,
};

enum bench_metric {
	METRIC_NS_PER_MSG,
	METRIC_P50,
	METRIC_P99,
	METRIC_P999,
	N_METRICS,
};

/* A sends forth and receives back; B receives forth and sends back. */
enum bench_side { SIDE_A, SIDE_B };
enum bench_way { WAY_FORTH, WAY_BACK };

struct bench_plan {
	enum bench_case which;
	size_t          size;  /* of each message [bytes], a multiple of 8 */
	size_t          depth; /* messages the channel should hold */
	double          seconds;
};

/*
 * struct bench_impl - one way of passing messages between processes
 * @name:      for --impl
 * @is_peer:   somebody else's: libipc is compared with the best of them that sleeps
 * @spins:     a receiver with nothing to do burns a core: nothing for a program that waits
 * @threads:   it has threads of its own, which need room beside their process: not pinned,
 *             but where waking another core is what is measured
 * @cases:     1 << CASE_..., those it can take part in
 * @floor_of:  of those, where it is the least there can be: the yardstick of the others
 * @max_size:  longest message [bytes]; 0: any
 * @max_many:  longest message with several senders or receivers [bytes]; 0: as max_size
 * @open:      make a channel, both ways; called before the processes are forked. 0, or negative
 *             errno: it cannot be had here, and the measurement is left out
 * @enter:     called first in each process; NULL: nothing to do. 0 or negative errno
 * @leave:     called last in each process, when all have sent and received all; NULL: nothing
 * @forked:    called in the parent when they all are; NULL: nothing to do
 * @send:      wait for room, send; 0 or negative errno
 * @recv:      wait for a message; its length or negative errno
 * @reserve:   for CASE_INPLACE: wait for room, say where to make a message; 0 or negative errno
 * @commit:    send what was made there; 0 or negative errno
 * @take:      wait for a message, say where it lies; its length or negative errno
 * @release:   done with it; 0 or negative errno
 * @close:     called in the parent when the processes have ended
 */
struct bench_impl {
	const char *name;
	int         is_peer, spins, threads;
	unsigned    cases, floor_of;
	size_t      max_size;
	size_t      max_many;
	int (*open)(void **ret, const struct bench_plan *plan);
	int (*enter)(void *chan, enum bench_side side);
	void (*leave)(void *chan);
	void (*forked)(void *chan);
	int (*send)(void *chan, enum bench_way way, const void *buf, size_t len);
	ssize_t (*recv)(void *chan, enum bench_way way, void *buf, size_t cap);
	int (*reserve)(void *chan, size_t len, void **ret);
	int (*commit)(void *chan, size_t len);
	ssize_t (*take)(void *chan, const void **ret);
	int (*release)(void *chan);
	void (*close)(void *chan);
};

#define TWO_PARTIES   (1 << CASE_ONEWAY | 1 << CASE_ROUNDTRIP)
#define COPYING_CASES (TWO_PARTIES | 1 << CASE_MANYTOMANY | 1 << CASE_WAKEUP)
#define INPLACE_CASES (1 << CASE_INPLACE | 1 << CASE_INPLACE_FULL)
#define ALL_CASES     (COPYING_CASES | INPLACE_CASES)

#define MAX_IMPLS     24
#define MAX_SIZES     16
#define MAX_ROUNDS    64

/* Those that are here, ended by NULL. What is missing, and why, is said by bench_missing. */
extern const struct bench_impl *bench_impls[MAX_IMPLS + 1];

struct bench_missing {
	const char *name, *package; /* of Debian */
};

extern struct bench_missing bench_missing[MAX_IMPLS + 1]; /* ended by a NULL name */

/** Fill both; call it first. */
void bench_impls_find(void);

#endif /* BENCH_H */

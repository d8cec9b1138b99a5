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
	CASE_ONEWAY,     /* one sender, one receiver, as fast as it goes */
	CASE_ROUNDTRIP,  /* a message there, the same back, one at a time */
	CASE_MANYTOMANY, /* two senders, two receivers, one channel */
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
 * @cases:     1 << CASE_..., those it can take part in
 * @max_size:  longest message [bytes]; 0: any
 * @max_many:  longest message with several senders or receivers [bytes]; 0: as max_size
 * @open:      make a channel, both ways; called before the processes are forked. 0, or negative
 *             errno: it cannot be had here, and the measurement is left out
 * @enter:     called first in each process; NULL: nothing to do
 * @forked:    called in the parent when they all are; NULL: nothing to do
 * @send:      wait for room, send; 0 or negative errno
 * @recv:      wait for a message; its length or negative errno
 * @close:     called in the parent when the processes have ended
 */
struct bench_impl {
	const char *name;
	unsigned    cases;
	size_t      max_size;
	size_t      max_many;
	int (*open)(void **ret, const struct bench_plan *plan);
	void (*enter)(void *chan, enum bench_side side);
	void (*forked)(void *chan);
	int (*send)(void *chan, enum bench_way way, const void *buf, size_t len);
	ssize_t (*recv)(void *chan, enum bench_way way, void *buf, size_t cap);
	void (*close)(void *chan);
};

#define ALL_CASES (1 << CASE_ONEWAY | 1 << CASE_ROUNDTRIP | 1 << CASE_MANYTOMANY)

/* Ends with NULL; the first is the yardstick. */
extern const struct bench_impl *const bench_impls[];

#define MAX_IMPLS  16
#define MAX_SIZES  16
#define MAX_ROUNDS 64

#endif /* BENCH_H */

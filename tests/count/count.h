#ifndef COUNT_H
#define COUNT_H

/*
 * count.h - what is counted: the subjects, and what can be done with each
 *
 * A path is a subject, something done with it, a length and a company. Its name is what stands
 * in instructions.txt: "pipe send 64", "queue put 64 shared", "queue get 64 waiter".
 */

#include <stddef.h>
#include <sys/types.h>

#define CAPACITY  64 /* messages that a subject holds, where it can be told */
#define BATCH     16 /* messages of a call that takes many */
#define MAX_SIZES 8

/* With whom besides the process that is counted. */
enum company {
	ALONE = 1 << 0,
	SHARED = 1 << 1,      /* one that holds it too, and lies idle */
	GET_WAITING = 1 << 2, /* one that is asleep in get until it is put */
	PUT_WAITING = 1 << 3, /* one that is asleep in put until it is got */
};

/*
 * struct subject - one kind of thing to count, or one way to use it
 * @put, @get:  what it calls them; NULL @get: what was put is not there to be got
 * @done:      what is to be said of a message that was got; NULL: nothing
 * @company:   what is counted with 64 bytes
 * @size:      what is counted alone [bytes], until a 0
 * @batch:     messages of a call; 0: one
 * @open:      before a fork; 0 or negative errno
 * @keep:      after one: this process puts, or gets, and nothing else; NULL: all do all
 */
struct subject {
	const char *name, *put, *get, *done;
	unsigned    company;
	size_t      size[MAX_SIZES];
	int         batch;
	int (*open)(void **ret);
	void (*keep)(void *it, int puts);
	int (*do_put)(void *it, const void *buf, size_t len);
	ssize_t (*do_get)(void *it, void *buf, size_t cap);
	int (*do_done)(void *it);
	void (*close)(void *it);
};

/* Ends with NULL. */
extern const struct subject *const subjects[];

#endif /* COUNT_H */

#ifndef RUNTIME_WAIT_H
#define RUNTIME_WAIT_H

/*
 * wait.h - spin a little, then sleep in slices, and say so
 *
 *     struct wait w = {.event = …, .ready = …, .timeout = timeout, …};
 *     while ((r = try()) == would have to wait)
 *             if ((r = wait_more(&w)) < 0)
 *                     break;           // -ETIMEDOUT, or no thread record
 *     wait_end(&w);
 *
 * While it sleeps the thread is published as blocked: on what, since when, until
 * when and from where. What makes a verdict built on that true:
 *
 *  I1  between publish and withdraw it stores nothing but sleepers' words: .ready
 *      and .lost only read, what repairs is called after the record is withdrawn;
 *  I2  it is withdrawn before anything the thread does next can be seen.
 *
 * A sleep lasts at most a slice: who was to wake this thread may have been killed
 * between changing the condition and waking. Once in a slice, woken meanwhile or not,
 * .lost looks whether somebody it waits for is dead: the busy living may keep waking it
 * for what lies behind a claim of the dead.
 */

#include <stdbool.h>

#include <ipc/base.h>

#include "runtime/layout.h"

#define WAIT_SLICE_NS UINT64_C(250000000)
#define WAIT_LONG_NS  UINT64_C(1000000000) /* asleep for so long: time to ask why */

struct wait {
	/* the caller's */
	struct event    *event;
	struct wait_item item;
	uint64_t         object_id; /* for tracepoints */
	ipc_nsec         timeout;   /* as given to the call */
	uint64_t         site;      /* where the call was made: its return address */
	void            *arg;       /* for the three below */
	bool (*glance)(
		void *arg); /* the same, cheaper and perhaps late: for spinning; may be NULL */
	bool (*ready)(void *arg);     /* may try() succeed? Reads only */
	bool (*lost)(void *arg);      /* is somebody it depends on dead? Reads only */
	void (*mend)(void *arg);      /* called when lost() said so; the record is withdrawn */
	const struct wait_item *more; /* of several, all of them; .item is the first */
	uint32_t                n_more, n_hidden, flags;
	bool looked; /* true: do not ask lost() before the first sleep, only after slices */
	/* its own: begin as zeroes */
	uint64_t           look_ns; /* when to look for the dead next */
	unsigned           slices;  /* how often that was */
	struct thread_rec *thread;
	uint64_t           since, deadline;
	uint64_t           asleep_ns;     /* while published */
	uint64_t           asleep_before; /* of the thread, in the calls before */
	uint64_t           published;     /* when its record was, last */
	uint64_t           settled_ns;    /* when the fence before the sleep certainly holds */
	uint64_t           look_at_ns;    /* when to look for a deadlock; see deadlock.h */
	uint64_t           change;        /* of the domain, when it was looked at last */
	uint64_t           asked_ns;      /* when it was, or the domain had changed since */
	void              *finding;       /* the doctor's, from look to act */
	bool               told;          /* it is in a deadlock, and that was said */
	uint32_t           key;
	bool               armed, slept;
	bool               woken; /* the last sleep was ended by somebody */
};

/**
 * Spin or sleep until try() is worth another go: 0; -ETIMEDOUT; -ENOBUFS, -ENOSPC;
 * -EDEADLK: it was chosen to give up (deadlock.h).
 */
int wait_more(struct wait *w);

/** Try for a moment, once begun: true if .ready, or .glance, came true. */
bool wait_spin(struct wait *w);

/*
 * For what is not slept for on an event (the exit of a child): begin once, publish
 * and withdraw around each sleep, end. Once in a slice, published: deadlock_ask(); if it
 * answers, withdraw and do as wait_act() says. wait_note_alarm() as well: it is the one
 * thing stored while published (I1), and changes nothing for anybody.
 */
int  wait_begin(struct wait *w);
void wait_publish(struct wait *w);
void wait_note_alarm(const struct wait *w);
void wait_withdraw(struct wait *w);

/**
 * A slice's look at others is over, and the next slice begins. Not before: of a large heap, or on
 * a slow machine, a look may take longer than a slice, and who waits is to sleep in between.
 */
void wait_next_slice(struct wait *w);

/** What deadlock_ask() answered, the record withdrawn: 0: sleep on; -EDEADLK. */
int wait_act(struct wait *w);

/** Published and armed: until when to sleep, at the longest, before looking again. */
uint64_t wait_sleep_until(const struct wait *w, uint64_t now);

/**
 * For a call that must not sleep, or not for a slice: once in a while, look whether somebody
 * it depends on is dead. True: somebody was, and is cleaned up after; try again. Who only ever
 * polls would else never learn of it.
 */
bool wait_glance(struct wait *w);

/** What is left of the call's time [ns]; negative: it has no limit. */
ipc_nsec wait_left(const struct wait *w);

/** After the last try(), with the call's result. */
void wait_end(struct wait *w, int64_t result);

#endif /* RUNTIME_WAIT_H */

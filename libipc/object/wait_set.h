#ifndef OBJECT_WAIT_SET_H
#define OBJECT_WAIT_SET_H

/*
 * wait_set.h - the items of one ipc_wait() as questions, and sleeping until one is answered
 *
 * An item that wants to read or to write is two questions. The two ways of sleeping,
 * on the events of rings and on descriptors, are in wait_sleep.c.
 */

#include <poll.h>

#include <ipc/wait.h>

#include "object/channel.h"
#include "runtime/level.h"
#include "runtime/wait.h"

struct question {
	struct ipc_item *item;
	struct channel  *c;      /* NULL: a descriptor */
	struct stream   *stream; /* messages from it, of which one may be in the handle already */
	unsigned         ring;
	enum level_side  side;
	unsigned         bit; /* what to add to item->got */
	int              fd;  /* a descriptor, or that of the channel once it was needed; -1 */
	bool             enlisted;
	uint32_t         key;
	struct wait_item says; /* how it is published */
};

#define SET_SMALL 16

struct wait_set {
	struct ipc_item *items;
	size_t           n_items, n;
	bool             all;
	bool             by_poll; /* sleeps in poll(2) */
	struct question *q;
	struct pollfd   *fds; /* one for each question */
	struct question  small_q[SET_SMALL];
	struct pollfd    small_fds[SET_SMALL];
	struct wait_item says[WAIT_ITEMS_MAX];
	struct wait      wait;
};

/**
 * The questions of @items: -EINVAL, -EBADF, -ENOMEM, with an explanation. set_fini() in
 * any case.
 */
int  set_init(struct wait_set *s, struct ipc_item *items, size_t n, unsigned flags);
void set_fini(struct wait_set *s);

/** Would this one not wait? From memory, reads only; of a descriptor: what is in item->got. */
bool question_holds(const struct question *q);

/** Is what was waited for there? Looks, but takes nothing. */
bool set_holds(const struct wait_set *s);

/** Descriptors that the sleep by poll(2) needs. */
int set_prepare_poll(struct wait_set *s);

/** Can this kernel, for so many questions, sleep on their events? */
bool set_can_futex(const struct wait_set *s);

/** Ask poll(2) about the set's own descriptors, without waiting; -EBADF: one is not open. */
int set_ask_fds(struct wait_set *s);

/** Sleep, published, until something may have changed: 0, -ETIMEDOUT, -EDEADLK. */
int set_sleep(struct wait_set *s);

/** After the last sleep. */
void set_leave(struct wait_set *s);

#endif /* OBJECT_WAIT_SET_H */

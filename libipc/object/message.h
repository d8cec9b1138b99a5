#ifndef OBJECT_MESSAGE_H
#define OBJECT_MESSAGE_H

/*
 * message.h - messages made and read in place, in pieces, in batches
 *
 * Nothing here claims a position before all of the payload is where it will stay: a
 * reserved message is a block of the heap in the process's name and nothing else
 * (heap.h), a taken one has left its slot already. Short ones are in the struct
 * ipc_msg. So what a program does while it holds a message, or that it dies there, is
 * nobody's business but who sweeps its blocks: held.c.
 */

#include <ipc/msg.h>
#include <sys/uio.h>

#include "object/channel.h"

/** 0, -EAGAIN, -ETIMEDOUT, -EPIPE, -ENOSPC, -EDEADLK */
int channel_reserve(struct channel *c, const struct call *call, size_t len, struct ipc_msg *ret);

/** The same, or -EINVAL: it is not held, or not by this process, or grew. */
int channel_commit(struct channel *c, const struct call *call, struct ipc_msg *m);

/** 0 or -EINVAL. */
int channel_abort(struct channel *c, struct ipc_msg *m);

/** 0, or as channel_get_slow(), but for -EMSGSIZE. */
int channel_take(struct channel *c, const struct call *call, struct ipc_msg *ret);

/** 0 or -EINVAL. */
int channel_release(struct channel *c, struct ipc_msg *m);

/** As channel_put_slow(), and -EINVAL. */
int channel_putv(struct channel *c, const struct call *call, const struct iovec *iov, int n);

/** As channel_get_slow(), and -EINVAL. */
ssize_t channel_getv(struct channel *c, const struct call *call, const struct iovec *iov, int n);

/** How many, if any; else as channel_put_slow(), -EINVAL. */
ssize_t channel_put_many(struct channel *c, const struct call *call, const struct ipc_buf *buf,
			 size_t n);

/** How many, if any; else as channel_get_slow(), -EINVAL. */
ssize_t channel_get_many(struct channel *c, const struct call *call, struct ipc_buf *buf, size_t n);

#endif /* OBJECT_MESSAGE_H */

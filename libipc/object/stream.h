#ifndef OBJECT_STREAM_H
#define OBJECT_STREAM_H

/*
 * stream.h - a connection over somebody's descriptor: pipe, socket, terminal, file
 *
 * The wire form, so that whole messages come out where bytes go in:
 *
 *     length [bytes], 4 bytes, most significant first, up to 0x7fffffff; or
 *     0xffffffff and the length in 8 bytes; then the payload
 *
 * It is that of multiprocessing.connection in Python. Any other length with its top
 * bit set is -EPROTO: what comes is not of this form.
 *
 * The descriptor may be shared with processes that know nothing of this, so its flags
 * are not touched (O_NONBLOCK would be theirs, too): a call that must not wait says so
 * itself, where the kernel lets it, and else asks poll(2) before and writes no more than
 * surely fits a pipe. What a terminal has room for is not told by poll(2), so it is opened once
 * more to write to, with O_NONBLOCK of our own; one that cannot be gets a byte at a time.
 *
 * What has come of a message that is not whole when the time is over stays in the handle
 * for the next call; likewise the rest of one that was partly sent.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <ipc/base.h>

#define STREAM_HEAD_MAX  12
#define STREAM_LONG      UINT32_C(0xffffffff)
#define STREAM_SHORT_MAX UINT32_C(0x7fffffff)

/* One direction. */
struct stream_way {
	uint32_t       lock; /* base/fork_lock.h */
	bool           can;
	int            broken; /* what every further call is told */
	unsigned char  head[STREAM_HEAD_MAX];
	size_t         n_head;
	unsigned char *buf; /* in: of the message that is coming; out: what is still to go */
	size_t         have, room;
	pid_t          left_by; /* out: whose call left that */
};

struct stream {
	int               fd;
	int               out_fd; /* its terminal, opened once more with O_NONBLOCK; -1: none */
	dev_t             dev;    /* where that lies */
	ino_t             ino;
	bool              raw, is_socket, is_tty;
	bool              nowait; /* a pipe that takes RWF_NOWAIT, as far as known */
	size_t            max_len;
	struct stream_way in, out;
};

/* One call's time, and how its waiting is published; see stream_wait.c. */
struct stream_call {
	struct stream *s;
	ipc_nsec       timeout;
	uint64_t       site;
	bool           begun;
	struct wait   *wait; /* the caller's room for it */
};

int  stream_open(struct stream **ret, int fd, bool raw, size_t max_len);
void stream_close(struct stream *s);

ssize_t stream_recv(struct stream *s, void *buf, size_t cap, ipc_nsec timeout, uint64_t site);
ssize_t stream_next_len(struct stream *s);
int     stream_poll(struct stream *s, ipc_nsec timeout, uint64_t site);
bool stream_has_message(struct stream *s); /* in the handle, so that its descriptor tells nobody */
int  stream_send(struct stream *s, const void *buf, size_t len, ipc_nsec timeout, uint64_t site);
int  stream_flush(struct stream *s, ipc_nsec timeout, uint64_t site);

/* Is there @out_fd still, or did the program close it over our head, as close_range(2) does? */
bool stream_has_out(struct stream *s);

/* ---- stream_io.c: bytes, without waiting, and waiting for them ----------------------- */

struct iovec;

/** Bytes read or written; 0: end of file; -EAGAIN; negative errno. Never raises SIGPIPE. */
ssize_t stream_read(struct stream *s, void *buf, size_t n);
ssize_t stream_write(struct stream *s, struct iovec *iov, int n_iov);

/** Would that not wait, as far as poll(2) knows? */
bool stream_is_ready(const struct stream *s, short events);

/** Until it may be read (POLLIN) or written (POLLOUT): 0, -EAGAIN, -ETIMEDOUT, … */
int stream_wait(struct stream_call *c, short events);

/** After the last wait. */
void stream_waited(struct stream_call *c, int64_t result);

/** Have @way to oneself, until fork_unlock(): 0, -EAGAIN, -ETIMEDOUT. */
int stream_lock(struct stream_call *c, struct stream_way *way);

#endif /* OBJECT_STREAM_H */

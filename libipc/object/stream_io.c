/* stream_io.c - bytes of a descriptor that is not ours alone; see stream.h */

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/fork_lock.h"
#include "base/hush.h"
#include "object/stream.h"
#include "runtime/wait.h"

static long poll_for(int fd, short events, const struct timespec *t)
{
	struct pollfd p = {.fd = fd, .events = events};

	return syscall(SYS_ppoll, &p, 1, t, NULL, 0);
}

bool stream_is_ready(const struct stream *s, short events)
{
	static const struct timespec now;

	return poll_for(s->fd, events, &now) > 0;
}

ssize_t stream_read(struct stream *s, void *buf, size_t n)
{
	struct iovec iov = {.iov_base = buf, .iov_len = n};
	ssize_t      r = -1;

	if (s->is_socket) {
		r = syscall(SYS_recvfrom, s->fd, buf, n, MSG_DONTWAIT, NULL, NULL);
		return r < 0 ? -errno : r;
	}
	if (s->nowait) {
		r = syscall(SYS_preadv2, s->fd, &iov, 1, -1L, -1L, RWF_NOWAIT);
		if (r >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
			return r < 0 ? -errno : r;
		s->nowait = false;
	}
	return stream_is_ready(s, POLLIN) ? file_read(s->fd, buf, n) : -EAGAIN;
}

/* Of @iov the first @left bytes: as much as surely fits where there is room at all. */
static int cut(const struct iovec *iov, int n_iov, size_t left, struct iovec ret[2])
{
	int n = 0;

	for (int i = 0; i < n_iov && i < 2 && left; i++) {
		ret[n] = iov[i];
		if (ret[n].iov_len > left)
			ret[n].iov_len = left;
		left -= ret[n++].iov_len;
	}
	return n;
}

static ssize_t write_once(struct stream *s, const struct iovec *iov, int n_iov)
{
	struct iovec some[2];
	ssize_t      r;

	if (s->nowait) {
		r = syscall(SYS_pwritev2, s->fd, iov, n_iov, -1L, -1L, RWF_NOWAIT);
		if (r >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
			return r < 0 ? -errno : r;
		s->nowait = false;
	}
	if (stream_has_out(s)) {
		r = syscall(SYS_writev, s->out_fd, iov, n_iov);
		return r < 0 ? -errno : r;
	}
	if (!stream_is_ready(s, POLLOUT))
		return -EAGAIN;
	n_iov = cut(iov, n_iov, s->is_tty ? 1 : PIPE_BUF, some);
	r = syscall(SYS_writev, s->fd, some, n_iov);
	return r < 0 ? -errno : r;
}

static ssize_t write_without_signal(struct stream *s, const struct iovec *iov, int n_iov)
{
	struct hush h;
	ssize_t     r;

	hush_begin(&h, SIGPIPE);
	r = write_once(s, iov, n_iov);
	hush_end(&h, r == -EPIPE);
	return r;
}

ssize_t stream_write(struct stream *s, struct iovec *iov, int n_iov)
{
	struct msghdr m = {.msg_iov = iov, .msg_iovlen = (size_t)n_iov};
	ssize_t       r;

	if (!s->is_socket)
		return write_without_signal(s, iov, n_iov);
	r = syscall(SYS_sendmsg, s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	return r < 0 ? -errno : r;
}

/* ---- waiting ------------------------------------------------------------------------------- */

static int begin(struct stream_call *c)
{
	int r = 0;

	if (c->begun)
		return 0;
	*c->wait = (struct wait){
		.timeout = c->timeout, .site = c->site, .flags = WAIT_EXT | WAIT_POLLS};
	r = wait_begin(c->wait);
	c->begun = r == 0;
	return r;
}

/* The kernel wakes us, however who writes ends: no slices are needed. */
int stream_wait(struct stream_call *c, short events)
{
	struct wait    *w = c->wait;
	struct timespec left;
	uint64_t        now;
	bool            late;
	long            n;
	int             r = c->timeout == IPC_NOW ? -EAGAIN : begin(c);

	if (r < 0)
		return r;
	w->item = (struct wait_item){
		.op = OP_FD, .arg = (uint64_t)c->s->fd, .arg2 = (uint64_t)events};
	wait_publish(w);
	now = w->published;
	/* a terminal may be ready again and again, and have no room; what is there can be read */
	late = (events & POLLOUT) && w->deadline && now >= w->deadline;
	do {
		uint64_t ns = w->deadline > now ? w->deadline - now : 0;

		left = (struct timespec){.tv_sec = (time_t)(ns / 1000000000u),
					 .tv_nsec = (long)(ns % 1000000000u)};
		n = poll_for(c->s->fd, events, w->deadline ? &left : NULL);
		r = n < 0 ? -errno : 0;
		now = clock_now_ns();
	} while (r == -EINTR);
	wait_withdraw(w);
	if (r < 0)
		return r;
	return late || (n == 0 && w->deadline && now >= w->deadline) ? -ETIMEDOUT : 0;
}

void stream_waited(struct stream_call *c, int64_t result)
{
	if (c->begun)
		wait_end(c->wait, result);
}

/* Another thread of ours has it, at most for as long as its own call lasts. */
int stream_lock(struct stream_call *c, struct stream_way *way)
{
	int r;

	if (fork_lock_try(&way->lock))
		return 0;
	if (c->timeout == IPC_NOW)
		return -EAGAIN;
	r = begin(c);
	if (r < 0)
		return r;
	return fork_lock_until(&way->lock, c->wait->deadline ? c->wait->deadline : UINT64_MAX);
}

/* stream.c - messages to a descriptor, and its beginning and end; see stream.h */

#include "object/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/fork_lock.h"
#include "runtime/domain.h"
#include "runtime/wait.h"

/*
 * The terminal of @fd as a description of our own; -1: there can be none, as where its device
 * may not be opened. To open the master of a pseudo-terminal would make another pair.
 */
static int open_again(int fd)
{
	char path[32];
	int  number;

	if (ioctl(fd, TIOCGPTN, &number) == 0)
		return -1;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = file_open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY, 0);
	return fd < 0 ? -1 : fd;
}

bool stream_has_out(struct stream *s)
{
	struct stat st;

	if (s->out_fd >= 0 &&
	    (fstat(s->out_fd, &st) < 0 || st.st_dev != s->dev || st.st_ino != s->ino))
		s->out_fd = -1;
	return s->out_fd >= 0;
}

int stream_open(struct stream **ret, int fd, bool raw, size_t max_len)
{
	int            mode = fcntl(fd, F_GETFL);
	struct stat    st;
	struct stream *s;
	int            r;

	if (mode < 0 || fstat(fd, &st) < 0)
		return fail(-EBADF, "descriptor %d is not open", fd);
	r = domain_join(); /* so that who waits here is seen */
	if (r < 0)
		return r;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct stream){.fd = fd,
			     .out_fd = -1,
			     .dev = st.st_dev,
			     .ino = st.st_ino,
			     .raw = raw,
			     .is_socket = S_ISSOCK(st.st_mode),
			     .is_tty = isatty(fd),
			     .nowait = S_ISFIFO(st.st_mode),
			     .max_len = max_len ? max_len : (size_t)INT64_MAX};
	s->in.can = (mode & O_ACCMODE) != O_WRONLY;
	s->out.can = (mode & O_ACCMODE) != O_RDONLY;
	if (s->is_tty && s->out.can)
		s->out_fd = open_again(fd);
	*ret = s;
	return 0;
}

/* A child of fork that closes what it does not need must not send what its parent will. */
void stream_close(struct stream *s)
{
	if (s->out.left_by == getpid())
		(void)!stream_flush(s, IPC_NOW, 0);
	if (stream_has_out(s))
		file_close(s->out_fd);
	file_close(s->fd);
	free(s->in.buf);
	free(s->out.buf);
	free(s);
}

/* ---- out ------------------------------------------------------------------------------------- */

/* Write all of @iov, and take off it what is written: 0, or what keeps it from that. */
static int drain(struct stream_call *c, struct iovec *iov, int n_iov)
{
	int r = 0;

	while (r == 0) {
		ssize_t n;

		while (n_iov && iov->iov_len == 0) {
			iov++;
			n_iov--;
		}
		if (!n_iov)
			return 0;
		n = stream_write(c->s, iov, n_iov);
		for (int i = 0; i < n_iov && n > 0; i++) {
			size_t part = (size_t)n < iov[i].iov_len ? (size_t)n : iov[i].iov_len;

			iov[i].iov_base = (char *)iov[i].iov_base + part;
			iov[i].iov_len -= part;
			n -= (ssize_t)part;
		}
		if (n == -EAGAIN)
			r = stream_wait(c, POLLOUT);
		else if (n == -ENOSPC)
			r = fail(-ENOSPC, "what descriptor %d writes to is full: free some of it",
				 c->s->fd);
		else if (n < 0 && n != -EINTR)
			r = (int)n;
	}
	return r;
}

/* What an earlier call left. */
static int drain_rest(struct stream_call *c)
{
	struct stream_way *out = &c->s->out;
	struct iovec       rest = {.iov_len = out->have};
	int                r = out->broken;

	if (r == 0 && out->have) {
		rest.iov_base = out->buf + out->room - out->have;
		r = drain(c, &rest, 1);
	}
	out->have = rest.iov_len;
	return r;
}

static bool may_pass(int r)
{
	return r == -EAGAIN || r == -ETIMEDOUT || r == -ENOSPC || r == -EDQUOT || r == -ENOMEM ||
	       r == -ENOBUFS;
}

/*
 * Part of a message is out: keep the rest, or nothing may follow. @r is why it could not go.
 * The next one in its place would be read as the end of this one.
 */
static int keep_rest(struct stream_way *out, const struct iovec *iov, int r)
{
	size_t         rest = iov[0].iov_len + iov[1].iov_len;
	unsigned char *buf;

	if (rest == 0)
		return r;
	if (!may_pass(r))
		return out->broken = r;
	buf = malloc(rest);
	if (!buf) {
		out->broken = -EBADMSG;
		return fail(-ENOMEM,
			    "no memory to keep the rest of a message that was partly sent");
	}
	memcpy(buf, iov[0].iov_base, iov[0].iov_len);
	if (iov[1].iov_len)
		memcpy(buf + iov[0].iov_len, iov[1].iov_base, iov[1].iov_len);
	free(out->buf);
	out->buf = buf;
	out->have = out->room = rest;
	out->left_by = getpid();
	return -EINPROGRESS;
}

static size_t make_head(unsigned char head[STREAM_HEAD_MAX], uint64_t len)
{
	bool     is_long = len > STREAM_SHORT_MAX;
	uint32_t first = is_long ? STREAM_LONG : (uint32_t)len;

	for (int i = 0; i < 4; i++)
		head[i] = (unsigned char)(first >> (24 - 8 * i));
	for (int i = 0; i < 8; i++)
		head[4 + i] = (unsigned char)(len >> (56 - 8 * i));
	return is_long ? STREAM_HEAD_MAX : 4;
}

static int send_message(struct stream_call *c, const void *buf, size_t len)
{
	struct stream_way *out = &c->s->out;
	size_t             n_head = c->s->raw ? 0 : make_head(out->head, len);
	struct iovec       iov[2] = {{.iov_base = out->head, .iov_len = n_head},
				     {.iov_base = (char *)(uintptr_t)buf, .iov_len = len}};
	int                r = drain_rest(c);

	if (r == 0)
		r = drain(c, iov, 2);
	else
		return r;
	if (r < 0 && iov[0].iov_len + iov[1].iov_len < n_head + len)
		r = keep_rest(out, iov, r);
	return r;
}

int stream_send(struct stream *s, const void *buf, size_t len, ipc_nsec timeout, uint64_t site)
{
	struct wait        w;
	struct stream_call c = {.s = s, .timeout = timeout, .site = site, .wait = &w};
	int                r;

	explain_clear();
	r = s->out.can ? stream_lock(&c, &s->out) : -EBADF;
	if (r < 0)
		return r;
	r = send_message(&c, buf, len);
	fork_unlock(&s->out.lock);
	stream_waited(&c, r);
	return r;
}

int stream_flush(struct stream *s, ipc_nsec timeout, uint64_t site)
{
	struct wait        w;
	struct stream_call c = {.s = s, .timeout = timeout, .site = site, .wait = &w};
	int                r = s->out.can ? stream_lock(&c, &s->out) : 0;

	if (r < 0 || !s->out.can)
		return r;
	r = drain_rest(&c);
	fork_unlock(&s->out.lock);
	stream_waited(&c, r);
	return r;
}

/*
 * Descriptors as connections: the wire form, byte by byte, and all that can be wrong
 * with it; time limits inside messages; SIGPIPE.
 *
 * test-limit: 120
 */

#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>

#include <ipc/conn.h>
#include <ipc/observe.h>
#include <ipc/wait.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static ipc_conn *adopt(int fd, unsigned flags, size_t max_len)
{
	ipc_conn *c;

	check_ok(ipc_conn_from_fd(&c, fd,
				  IPC_OPTS(ipc_from_fd_opts, .flags = flags, .max_len = max_len)));
	return c;
}

/* A connection that receives what the test writes into *@ret_fd. */
static ipc_conn *reader(int *ret_fd, size_t max_len)
{
	int fds[2];

	check_eq(pipe(fds), 0);
	*ret_fd = fds[1];
	return adopt(fds[0], 0, max_len);
}

static void feed(int fd, const void *bytes, size_t n)
{
	check_eq(write(fd, bytes, n), n);
}

/* ---- the wire form ------------------------------------------------------------------------ */

/* A23: bounds are kept, and empty messages too */
static void from_fd__messages__are_never_merged(void **state)
{
	static const char wire[] = "\0\0\0\1a\0\0\0\1b\0\0\0\0\0\0\0\2cd";
	char              buf[64];
	int               fd, back[2];
	ipc_conn         *in = reader(&fd, 0), *out;

	feed(fd, wire, sizeof(wire) - 1);
	check_r(ipc_conn_recv(in, buf, 64, IPC_NOW), 1);
	check_eq(buf[0], 'a');
	check_r(ipc_conn_next_len(in), 1);
	check_r(ipc_conn_recv(in, buf, 64, IPC_NOW), 1);
	check_eq(buf[0], 'b');
	check_r(ipc_conn_poll(in, IPC_NOW), 1);
	check_r(ipc_conn_recv(in, buf, 64, IPC_NOW), 0);
	check_r(ipc_conn_recv(in, buf, 64, IPC_NOW), 2);
	check(!memcmp(buf, "cd", 2));
	check_r(ipc_conn_recv(in, buf, 64, IPC_NOW), -EAGAIN);
	check_r(ipc_conn_next_len(in), -EAGAIN);
	check_r(ipc_conn_poll(in, IPC_NOW), 0);
	in = ipc_conn_close(in);
	(void)close(fd);

	check_eq(pipe(back), 0); /* and what is written is the same */
	out = adopt(back[1], 0, 0);
	check_ok(ipc_conn_send(out, "a", 1, IPC_NOW));
	check_ok(ipc_conn_send(out, "b", 1, IPC_NOW));
	check_ok(ipc_conn_send(out, NULL, 0, IPC_NOW));
	check_ok(ipc_conn_send(out, "cd", 2, IPC_NOW));
	check_eq(read(back[0], buf, sizeof(buf)), sizeof(wire) - 1);
	check(!memcmp(buf, wire, sizeof(wire) - 1));
	out = ipc_conn_close(out);
	(void)close(back[0]);
}

/* The long form serves for short messages too; every negative length but -1 is nonsense (A13) */
static void from_fd__lengths__are_checked(void **state)
{
	static const struct {
		const char *wire;
		size_t      n;
		ssize_t     result;
	} cases[] = {
		{"\xff\xff\xff\xff\0\0\0\0\0\0\0\2hi", 14, 2},
		{"\xff\xff\xff\xfe....", 8, -EPROTO},
		{"\x80\0\0\0....", 8, -EPROTO},
		{"\xff\xff\xff\xff\x80\0\0\0\0\0\0\0", 12, -EPROTO},
		{"\0\0\0\x65", 4, -EMSGSIZE}, /* 101 bytes, of at most 100 */
		{"\xff\xff\xff\xff\0\0\0\x10\0\0\0\0", 12, -EMSGSIZE},
		{"GET / HTTP/1.0\r\n", 16, -EMSGSIZE},
	};
	char buf[200];

	for (size_t i = 0; i < N_OF(cases); i++) {
		int       fd;
		ipc_conn *in = reader(&fd, 100);

		feed(fd, cases[i].wire, cases[i].n);
		check_r(ipc_conn_recv(in, buf, sizeof(buf), IPC_SEC(5)), cases[i].result);
		if (cases[i].result < 0) { /* again, and for ever */
			feed(fd, "\0\0\0\1x", 5);
			check_r(ipc_conn_recv(in, buf, sizeof(buf), IPC_SEC(5)), cases[i].result);
			check_r(ipc_conn_next_len(in), cases[i].result);
			check_r(ipc_conn_poll(in, IPC_NOW), 1);
		}
		in = ipc_conn_close(in);
		(void)close(fd);
	}
}

/* Cut off anywhere: an end between messages is one, any other is told from it */
static void from_fd__stream_ends_inside__is_told_from_the_end(void **state)
{
	static const char wire[] = "\0\0\0\5hello\xff\xff\xff\xff\0\0\0\0\0\0\0\5world";
	char              buf[64];

	for (size_t n = 0; n < sizeof(wire); n++) {
		bool      whole = n == 0 || n == 9 || n == sizeof(wire) - 1;
		int       fd;
		ipc_conn *in = reader(&fd, 0);
		ssize_t   r = 5;

		feed(fd, wire, n);
		(void)close(fd);
		while (r >= 0) {
			r = ipc_conn_recv(in, buf, sizeof(buf), IPC_SEC(5));
			check(r < 0 || r == 5);
		}
		check_r(r, whole ? -EPIPE : -EBADMSG);
		check_r(ipc_conn_recv(in, buf, sizeof(buf), IPC_FOREVER), r);
		in = ipc_conn_close(in);
	}
}

/* Longer than the buffer: it stays, as everywhere */
static void from_fd__short_buffer__message_stays(void **state)
{
	char      buf[64];
	int       fd;
	ipc_conn *in = reader(&fd, 0);

	feed(fd, "\0\0\0\12", 4);
	check_r(ipc_conn_recv(in, buf, 4, IPC_NOW), -EMSGSIZE);
	check_r(ipc_conn_next_len(in), 10);
	check_r(ipc_conn_recv(in, buf, sizeof(buf), IPC_NOW), -EAGAIN);
	feed(fd, "0123456789", 10);
	check_r(ipc_conn_recv(in, buf, 9, IPC_NOW), -EMSGSIZE);
	check_r(ipc_conn_recv(in, buf, 10, IPC_NOW), 10);
	check(!memcmp(buf, "0123456789", 10));
	in = ipc_conn_close(in);
	(void)close(fd);
}

static int echoes(void *arg)
{
	ipc_conn *c = adopt(*(int *)arg, 0, 0);
	size_t    room = 40u << 20;
	char     *buf = malloc(room);
	ssize_t   n;

	while ((n = ipc_conn_recv(c, buf, room, IPC_FOREVER)) >= 0)
		check_ok(ipc_conn_send(c, buf, (size_t)n, IPC_FOREVER));
	check_r(n, -EPIPE);
	c = ipc_conn_close(c);
	free(buf);
	return 0;
}

static void from_fd__all_lengths__come_back(void **state)
{
	static const size_t lens[] = {0, 1, 4095, 4096, 65531, 65536, 65537, 1 << 20, 33 << 20};
	char               *buf = malloc(40u << 20);
	int                 fds[2];
	ipc_conn           *c;
	pid_t               pid;

	check_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	pid = test_fork(echoes, &fds[1]);
	(void)close(fds[1]);
	c = adopt(fds[0], 0, 0);
	for (size_t i = 0; i < N_OF(lens); i++) {
		test_pattern(buf, lens[i], (uint32_t)i);
		check_ok(ipc_conn_send(c, buf, lens[i], IPC_FOREVER));
		memset(buf, 0, lens[i]);
		check_r(ipc_conn_recv(c, buf, 40u << 20, IPC_FOREVER), lens[i]);
		check(test_pattern_is(buf, lens[i], (uint32_t)i));
	}
	(void)shutdown(fds[0], SHUT_WR);
	check_eq(test_wait(pid), 0);
	c = ipc_conn_close(c);
	free(buf);
}

/* ---- time ------------------------------------------------------------------------------------ */

/* A09: the time limit holds inside a message, and nothing of it is lost */
static void from_fd__half_a_message__waits_no_longer_than_asked(void **state)
{
	static const char wire[] = "\0\0\0\12"
				   "0123456789";
	char              buf[64];
	int               fd;
	ipc_conn         *in = reader(&fd, 0);

	for (size_t i = 0; i < 14; i++) {
		uint64_t began = test_now();

		check_r(ipc_conn_recv(in, buf, sizeof(buf), i % 3 ? IPC_MSEC(5) : IPC_NOW),
			i % 3 ? -ETIMEDOUT : -EAGAIN);
		check(test_now() - began < 3000000000u);
		check_r(ipc_conn_poll(in, IPC_MSEC(1)), 0);
		feed(fd, wire + i, 1);
	}
	check_r(ipc_conn_recv(in, buf, sizeof(buf), IPC_NOW), 10);
	check(!memcmp(buf, "0123456789", 10));
	in = ipc_conn_close(in);
	(void)close(fd);
}

static void from_fd__send_that_does_not_fit__is_kept_and_goes_on(void **state)
{
	size_t    len = 1 << 20, got = 0;
	char     *buf = malloc(len), *back = malloc(len + 9);
	int       fds[2];
	ipc_conn *out;
	ssize_t   n;

	test_pattern(buf, len, 1);
	check_eq(pipe(fds), 0);
	out = adopt(fds[1], 0, 0);
	check_r(ipc_conn_send(out, buf, len, IPC_MSEC(20)), -EINPROGRESS);
	check_r(ipc_conn_send(out, "x", 1, IPC_MSEC(20)), -ETIMEDOUT); /* not sent at all */
	check_r(ipc_conn_flush(out, IPC_NOW), -EAGAIN);
	check_eq(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	while (got < len + 9) {
		n = read(fds[0], back + got, len + 9 - got);
		if (n > 0)
			got += (size_t)n;
		else if (ipc_conn_flush(out, IPC_NOW) == 0)
			check_ok(ipc_conn_send(out, "x", 1, IPC_SEC(5)));
	}
	check(!memcmp(back, "\0\x10\0\0", 4) && !memcmp(back + 4, buf, len));
	check(!memcmp(back + 4 + len, "\0\0\0\1x", 5));
	out = ipc_conn_close(out);
	(void)close(fds[0]);
	free(back);
	free(buf);
}

/* Room in a terminal is not told as that in a pipe is */
static void check_terminal(int fd, int other)
{
	size_t    len = 300000, got = 0;
	char     *buf = malloc(len), *back = malloc(len);
	ipc_conn *out = adopt(fd, IPC_FROM_FD_RAW, 0);
	ssize_t   n;

	test_pattern(buf, len, 1);
	check_r(ipc_conn_send(out, buf, len, IPC_MSEC(20)), -EINPROGRESS);
	check_r(ipc_conn_send(out, "x", 1, IPC_MSEC(20)), -ETIMEDOUT);
	check_r(ipc_conn_flush(out, IPC_NOW), -EAGAIN);
	check_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	check_eq(fcntl(other, F_SETFL, O_NONBLOCK), 0);
	while (got < len) {
		n = read(other, back + got, len - got);
		if (n > 0)
			got += (size_t)n;
		else
			(void)!ipc_conn_flush(out, IPC_MSEC(1));
	}
	check(!memcmp(back, buf, len));
	out = ipc_conn_close(out);
	(void)close(other);
	free(back);
	free(buf);
}

static void open_terminal(int *ret_master, int *ret_slave)
{
	struct termios raw;
	int            no = 0;

	*ret_master = posix_openpt(O_RDWR | O_NOCTTY);
	check(*ret_master >= 0);
	check_eq(ioctl(*ret_master, TIOCSPTLCK, &no), 0);
	*ret_slave = ioctl(*ret_master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	check(*ret_slave >= 0);
	check_eq(tcgetattr(*ret_slave, &raw), 0);
	cfmakeraw(&raw);
	check_eq(tcsetattr(*ret_slave, TCSANOW, &raw), 0);
}

static void from_fd__terminal_that_nobody_reads__waits_no_longer_than_asked(void **state)
{
	int master, slave;

	open_terminal(&master, &slave);
	check_terminal(slave, master);
	open_terminal(&master, &slave);
	check_terminal(master, slave);
}

/* ---- ends -------------------------------------------------------------------------------------- */

static volatile sig_atomic_t n_sigpipe;

static void count(int sig)
{
	(void)sig;
	n_sigpipe++;
}

/* Nobody reads: an error, and no signal, whatever the program does with it */
static void from_fd__nobody_reads__is_epipe_without_a_signal(void **state)
{
	int       fds[2];
	ipc_conn *out;

	for (int kind = 0; kind < 2; kind++) {
		check_eq(kind ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) : pipe(fds), 0);
		out = adopt(fds[1], 0, 0);
		(void)close(fds[0]);
		(void)signal(SIGPIPE, SIG_DFL);
		check_r(ipc_conn_send(out, "x", 1, IPC_FOREVER), -EPIPE);
		(void)signal(SIGPIPE, count);
		check_r(ipc_conn_send(out, "x", 1, IPC_FOREVER), -EPIPE);
		check_eq(n_sigpipe, 0);
		(void)raise(SIGPIPE); /* those of others still arrive */
		check_eq(n_sigpipe, 1);
		n_sigpipe = 0;
		out = ipc_conn_close(out);
	}
}

static void from_fd__peer_leaves_unread_data__is_econnreset(void **state)
{
	int       fds[2];
	ipc_conn *c;
	char      x;

	check_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	c = adopt(fds[0], 0, 0);
	check_ok(ipc_conn_send(c, "x", 1, IPC_NOW));
	(void)close(fds[1]);
	check_r(ipc_conn_recv(c, &x, 1, IPC_FOREVER), -ECONNRESET);
	c = ipc_conn_close(c);
}

/* A11, A12: what it can do follows from what it is open for */
static void from_fd__directions__are_those_of_the_descriptor(void **state)
{
	int            fds[2];
	ipc_conn      *in, *out;
	struct ipc_msg m = {0};
	char           x;

	check_eq(pipe(fds), 0);
	in = adopt(fds[0], 0, 0);
	out = adopt(fds[1], 0, 0);
	check(ipc_conn_readable(in) && !ipc_conn_writable(in));
	check(!ipc_conn_readable(out) && ipc_conn_writable(out));
	check_r(ipc_conn_send(in, "x", 1, IPC_NOW), -EBADF);
	check_r(ipc_conn_recv(out, &x, 1, IPC_NOW), -EBADF);
	check_r(ipc_conn_next_len(out), -EBADF);
	check_r(ipc_conn_poll(out, IPC_NOW), -EBADF);
	check_r(ipc_conn_fd(in, IPC_READ), fds[0]);
	check_r(ipc_conn_fd(out, IPC_READ), -EBADF);
	check_r(ipc_conn_fd(out, IPC_WRITE), -ENOTSUP);
	check_r(ipc_conn_sendv(out, NULL, 0, IPC_NOW), -EBADF); /* whole messages alone */
	check_r(ipc_conn_recvv(in, NULL, 0, IPC_NOW), -EBADF);
	check_r(ipc_conn_send_many(out, NULL, 0, IPC_NOW), -EBADF);
	check_r(ipc_conn_recv_many(in, NULL, 0, IPC_NOW), -EBADF);
	check_r(ipc_conn_reserve(out, 1, &m, IPC_NOW), -EBADF);
	check_r(ipc_conn_commit(out, &m, IPC_NOW), -EBADF);
	check_r(ipc_conn_take(in, &m, IPC_NOW), -EBADF);
	in = ipc_conn_close(in);
	out = ipc_conn_close(out);
	check_r(ipc_conn_from_fd(&in, fds[0], NULL), -EBADF);
	check_r(ipc_conn_from_fd(&in, 0, IPC_OPTS(ipc_from_fd_opts, .flags = 64)), -EINVAL);
	check_r(ipc_conn_from_fd(NULL, 0, NULL), -EINVAL);
}

/* ---- raw ---------------------------------------------------------------------------------------- */

static void from_fd__device_full__is_enospc_and_names_the_descriptor(void **state)
{
	int       fd = open("/dev/full", O_WRONLY);
	char      words[40];
	ipc_conn *c;

	check(fd >= 0);
	check_ok(ipc_conn_from_fd(&c, fd, NULL));
	check_r(ipc_conn_send(c, "x", 1, IPC_NOW), -ENOSPC);
	(void)snprintf(words, sizeof(words), "descriptor %d", fd);
	check_explains(words);
	c = ipc_conn_close(c);
}

/* In a child: what it is not allowed to write, it may write later. */
static int write_beyond_the_limit(void *arg)
{
	static const char buf[100000];
	struct rlimit     less = {.rlim_cur = 20000}, was;
	char              path[600];
	ipc_conn         *c;
	int               fd;

	(void)snprintf(path, sizeof(path), "%s/file", test_ipc_dir());
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	check(fd >= 0 && getrlimit(RLIMIT_FSIZE, &was) == 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	check_ok(ipc_conn_from_fd(&c, fd, NULL));
	less.rlim_max = was.rlim_max;
	check_eq(setrlimit(RLIMIT_FSIZE, &less), 0);
	check_r(ipc_conn_send(c, buf, sizeof(buf), IPC_NOW), -EFBIG);
	check_eq(setrlimit(RLIMIT_FSIZE, &was), 0);
	check_r(ipc_conn_send(c, "next", 4, IPC_NOW), -EFBIG); /* it would be read as its end */
	c = ipc_conn_close(c);
	check_eq(unlink(path), 0);
	return 0;
}

static void from_fd__error_inside_a_message__nothing_follows_it(void **state)
{
	check_child(write_beyond_the_limit, NULL);
}

static int close_it(void *arg)
{
	(void)ipc_conn_close(arg);
	return 0;
}

static void from_fd__child_closes_it__sends_nothing_of_its_parents(void **state)
{
	static char buf[100000];
	int         fds[2], n = -1;
	ipc_conn   *out;

	check_eq(pipe(fds), 0);
	out = adopt(fds[1], 0, 0);
	check_r(ipc_conn_send(out, buf, sizeof(buf), IPC_MSEC(20)), -EINPROGRESS);
	while (ioctl(fds[0], FIONREAD, &n) == 0 && n > 0)
		check(read(fds[0], buf, sizeof(buf)) > 0);
	check_child(close_it, out);
	check_eq(ioctl(fds[0], FIONREAD, &n), 0);
	check_eq(n, 0);
	check_ok(ipc_conn_flush(out, IPC_NOW));
	out = ipc_conn_close(out);
	check_eq(close(fds[0]), 0);
}

static void from_fd__end_in_a_list__is_ready_to_read(void **state)
{
	int             fd;
	ipc_conn       *in = reader(&fd, 0);
	struct ipc_item item = IPC_ITEM_CONN(in, IPC_READ);
	char            c;

	check_eq(close(fd), 0);
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_SEC(20)), 1);
	check_eq(item.got, IPC_READ);
	check_r(ipc_conn_recv(in, &c, 1, IPC_NOW), -EPIPE);
	in = ipc_conn_close(in);
}

static void from_fd__raw__is_bytes(void **state)
{
	int       fds[2];
	ipc_conn *in, *out;
	char      buf[64];

	check_eq(pipe(fds), 0);
	in = adopt(fds[0], IPC_FROM_FD_RAW, 0);
	out = adopt(fds[1], IPC_FROM_FD_RAW, 0);
	check_r(ipc_conn_recv(in, buf, sizeof(buf), IPC_NOW), -EAGAIN);
	check_ok(ipc_conn_send(out, "ab", 2, IPC_NOW));
	check_ok(ipc_conn_send(out, "cd", 2, IPC_NOW));
	check_r(ipc_conn_poll(in, IPC_NOW), 1);
	check_r(ipc_conn_recv(in, buf, 3, IPC_NOW), 3);
	check_r(ipc_conn_recv(in, buf, 3, IPC_NOW), 1);
	check_eq(buf[0], 'd');
	out = ipc_conn_close(out);
	check_r(ipc_conn_recv(in, buf, 3, IPC_NOW), -EPIPE);
	in = ipc_conn_close(in);
}

/* ---- being seen ------------------------------------------------------------------------------------ */

static int receives_for_ever(void *arg)
{
	ipc_conn *c = adopt(*(int *)arg, 0, 0);
	char      x;

	return ipc_conn_recv(c, &x, 1, IPC_FOREVER) != 1;
}

static bool is_seen(ipc_observer *o, pid_t pid, int fd)
{
	const struct ipc_snapshot *s;

	check_ok(ipc_observer_read(o, &s));
	for (size_t i = 0; i < s->n_waits; i++)
		if (s->processes[s->threads[s->waits[i].thread].process].pid == (uint64_t)pid) {
			check_eq(s->waits[i].op, IPC_OP_FD);
			check_eq(s->waits[i].fd, fd);
			check_eq(s->n_verdicts, 0);
			return true;
		}
	return false;
}

static void from_fd__asleep__is_seen_and_never_called_stuck(void **state)
{
	int           fds[2];
	ipc_observer *o;
	ipc_queue    *q; /* a domain to look at */
	pid_t         pid;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_eq(pipe(fds), 0);
	pid = test_fork(receives_for_ever, &fds[0]);
	check_ok(ipc_observer_open(&o, NULL));
	check(wait_until(is_seen(o, pid, fds[0]), 20));
	feed(fds[1], "\0\0\0\1x", 5);
	check_eq(test_wait(pid), 0);
	o = ipc_observer_close(o);
	q = ipc_queue_close(q);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void from_fd__in_a_list__is_waited_for(void **state)
{
	int             fd;
	ipc_conn       *in = reader(&fd, 0);
	struct ipc_item item = IPC_ITEM_CONN(in, IPC_READ);

	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_MSEC(1)), 0);
	feed(fd, "\0\0\0\1x", 5);
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_FOREVER), 1);
	check_eq(item.got, IPC_READ);
	(void)close(fd);
	in = ipc_conn_close(in);
}

/* Asked for its length, or whether it is whole: its bytes are not in the descriptor any more. */
static void from_fd__message_in_the_handle__is_ready_in_a_list(void **state)
{
	int             fd;
	ipc_conn       *in = reader(&fd, 0);
	struct ipc_item item = IPC_ITEM_CONN(in, IPC_READ);
	char            c;

	feed(fd, "\0\0\0\1x", 5);
	check_r(ipc_conn_poll(in, IPC_SEC(30)), 1);
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_NOW), 1);
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_FOREVER), 1);
	check_eq(item.got, IPC_READ);
	check_r(ipc_conn_recv(in, &c, 1, IPC_NOW), 1);
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_NOW), 0);
	feed(fd, "\0\0\0\0", 4);
	check_r(ipc_conn_next_len(in), 0);
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_NOW), 1);
	check_r(ipc_conn_recv(in, &c, 1, IPC_NOW), 0);
	feed(fd, "\0\0\0\1", 4); /* no more than its head */
	check_r(ipc_conn_next_len(in), 1);
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_NOW), 0);
	check_eq(close(fd), 0);
	check_r(ipc_conn_recv(in, &c, 1, IPC_NOW), -EBADMSG);
	check_r(ipc_wait(&item, 1, IPC_WAIT_ANY, IPC_NOW), 1);
	in = ipc_conn_close(in);
}

static void *receive_in_vain(void *arg)
{
	ipc_conn **in = arg;
	char       c;

	check_r(ipc_conn_recv(in[0], &c, 1, IPC_SEC(1)), -ETIMEDOUT);
	return NULL;
}

static int receive_in_the_child(void *arg)
{
	ipc_conn **in = arg;
	char       c;

	return ipc_conn_recv(in[0], &c, 1, IPC_SEC(20)) == 1 && c == 'a' ? 0 : 1;
}

/* The thread and its lock stay behind. */
static void from_fd__fork_while_a_thread_receives__child_can_receive(void **state)
{
	ipc_observer              *o;
	const struct ipc_snapshot *s = NULL;
	ipc_conn                  *in;
	int                        fd;
	pthread_t                  t;
	pid_t                      pid;

	in = reader(&fd, 0);
	t = test_thread(receive_in_vain, &in);
	check_ok(ipc_observer_open(&o, NULL));
	check(wait_until(ipc_observer_read(o, &s) == 0 && s->n_waits == 1, 20));
	pid = test_fork(receive_in_the_child, &in);
	test_join_thread(t); /* of several processes one may use it */
	feed(fd, "\0\0\0\1a", 5);
	check_eq(test_wait(pid), 0);
	(void)close(fd);
	o = ipc_observer_close(o);
	in = ipc_conn_close(in);
}

/* ---- several threads ------------------------------------------------------------------------ */

struct crowd {
	ipc_conn *in, *out;
	unsigned  got;
};

#define EACH 2000u

static void *send_many(void *arg)
{
	struct crowd *c = arg;

	for (unsigned i = 0; i < EACH; i++)
		check_ok(ipc_conn_send(c->out, &i, sizeof(i), IPC_SEC(60)));
	return NULL;
}

static void *receive_many(void *arg)
{
	struct crowd *c = arg;
	unsigned      i;

	for (unsigned n = 0; n < EACH; n++) {
		check_r(ipc_conn_recv(c->in, &i, sizeof(i), IPC_SEC(60)), sizeof(i));
		(void)__atomic_add_fetch(&c->got, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void from_fd__threads_at_both_ends__each_message_is_got_once(void **state)
{
	pthread_t    t[6];
	struct crowd c = {0};
	int          fds[2];

	check_eq(pipe(fds), 0);
	c.in = adopt(fds[0], 0, 0);
	c.out = adopt(fds[1], 0, 0);
	for (size_t i = 0; i < N_OF(t); i++)
		t[i] = test_thread(i % 2 ? send_many : receive_many, &c);
	for (size_t i = 0; i < N_OF(t); i++)
		test_join_thread(t[i]);
	check_eq(c.got, N_OF(t) / 2 * EACH);
	check_r(ipc_conn_poll(c.in, IPC_NOW), 0);
	c.in = ipc_conn_close(c.in);
	c.out = ipc_conn_close(c.out);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(from_fd__messages__are_never_merged, setup),
		cmocka_unit_test_setup(from_fd__lengths__are_checked, setup),
		cmocka_unit_test_setup(from_fd__stream_ends_inside__is_told_from_the_end, setup),
		cmocka_unit_test_setup(from_fd__short_buffer__message_stays, setup),
		cmocka_unit_test_setup(from_fd__all_lengths__come_back, setup),
		cmocka_unit_test_setup(from_fd__half_a_message__waits_no_longer_than_asked, setup),
		cmocka_unit_test_setup(from_fd__send_that_does_not_fit__is_kept_and_goes_on, setup),
		cmocka_unit_test_setup(
			from_fd__terminal_that_nobody_reads__waits_no_longer_than_asked, setup),
		cmocka_unit_test_setup(from_fd__nobody_reads__is_epipe_without_a_signal, setup),
		cmocka_unit_test_setup(from_fd__peer_leaves_unread_data__is_econnreset, setup),
		cmocka_unit_test_setup(from_fd__directions__are_those_of_the_descriptor, setup),
		cmocka_unit_test_setup(from_fd__raw__is_bytes, setup),
		cmocka_unit_test_setup(from_fd__device_full__is_enospc_and_names_the_descriptor,
				       setup),
		cmocka_unit_test_setup(from_fd__error_inside_a_message__nothing_follows_it, setup),
		cmocka_unit_test_setup(from_fd__child_closes_it__sends_nothing_of_its_parents,
				       setup),
		cmocka_unit_test_setup(from_fd__end_in_a_list__is_ready_to_read, setup),
		cmocka_unit_test_setup(from_fd__asleep__is_seen_and_never_called_stuck, setup),
		cmocka_unit_test_setup(from_fd__in_a_list__is_waited_for, setup),
		cmocka_unit_test_setup(from_fd__message_in_the_handle__is_ready_in_a_list, setup),
		cmocka_unit_test_setup(from_fd__fork_while_a_thread_receives__child_can_receive,
				       setup),
		cmocka_unit_test_setup(from_fd__threads_at_both_ends__each_message_is_got_once,
				       setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("from_fd", tests, NULL, NULL);
}

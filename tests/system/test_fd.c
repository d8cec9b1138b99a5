/*
 * Descriptors of connections and queues: what they say is what a get or a put would
 * do, for whoever polls them, whoever changes it, and whoever is killed meanwhile.
 *
 * test-limit: 240
 */

#include "support/test.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <ipc/conn.h>
#include <ipc/queue.h>

static int setup(void **state)
{
	test_deadline(90);
	return 0;
}

/* Is @fd readable within @ms? */
static bool says(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int           n = poll(&p, 1, ms);

	check(n >= 0 && !(p.revents & POLLNVAL));
	return n == 1;
}

static int fd_of(ipc_conn *c, unsigned event)
{
	int fd = ipc_conn_fd(c, event);

	if (fd < 0)
		test_fail("ipc_conn_fd: %s, %s", ipc_strerror(fd), ipc_explain());
	return fd;
}

/* ---- what it says ---------------------------------------------------------------------------- */

/* A12 */
static void conn_fd__read__is_readable_while_recv_would_not_wait(void **state)
{
	ipc_conn *end[2];
	char      c;
	int       fd;

	check_ok(ipc_pipe(end, NULL));
	fd = fd_of(end[0], IPC_READ);
	check_eq(fd_of(end[0], IPC_READ), fd);
	check(!says(fd, 0));
	for (int round = 0; round < 3; round++) {
		check_ok(ipc_conn_send(end[1], "x", 1, IPC_NOW));
		check_ok(ipc_conn_send(end[1], NULL, 0, IPC_NOW)); /* empty, and a message */
		check(says(fd, 0));
		check(says(fd, 0)); /* a level, not an edge */
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), 1);
		check(says(fd, 0));
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), 0);
		check(!says(fd, 0));
	}
	end[1] = ipc_conn_close(end[1]);
	check(says(fd, 0)); /* the end is something to receive */
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EPIPE);
	check(says(fd, 0));
	end[0] = ipc_conn_close(end[0]);
}

static void conn_fd__asked_late__says_what_is_already_there(void **state)
{
	ipc_conn *end[2];

	check_ok(ipc_pipe(end, NULL));
	check_ok(ipc_conn_send(end[1], "x", 1, IPC_NOW));
	check(says(fd_of(end[0], IPC_READ), 0));
	end[0] = ipc_conn_close(end[0]);
	check(says(fd_of(end[1], IPC_READ), 0));
	check(says(fd_of(end[1], IPC_WRITE), 0)); /* EPIPE does not wait */
	end[1] = ipc_conn_close(end[1]);
}

static void conn_fd__write__is_readable_while_send_would_not_wait(void **state)
{
	ipc_conn *end[2];
	char      c;
	int       fd;

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .capacity = 2)));
	fd = fd_of(end[0], IPC_WRITE);
	for (int round = 0; round < 3; round++) {
		check(says(fd, 0));
		check_ok(ipc_conn_send(end[0], "x", 1, IPC_NOW));
		check(says(fd, 0));
		check_ok(ipc_conn_send(end[0], "x", 1, IPC_NOW));
		check(!says(fd, 0));
		check_r(ipc_conn_recv(end[1], &c, 1, IPC_NOW), 1);
		check(says(fd, 0));
		check_r(ipc_conn_recv(end[1], &c, 1, IPC_NOW), 1);
	}
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
}

/* A11, A12 */
static void conn_fd__wrong_way_or_wrong_call__is_refused(void **state)
{
	ipc_conn  *end[2];
	ipc_queue *q;

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX)));
	check_r(ipc_conn_fd(end[0], IPC_WRITE), -EBADF);
	check_r(ipc_conn_fd(end[1], IPC_READ), -EBADF);
	check_r(ipc_conn_fd(end[0], IPC_READ | IPC_WRITE), -EINVAL);
	check_r(ipc_conn_fd(end[0], 0), -EINVAL);
	check_r(ipc_conn_fd(NULL, IPC_READ), -EINVAL);
	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_r(ipc_queue_fd(q, 7), -EINVAL);
	check_r(ipc_queue_fd(NULL, IPC_READ), -EINVAL);
	q = ipc_queue_close(q);
	end[0] = ipc_conn_close(end[0]);
	end[1] = ipc_conn_close(end[1]);
}

static void queue_fd__shutdown__is_readable(void **state)
{
	ipc_queue *q;
	int        get, put;

	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 1)));
	get = ipc_queue_fd(q, IPC_READ);
	put = ipc_queue_fd(q, IPC_WRITE);
	check(!says(get, 0));
	check(says(put, 0));
	check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
	check(!says(put, 0));
	check_ok(ipc_queue_shutdown(q));
	check(says(put, 0)); /* it would be told EPIPE at once */
	check(says(get, 0));
	check_r(ipc_queue_next_len(q), 1);
	q = ipc_queue_close(q);
}

static int open_descriptors(void)
{
	return test_count_files("/proc/self/fd");
}

static void conn_fd__closed__leaves_neither_descriptor_nor_file(void **state)
{
	char       dir[400];
	ipc_queue *keep;
	int        fds, files;

	check_ok(ipc_queue_create(&keep, NULL, NULL));
	(void)snprintf(dir, sizeof(dir), "%s/default", test_ipc_dir());
	fds = open_descriptors();
	files = test_count_files(dir);
	for (int i = 0; i < 50; i++) {
		ipc_conn *end[2];

		check_ok(ipc_pipe(end, NULL));
		for (int k = 0; k < 2; k++) {
			(void)fd_of(end[k], IPC_READ);
			(void)fd_of(end[k], IPC_WRITE);
		}
		check_eq(test_count_files(dir), files + 5);
		end[0] = ipc_conn_close(end[0]);
		end[1] = ipc_conn_close(end[1]);
	}
	check_eq(open_descriptors(), fds);
	check_eq(test_count_files(dir), files);
	keep = ipc_queue_close(keep);
}

/* ---- several processes ------------------------------------------------------------------------- */

/* B17: who puts knows nothing but the name */
static void queue_fd__unrelated_process_puts__is_readable(void **state)
{
	ipc_queue *q;
	pid_t      pid;
	char       c;
	int        fd;

	check_ok(ipc_queue_create(&q, "by-name", NULL));
	fd = ipc_queue_fd(q, IPC_READ);
	pid = test_program("queue", "put", "by-name");
	for (char want = '0'; want <= '9'; want++) {
		check(says(fd, 20000));
		check_r(ipc_queue_get(q, &c, 1, IPC_NOW), 1);
		check_eq(c, want);
	}
	check_eq(test_wait(pid), 0);
	check_ok(ipc_queue_unlink("by-name"));
	q = ipc_queue_close(q);
}

struct family {
	ipc_conn *end[2];
	int       fd;
	int       go[2];
};

static int polls_what_it_inherited(void *arg)
{
	struct family *f = arg;
	char           c;

	check(!says(f->fd, 0));
	check_eq(write(f->go[1], "x", 1), 1);
	check(says(f->fd, 20000));
	check_r(ipc_conn_recv(f->end[0], &c, 1, IPC_NOW), 1);
	check(!says(f->fd, 0));
	return 0;
}

static void conn_fd__fork__goes_on_in_the_child(void **state)
{
	struct family f;
	char          c;
	pid_t         pid;

	check_ok(ipc_pipe(f.end, NULL));
	check_eq(pipe(f.go), 0);
	f.fd = fd_of(f.end[0], IPC_READ);
	pid = test_fork(polls_what_it_inherited, &f);
	check_eq(read(f.go[0], &c, 1), 1);
	f.end[0] = ipc_conn_close(f.end[0]); /* the child's goes on */
	check_ok(ipc_conn_send(f.end[1], "x", 1, IPC_NOW));
	check_eq(test_wait(pid), 0);
	f.end[1] = ipc_conn_close(f.end[1]);
	(void)close(f.go[0]);
	(void)close(f.go[1]);
}

static int sleeps(void *arg)
{
	struct family *f = arg;

	f->end[0] = ipc_conn_close(f->end[0]);
	for (;;)
		(void)pause();
	return 0;
}

/* Nobody in the domain makes a call meanwhile: it is the kernel who tells. */
static void conn_fd__peer_killed__says_the_end(void **state)
{
	for (int asked_first = 0; asked_first < 2; asked_first++) {
		struct family f;
		pid_t         pid;
		char          c;

		check_ok(ipc_pipe(f.end, NULL));
		if (asked_first)
			f.fd = fd_of(f.end[0], IPC_READ);
		pid = test_fork(sleeps, &f);
		f.end[1] = ipc_conn_close(f.end[1]);
		if (!asked_first)
			f.fd = fd_of(f.end[0], IPC_READ);
		check(!says(f.fd, 0));
		(void)kill(pid, SIGKILL);
		check(says(f.fd, 20000));
		check_r(ipc_conn_recv(f.end[0], &c, 1, IPC_NOW), -EPIPE);
		check(says(f.fd, 0));
		(void)test_wait(pid);
		f.end[0] = ipc_conn_close(f.end[0]);
	}
}

struct crowd {
	ipc_queue *q;
	uint32_t   n;
	uint8_t   *seen;
};

#define PUTTERS 3u

static int puts_all(void *arg)
{
	const struct crowd *c = arg;
	struct pollfd       p = {.fd = ipc_queue_fd(c->q, IPC_WRITE), .events = POLLIN};

	for (uint32_t i = 0; i < c->n;) {
		int r = ipc_queue_put(c->q, &i, sizeof(i), IPC_NOW);

		i += r == 0;
		if (r == -EAGAIN)
			check(poll(&p, 1, -1) == 1);
		else
			check_ok(r);
	}
	return 0;
}

static int gets_all(void *arg)
{
	const struct crowd *c = arg;
	struct pollfd       p = {.fd = ipc_queue_fd(c->q, IPC_READ), .events = POLLIN};
	uint32_t            i;

	for (;;) {
		ssize_t r = ipc_queue_get(c->q, &i, sizeof(i), IPC_NOW);

		if (r == -EPIPE)
			return 0;
		if (r == -EAGAIN) {
			check(poll(&p, 1, -1) == 1);
			continue;
		}
		check_r(r, sizeof(i));
		(void)__atomic_fetch_add(&c->seen[i], 1, __ATOMIC_RELAXED);
	}
}

/* Nobody ever waits but for a descriptor, and without a time limit: a wake-up that is lost shows. */
static void queue_fd__all_only_poll__nothing_is_lost(void **state)
{
	struct crowd c = {.n = 3000};
	pid_t        put[PUTTERS], get[2];

	c.seen = test_shared(c.n);
	for (uint64_t maxsize = 1; maxsize <= 16; maxsize *= 4) {
		memset(c.seen, 0, c.n);
		check_ok(
			ipc_queue_create(&c.q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = maxsize)));
		for (unsigned i = 0; i < PUTTERS; i++)
			put[i] = test_fork(puts_all, &c);
		for (unsigned i = 0; i < 2; i++)
			get[i] = test_fork(gets_all, &c);
		for (unsigned i = 0; i < PUTTERS; i++)
			check_eq(test_wait(put[i]), 0);
		check_ok(ipc_queue_shutdown(c.q));
		for (unsigned i = 0; i < 2; i++)
			check_eq(test_wait(get[i]), 0);
		for (uint32_t i = 0; i < c.n; i++)
			check_eq(c.seen[i], PUTTERS);
		c.q = ipc_queue_close(c.q);
	}
}

static int puts_for_ever(void *arg)
{
	const struct crowd *c = arg;

	for (uint32_t i = 0;; i++)
		(void)!ipc_queue_put(c->q, &i, sizeof(i), IPC_FOREVER);
	return 0;
}

/*
 * One of two writers is killed at any instant. What it put, and what the other puts
 * afterwards, is told; the reader never looks unless told.
 */
static void queue_fd__writer_killed_anywhere__what_was_put_is_told(void **state)
{
	uint32_t seed = 7, i = 0;

	for (unsigned round = 0; round < test_rounds(60); round++) {
		struct crowd c = {0};
		pid_t        pid;
		int          fd;

		check_ok(ipc_queue_create(&c.q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 2)));
		fd = ipc_queue_fd(c.q, IPC_READ);
		pid = test_fork(puts_for_ever, &c);
		for (unsigned n = test_random(&seed) % 40; n; n--) {
			check(says(fd, 20000));
			(void)!ipc_queue_get(c.q, &i, sizeof(i), IPC_NOW);
		}
		test_burn(test_random(&seed) % 200);
		(void)kill(pid, SIGKILL);
		while (says(fd, 0) || test_wait(pid) != -SIGKILL)
			if (ipc_queue_get(c.q, &i, sizeof(i), IPC_NOW) == -EAGAIN)
				break;
		while (ipc_queue_get(c.q, &i, sizeof(i), IPC_NOW) >= 0)
			;
		check(wait_until(
			ipc_queue_get(c.q, &i, sizeof(i), IPC_NOW) == -EAGAIN && !says(fd, 0), 20));
		check_ok(ipc_queue_put(c.q, "xyz", 3, IPC_NOW));
		check(says(fd, 20000));
		check_r(ipc_queue_get(c.q, &i, sizeof(i), IPC_NOW), 3);
		(void)waitpid(pid, NULL, 0);
		c.q = ipc_queue_close(c.q);
	}
}

/* ---- many ----------------------------------------------------------------------------------------- */

#define MANY 1000u

static int answers_all(void *arg)
{
	ipc_conn **end = arg;
	uint32_t   x;

	for (uint32_t i = 0; i < MANY; i++)
		end[2 * i] = ipc_conn_close(end[2 * i]);
	for (uint32_t i = MANY; i-- > 0;)
		check_ok(ipc_conn_send(end[2 * i + 1], &i, sizeof(i), IPC_NOW));
	for (uint32_t i = 0; i < MANY; i++)
		check_r(ipc_conn_recv(end[2 * i + 1], &x, sizeof(x), IPC_FOREVER), sizeof(x));
	return 0;
}

/* A12 */
static void conn_fd__a_thousand_in_one_epoll__each_is_told(void **state)
{
	struct rlimit      files;
	struct epoll_event e[64];
	ipc_conn         **end = calloc(2 * (size_t)MANY, sizeof(ipc_conn *));
	int                loop = epoll_create1(EPOLL_CLOEXEC);
	uint32_t           n_ends = 0, n_messages = 0, x;
	pid_t              pid;

	check_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = files.rlim_max;
	check_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	if (files.rlim_cur < 3 * MANY + 100)
		skip();
	for (uint32_t i = 0; i < MANY; i++)
		check_ok(ipc_pipe(&end[2 * i], NULL));
	pid = test_fork(answers_all, end);
	for (uint32_t i = 0; i < MANY; i++) {
		struct epoll_event add = {.events = EPOLLIN, .data.u32 = i};

		end[2 * i + 1] = ipc_conn_close(end[2 * i + 1]);
		check_eq(epoll_ctl(loop, EPOLL_CTL_ADD, fd_of(end[2 * i], IPC_READ), &add), 0);
	}
	while (n_ends < MANY) {
		int n = epoll_wait(loop, e, (int)N_OF(e), 20000);

		check(n > 0);
		for (int k = 0; k < n; k++) {
			uint32_t i = e[k].data.u32;
			ssize_t  r = ipc_conn_recv(end[2 * i], &x, sizeof(x), IPC_NOW);

			if (r == -EPIPE) {
				end[2 * i] = ipc_conn_close(end[2 * i]);
				n_ends++;
			} else if (r != -EAGAIN) {
				check_r(r, sizeof(x));
				check_eq(x, i);
				n_messages++;
				check_ok(ipc_conn_send(end[2 * i], &x, sizeof(x), IPC_NOW));
			}
		}
	}
	check_eq(n_messages, MANY);
	check_eq(test_wait(pid), 0);
	free(end);
	(void)close(loop);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(conn_fd__read__is_readable_while_recv_would_not_wait, setup),
		cmocka_unit_test_setup(conn_fd__asked_late__says_what_is_already_there, setup),
		cmocka_unit_test_setup(conn_fd__write__is_readable_while_send_would_not_wait,
				       setup),
		cmocka_unit_test_setup(conn_fd__wrong_way_or_wrong_call__is_refused, setup),
		cmocka_unit_test_setup(queue_fd__shutdown__is_readable, setup),
		cmocka_unit_test_setup(conn_fd__closed__leaves_neither_descriptor_nor_file, setup),
		cmocka_unit_test_setup(queue_fd__unrelated_process_puts__is_readable, setup),
		cmocka_unit_test_setup(conn_fd__fork__goes_on_in_the_child, setup),
		cmocka_unit_test_setup(conn_fd__peer_killed__says_the_end, setup),
		cmocka_unit_test_setup(queue_fd__all_only_poll__nothing_is_lost, setup),
		cmocka_unit_test_setup(queue_fd__writer_killed_anywhere__what_was_put_is_told,
				       setup),
		cmocka_unit_test_setup(conn_fd__a_thousand_in_one_epoll__each_is_told, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("fd", tests, NULL, NULL);
}

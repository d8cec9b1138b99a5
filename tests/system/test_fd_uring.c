/*
 * The descriptors of connections and queues in io_uring, by its system calls: IORING_OP_POLL_ADD
 * completes when there is something, and not before. Skipped where the kernel has no io_uring,
 * or lets nobody use it.
 */

#include "support/test.h"

#include <linux/io_uring.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <ipc/conn.h>
#include <ipc/queue.h>

#define ENTRIES 8

struct uring {
	int                  fd;
	unsigned char       *sq, *cq; /* the two rings */
	size_t               sq_bytes, cq_bytes;
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	uint32_t            *sq_tail, *sq_index, *cq_head, *cq_tail;
	uint32_t             sq_mask, cq_mask;
};

static void *map(const struct uring *u, size_t bytes, uint64_t at)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, u->fd,
		       (off_t)at);

	check(p != MAP_FAILED);
	return p;
}

static uint32_t *word(unsigned char *ring, uint32_t at)
{
	return (uint32_t *)(void *)(ring + at);
}

static void map_rings(struct uring *u, const struct io_uring_params *p)
{
	u->sq_bytes = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
	u->cq_bytes = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	u->sq = map(u, u->sq_bytes, IORING_OFF_SQ_RING);
	u->cq = map(u, u->cq_bytes, IORING_OFF_CQ_RING);
	u->sqe = map(u, p->sq_entries * sizeof(*u->sqe), IORING_OFF_SQES);
	u->cqe = (struct io_uring_cqe *)(void *)(u->cq + p->cq_off.cqes);
	u->sq_tail = word(u->sq, p->sq_off.tail);
	u->sq_index = word(u->sq, p->sq_off.array);
	u->sq_mask = *word(u->sq, p->sq_off.ring_mask);
	u->cq_head = word(u->cq, p->cq_off.head);
	u->cq_tail = word(u->cq, p->cq_off.tail);
	u->cq_mask = *word(u->cq, p->cq_off.ring_mask);
}

/* False: not to be had here, which was said. */
static bool uring_open(struct uring *u)
{
	struct io_uring_params p = {0};

	u->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &p);
	if (u->fd < 0) {
		check(errno == ENOSYS || errno == EPERM || errno == ENOMEM || errno == EACCES);
		(void)fprintf(stderr, "# io_uring_setup: %s\n", strerror(errno));
		return false;
	}
	map_rings(u, &p);
	return true;
}

static void uring_close(struct uring *u)
{
	(void)munmap(u->sqe, ENTRIES * sizeof(*u->sqe));
	(void)munmap(u->sq, u->sq_bytes);
	(void)munmap(u->cq, u->cq_bytes);
	(void)close(u->fd);
}

static void poll_add(struct uring *u, int fd, uint64_t name)
{
	uint32_t tail = *u->sq_tail, i = tail & u->sq_mask;

	u->sqe[i] = (struct io_uring_sqe){
		.opcode = IORING_OP_POLL_ADD, .fd = fd, .poll_events = POLLIN, .user_data = name};
	u->sq_index[i] = i;
	__atomic_store_n(u->sq_tail, tail + 1, __ATOMIC_RELEASE);
	check_eq(syscall(SYS_io_uring_enter, u->fd, 1, 0, 0, NULL, 0), 1);
}

/* What has completed: its name, and POLLIN is what was to be had. 0: nothing. */
static uint64_t completed(struct uring *u)
{
	uint32_t                   head = *u->cq_head;
	const struct io_uring_cqe *e = &u->cqe[head & u->cq_mask];
	uint64_t                   name = e->user_data;

	if (head == __atomic_load_n(u->cq_tail, __ATOMIC_ACQUIRE))
		return 0;
	check(e->res > 0 && e->res & POLLIN);
	__atomic_store_n(u->cq_head, head + 1, __ATOMIC_RELEASE);
	return name;
}

static void await(struct uring *u, uint64_t name)
{
	uint64_t is = completed(u);

	while (!is) {
		long n = syscall(SYS_io_uring_enter, u->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);

		check(n >= 0 || errno == EINTR);
		is = completed(u);
	}
	check_eq(is, name);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static int setup(void **state)
{
	struct uring *u = calloc(1, sizeof(*u));

	check(u);
	test_deadline(60);
	*state = u;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static int send_one(void *arg)
{
	ipc_conn **end = arg;

	check_ok(ipc_conn_send(end[1], "x", 1, IPC_NOW));
	return 0;
}

/* A12 */
static void conn_fd__in_io_uring__completes_with_a_message_of_another_process(void **state)
{
	struct uring *u = *state;
	ipc_conn     *end[2];
	char          c;
	int           fd;

	if (!uring_open(u))
		skip();
	check_ok(ipc_pipe(end, NULL));
	fd = ipc_conn_fd(end[0], IPC_READ);
	check(fd >= 0);
	for (uint64_t round = 1; round <= 3; round++) {
		poll_add(u, fd, round);
		check_eq(completed(u), 0);
		check_child(send_one, end);
		await(u, round);
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), 1);
		check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EAGAIN);
	}
	poll_add(u, fd, 9);
	check_eq(completed(u), 0);
	end[1] = ipc_conn_close(end[1]);
	await(u, 9); /* the end is something to receive, too */
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EPIPE);
	uring_close(u);
	end[0] = ipc_conn_close(end[0]);
}

static int get_one(void *arg)
{
	char c;

	check_r(ipc_queue_get(arg, &c, 1, IPC_NOW), 1);
	return 0;
}

static void queue_fd__in_io_uring__completes_when_there_is_room(void **state)
{
	struct uring *u = *state;
	ipc_queue    *q;
	int           fd;

	if (!uring_open(u))
		skip();
	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = 1)));
	fd = ipc_queue_fd(q, IPC_WRITE);
	check(fd >= 0);
	for (uint64_t round = 1; round <= 3; round++) {
		check_ok(ipc_queue_put(q, "x", 1, IPC_NOW));
		check_r(ipc_queue_put(q, "x", 1, IPC_NOW), -EAGAIN);
		poll_add(u, fd, round);
		check_eq(completed(u), 0);
		check_child(get_one, q);
		await(u, round);
	}
	uring_close(u);
	q = ipc_queue_close(q);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			conn_fd__in_io_uring__completes_with_a_message_of_another_process, setup,
			teardown),
		cmocka_unit_test_setup_teardown(queue_fd__in_io_uring__completes_when_there_is_room,
						setup, teardown),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("fd_uring", tests, NULL, NULL);
}

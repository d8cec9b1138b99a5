/*
 * Very long messages, and very many: rows A19 and M01 to M04 of tests/behaviour.md.
 *
 * test-limit: 240
 */

#include "support/test.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/statvfs.h>

#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/wait.h>

static int setup(void **state)
{
	test_deadline(110);
	return 0;
}

/* ---- one that is very long --------------------------------------------------------------------- */

static uint64_t free_memory(void)
{
	FILE         *f = fopen("/proc/meminfo", "re");
	char          line[128];
	unsigned long kib = 0;

	while (f && !kib && fgets(line, sizeof(line), f))
		(void)sscanf(line, "MemAvailable: %lu", &kib); // NOLINT(cert-err34-c): 0 if not
	if (f)
		(void)fclose(f);
	return (uint64_t)kib << 10;
}

static uint64_t free_shared(void)
{
	struct statvfs st;

	return statvfs(test_ipc_dir(), &st) == 0 ? (uint64_t)st.f_bavail * st.f_frsize : 0;
}

/* @bytes of zeros that take no memory until they are written. */
static char *zeros(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	check(p != MAP_FAILED);
	return p;
}

static void check_long(ipc_conn *end[2], char *out, char *in, size_t len)
{
	for (size_t at = 0; at < len; at += 16u << 20)
		out[at] = (char)(at >> 20 | 1);
	out[len - 1] = 'E';
	check_ok(ipc_conn_send(end[0], out, len, IPC_NOW));
	check_r(ipc_conn_next_len(end[1]), (long long)len);
	check_r(ipc_conn_recv(end[1], in, len, IPC_NOW), (long long)len);
	check(memcmp(in, out, len) == 0);
	out[len - 1] = 0;
}

/* A19 */
static void conn__two_gigabytes_and_more__arrive_whole(void **state)
{
	const size_t most = (size_t)1 << 31;
	ipc_conn    *end[2];
	char        *out, *in;

	if (test_rounds(4) < 4 || free_memory() < 3 * most || free_shared() < most + most / 4) {
		(void)fprintf(stderr, "# needs 6 GiB of memory, and no sanitizer\n");
		skip();
	}
	out = zeros(most);
	in = zeros(most);
	check_ok(ipc_pipe(end, NULL));
	check_long(end, out, in, most);
	check_long(end, out, in, most - 1); /* the longest that fits a signed 32 bit number */
	for (int i = 0; i < 2; i++)
		end[i] = ipc_conn_close(end[i]);
	(void)munmap(out, most);
	(void)munmap(in, most);
}

/* A19: what every machine has room for. */
static void conn__sixteen_megabytes__arrive_whole(void **state)
{
	const size_t len = 16u << 20;
	ipc_conn    *end[2];
	char        *out = zeros(len), *in = zeros(len);

	test_pattern(out, len, 19);
	check_ok(ipc_pipe(end, NULL));
	for (size_t n = len - 1; n <= len; n++)
		check_long(end, out, in, n);
	for (int i = 0; i < 2; i++)
		end[i] = ipc_conn_close(end[i]);
	(void)munmap(out, len);
	(void)munmap(in, len);
}

/* ---- very many ----------------------------------------------------------------------------------- */

static uint64_t used(void)
{
	return test_disk_usage(test_ipc_dir());
}

#define KEPT UINT64_C(4194304)

/* Who waits for a slice tidies up, if it gets to run before its time is up. */
static uint64_t get_in_vain(ipc_queue *q, uint64_t before)
{
	uint64_t end = test_now() + 60 * (uint64_t)IPC_SEC(1);

	do {
		check_r(ipc_queue_get(q, NULL, 0, IPC_MSEC(700)), -ETIMEDOUT);
	} while (used() > before + KEPT && test_now() < end);
	return used();
}

/* Put @n messages of @len bytes, take them all: what the queue has kept then is little. */
static void check_gives_back(size_t len, unsigned n)
{
	char      *buf = malloc(len);
	ipc_queue *q;
	uint64_t   before, full, after = 0;

	check(buf);
	check_ok(ipc_queue_create(&q, NULL, NULL));
	before = used();
	for (int lap = 0; lap < 2; lap++) {
		for (uint32_t i = 0; i < n; i++) {
			test_pattern(buf, len < 64 ? len : 64, i);
			check_ok(ipc_queue_put(q, buf, len, IPC_NOW));
		}
		full = used();
		check(full >= before + n * len);
		for (uint32_t i = 0; i < n; i++) {
			check_r(ipc_queue_get(q, buf, len, IPC_NOW), (long long)len);
			check(test_pattern_is(buf, len < 64 ? len : 64, i));
		}
		after = get_in_vain(q, before);
		(void)fprintf(stderr, "# %u of %zu bytes: %.1f MB, full %.1f, drained %.1f\n", n,
			      len, (double)before / 1e6, (double)full / 1e6, (double)after / 1e6);
		check(after <= before + KEPT);
	}
	q = ipc_queue_close(q);
	free(buf);
}

static void queue__a_million_small_drained__gives_their_memory_back(void **state)
{
	check_gives_back(16, test_rounds(1000000));
}

static void queue__many_of_less_than_a_page_drained__gives_their_memory_back(void **state)
{
	check_gives_back(200, test_rounds(200000));
	check_gives_back(2000, test_rounds(40000));
}

static void queue__many_large_drained__gives_their_memory_back(void **state)
{
	check_gives_back(20000, test_rounds(5000));
	check_gives_back(1 << 20, test_rounds(200));
}

/* ---- by whoever drains it, and however -------------------------------------------------------------- */

/* Get messages one way or another until there is none, and look for more in the same way. */
typedef void drain_fn(ipc_queue *q, char *buf, size_t len);

static void by_polling(ipc_queue *q, char *buf, size_t len)
{
	while (ipc_queue_get(q, buf, len, IPC_NOW) >= 0)
		;
}

static void by_short_waits(ipc_queue *q, char *buf, size_t len)
{
	while (ipc_queue_get(q, buf, len, IPC_MSEC(1)) >= 0)
		;
}

static void by_batches(ipc_queue *q, char *buf, size_t len)
{
	struct ipc_buf b[8];

	for (size_t i = 0; i < N_OF(b); i++)
		b[i] = (struct ipc_buf){.data = buf, .cap = len};
	while (ipc_queue_get_many(q, b, N_OF(b), IPC_NOW) > 0)
		;
}

static void by_waiting(ipc_queue *q, char *buf, size_t len)
{
	struct ipc_item item = IPC_ITEM_QUEUE(q, IPC_READ);
	struct ipc_msg  m;

	while (ipc_wait(&item, 1, 0, IPC_MSEC(1)) > 0) {
		check_ok(ipc_queue_take(q, &m, IPC_NOW));
		check_ok(ipc_queue_release(q, &m));
	}
}

/* An event loop comes by only when there is a message: now and then there is one. */
static void by_descriptor(ipc_queue *q, char *buf, size_t len)
{
	struct pollfd  p = {.fd = ipc_queue_fd(q, IPC_READ), .events = POLLIN};
	struct ipc_msg m;

	check_ok(ipc_queue_put(q, buf, len, IPC_NOW));
	check(poll(&p, 1, 1000) == 1);
	while (ipc_queue_take(q, &m, IPC_NOW) == 0)
		check_ok(ipc_queue_release(q, &m));
	check(poll(&p, 1, 5) == 0);
}

/* What many messages take, half of it in slots and half outside, is soon not there any more. */
static void check_drained(drain_fn *drain)
{
	enum { N = 20000, LEN = 200, LITTLE = 1 << 20 };
	char       buf[LEN] = {0};
	uint64_t   before, end = test_now() + 60 * (uint64_t)IPC_SEC(1);
	ipc_queue *q;

	check_ok(ipc_queue_create(&q, NULL, NULL));
	before = used();
	for (uint32_t i = 0; i < N; i++)
		check_ok(ipc_queue_put(q, buf, i % 2 ? LEN : 16, IPC_NOW));
	check(used() >= before + 4 * LITTLE);
	while (used() > before + LITTLE) {
		check(test_now() < end);
		drain(q, buf, LEN);
	}
	q = ipc_queue_close(q);
}

static void queue_get__polling__gives_memory_back(void **state)
{
	check_drained(by_polling);
}

static void queue_get__short_waits__give_memory_back(void **state)
{
	check_drained(by_short_waits);
}

static void queue_get_many__polling__gives_memory_back(void **state)
{
	check_drained(by_batches);
}

static void queue_take__told_by_ipc_wait__gives_memory_back(void **state)
{
	check_drained(by_waiting);
}

static void queue_take__told_by_a_descriptor__gives_memory_back(void **state)
{
	check_drained(by_descriptor);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(conn__two_gigabytes_and_more__arrive_whole, setup),
		cmocka_unit_test_setup(conn__sixteen_megabytes__arrive_whole, setup),
		cmocka_unit_test_setup(queue__a_million_small_drained__gives_their_memory_back,
				       setup),
		cmocka_unit_test_setup(
			queue__many_of_less_than_a_page_drained__gives_their_memory_back, setup),
		cmocka_unit_test_setup(queue__many_large_drained__gives_their_memory_back, setup),
		cmocka_unit_test_setup(queue_get__polling__gives_memory_back, setup),
		cmocka_unit_test_setup(queue_get__short_waits__give_memory_back, setup),
		cmocka_unit_test_setup(queue_get_many__polling__gives_memory_back, setup),
		cmocka_unit_test_setup(queue_take__told_by_ipc_wait__gives_memory_back, setup),
		cmocka_unit_test_setup(queue_take__told_by_a_descriptor__gives_memory_back, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("behaviour_memory", tests, NULL, NULL);
}

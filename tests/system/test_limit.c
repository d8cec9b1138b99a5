/*
 * The memory a queue may take: told at creation, or a share of what is free.
 *
 * test-limit: 200
 */

#include "support/test.h"

#include <signal.h>
#include <sys/statvfs.h>

#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/simple_queue.h>

#define LIMIT (UINT64_C(4) << 20)

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static ipc_queue *make(uint64_t max_bytes)
{
	ipc_queue *q = NULL;

	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .max_bytes = max_bytes)));
	return q;
}

/* Put messages of @len until there is no room: how many. */
static uint32_t fill(ipc_queue *q, size_t len)
{
	char    *buf = malloc(len);
	uint32_t n = 0;
	int      r;

	check(buf);
	for (;; n++) {
		test_pattern(buf, len, n);
		r = ipc_queue_put(q, buf, len, IPC_NOW);
		if (r < 0)
			break;
	}
	check_r(r, -ENOSPC);
	check_explains("max_bytes");
	check_r(ipc_queue_put(q, buf, len, IPC_FOREVER), -ENOSPC);
	check_eq(ipc_queue_len(q), n);
	free(buf);
	return n;
}

/* The reader then waits for more, and gives back what the burst had grown by. */
static void drain(ipc_queue *q, size_t len, uint32_t n)
{
	char *buf = malloc(len);

	check(buf);
	for (uint32_t i = 0; i < n; i++) {
		check_r(ipc_queue_get(q, buf, len, IPC_NOW), (long long)len);
		check(test_pattern_is(buf, len, i));
	}
	check_r(ipc_queue_get(q, buf, len, IPC_MSEC(700)), -ETIMEDOUT);
	free(buf);
}

/* What a message takes at most: a slot, and a block of less than twice its length. */
static uint64_t room_for(size_t len)
{
	return len > IPC_MSG_SHORT ? 128 + 2 * (uint64_t)len : 128;
}

static void queue__max_bytes_used__is_enospc_and_nothing_is_lost(void **state)
{
	static const size_t len[] = {96, 200, 70000, 1 << 20};

	for (size_t i = 0; i < N_OF(len); i++) {
		ipc_queue *q = make(LIMIT);
		uint64_t   before = test_disk_usage(test_ipc_dir());

		for (unsigned round = 0; round < 2; round++) {
			uint32_t n = fill(q, len[i]);
			uint64_t took = test_disk_usage(test_ipc_dir()) - before;

			check(took <= LIMIT);
			check(n * room_for(len[i]) >= LIMIT / 2);
			drain(q, len[i], n);
		}
		q = ipc_queue_close(q);
	}
}

/* What messages of one length left behind does not keep those of another out. */
static void queue__max_bytes_used_by_one_length__others_get_it(void **state)
{
	static const size_t len[] = {5000, 300000, 70000, 1 << 20, 8, 9000};
	ipc_queue          *q = make(LIMIT);

	for (size_t i = 0; i < N_OF(len); i++) {
		uint32_t n = fill(q, len[i]);

		if (n * room_for(len[i]) < LIMIT / 2)
			test_fail("only %u messages of %zu bytes", n, len[i]);
		drain(q, len[i], n);
	}
	ipc_queue_close(q);
}

/* ---- of little, little is kept ready for what may come ------------------------------------------ */

#define LITTLE UINT64_C(600000)
#define LEN    1000 /* several to a page */

static void put_for_ever(ipc_queue *q)
{
	static const char buf[LEN];

	for (;;)
		(void)!ipc_queue_put(q, buf, LEN, IPC_SEC(1));
}

static void get_for_ever(ipc_queue *q)
{
	static char buf[LEN];

	for (;;)
		(void)!ipc_queue_get(q, buf, LEN, IPC_SEC(1));
}

/* Its slots go round, too, however long it goes on. */
static void queue__little_max_bytes_and_never_empty__goes_on(void **state)
{
	ipc_queue *q = make(LITTLE);
	char       buf[LEN] = {0};

	for (int i = 0; i < 100; i++)
		check_ok(ipc_queue_put(q, buf, LEN, IPC_NOW));
	for (int i = 0; i < 20000; i++) {
		check_ok(ipc_queue_put(q, buf, LEN, IPC_NOW));
		check_r(ipc_queue_get(q, buf, LEN, IPC_NOW), LEN);
	}
	ipc_queue_close(q);
}

/*
 * Nor does it take more to go on than it took to get there, as long as some are taken. What it
 * has of slots goes by only once all of it is drained.
 */
static void queue__little_max_bytes_and_mostly_full__goes_on(void **state)
{
	static const unsigned eighths[] = {1, 3, 5, 6};
	char                  buf[LEN] = {0};

	for (size_t i = 0; i < N_OF(eighths); i++) {
		ipc_queue *q = make(LITTLE);
		uint32_t   n = fill(q, LEN), keep = n * eighths[i] / 8;

		for (; n > keep; n--)
			check_r(ipc_queue_get(q, buf, LEN, IPC_NOW), LEN);
		for (int k = 0; k < 20000; k++) {
			check_ok(ipc_queue_put(q, buf, LEN, IPC_NOW));
			check_r(ipc_queue_get(q, buf, LEN, IPC_NOW), LEN);
		}
		ipc_queue_close(q);
	}
}

/* Both ways at once, until they are killed in the middle of it. */
static void kill_while_messages_pass(ipc_queue *q)
{
	pid_t child[2];

	for (int i = 0; i < 2; i++) {
		child[i] = fork();
		if (child[i] == 0 && i == 0)
			put_for_ever(q);
		else if (child[i] == 0)
			get_for_ever(q);
	}
	check(wait_until(ipc_queue_len(q) > 0, 20));
	for (int i = 0; i < 2; i++)
		check_eq(kill(child[i], SIGKILL), 0);
	for (int i = 0; i < 2; i++)
		check_eq(test_wait(child[i]), -SIGKILL);
}

static size_t get_some(ipc_queue *q)
{
	char buf[LEN];

	while (ipc_queue_get(q, buf, LEN, IPC_MSEC(1)) == LEN)
		;
	return ipc_queue_len(q);
}

static void queue__little_max_bytes__is_for_messages_also_after_kills(void **state)
{
	ipc_queue *q = make(LITTLE);

	for (int kills = 0; kills < 20; kills++) {
		check(fill(q, LEN) * (uint64_t)(128 + 1024) >= LITTLE / 2);
		check_eq(get_some(q), 0);
		kill_while_messages_pass(q);
		check(wait_until(get_some(q) == 0, 20)); /* with what the dead had claimed */
	}
	ipc_queue_close(q);
}

/* ---- messages in place ---------------------------------------------------------------------------- */

struct holder {
	ipc_queue *q;
	bool       dies; /* or closes the queue */
};

static int hold_one(void *arg)
{
	const struct holder *h = arg;
	struct ipc_msg       m;

	check_ok(ipc_queue_take(h->q, &m, IPC_SEC(10)));
	if (h->dies)
		(void)raise(SIGKILL);
	(void)ipc_queue_close(h->q);
	return 0;
}

/* @n messages go with who has them in place: that leaves as much room as there was. */
static void check_room_after_holders(size_t len, bool dies)
{
	ipc_queue    *q = make(LIMIT);
	struct holder h = {.q = q, .dies = dies};
	uint32_t      n = fill(q, len);

	for (uint32_t i = 0; i < n; i++)
		check_eq(test_run(hold_one, &h), dies ? -SIGKILL : 0);
	check_eq(ipc_queue_len(q), 0);
	check_eq(fill(q, len), n); /* and nobody has slept, or come, to look for the dead */
	ipc_queue_close(q);
}

static void queue__holders_of_messages_in_place_gone__same_room(void **state)
{
	static const size_t len[] = {600000, 9000};

	for (size_t i = 0; i < N_OF(len); i++) {
		check_room_after_holders(len[i], true);
		check_room_after_holders(len[i], false);
	}
}

static void reserve__max_bytes_used__is_enospc(void **state)
{
	ipc_queue     *q = make(LIMIT);
	struct ipc_msg m[8];
	int            n = 0, r;

	while ((r = ipc_queue_reserve(q, 1 << 20, &m[n], IPC_NOW)) == 0)
		check(++n < 8);
	check_r(r, -ENOSPC);
	check_explains("max_bytes");
	check(n >= 3);
	while (n--)
		check_ok(ipc_queue_abort(q, &m[n]));
	drain(q, 8, 0);
	check_ok(ipc_queue_reserve(q, 2 << 20, m, IPC_NOW)); /* out of what the others had */
	check_ok(ipc_queue_abort(q, m));
	ipc_queue_close(q);
}

/* It takes the next power of two, and the limit that is asked for does. */
static void queue__limit_too_small_for_one_message__says_how_much_it_takes(void **state)
{
	static char        buf[550000];
	ipc_queue         *q = make(1 << 20);
	const char        *at;
	unsigned long long least = 0;

	for (int i = 0; i < 2; i++) {
		check_r(ipc_queue_put(q, buf, sizeof(buf), IPC_NOW), -ENOSPC);
		check_explains("takes 1048576 bytes");
		check_explains("nothing is queued");
		check(!strstr(ipc_explain(), "get some first"));
	}
	at = strstr(ipc_explain(), "at least ");
	check(at && sscanf(at, "at least %llu by ipc_queue_opts.max_bytes", &least) == 1);
	check(least > 1 << 20 && least < (1 << 20) + (1 << 17));
	ipc_queue_close(q);
	q = make(least);
	check_ok(ipc_queue_put(q, buf, sizeof(buf), IPC_NOW));
	check_r(ipc_queue_put(q, buf, sizeof(buf), IPC_NOW), -ENOSPC);
	check_explains("get some first");
	ipc_queue_close(q);
}

/* Longer than any channel carries: said so, though nothing is in flight. */
static void queue__longer_than_a_channel_carries__is_enospc_and_says_it(void **state)
{
	ipc_queue     *q = make(0);
	struct ipc_msg m;

	check_r(ipc_queue_put(q, "a", SIZE_MAX / 2, IPC_NOW), -ENOSPC);
	check_explains("the longest a channel can carry");
	check_r(ipc_queue_open(&q, "before"), -ENOENT);
	check_r(ipc_queue_reserve(q, (size_t)1 << 62, &m, IPC_NOW), -ENOSPC);
	check_explains("4611686018427387904");
	check_r(ipc_queue_reserve(q, (size_t)1 << 45, &m, IPC_NOW), -ENOSPC);
	check_explains("the longest a channel can carry");
	ipc_queue_close(q);
}

static int opened_by_another(void *arg)
{
	ipc_queue *q = NULL;

	check_ok(ipc_queue_open(&q, "limited"));
	drain(q, 70000, fill(q, 70000));
	q = ipc_queue_close(q);
	return 0;
}

static void queue_open__by_name__same_limit(void **state)
{
	ipc_queue *q = NULL;

	check_ok(ipc_queue_create(&q, "limited", IPC_OPTS(ipc_queue_opts, .max_bytes = LIMIT)));
	check_child(opened_by_another, NULL);
	check_ok(ipc_queue_unlink("limited"));
	ipc_queue_close(q);
}

/* A program built before there was such a field. */
static void queue_create__options_without_it__are_taken(void **state)
{
	struct ipc_queue_opts opts = {
		.sz = offsetof(struct ipc_queue_opts, max_bytes), .maxsize = 3, .max_bytes = 1};
	ipc_queue *q = NULL;
	char       buf[20000] = {0};

	check_ok(ipc_queue_create(&q, NULL, &opts));
	check_eq(ipc_queue_maxsize(q), 3);
	check_ok(ipc_queue_put(q, buf, sizeof(buf), IPC_NOW));
	ipc_queue_close(q);
	opts.sz--;
	check_r(ipc_queue_create(&q, NULL, &opts), -EINVAL);
	check_explains("sz");
}

/* ---- the share ---------------------------------------------------------------------------------- */

static void queue_create__share_is_nonsense__is_einval(void **state)
{
	static const char *const text[] = {"0", "101", "-3", "half", "50%"};
	ipc_queue               *q = NULL;

	for (size_t i = 0; i < N_OF(text); i++) {
		setenv("IPC_QUEUE_SHARE", text[i], 1);
		check_r(ipc_queue_create(&q, NULL, NULL), -EINVAL);
		check_explains("IPC_QUEUE_SHARE");
		check_explains(text[i]);
	}
	unsetenv("IPC_QUEUE_SHARE");
}

/* In blocks of a gigabyte that nobody touches, what is real of them is taken all the same. */
static void queue__no_max_bytes__takes_its_share(void **state)
{
	struct statvfs    fs;
	struct ipc_msg    m;
	ipc_queue        *q = NULL;
	ipc_simple_queue *s = NULL;
	uint64_t          room;

	check_eq(statvfs(test_ipc_dir(), &fs), 0);
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (!test_room_is_limited(test_ipc_dir()) || room < (1 << 28) || room > (UINT64_C(1) << 36))
		skip();
	setenv("IPC_QUEUE_SHARE", "1", 1);
	check_ok(ipc_queue_create(&q, NULL, NULL));
	check_r(ipc_queue_reserve(q, room / 50, &m, IPC_NOW), -ENOSPC);
	check_explains("IPC_QUEUE_SHARE");
	check_ok(ipc_queue_reserve(q, room / 400, &m, IPC_NOW));
	check_ok(ipc_queue_abort(q, &m));
	unsetenv("IPC_QUEUE_SHARE");
	q = ipc_queue_close(q);
	check_ok(ipc_simple_queue_create(&s));
	s = ipc_simple_queue_close(s);
}

/* ---- pipes ----------------------------------------------------------------------------------------- */

static void pipe__max_bytes_of_large_ones__send_waits(void **state)
{
	ipc_conn *end[2];
	char      buf[4096] = {0};

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .max_bytes = 8192)));
	check_ok(ipc_conn_send(end[0], buf, 4096, IPC_NOW));
	check_ok(ipc_conn_send(end[0], buf, 4096, IPC_NOW));
	check_r(ipc_conn_send(end[0], buf, 4096, IPC_NOW), -EAGAIN);
	check_ok(ipc_conn_send(end[0], buf, 96, IPC_NOW));
	check_r(ipc_conn_recv(end[1], buf, sizeof(buf), IPC_NOW), 4096);
	check_ok(ipc_conn_send(end[0], buf, 4096, IPC_NOW));
	ipc_conn_close(end[0]);
	ipc_conn_close(end[1]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(queue__max_bytes_used__is_enospc_and_nothing_is_lost, setup),
		cmocka_unit_test_setup(queue__max_bytes_used_by_one_length__others_get_it, setup),
		cmocka_unit_test_setup(queue__little_max_bytes_and_never_empty__goes_on, setup),
		cmocka_unit_test_setup(queue__little_max_bytes_and_mostly_full__goes_on, setup),
		cmocka_unit_test_setup(queue__little_max_bytes__is_for_messages_also_after_kills,
				       setup),
		cmocka_unit_test_setup(queue__holders_of_messages_in_place_gone__same_room, setup),
		cmocka_unit_test_setup(reserve__max_bytes_used__is_enospc, setup),
		cmocka_unit_test_setup(
			queue__limit_too_small_for_one_message__says_how_much_it_takes, setup),
		cmocka_unit_test_setup(queue__longer_than_a_channel_carries__is_enospc_and_says_it,
				       setup),
		cmocka_unit_test_setup(queue_open__by_name__same_limit, setup),
		cmocka_unit_test_setup(queue_create__options_without_it__are_taken, setup),
		cmocka_unit_test_setup(queue_create__share_is_nonsense__is_einval, setup),
		cmocka_unit_test_setup(queue__no_max_bytes__takes_its_share, setup),
		cmocka_unit_test_setup(pipe__max_bytes_of_large_ones__send_waits, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

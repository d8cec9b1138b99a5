/*
 * One message in several pieces, several messages by one call.
 *
 * test-limit: 200
 */

#include "support/test.h"

#include <ipc/conn.h>
#include <ipc/queue.h>
#include <ipc/shm.h>

#define MANY 100

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

static ipc_queue *make(uint64_t maxsize)
{
	ipc_queue *q = NULL;

	check_ok(ipc_queue_create(&q, NULL, IPC_OPTS(ipc_queue_opts, .maxsize = maxsize)));
	return q;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

/* @len bytes at @buf as @n pieces of uneven length, some of them empty. */
static void cut(struct iovec *iov, int n, char *buf, size_t len, uint32_t *random)
{
	for (int i = 0; i < n; i++) {
		size_t part = i == n - 1 ? len : i % 3 == 1 ? 0 : test_random(random) % (len + 1);

		iov[i] = (struct iovec){.iov_base = part ? buf : NULL, .iov_len = part};
		buf += part;
		len -= part;
	}
}

static void putv_getv__any_cut__is_one_message(void **state)
{
	static const size_t len[] = {0, 1, 20, 95, 96, 97, 200, 256, 5000, 1 << 20};
	ipc_queue          *q = make(0);
	struct iovec        from[7], to[5];
	char               *a = malloc(1 << 20), *b = malloc(1 << 20);
	uint32_t            random = 1;

	check(a && b);
	for (unsigned i = 0; i < 40 * N_OF(len); i++) {
		size_t n = len[i % N_OF(len)];

		test_pattern(a, n, i);
		memset(b, 0, n);
		cut(from, 1 + (int)(i % N_OF(from)), a, n, &random);
		cut(to, 1 + (int)(i % N_OF(to)), b, n, &random);
		check_ok(ipc_queue_putv(q, from, 1 + (int)(i % N_OF(from)), IPC_NOW));
		check_r(ipc_queue_next_len(q), (long long)n);
		check_r(ipc_queue_getv(q, to, 1 + (int)(i % N_OF(to)), IPC_NOW), (long long)n);
		check(test_pattern_is(b, n, i));
	}
	free(a);
	free(b);
	ipc_queue_close(q);
}

static void putv_getv__mixed_with_copies__are_the_same_messages(void **state)
{
	ipc_queue   *q = make(0);
	char         head[4] = "head", body[300], all[304], back[400];
	struct iovec iov[] = {{head, sizeof(head)}, {body, sizeof(body)}};
	struct iovec to[] = {{back, 10}, {NULL, 0}, {back + 10, sizeof(back) - 10}};

	test_pattern(body, sizeof(body), 3);
	memcpy(all, head, 4);
	memcpy(all + 4, body, sizeof(body));
	check_ok(ipc_queue_putv(q, iov, 2, IPC_NOW));
	check_r(ipc_queue_get(q, back, sizeof(back), IPC_NOW), sizeof(all));
	check(!memcmp(back, all, sizeof(all)));
	check_ok(ipc_queue_put(q, all, sizeof(all), IPC_NOW));
	memset(back, 0, sizeof(back));
	check_r(ipc_queue_getv(q, to, 3, IPC_NOW), sizeof(all)); /* more room than message */
	check(!memcmp(back, all, sizeof(all)));
	ipc_queue_close(q);
}

static void getv__too_long__is_emsgsize_and_stays(void **state)
{
	static const size_t len[] = {40, 4000};
	ipc_queue          *q = make(0);
	char                a[4000], b[4000];
	struct iovec        short_[] = {{b, 10}, {b + 10, 20}}, enough = {b, sizeof(b)};

	for (unsigned i = 0; i < N_OF(len); i++) {
		test_pattern(a, len[i], i);
		check_ok(ipc_queue_put(q, a, len[i], IPC_NOW));
		check_r(ipc_queue_getv(q, short_, 2, IPC_FOREVER), -EMSGSIZE);
		check_eq(ipc_queue_len(q), 1);
		check_r(ipc_queue_getv(q, &enough, 1, IPC_NOW), (long long)len[i]);
		check(test_pattern_is(b, len[i], i));
	}
	ipc_queue_close(q);
}

static void putv_getv__wrong_or_full__as_put_and_get(void **state)
{
	ipc_queue   *q = make(1);
	char         c[200] = {0};
	struct iovec one = {c, 200}, nowhere = {NULL, 1}, huge[] = {{c, SIZE_MAX}, {c, 2}};

	check_r(ipc_queue_putv(NULL, &one, 1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_putv(q, NULL, 1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_putv(q, &one, -1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_putv(q, &nowhere, 1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_putv(q, huge, 2, IPC_NOW), -EINVAL);
	check_r(ipc_queue_getv(q, &nowhere, 1, IPC_NOW), -EINVAL);
	check_r(ipc_queue_getv(q, &one, 1, IPC_NOW), -EAGAIN);
	check_r(ipc_queue_getv(q, &one, 1, IPC_MSEC(1)), -ETIMEDOUT);
	check_ok(ipc_queue_putv(q, &one, 1, IPC_NOW));
	check_r(ipc_queue_putv(q, &one, 1, IPC_NOW), -EAGAIN);
	check_r(ipc_queue_putv(q, &one, 1, IPC_MSEC(1)), -ETIMEDOUT);
	check_r(ipc_queue_getv(q, &one, 1, IPC_NOW), 200);
	check_ok(ipc_queue_putv(q, NULL, 0, IPC_NOW));
	check_r(ipc_queue_getv(q, NULL, 0, IPC_NOW), 0);
	check_ok(ipc_queue_shutdown(q));
	check_r(ipc_queue_putv(q, &one, 1, IPC_FOREVER), -EPIPE);
	check_r(ipc_queue_getv(q, &one, 1, IPC_FOREVER), -EPIPE);
	ipc_queue_close(q);
}

/* ---- batches ------------------------------------------------------------------------------------ */

static void many__all_fit__come_in_order_with_their_types(void **state)
{
	static char    out[MANY][200], in[MANY][200];
	struct ipc_buf put[MANY], get[MANY + 30];
	ipc_queue     *q = make(0);

	for (uint32_t i = 0; i < MANY; i++) {
		put[i] = (struct ipc_buf){.data = out[i], .len = i * 2, .type = i};
		test_pattern(out[i], put[i].len, i);
	}
	for (uint32_t i = 0; i < N_OF(get); i++)
		get[i] = (struct ipc_buf){.data = in[i % MANY], .cap = sizeof(in[0])};
	check_r(ipc_queue_put_many(q, put, MANY, IPC_NOW), MANY);
	check_eq(ipc_queue_len(q), MANY);
	check_r(ipc_queue_get_many(q, get, 30, IPC_FOREVER), 30);
	check_r(ipc_queue_get_many(q, get + 30, MANY, IPC_FOREVER), MANY - 30);
	for (uint32_t i = 0; i < MANY; i++) {
		check_eq(get[i].len, put[i].len);
		check_eq(get[i].type, i);
		check(test_pattern_is(in[i], get[i].len, i));
	}
	check_r(ipc_queue_get_many(q, get, MANY, IPC_NOW), -EAGAIN);
	check_r(ipc_queue_get_many(q, get, 0, IPC_FOREVER), 0);
	check_r(ipc_queue_put_many(q, NULL, 0, IPC_FOREVER), 0);
	check_r(ipc_queue_put_many(q, NULL, 1, IPC_FOREVER), -EINVAL);
	ipc_queue_close(q);
}

static void put_many__not_room_for_all__as_many_as_there_is(void **state)
{
	struct ipc_buf put[MANY];
	ipc_queue     *q = make(10);
	char           c = 'x';

	for (uint32_t i = 0; i < MANY; i++)
		put[i] = (struct ipc_buf){.data = &c, .len = 1};
	check_r(ipc_queue_put_many(q, put, MANY, IPC_FOREVER), 10); /* waits for the first only */
	check_r(ipc_queue_put_many(q, put, MANY, IPC_NOW), -EAGAIN);
	check_r(ipc_queue_put_many(q, put, MANY, IPC_MSEC(1)), -ETIMEDOUT);
	check_r(ipc_queue_get(q, &c, 1, IPC_NOW), 1);
	put[1].data = NULL;
	check_r(ipc_queue_put_many(q, put, MANY, IPC_NOW), 1);
	check_r(ipc_queue_put_many(q, put + 1, MANY - 1, IPC_NOW), -EINVAL);
	check_ok(ipc_queue_shutdown(q));
	check_r(ipc_queue_put_many(q, put, MANY, IPC_NOW), -EPIPE);
	ipc_queue_close(q);
}

static void get_many__one_does_not_fit__stops_there(void **state)
{
	ipc_queue     *q = make(0);
	char           c[3000] = {0};
	struct ipc_buf get[3] = {
		{.data = c, .cap = 10}, {.data = c, .cap = 10}, {.data = c, .cap = 10}};

	check_ok(ipc_queue_put(q, c, 10, IPC_NOW));
	check_ok(ipc_queue_put(q, c, 3000, IPC_NOW));
	check_r(ipc_queue_get_many(q, get, 3, IPC_NOW), 1);
	check_r(ipc_queue_get_many(q, get, 3, IPC_NOW), -EMSGSIZE);
	get[0].cap = sizeof(c);
	check_r(ipc_queue_get_many(q, get, 3, IPC_NOW), 1);
	check_eq(get[0].len, 3000);
	ipc_queue_close(q);
}

static int sends_batches(void *arg)
{
	ipc_conn     **end = arg;
	struct ipc_buf put[17];
	uint32_t       n[17], next = 0, until = test_rounds(50000);

	ipc_conn_close(end[0]);
	while (next < until) {
		uint32_t want = 1 + next % 17, done = 0;

		for (uint32_t i = 0; i < want; i++) {
			n[i] = next + i;
			put[i] = (struct ipc_buf){.data = &n[i], .len = 4, .type = ~n[i]};
		}
		while (done < want) {
			ssize_t r = ipc_conn_send_many(end[1], put + done, want - done,
						       IPC_FOREVER);

			check(r > 0);
			done += (uint32_t)r;
		}
		next += want;
	}
	ipc_conn_close(end[1]);
	return 0;
}

static void many__two_processes__every_one_once_in_order(void **state)
{
	ipc_conn      *end[2];
	struct ipc_buf get[13];
	uint32_t       n[13], next = 0;
	ssize_t        r;
	pid_t          child;

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX, .capacity = 20)));
	child = test_fork(sends_batches, end);
	end[1] = ipc_conn_close(end[1]);
	for (uint32_t i = 0; i < N_OF(get); i++)
		get[i] = (struct ipc_buf){.data = &n[i], .cap = 4};
	while ((r = ipc_conn_recv_many(end[0], get, N_OF(get), IPC_FOREVER)) > 0)
		for (ssize_t i = 0; i < r; i++) {
			check_eq(n[i], next);
			check_eq(get[i].type, ~next);
			next++;
		}
	check_r(r, -EPIPE);
	check(next >= test_rounds(50000));
	check_eq(test_wait(child), 0);
	check_r(ipc_conn_send_many(end[0], get, 1, IPC_NOW), -EBADF);
	check_r(ipc_conn_sendv(end[0], NULL, 0, IPC_NOW), -EBADF);
	check_r(ipc_conn_recvv(end[0], NULL, 0, IPC_FOREVER), -EPIPE);
	ipc_conn_close(end[0]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(putv_getv__any_cut__is_one_message, setup),
		cmocka_unit_test_setup(putv_getv__mixed_with_copies__are_the_same_messages, setup),
		cmocka_unit_test_setup(getv__too_long__is_emsgsize_and_stays, setup),
		cmocka_unit_test_setup(putv_getv__wrong_or_full__as_put_and_get, setup),
		cmocka_unit_test_setup(many__all_fit__come_in_order_with_their_types, setup),
		cmocka_unit_test_setup(put_many__not_room_for_all__as_many_as_there_is, setup),
		cmocka_unit_test_setup(get_many__one_does_not_fit__stops_there, setup),
		cmocka_unit_test_setup(many__two_processes__every_one_once_in_order, setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Rows A18 and A25 of tests/behaviour.md, by the threads of one process.
 */

#include "support/test.h"

#include <ipc/conn.h>
#include <ipc/queue.h>

static int setup(void **state)
{
	test_deadline(60);
	return 0;
}

/* ---- frames ------------------------------------------------------------------------------------ */

#define FRAME  200000u
#define FRAMES 30u

struct sender {
	ipc_conn *c;
	uint32_t  me;
};

static uint32_t seed_of(uint32_t sender, uint32_t frame)
{
	return sender << 16 | frame;
}

static void *send_frames(void *arg)
{
	const struct sender *s = arg;
	char                *buf = malloc(FRAME);

	check(buf);
	for (uint32_t i = 0; i < FRAMES; i++) {
		uint32_t seed = seed_of(s->me, i);

		memcpy(buf, &seed, sizeof(seed));
		test_pattern(buf + sizeof(seed), FRAME - sizeof(seed), seed);
		check_ok(ipc_conn_send(s->c, buf, FRAME, IPC_SEC(30)));
	}
	free(buf);
	return NULL;
}

/* A25: both write to the same end at once, and each frame comes in one piece. */
static void conn__two_threads_200_kB_each__frames_never_interleave(void **state)
{
	struct sender s[2];
	pthread_t     t[2];
	ipc_conn     *end[2];
	char         *buf = malloc(FRAME);
	uint32_t      next[2] = {0, 0}, seed;

	check(buf);
	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .capacity = 4)));
	for (uint32_t i = 0; i < 2; i++) {
		s[i] = (struct sender){.c = end[0], .me = i};
		t[i] = test_thread(send_frames, &s[i]);
	}
	for (uint32_t i = 0; i < 2 * FRAMES; i++) {
		check_r(ipc_conn_recv(end[1], buf, FRAME, IPC_SEC(30)), FRAME);
		memcpy(&seed, buf, sizeof(seed));
		check(seed >> 16 < 2 &&
		      test_pattern_is(buf + sizeof(seed), FRAME - sizeof(seed), seed));
		check_eq(seed & 0xffff, next[seed >> 16]++);
	}
	for (int i = 0; i < 2; i++) {
		test_join_thread(t[i]);
		end[i] = ipc_conn_close(end[i]);
	}
	free(buf);
}

/* ---- errors --------------------------------------------------------------------------------------- */

/* Each code has a sentence of its own. */
static void check_sentence(const int *code, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check(strlen(ipc_strerror(code[i])) > 5);
		for (size_t k = 0; k < i; k++)
			check(strcmp(ipc_strerror(code[i]), ipc_strerror(code[k])) != 0);
	}
}

/* A18 */
static void conn_errors__each_provoked__has_its_code_and_sentence(void **state)
{
	static const int code[] = {0,           -EAGAIN, -ETIMEDOUT, -EPIPE,   -EMSGSIZE,
				   -EINVAL,     -EBADF,  -ENOENT,    -EEXIST,  -ENOSPC,
				   -EOWNERDEAD, -EACCES, -EPROTO,    -EBADMSG, -ENOBUFS};
	ipc_conn        *end[2];
	ipc_queue       *q, *other;
	char             c;

	check_ok(ipc_pipe(end, IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX, .capacity = 1)));
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EAGAIN);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_USEC(1)), -ETIMEDOUT);
	check_r(ipc_conn_recv(end[1], &c, 1, IPC_NOW), -EBADF);
	check_r(ipc_conn_send(end[1], NULL, 1, IPC_NOW), -EINVAL);
	check_ok(ipc_conn_send(end[1], "ab", 2, IPC_NOW));
	check_r(ipc_conn_send(end[1], "ab", 2, IPC_NOW), -EAGAIN);
	check_r(ipc_conn_recv(end[0], &c, 1, IPC_NOW), -EMSGSIZE);
	end[0] = ipc_conn_close(end[0]);
	check_r(ipc_conn_send(end[1], "ab", 2, IPC_NOW), -EPIPE);
	end[1] = ipc_conn_close(end[1]);
	check_r(ipc_queue_open(&q, "nobody"), -ENOENT);
	check_explains("nobody");
	check_ok(ipc_queue_create(&q, "somebody", NULL));
	check_r(ipc_queue_create(&other, "somebody", NULL), -EEXIST);
	check_explains("somebody");
	check_r(ipc_queue_put(q, &c, (size_t)1 << 60, IPC_NOW), -ENOSPC);
	check_ok(ipc_queue_unlink("somebody"));
	q = ipc_queue_close(q);
	check_sentence(code, N_OF(code));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(conn__two_threads_200_kB_each__frames_never_interleave,
				       setup),
		cmocka_unit_test_setup(conn_errors__each_provoked__has_its_code_and_sentence,
				       setup),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("threads_behaviour", tests, NULL, NULL);
}

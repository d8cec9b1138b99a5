/*
 * fuzz_stream.c - bytes, taken for messages of multiprocessing.connection's form
 *
 * The first byte says how: raw or not, what is the longest message allowed, how much room the
 * receiver has, and after how many bytes the other end goes.
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ipc/conn.h>

#include "fuzz/fuzz.h"

#define INPUT_MAX 60000 /* what a socket takes without a reader */

static char dir[] = "/dev/shm/fuzz-XXXXXX";

/* The domain in it goes with this process: libipc's destructor comes after this. */
__attribute__((destructor(101))) static void remove_dir(void)
{
	(void)rmdir(dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return mkdtemp(dir) && setenv("IPC_DIR", dir, 1) == 0 ? 0 : 1;
}

static void receive_all(ipc_conn *c, size_t cap, size_t max_len)
{
	static char buf[65536];
	ssize_t     r, again;

	do {
		r = ipc_conn_recv(c, buf, cap, IPC_NOW);
		if (r > (ssize_t)cap || r > (ssize_t)max_len)
			abort();
		if (r == -EMSGSIZE)
			r = ipc_conn_recv(c, buf, sizeof(buf), IPC_NOW);
	} while (r >= 0);
	r = ipc_conn_recv(c, buf, sizeof(buf), IPC_NOW);
	again = ipc_conn_recv(c, buf, sizeof(buf), IPC_NOW);
	if (again != r || r >= 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t                 how = size ? *data : 0;
	size_t                  max_len = how & 2 ? 1000 : 65536;
	struct ipc_from_fd_opts o = {.sz = sizeof(o), .max_len = max_len};
	ipc_conn               *c;
	int                     s[2];

	if (size < 1 || size > INPUT_MAX || socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0)
		return 0;
	if (how & 1)
		o.flags = IPC_FROM_FD_RAW;
	if (write(s[1], data + 1, size - 1) != (ssize_t)size - 1)
		abort();
	if (how & 4)
		(void)close(s[1]);
	if (ipc_conn_from_fd(&c, s[0], &o) < 0)
		abort();
	receive_all(c, how & 8 ? 16 : 65536, how & 1 ? 65536 : max_len);
	c = ipc_conn_close(c);
	if (!(how & 4))
		(void)close(s[1]);
	return 0;
}

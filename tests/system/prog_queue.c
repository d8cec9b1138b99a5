/*
 * A program that knows nothing but the name of a queue:
 *
 *     prog_queue put NAME     ten messages "0" … "9" into it
 *     prog_queue get NAME     ten messages out of it, which must be those
 *
 * It waits for somebody to make the queue. Exit status 0, or it says why not.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ipc/queue.h>

static int open_when_there(ipc_queue **ret, const char *name)
{
	const struct timespec a_little = {.tv_nsec = 1000000};
	int                   r = ipc_queue_open(ret, name);

	while (r == -ENOENT) {
		(void)nanosleep(&a_little, NULL);
		r = ipc_queue_open(ret, name);
	}
	return r;
}

static int put_ten(ipc_queue *q)
{
	int r = 0;

	for (char c = '0'; r == 0 && c <= '9'; c++)
		r = ipc_queue_put(q, &c, 1, IPC_SEC(20));
	return r;
}

static int get_ten(ipc_queue *q)
{
	ssize_t r = 1;
	char    got;

	for (char c = '0'; r == 1 && c <= '9'; c++) {
		r = ipc_queue_get(q, &got, 1, IPC_SEC(20));
		if (r == 1 && got != c)
			r = -EILSEQ;
	}
	return r == 1 ? 0 : (int)r;
}

int main(int argc, char **argv)
{
	ipc_queue *q;
	int        r;

	if (argc != 3)
		return 2;
	(void)alarm(60);
	r = open_when_there(&q, argv[2]);
	if (r == 0) {
		r = strcmp(argv[1], "put") ? get_ten(q) : put_ten(q);
		q = ipc_queue_close(q);
	}
	if (r < 0)
		(void)fprintf(stderr, "# prog_queue: %s; %s\n", ipc_strerror(r), ipc_explain());
	return r < 0;
}

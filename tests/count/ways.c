/* ways.c - what the ways to use a pipe and a queue share, and the list of all that is counted */

#include <errno.h>

#include "subjects.h"

void way_cut(struct iovec iov[PIECES], const void *buf, size_t len)
{
	char *at = (char *)(uintptr_t)buf;

	iov[0] = (struct iovec){.iov_base = at, .iov_len = len / 2};
	iov[1] = (struct iovec){.iov_base = at + len / 2, .iov_len = len - len / 2};
}

void way_fill(struct ipc_buf batch[BATCH], const void *buf, size_t len)
{
	void *data = (void *)(uintptr_t)buf;

	for (int i = 0; i < BATCH; i++)
		batch[i] = (struct ipc_buf){.data = data, .cap = len, .len = len};
}

int way_all(ssize_t n)
{
	return n == BATCH ? 0 : n < 0 ? (int)n : -EAGAIN;
}

const struct subject *const subjects[] = {
	&pipe_subject,     &duplex_subject,
	&pipe_in_place,    &pipe_reserved,
	&pipe_in_pieces,   &pipe_in_batches,
	&queue_subject,    &queue_in_place,
	&queue_reserved,   &queue_in_pieces,
	&queue_in_batches, &joinable_subject,
	&simple_subject,   NULL,
};

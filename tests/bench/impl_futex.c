/*
 * impl_futex.c - the least that waking somebody can cost: a word, futex(2), one message
 *
 * No ring, no room for a second message, no spinning: each call of recv goes to sleep, each send
 * wakes. For CASE_WAKEUP only, which never sends before the one before was received.
 */

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "impls.h"

struct mailbox {
	_Alignas(64) _Atomic uint32_t sent; /* messages; futex */
	_Alignas(64) unsigned char data[];
};

struct futex {
	struct mailbox *box;
	size_t          bytes;
	uint32_t        received;
};

static int futex_send(void *chan, enum bench_way way, const void *buf, size_t len)
{
	struct mailbox *box = ((struct futex *)chan)->box;

	(void)way;
	memcpy(box->data, buf, len);
	atomic_fetch_add_explicit(&box->sent, 1, memory_order_release);
	syscall(SYS_futex, &box->sent, FUTEX_WAKE, 1, NULL, NULL, 0);
	return 0;
}

static ssize_t futex_recv(void *chan, enum bench_way way, void *buf, size_t cap)
{
	struct futex   *f = chan;
	struct mailbox *box = f->box;

	(void)way;
	while (atomic_load_explicit(&box->sent, memory_order_acquire) == f->received)
		syscall(SYS_futex, &box->sent, FUTEX_WAIT, f->received, NULL, NULL, 0);
	f->received++;
	memcpy(buf, box->data, cap);
	return (ssize_t)cap;
}

static void futex_close(void *chan)
{
	struct futex *f = chan;

	munmap(f->box, f->bytes);
	free(f);
}

static int futex_open(void **ret, const struct bench_plan *plan)
{
	struct futex *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->bytes = sizeof(*f->box) + plan->size;
	f->box = mmap(NULL, f->bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (f->box == MAP_FAILED) {
		free(f);
		return -ENOMEM;
	}
	*ret = f;
	return 0;
}

const struct bench_impl impl_futex = {
	.name = "futex",
	.cases = 1 << CASE_WAKEUP,
	.floor_of = 1 << CASE_WAKEUP,
	.open = futex_open,
	.send = futex_send,
	.recv = futex_recv,
	.close = futex_close,
};

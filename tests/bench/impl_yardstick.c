/*
 * impl_yardstick.c - the least there can be: one ring, one writer, one reader, no bookkeeping
 *
 * What libipc is measured against: memory shared between two processes, a copy in, a copy out,
 * and a receiver that may sleep. No counters, no names, no recovery from a death, a fixed size.
 * With several writers or readers it does not work, so it has no part in that case.
 *
 * Each slot carries its own sequence number, so a message that fits beside it costs one line
 * transfer. Waiting is spinning for a while, then futex(2). Who goes to sleep has membarrier(2)
 * make a fence in the other process; so who wakes needs none, which is worth 60 ns a message
 * (measured: 20 against 100 ns at 8 bytes, 40 against 110 at 64).
 *
 * Ordering
 *     R1  commit()     release  slot.seq  publishes the payload
 *     A1  has_message() acquire slot.seq  pairs with R1
 *     R2  release()    release  head      gives the slot back
 *     A2  has_room()   acquire  head      pairs with R2
 *     F1  sleep_on()   fence in both processes: announce the sleep, then look again
 *     F2  wake()       for the compiler only: publish, then look for a sleeper; pairs with F1
 */

#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "impls.h"

#define SPIN_NS  30000     /* where sleeping and waking costs as much: measured once */
#define SLICE_NS 250000000 /* longest sleep; as in libipc */

struct ring {
	_Alignas(64) uint64_t tail; /* the writer's */
	uint64_t head_seen;
	_Alignas(64) _Atomic uint64_t head; /* the reader's */
	_Alignas(64) _Atomic uint32_t reader_sleeps;
	_Atomic uint32_t writer_sleeps;
	uint64_t         n_slots; /* a power of two */
	size_t           stride;
	_Alignas(64) unsigned char slots[];
};

struct slot {
	_Atomic uint64_t seq; /* position + 1 of the message in it */
	unsigned char    data[];
};

struct yardstick {
	size_t       bytes, size;
	struct ring *ring[2];
};

static struct slot *slot_of(struct ring *r, uint64_t pos)
{
	return (struct slot *)(void *)(r->slots + (pos & (r->n_slots - 1)) * r->stride);
}

/* Short messages word by word: wide loads of words just stored wait for the stores. */
static void copy(void *to, const void *from, size_t len)
{
	uint64_t       *t = to;
	const uint64_t *f = from;

	if (len > 256) {
		memcpy(to, from, len);
		return;
	}
	for (size_t i = 0; i < len / sizeof(*t); i++) {
		t[i] = f[i];
		__asm__ volatile("" ::: "memory"); /* or the compiler makes a memcpy of it */
	}
}

static int ring_enter(void *chan, enum bench_side side)
{
	(void)chan;
	(void)side;
	return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) < 0 ? -errno
											   : 0;
}

static void sleep_on(_Atomic uint32_t *word, int (*ready)(struct ring *), struct ring *r)
{
	const struct timespec slice = {.tv_nsec = SLICE_NS};

	atomic_store_explicit(word, 1, memory_order_relaxed);
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0); /* F1: pairs with F2 */
	if (!ready(r))
		syscall(SYS_futex, word, FUTEX_WAIT, 1, &slice, NULL, 0);
	atomic_store_explicit(word, 0, memory_order_relaxed);
}

static void wake(_Atomic uint32_t *word)
{
	atomic_signal_fence(memory_order_seq_cst); /* F2: pairs with F1 */
	if (!atomic_load_explicit(word, memory_order_relaxed))
		return;
	atomic_store_explicit(word, 0, memory_order_relaxed);
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void wait_for(struct ring *r, int (*ready)(struct ring *), _Atomic uint32_t *word)
{
	uint64_t until = 0;

	for (unsigned i = 0; !ready(r); i++) {
		clock_relax();
		if (i % 64 != 63)
			continue;
		if (until == 0)
			until = clock_ns() + SPIN_NS;
		else if (clock_ns() > until)
			sleep_on(word, ready, r);
	}
}

static int has_message(struct ring *r)
{
	uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed); /* ours alone */

	return atomic_load_explicit(&slot_of(r, head)->seq, memory_order_acquire) ==
	       head + 1; /* A1: pairs with R1 */
}

static int has_room(struct ring *r)
{
	r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire); /* A2: pairs with R2 */
	return r->tail - r->head_seen < r->n_slots;
}

/* ---- the four steps of a message; copying ones are made of two of them each --------------------- */

static struct ring *forth(void *chan)
{
	return ((struct yardstick *)chan)->ring[WAY_FORTH];
}

static struct slot *reserve(struct ring *r)
{
	if (r->tail - r->head_seen == r->n_slots)
		wait_for(r, has_room, &r->writer_sleeps);
	return slot_of(r, r->tail);
}

static void commit(struct ring *r, struct slot *s)
{
	r->tail++;
	atomic_store_explicit(&s->seq, r->tail, memory_order_release); /* R1: pairs with A1 */
	wake(&r->reader_sleeps);
}

static struct slot *take(struct ring *r)
{
	wait_for(r, has_message, &r->reader_sleeps);
	return slot_of(r, atomic_load_explicit(&r->head, memory_order_relaxed)); /* ours alone */
}

static void release(struct ring *r)
{
	uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed); /* ours alone */

	atomic_store_explicit(&r->head, head + 1, memory_order_release); /* R2: pairs with A2 */
	wake(&r->writer_sleeps);
}

static int ring_send(void *chan, enum bench_way way, const void *buf, size_t len)
{
	struct ring *r = ((struct yardstick *)chan)->ring[way];
	struct slot *s = reserve(r);

	copy(s->data, buf, len);
	commit(r, s);
	return 0;
}

static ssize_t ring_recv(void *chan, enum bench_way way, void *buf, size_t cap)
{
	struct ring *r = ((struct yardstick *)chan)->ring[way];

	copy(buf, take(r)->data, cap);
	release(r);
	return (ssize_t)cap;
}

static int ring_reserve(void *chan, size_t len, void **ret)
{
	(void)len;
	*ret = reserve(forth(chan))->data;
	return 0;
}

static int ring_commit(void *chan, size_t len)
{
	struct ring *r = forth(chan);

	(void)len;
	commit(r, slot_of(r, r->tail));
	return 0;
}

static ssize_t ring_take(void *chan, const void **ret)
{
	*ret = take(forth(chan))->data;
	return (ssize_t)((struct yardstick *)chan)->size;
}

static int ring_release(void *chan)
{
	release(forth(chan));
	return 0;
}

/* ---- making one ---------------------------------------------------------------------------------- */

static void ring_close(void *chan)
{
	struct yardstick *y = chan;

	for (int way = 0; way < 2; way++)
		if (y->ring[way])
			munmap(y->ring[way], y->bytes);
	free(y);
}

static int ring_open(void **ret, const struct bench_plan *plan)
{
	struct yardstick *y = calloc(1, sizeof(*y));
	size_t            stride = sizeof(struct slot) + plan->size, n = 4;

	if (!y)
		return -ENOMEM;
	stride = (stride + 15) & ~(size_t)15; /* whole lines were slower */
	y->size = plan->size;
	while (n < plan->depth)
		n *= 2;
	y->bytes = sizeof(struct ring) + n * stride;
	for (int way = 0; way < 2; way++) {
		struct ring *r = mmap(NULL, y->bytes, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		if (r == MAP_FAILED) {
			ring_close(y);
			return -ENOMEM;
		}
		r->n_slots = n;
		r->stride = stride;
		y->ring[way] = r;
	}
	*ret = y;
	return 0;
}

const struct bench_impl impl_yardstick = {
	.name = "yardstick",
	.cases = TWO_PARTIES | 1 << CASE_WAKEUP | INPLACE_CASES,
	.floor_of = TWO_PARTIES | INPLACE_CASES,
	.open = ring_open,
	.enter = ring_enter,
	.send = ring_send,
	.recv = ring_recv,
	.reserve = ring_reserve,
	.commit = ring_commit,
	.take = ring_take,
	.release = ring_release,
	.close = ring_close,
};

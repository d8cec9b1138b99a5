/*
 * impl_ck.c - Concurrency Kit's rings of values, in shared memory
 *
 * ck: one producer, one consumer. ck_mpmc: several of both. Both only spin: what to do when there
 * is nothing to do is left to the caller, and here that is a pause, and now and then the core to
 * others. The type of a value is fixed when a program is built, hence the few sizes.
 */

#if __has_include(<ck_ring.h>)

#include <ck_ring.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "clock.h"
#include "impls.h"

#define LOOKS 256 /* before giving up the core: with more processes than cores, more are lost */

struct ops {
	size_t size;
	bool (*put)(struct ck_ring *r, void *values, const void *value);
	bool (*get)(struct ck_ring *r, void *values, void *value);
};

#define VALUE(n)                      \
	struct value##n {             \
		uint64_t word[n / 8]; \
	};                            \
	CK_RING_PROTOTYPE(n, value##n)

#define OPS(kind, KIND, n)                                                             \
	static bool kind##_put_##n(struct ck_ring *r, void *values, const void *value) \
	{                                                                              \
		struct value##n v;                                                     \
                                                                                       \
		memcpy(&v, value, n);                                                  \
		return CK_RING_ENQUEUE_##KIND(n, r, values, &v);                       \
	}                                                                              \
	static bool kind##_get_##n(struct ck_ring *r, void *values, void *value)       \
	{                                                                              \
		return CK_RING_DEQUEUE_##KIND(n, r, values, value);                    \
	}

VALUE(8)
VALUE(64)
VALUE(256)
VALUE(1024)
OPS(spsc, SPSC, 8)
OPS(spsc, SPSC, 64)
OPS(spsc, SPSC, 256)
OPS(spsc, SPSC, 1024)
OPS(mpmc, MPMC, 8)
OPS(mpmc, MPMC, 64)
OPS(mpmc, MPMC, 256)
OPS(mpmc, MPMC, 1024)

static const struct ops spsc[] = {{8, spsc_put_8, spsc_get_8},
				  {64, spsc_put_64, spsc_get_64},
				  {256, spsc_put_256, spsc_get_256},
				  {1024, spsc_put_1024, spsc_get_1024}};
static const struct ops mpmc[] = {{8, mpmc_put_8, mpmc_get_8},
				  {64, mpmc_put_64, mpmc_get_64},
				  {256, mpmc_put_256, mpmc_get_256},
				  {1024, mpmc_put_1024, mpmc_get_1024}};

/* One way, in memory shared by all. */
struct way {
	_Alignas(64) struct ck_ring ring;
	_Alignas(64) unsigned char values[];
};

struct ck {
	const struct ops *ops;
	struct way       *way[2];
	size_t            bytes;
};

static void wait_a_little(unsigned *looks)
{
	if (++*looks % LOOKS == 0)
		sched_yield();
	else
		clock_relax();
}

static int ck_send(void *chan, enum bench_way way, const void *buf, size_t len)
{
	struct ck  *c = chan;
	struct way *w = c->way[way];
	unsigned    looks = 0;

	(void)len;
	while (!c->ops->put(&w->ring, w->values, buf))
		wait_a_little(&looks);
	return 0;
}

static ssize_t ck_recv(void *chan, enum bench_way way, void *buf, size_t cap)
{
	struct ck  *c = chan;
	struct way *w = c->way[way];
	unsigned    looks = 0;

	(void)cap;
	while (!c->ops->get(&w->ring, w->values, buf))
		wait_a_little(&looks);
	return (ssize_t)c->ops->size;
}

static void ck_close(void *chan)
{
	struct ck *c = chan;

	for (int way = 0; way < 2; way++)
		if (c->way[way])
			munmap(c->way[way], c->bytes);
	free(c);
}

static int open_as(void **ret, const struct bench_plan *plan, const struct ops *ops)
{
	struct ck *c = calloc(1, sizeof(*c));
	size_t     n = 4;

	if (!c)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(spsc) / sizeof(*spsc); i++)
		if (ops[i].size == plan->size)
			c->ops = &ops[i];
	while (n <= plan->depth) /* one place stays empty */
		n *= 2;
	c->bytes = sizeof(struct way) + n * plan->size;
	for (int way = 0; way < 2 && c->ops; way++) {
		void *at = mmap(NULL, c->bytes, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		if (at == MAP_FAILED) {
			ck_close(c);
			return -ENOMEM;
		}
		c->way[way] = at;
		ck_ring_init(&c->way[way]->ring, (unsigned)n);
	}
	if (!c->ops) {
		ck_close(c);
		return -EMSGSIZE;
	}
	*ret = c;
	return 0;
}

static int ck_open(void **ret, const struct bench_plan *plan)
{
	return open_as(ret, plan, spsc);
}

static int ck_mpmc_open(void **ret, const struct bench_plan *plan)
{
	return open_as(ret, plan, mpmc);
}

const struct bench_impl impl_ck = {
	.name = "ck",
	.is_peer = 1,
	.spins = 1,
	.cases = TWO_PARTIES,
	.max_size = 1024,
	.open = ck_open,
	.send = ck_send,
	.recv = ck_recv,
	.close = ck_close,
};

const struct bench_impl impl_ck_mpmc = {
	.name = "ck_mpmc",
	.is_peer = 1,
	.spins = 1,
	.cases = TWO_PARTIES | 1 << CASE_MANYTOMANY,
	.max_size = 1024,
	.open = ck_mpmc_open,
	.send = ck_send,
	.recv = ck_recv,
	.close = ck_close,
};

#endif

/* role.c - a producer or a consumer: as fast as it goes, until the board says otherwise */

#include <errno.h>
#include <string.h>
#include <time.h>

#include "rivals.h"

struct head {
	uint32_t producer, seq;
	uint64_t check;
};

static size_t length_of(uint32_t producer, uint32_t seq)
{
	return MESSAGE_MIN + (seq * 7919u + producer * 31u) % (MESSAGE_MAX - MESSAGE_MIN);
}

static void message_make(unsigned char *buf, size_t len, uint32_t producer, uint32_t seq)
{
	const struct head h = {.producer = producer, .seq = seq, .check = ~(uint64_t)seq};

	memcpy(buf, &h, sizeof(h));
	memset(buf + sizeof(h), (int)(seq * 13 + producer) & 0xff, len - sizeof(h));
}

/* Is it what its producer sent? */
static bool message_whole(const unsigned char *buf, size_t len, struct head *ret)
{
	unsigned char should[MESSAGE_MAX];

	if (len < sizeof(*ret))
		return false;
	memcpy(ret, buf, sizeof(*ret));
	if (ret->producer >= PRODUCERS || ret->seq >= MESSAGES_MAX ||
	    len != length_of(ret->producer, ret->seq))
		return false;
	message_make(should, len, ret->producer, ret->seq);
	return memcmp(buf, should, len) == 0;
}

static uint64_t phase(const struct board *b)
{
	return __atomic_load_n(&b->phase, __ATOMIC_ACQUIRE);
}

static void pause_a_moment(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* A message of one byte: this was all. One for each consumer. */
static int say_that_is_all(const struct rival *rival, const struct board *b)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < b->n_consumers; i++)
		r = rival->send("", 1);
	return r;
}

static int produce(const struct rival *rival, struct board *b, unsigned producer)
{
	unsigned char buf[MESSAGE_MAX];
	int           r = 0;

	for (uint32_t seq = 0; r == 0 && seq < MESSAGES_MAX && phase(b) == PHASE_RUN; seq++) {
		size_t len = length_of(producer, seq);

		message_make(buf, len, producer, seq);
		r = rival->send(buf, len);
		if (r == 0)
			__atomic_store_n(&b->role[producer].steps, (uint64_t)seq + 1,
					 __ATOMIC_RELEASE);
	}
	__atomic_store_n(&b->role[producer].paused, UINT64_C(1), __ATOMIC_RELEASE);
	while (r == 0 && phase(b) != PHASE_END)
		pause_a_moment();
	return r < 0 ? r : say_that_is_all(rival, b);
}

static int consume(const struct rival *rival, struct board *b, unsigned consumer)
{
	struct role  *me = &b->role[PRODUCERS + consumer];
	unsigned char buf[MESSAGE_MAX + 16];
	struct head   h;
	ssize_t       n;

	while ((n = rival->recv(buf, sizeof(buf))) != 1) {
		if (n < 0)
			return (int)n;
		if (message_whole(buf, (size_t)n, &h))
			b->got[consumer][h.producer][h.seq]++;
		else
			me->torn++;
		__atomic_store_n(&me->steps, me->steps + 1, __ATOMIC_RELEASE);
	}
	return 0;
}

int role_play(const struct rival *rival, struct board *board, unsigned role)
{
	bool producer = role < PRODUCERS;
	int  r = rival->enter ? rival->enter(producer) : 0;

	if (r == 0)
		r = producer ? produce(rival, board, role)
			     : consume(rival, board, role - PRODUCERS);
	if (r == 0 && rival->leave)
		rival->leave();
	return r < 0;
}

#ifndef BASE_FUTEX_H
#define BASE_FUTEX_H

/* futex.h - sleep while a shared word has a value; wake who sleeps on it */

#include <errno.h>
#include <linux/futex.h>
#include <limits.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/failpoint.h"

/**
 * futex_wait() - sleep while *@word is @value, until @until at the latest
 * @until: CLOCK_MONOTONIC [ns], absolute: an interruption never lengthens it
 *
 * Return: 0 woken (perhaps for nothing), -EAGAIN the word differs, -ETIMEDOUT, -EINTR
 */
static inline int futex_wait(uint32_t *word, uint32_t value, uint64_t until)
{
	struct timespec t = {.tv_sec = (time_t)(until / 1000000000u),
			     .tv_nsec = (long)(until % 1000000000u)};
	long            r;

	FAILPOINT("wait");
	r = syscall(SYS_futex, word, FUTEX_WAIT_BITSET, value, &t, NULL, FUTEX_BITSET_MATCH_ANY);
	return r < 0 ? -errno : 0;
}

/* Wake at most @n of those who sleep on @word. */
static inline void futex_wake(uint32_t *word, int n)
{
	FAILPOINT("wake");
	(void)syscall(SYS_futex, word, FUTEX_WAKE, n, NULL, NULL, 0);
}

/* ---- several words at once (Linux 5.16) ---------------------------------------------------- */

#define FUTEXES_MAX 128 /* the kernel's FUTEX_WAITV_MAX */

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449 /* of all architectures; headers before 5.16 lack it */
#endif

/* struct futex_waitv of the kernel, which older headers lack. */
struct futex_one {
	uint64_t value, address;
	uint32_t flags, reserved;
};

static inline struct futex_one futex_one(const uint32_t *word, uint32_t value)
{
	return (struct futex_one){.value = value,
				  .address = (uint64_t)(uintptr_t)word,
				  .flags = 2 /* 32 bits, shared */};
}

/* As futex_wait(), while each of @n words has its value; -ENOSYS: not on this kernel. */
static inline int futex_waitv(struct futex_one *one, unsigned n, uint64_t until)
{
	struct timespec t = {.tv_sec = (time_t)(until / 1000000000u),
			     .tv_nsec = (long)(until % 1000000000u)};
	long            r;

	FAILPOINT("wait");
	r = syscall(SYS_futex_waitv, one, n, 0, &t, CLOCK_MONOTONIC);
	return r < 0 ? -errno : 0;
}

#endif /* BASE_FUTEX_H */

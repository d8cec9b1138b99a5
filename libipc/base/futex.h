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
	long            r = syscall(SYS_futex, word, FUTEX_WAIT_BITSET, value, &t, NULL,
				    FUTEX_BITSET_MATCH_ANY);

	return r < 0 ? -errno : 0;
}

/* Wake at most @n of those who sleep on @word. */
static inline void futex_wake(uint32_t *word, int n)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE, n, NULL, NULL, 0);
}

#endif /* BASE_FUTEX_H */

#ifndef BASE_HUSH_H
#define BASE_HUSH_H

/*
 * hush.h - a signal that comes beside the error of a call of ours is for nobody
 *
 *     struct hush h;
 *
 *     hush_begin(&h, SIGPIPE);
 *     r = write(…);
 *     hush_end(&h, r < 0 && errno == EPIPE);
 *
 * The kernel sends such a signal to the calling thread, before the call returns: it is blocked
 * meanwhile and taken back before anyone sees it. One that was pending before stays.
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct hush {
	sigset_t of, before;
	bool     pending;
};

static inline void hush_begin(struct hush *h, int sig)
{
	sigset_t pending;

	(void)sigemptyset(&h->of);
	(void)sigaddset(&h->of, sig);
	(void)sigpending(&pending);
	h->pending = sigismember(&pending, sig);
	(void)pthread_sigmask(SIG_BLOCK, &h->of, &h->before);
}

/* @came: the call failed in the way that brings the signal. Leaves errno as it is. */
static inline void hush_end(const struct hush *h, bool came)
{
	static const struct timespec now;
	int                          error = errno;

	if (came && !h->pending)
		(void)syscall(SYS_rt_sigtimedwait, &h->of, NULL, &now, _NSIG / 8);
	(void)pthread_sigmask(SIG_SETMASK, &h->before, NULL);
	errno = error;
}

#endif /* BASE_HUSH_H */

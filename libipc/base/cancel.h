#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

/*
 * cancel.h - no call of this library is a cancellation point
 *
 * open(2), close(2), fcntl(2) with F_SETLKW, poll(2) and others of libc are: a thread
 * that is cancelled would end in there, with the registry locked, a message half taken,
 * or published as asleep for ever. Where a call must not end, it sleeps by syscall(2),
 * which is none, and takes files through base/file.h; around what does more than that,
 * cancellation is put off:
 *
 *     int state = cancel_off();
 *     ...
 *     cancel_on(state);
 *
 * What was asked for meanwhile is acted upon at the caller's next cancellation point.
 */

#include <pthread.h>

static inline int cancel_off(void)
{
	int before = PTHREAD_CANCEL_ENABLE;

	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	return before;
}

static inline void cancel_on(int before)
{
	(void)pthread_setcancelstate(before, NULL);
}

#endif /* BASE_CANCEL_H */

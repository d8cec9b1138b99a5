#ifndef CRASH_ROBUST_H
#define CRASH_ROBUST_H

/*
 * robust.h - glibc's robust mutex in place of ours, for a negative control
 *
 * Included where libipc/object/mutex.c has ipc_mutex_lock() and ipc_mutex_unlock(). It lies
 * in memory of its own, which all processes of a trial have mapped at the same address.
 */

#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

static pthread_mutex_t *robust(ipc_mutex *m)
{
	pthread_mutexattr_t a;
	pthread_mutex_t    *p = (pthread_mutex_t *)(uintptr_t)m->owner;

	if (p)
		return p;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	(void)pthread_mutexattr_init(&a);
	(void)pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	(void)pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	(void)pthread_mutex_init(p, &a);
	m->owner = (uintptr_t)p;
	return p;
}

int ipc_mutex_lock(ipc_mutex *m, ipc_nsec timeout)
{
	struct thread_rec *t;
	struct timespec    until;
	int                r = thread_self(&t);

	if (r < 0)
		return r;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout < 0 ? 1000 : timeout / 1000000000;
	r = timeout == IPC_NOW ? pthread_mutex_trylock(robust(m))
			       : pthread_mutex_clocklock(robust(m), CLOCK_MONOTONIC, &until);
	if (r == EOWNERDEAD)
		(void)pthread_mutex_consistent(robust(m));
	return r == EBUSY ? -EAGAIN : -r;
}

int ipc_mutex_unlock(ipc_mutex *m)
{
	return -pthread_mutex_unlock(robust(m));
}

#endif /* CRASH_ROBUST_H */

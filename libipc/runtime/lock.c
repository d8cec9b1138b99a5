#include "runtime/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <time.h>

#include "base/alive.h"
#include "base/atomic.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "runtime/descriptors.h"
#include "runtime/domain.h"
#include "runtime/repair.h"

/* Behind the bytes of all process slots there can be. */
#define LOCK_BYTE ((off_t)1 << 40)

/* Between two tries of who has a time limit; picked: the kernel wakes nobody for them [ns]. */
#define NAP_FIRST_NS UINT64_C(10000)
#define NAP_MOST_NS  UINT64_C(2000000)

static pthread_mutex_t local = PTHREAD_MUTEX_INITIALIZER;
static int             cancellable; /* whether who has it was, before */

static int lock_byte(int fd, int cmd, short type)
{
	struct flock f = {.l_type = type, .l_whence = SEEK_SET, .l_start = LOCK_BYTE, .l_len = 1};

	FAILPOINT("lock");
	while (fcntl(fd, cmd, &f) < 0)
		if (errno != EINTR)
			return errno == EACCES ? -EAGAIN : -errno;
	return f.l_type == F_UNLCK ? 0 : 1;
}

/*
 * The kernel counts locks by process, and knows no threads: with locks of the program's own
 * it may see a circle where there is none, and refuse (EDEADLK). Nor does it always have the
 * memory (ENOLCK). Both pass.
 */
static bool passes(int r)
{
	return r == -EAGAIN || r == -EDEADLK || r == -ENOLCK;
}

void domain_file_unlock(int alive_fd)
{
	(void)lock_byte(alive_fd, F_SETLK, F_UNLCK);
}

/* Its owner may be stopped, and the kernel knows no time limit for this. @until_ns 0: none. */
static int file_lock_until(int alive_fd, uint64_t until_ns)
{
	uint64_t nap = NAP_FIRST_NS;
	int      r;

	while (passes(r = lock_byte(alive_fd, F_SETLK, F_WRLCK))) {
		if (until_ns && clock_now_ns() >= until_ns)
			return -ETIMEDOUT;
		clock_nap((long)nap);
		nap = nap * 2 < NAP_MOST_NS ? nap * 2 : NAP_MOST_NS;
	}
	return r < 0 ? r : 0;
}

int domain_file_lock(int alive_fd)
{
	int r = lock_byte(alive_fd, F_SETLKW, F_WRLCK);

	if (passes(r))
		r = file_lock_until(alive_fd, 0);
	return r < 0 ? r : 0;
}

static int local_lock_timed(uint64_t until_ns)
{
#ifdef __SANITIZE_THREAD__
	/* that of gcc 12 knows of no such call, and would take the lock for free */
	while (pthread_mutex_trylock(&local) != 0) {
		if (clock_now_ns() >= until_ns)
			return -ETIMEDOUT;
		clock_nap((long)NAP_FIRST_NS);
	}
	return 0;
#else
	struct timespec t = {.tv_sec = (time_t)(until_ns / 1000000000u),
			     .tv_nsec = (long)(until_ns % 1000000000u)};

	return -pthread_mutex_clocklock(&local, CLOCK_MONOTONIC, &t);
#endif
}

static int local_lock_until(uint64_t until_ns)
{
	return until_ns ? local_lock_timed(until_ns) : -pthread_mutex_lock(&local);
}

/*
 * The lock that says so is lost with any descriptor of its file that the process closes,
 * though the one it was made on be open. As a rule it is there, and stays.
 */
static void stay_alive(void)
{
	descriptors_mend();
	if (the_domain.has_slot)
		(void)alive_claim(the_domain.alive_fd, the_domain.slot);
}

static int lock_until(uint64_t until_ns)
{
	struct registry_header *h = the_domain.hdr;
	int                     before = cancel_off(); /* until it is unlocked */
	int                     r = local_lock_until(until_ns);

	if (r == 0) {
		stay_alive();
		if (until_ns)
			r = file_lock_until(the_domain.alive_fd, until_ns);
		else
			r = domain_file_lock(the_domain.alive_fd);
		if (r != -ETIMEDOUT)
			r = 0; /* its descriptor is gone and cannot be had again, nor can the domain */
		if (r < 0)
			(void)pthread_mutex_unlock(&local);
	}
	if (r < 0) {
		cancel_on(before);
		return r;
	}
	cancellable = before;
	if (unlikely(load_acquire(&h->dirty)))
		registry_repair();
	store_relaxed(&h->turn, h->turn + 1);
	store_release(&h->dirty, (uint64_t)the_domain.slot + 1);
	return 0;
}

int registry_lock_within(ipc_nsec timeout)
{
	uint64_t patience = (uint64_t)timeout + REGISTRY_PATIENCE_NS;

	/* beyond the end of time: as for ever */
	return lock_until(timeout < 0 || timeout > INT64_MAX / 2 ? 0 : clock_now_ns() + patience);
}

void registry_lock(void)
{
	(void)lock_until(0);
}

void registry_unlock(void)
{
	int before = cancellable;

	store_release(&the_domain.hdr->dirty, UINT64_C(0));
	domain_file_unlock(the_domain.alive_fd);
	(void)pthread_mutex_unlock(&local);
	cancel_on(before);
}

bool registry_owner_died(void)
{
	uint64_t dirty = load_acquire(&the_domain.hdr->dirty);

	/* not seen: this process's own lock; and that of who took it in between */
	return unlikely(dirty) && dirty != (uint64_t)the_domain.slot + 1 &&
	       lock_byte(the_domain.alive_fd, F_GETLK, F_WRLCK) == 0 &&
	       load_acquire(&the_domain.hdr->dirty) == dirty;
}

bool registry_mend(void)
{
	if (registry_lock_within(IPC_NOW) < 0)
		return false;
	registry_unlock();
	return true;
}

void registry_lock_after_fork(void)
{
	pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;

	local = fresh; /* the parent's handler holds the original, in the parent */
	cancel_on(cancellable);
	registry_lock();
}

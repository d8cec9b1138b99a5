#include "runtime/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

#include "base/atomic.h"
#include "runtime/domain.h"
#include "runtime/repair.h"

/* Behind the bytes of all process slots there can be. */
#define LOCK_BYTE ((off_t)1 << 40)

static pthread_mutex_t local = PTHREAD_MUTEX_INITIALIZER;

int domain_file_lock(int alive_fd)
{
	struct flock f = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_BYTE, .l_len = 1};

	while (fcntl(alive_fd, F_SETLKW, &f) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

void domain_file_unlock(int alive_fd)
{
	struct flock f = {
		.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = LOCK_BYTE, .l_len = 1};

	(void)fcntl(alive_fd, F_SETLK, &f);
}

void registry_lock(void)
{
	struct registry_header *h = the_domain.hdr;

	(void)pthread_mutex_lock(&local);
	(void)domain_file_lock(the_domain.alive_fd); /* fails for lack of kernel memory only */
	if (unlikely(load_acquire(&h->dirty)))
		registry_repair();
	store_release(&h->dirty, (uint64_t)the_domain.slot + 1);
}

void registry_unlock(void)
{
	store_release(&the_domain.hdr->dirty, UINT64_C(0));
	domain_file_unlock(the_domain.alive_fd);
	(void)pthread_mutex_unlock(&local);
}

void registry_lock_after_fork(void)
{
	pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;

	local = fresh; /* the parent's handler holds the original, in the parent */
	registry_lock();
}

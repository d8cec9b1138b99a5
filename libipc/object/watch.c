/*
 * watch.c - see watch.h. Everything here holds the lock of this file; it is rare.
 *
 * What others see of a watch is a bit of the end and a FIFO beside the object's file, both
 * made by runtime/level.c under the registry lock: they go with the end, whose process may
 * die at any of these steps, and the file with the object. A byte too many or too few in it,
 * left by who was killed between a change and the byte, is made right by whoever looks next.
 */

#include "object/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "object/deaths.h"
#include "runtime/domain.h"
#include "runtime/process.h"

struct watch {
	struct watch   *next;
	struct channel *c;
	unsigned        ring;
	enum level_side side;
	int             fifo;
	int             fd; /* -1: nobody asked for one */
	struct deaths   deaths;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct watch   *watches;
static bool            prepared;

static struct watch *find(const struct channel *c, unsigned ring, enum level_side side)
{
	struct watch *w = watches;

	while (w && (w->c != c || w->ring != ring || w->side != side))
		w = w->next;
	return w;
}

static void look_up(struct watch *w)
{
	if (w->fd >= 0)
		deaths_look_up(&w->deaths, w->c, w->fd);
}

/* ---- making and closing -------------------------------------------------------------------- */

static int epoll_make(const struct watch *w)
{
	struct epoll_event e = {.events = EPOLLIN};
	int                fd = epoll_create1(EPOLL_CLOEXEC), r;

	if (fd < 0)
		return fail(-errno, "cannot make a descriptor: %s", strerrordesc_np(errno));
	if (epoll_ctl(fd, EPOLL_CTL_ADD, w->fifo, &e) == 0)
		return fd;
	r = -errno;
	file_close(fd);
	return r;
}

/*
 * The child of a fork: the descriptor keeps its number and is made anew, since the one
 * inherited is shared with the parent, who goes on adding and dropping holders.
 */
static void child_again(struct watch *w)
{
	int fd;

	deaths_close(&w->deaths);
	if (!w->c->h.rights)
		return; /* disowned: there was no room for this process */
	level_keep(w->c->h.object, w->ring, w->side, w->c->h.end);
	if (w->fd < 0)
		return;
	fd = epoll_make(w);
	if (fd < 0)
		return;
	(void)dup3(fd, w->fd, O_CLOEXEC);
	file_close(fd);
	deaths_look_up(&w->deaths, w->c, w->fd);
}

static void before_fork(void)
{
	(void)pthread_mutex_lock(&lock);
}

static void after_fork_parent(void)
{
	(void)pthread_mutex_unlock(&lock);
}

static void after_fork_child(void)
{
	if (load_acquire(&the_domain.joined))
		for (struct watch *w = watches; w; w = w->next)
			child_again(w);
	(void)pthread_mutex_unlock(&lock);
}

static struct watch *make(struct channel *c, unsigned ring, enum level_side side, int *ret_error)
{
	struct watch *w = calloc(1, sizeof(*w));

	*ret_error = w ? 0 : -ENOMEM;
	if (!w)
		return NULL;
	*w = (struct watch){.c = c, .ring = ring, .side = side, .fd = -1};
	w->fifo = level_watch(c->h.object, ring, side, c->h.end);
	if (w->fifo < 0) {
		*ret_error = w->fifo;
		free(w);
		return NULL;
	}
	if (!prepared) /* after those of the runtime, whose work the child's builds on */
		prepared = pthread_atfork(before_fork, after_fork_parent, after_fork_child) == 0;
	w->next = watches;
	watches = w;
	store_release(&c->watched, true);
	return w;
}

static struct watch *find_or_make(struct channel *c, unsigned ring, enum level_side side,
				  int *ret_error)
{
	struct watch *w = find(c, ring, side);

	return w ? w : make(c, ring, side, ret_error);
}

int watch_fifo(struct channel *c, unsigned ring, enum level_side side)
{
	struct watch *w;
	int           r = 0;

	(void)pthread_mutex_lock(&lock);
	w = find_or_make(c, ring, side, &r);
	r = w ? w->fifo : r;
	(void)pthread_mutex_unlock(&lock);
	return r;
}

int watch_fd(struct channel *c, unsigned ring, enum level_side side)
{
	struct watch *w;
	int           r = 0;

	(void)pthread_mutex_lock(&lock);
	w = find_or_make(c, ring, side, &r);
	if (w && w->fd < 0) {
		w->fd = r = epoll_make(w);
	}
	if (w && w->fd >= 0) {
		look_up(w);
		r = w->fd;
	}
	(void)pthread_mutex_unlock(&lock);
	return r;
}

static void unmake(struct watch *w)
{
	if (w->fd >= 0)
		file_close(w->fd);
	file_close(w->fifo);
	deaths_close(&w->deaths);
	free(w);
}

void watch_close(struct channel *c)
{
	ref object = c->h.object_ref;

	if (!load_acquire(&watches))
		return;
	(void)pthread_mutex_lock(&lock);
	for (struct watch **at = &watches; *at;) {
		struct watch *w = *at;

		if (w->c == c) {
			*at = w->next;
			unmake(w);
			continue;
		}
		if (w->c->h.object_ref == object && load_acquire(&the_domain.joined))
			look_up(w);
		at = &w->next;
	}
	(void)pthread_mutex_unlock(&lock);
}

void watch_holders(void)
{
	if (!load_acquire(&watches))
		return;
	(void)pthread_mutex_lock(&lock);
	for (struct watch *w = watches; w; w = w->next)
		look_up(w);
	(void)pthread_mutex_unlock(&lock);
}

/* ---- looking ------------------------------------------------------------------------------- */

#define TOLD_MAX 16

/* What the descriptor says, and is not so: somebody died, or a byte was left behind. */
static bool look(struct watch *w)
{
	struct epoll_event e[TOLD_MAX];
	bool               reaped = false;
	long               n = syscall(SYS_epoll_pwait, w->fd, e, TOLD_MAX, 0, NULL, 0);

	for (long i = 0; i < n; i++) {
		if (!e[i].data.u64) {
			level_sync(w->c->h.o, w->ring, true);
			continue;
		}
		(void)process_reap_ref(e[i].data.u64);
		w->deaths.seen = 0;
		reaped = true;
	}
	look_up(w);
	return reaped;
}

bool watch_look(struct channel *c)
{
	bool reaped = false;

	(void)pthread_mutex_lock(&lock);
	for (struct watch *w = watches; w; w = w->next)
		if (w->c == c && w->fd >= 0)
			reaped = look(w) || reaped;
	(void)pthread_mutex_unlock(&lock);
	return reaped;
}

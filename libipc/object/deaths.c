/*
 * deaths.c - who holds a channel, by pidfds
 *
 * Nothing is stored in shared memory here. The descriptors go with the process that has
 * them; what a death of a holder leaves is cleaned up by process_reap_ref().
 */

#include "object/deaths.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/pidfd.h"
#include "runtime/domain.h"
#include "runtime/process.h"
#include "runtime/wait.h"

static bool knows(const struct deaths *d, ref process)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->death[i].process == process)
			return true;
	return false;
}

/*
 * The child of a fork enters the domain in its first microseconds, once it gets a processor:
 * nobody else knows its pid. A slice, as one may have to wait for others elsewhere.
 */
#define ENTER_NS WAIT_SLICE_NS

/*
 * A pidfd; -ESRCH: of no use, it is gone or of another pid namespace; -EAGAIN: it is on its
 * way in.
 */
static int pidfd_of_process(ref process)
{
	const struct process_rec *p = process_at(ref_index(process));
	uint64_t                  end = clock_now_ns() + ENTER_NS, pid;
	int                       fd;

	do {
		if (!p || life_gen(load_acquire(&p->life)) != ref_gen(process) ||
		    load_relaxed(&p->ns_inode) != the_domain.ns_inode)
			return -ESRCH;
		pid = load_relaxed(&p->pid);
	} while (!pid && !process_is_dead(process) && clock_now_ns() < end && sched_yield() == 0);
	if (!pid)
		return process_is_dead(process) ? -ESRCH : -EAGAIN;
	fd = pidfd_of((pid_t)pid);
	if (fd < 0)
		return errno == ESRCH ? -ESRCH : -EAGAIN;
	if (!process_is_dead(process))
		return fd; /* so the pid was its own when that was opened */
	file_close(fd);
	return -ESRCH;
}

/* False: ask again later. */
static bool add_holder(struct deaths *d, int epoll, ref process)
{
	struct epoll_event e = {.events = EPOLLIN, .data.u64 = process};
	struct death      *more;
	int                fd;

	if (process == the_domain.self || knows(d, process))
		return true;
	more = realloc(d->death, (d->n + 1) * sizeof(*more));
	if (!more)
		return false;
	d->death = more;
	fd = pidfd_of_process(process);
	if (fd == -ESRCH && process_is_dead(process))
		(void)process_reap_ref(process);
	if (fd < 0)
		return fd == -ESRCH;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0) {
		file_close(fd);
		return false;
	}
	d->death[d->n++] = (struct death){.process = process, .pidfd = fd};
	return true;
}

/*
 * The next end from @at on that is one of @c's: its process; 0: no more. Without the
 * lock, as in channel.c: an end that goes meanwhile may lead astray, and then the
 * domain's change count has moved.
 */
static ref next_holder(const struct channel *c, uint64_t *at, uint64_t *n)
{
	while (*at && (*n)--) {
		const struct end_rec *e = end_at(*at - 1);

		if (!e)
			break;
		*at = load_acquire(&e->next);
		if (load_relaxed(&e->object) == c->h.object_ref && load_relaxed(&e->process))
			return load_relaxed(&e->process);
	}
	return 0;
}

static bool still_holds(const struct channel *c, ref process)
{
	uint64_t at = load_acquire(&c->h.o->first_end), n = table_used(TABLE_ENDS);
	ref      holder;

	while ((holder = next_holder(c, &at, &n)))
		if (holder == process)
			return true;
	return channel_travels(c);
}

static void drop_strangers(struct deaths *d, const struct channel *c, int epoll)
{
	for (size_t i = 0; i < d->n;) {
		if (still_holds(c, d->death[i].process)) {
			i++;
			continue;
		}
		/* a child may have inherited it, so closing alone would not do */
		(void)epoll_ctl(epoll, EPOLL_CTL_DEL, d->death[i].pidfd, NULL);
		file_close(d->death[i].pidfd);
		d->death[i] = d->death[--d->n];
	}
}

/* Everybody: see channel_travels(). */
static bool add_all(struct deaths *d, int epoll)
{
	bool all = true;

	for (uint64_t i = 0; i < table_used(TABLE_PROCESSES); i++) {
		uint64_t life = load_acquire(&process_at(i)->life);

		if (life_state(life) == LIFE_LIVE || life_state(life) == LIFE_FORKING)
			all &= add_holder(d, epoll, ref_make(life_gen(life), (uint32_t)i));
	}
	return all;
}

void deaths_look_up(struct deaths *d, const struct channel *c, int epoll)
{
	uint64_t change = load_acquire(&the_domain.hdr->change);
	uint64_t at = load_acquire(&c->h.o->first_end), n = table_used(TABLE_ENDS);
	ref      holder;

	if (d->seen == change)
		return;
	d->seen = change;
	drop_strangers(d, c, epoll);
	while ((holder = next_holder(c, &at, &n)))
		if (!add_holder(d, epoll, holder))
			d->seen = 0;
	if (channel_travels(c) && !add_all(d, epoll))
		d->seen = 0;
}

void deaths_close(struct deaths *d)
{
	while (d->n)
		file_close(d->death[--d->n].pidfd);
	free(d->death);
	*d = (struct deaths){0};
}

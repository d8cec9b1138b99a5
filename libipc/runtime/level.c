/*
 * level.c - keeping a FIFO and the state of a ring the same; see level.h
 *
 * ring_ctl.level[side] is what the FIFO ought to hold:
 *
 *     bit 0  READY    a byte
 *     bit 1  SETTLED  and it is known to
 *     bit 2  SHOWN    somebody polls it
 *     bit 3  MADE     it was made; removed with the object
 *     rest            a version
 *
 * Whoever changed the ring's words comes here, fences, and compares. A difference is
 * taken by a CAS to the next version, not settled; then the FIFO is changed; then the
 * version is settled, unless another has come meanwhile: then the FIFO may have been
 * changed by us after that one did, and all of it is done again. Who finds a version
 * that is not settled helps: to write a byte or to empty the FIFO once more does no
 * harm. So the last to touch the FIFO always saw the version it was touched for still
 * be the last, and the ring's words agree with it.
 *
 * Killed (or stopped)
 *     after the CAS      not settled: the next put or get on this ring does it. If none
 *                        comes, who polls is told of the death by the kernel, through a
 *                        pidfd beside the FIFO (object/watch.h), and looks for itself;
 *                        or whoever cleans up after the dead does it, with @again
 *     late, after others it may have emptied a FIFO that others had filled, or filled
 *     settled a newer    one that they had emptied. The first is mended as above; the
 *     version            second by the one who polls, when a get finds nothing
 *     in level_watch()   the mark in the end is first: with that end all of it goes
 *
 * Ordering
 *     F1  level_sync()  fence  the ring's words changed, then the level read
 *     F2  level_sync()  fence  the level changed, then the ring's words read
 *         Of two who change the ring at once one sees what the other did: F1 pairs
 *         with F2.
 */

#include "runtime/level.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "ring/event.h"
#include "runtime/domain.h"
#include "runtime/lock.h"

#define READY   UINT64_C(1)
#define SETTLED UINT64_C(2)
#define SHOWN   UINT64_C(4)
#define MADE    UINT64_C(8)
#define VERSION UINT64_C(16)

static int level_path(uint32_t object, unsigned ring, enum level_side side, char *ret, size_t size)
{
	char file[48];

	(void)snprintf(file, sizeof(file), "o%u.%u.%u%c", object, life_gen(object_at(object)->life),
		       ring, side == LEVEL_GET ? 'g' : 'p');
	return domain_path(ret, size, file);
}

static int fifo_open(uint32_t object, unsigned ring, enum level_side side)
{
	char path[600];
	int  r = level_path(object, ring, side, path, sizeof(path));

	return r < 0 ? r : file_open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW, 0);
}

/* ---- the answer -------------------------------------------------------------------------- */

bool level_is(const struct object_rec *o, unsigned ring, enum level_side side)
{
	const struct ring_ctl *c = &o->ring[ring];
	uint64_t               head = load_acquire(&c->head) &
			RING_POS_MASK; /* first: it never passes the tail */
	uint64_t tail = load_acquire(&c->tail);
	uint64_t queued = (tail & RING_POS_MASK) - head;
	unsigned other = 2 * ring + (side == LEVEL_GET ? 0 : 1);

	if (tail & RING_SHUT)
		return true;
	if (o->kind == KIND_PIPE && load_acquire(&o->holders[other]) == 0)
		return true; /* end of file, EPIPE */
	if (side == LEVEL_GET)
		return queued > 0 || (int64_t)load_acquire(&o->returned) > 0;
	return !c->capacity || queued < c->capacity;
}

/* False: the FIFO could not be opened, for lack of descriptors or because it is gone. */
static bool fifo_set(uint32_t object, unsigned ring, enum level_side side, bool ready)
{
	char    bytes[64] = {0};
	int     fd = fifo_open(object, ring, side);
	ssize_t n;

	if (fd < 0)
		return false;
	do {
		n = ready ? file_write(fd, bytes, 1) : file_read(fd, bytes, sizeof(bytes));
	} while (n == -EINTR || (!ready && n > 0));
	file_close(fd);
	return true;
}

static void sync_side(struct object_rec *o, uint32_t object, unsigned ring, enum level_side side,
		      bool again)
{
	uint64_t *level = &o->ring[ring].level[side];
	uint64_t  seen;
	bool      ready;

	fence_seq_cst(); /* F1: pairs with F2 */
	for (;;) {
		seen = load_acquire(level);
		if (!(seen & SHOWN))
			return;
		ready = level_is(o, ring, side);
		if (ready != (bool)(seen & READY)) {
			uint64_t next = ((seen & ~(READY | SETTLED)) + VERSION) |
					(ready ? READY : 0);

			if (!compare_swap(level, &seen, next))
				continue;
			seen = next;
		} else if ((seen & SETTLED) && !again) {
			return;
		}
		if (!fifo_set(object, ring, side, ready))
			return;
		again = !compare_swap(level, &seen, seen | SETTLED);
		fence_seq_cst(); /* F2: pairs with F1 */
	}
}

void level_sync(struct object_rec *o, unsigned ring, bool again)
{
	const struct table_desc *t = &the_domain.hdr->table[TABLE_OBJECTS];
	uint64_t                 at = (uint64_t)((char *)o - (char *)the_domain.hdr) - t->offset;

	for (int side = 0; side < N_LEVELS; side++)
		if (load_relaxed(&o->ring[ring].level[side]) & SHOWN)
			sync_side(o, (uint32_t)(at / t->stride), ring, (enum level_side)side,
				  again);
}

/* @e is one of a ring's two events, wherever its bit was believed to be set. */
static void ring_changed(struct event *e, bool again)
{
	const struct table_desc *t;
	uint64_t                 at;
	struct object_rec       *o;

	if (!load_acquire(&the_domain.joined))
		return;
	t = &the_domain.hdr->table[TABLE_OBJECTS];
	at = (uint64_t)((char *)e - (char *)the_domain.hdr) - t->offset;
	o = at / t->stride < t->ready ? object_at(at / t->stride) : NULL;
	for (unsigned i = 0; o && i < 2; i++)
		if (e == &o->ring[i].readers || e == &o->ring[i].writers)
			level_sync(o, i, again);
}

/* ---- who watches ------------------------------------------------------------------------- */

/* What the ends of @o, but for @but, watch. */
static uint64_t watched_by_all(const struct object_rec *o, uint32_t but)
{
	uint64_t n = table_used(TABLE_ENDS), sum = 0;

	for (uint64_t at = o->first_end; at && n; n--) {
		const struct end_rec *e = end_at(at - 1);

		if (!e)
			break;
		if (at - 1 != but)
			sum |= e->watches;
		at = e->next;
	}
	return sum;
}

static void show(struct object_rec *o, unsigned ring, enum level_side side)
{
	struct ring_ctl *c = &o->ring[ring];

	fetch_or(&c->level[side], SHOWN);
	fetch_or(&c->readers.word, (uint32_t)EVENT_WATCHED);
	fetch_or(&c->writers.word, (uint32_t)EVENT_WATCHED);
	fence_sleeper(); /* as a sleeper does: the bit is set, then the ring is looked at */
}

int level_watch(uint32_t object, unsigned ring, enum level_side side, uint32_t end)
{
	struct object_rec *o = object_at(object);
	char               path[600];
	int                fd = level_path(object, ring, side, path, sizeof(path));

	if (fd < 0)
		return fd;
	registry_lock();
	end_at(end)->watches |= LEVEL_BIT(ring, side);
	fetch_or(&o->ring[ring].level[side], MADE);
	if (mkfifo(path, 0600) < 0 && errno != EEXIST)
		fd = -errno;
	else
		fd = fifo_open(object, ring, side);
	if (fd < 0)
		(void)fail(fd, "cannot make or open %s: %s", path, strerrordesc_np(-fd));
	if (fd >= 0)
		show(o, ring, side);
	registry_unlock();
	if (fd >= 0)
		level_sync(o, ring, true);
	return fd;
}

void level_keep(uint32_t object, unsigned ring, enum level_side side, uint32_t end)
{
	registry_lock();
	end_at(end)->watches |= LEVEL_BIT(ring, side);
	show(object_at(object), ring, side); /* the parent may have left before we came here */
	registry_unlock();
	level_sync(object_at(object), ring, true);
}

void level_leave(struct object_rec *o, uint32_t end)
{
	uint64_t left;

	if (!end_at(end)->watches)
		return;
	left = watched_by_all(o, end);
	for (unsigned i = 0; i < 4; i++)
		if (!(left >> i & 1))
			fetch_and(&o->ring[i / N_LEVELS].level[i % N_LEVELS], ~SHOWN);
	for (unsigned ring = 0; ring < 2; ring++) {
		if (left >> N_LEVELS * ring & 3)
			continue;
		fetch_and(&o->ring[ring].readers.word, ~(uint32_t)EVENT_WATCHED);
		fetch_and(&o->ring[ring].writers.word, ~(uint32_t)EVENT_WATCHED);
	}
}

void level_unlink(uint32_t object)
{
	char path[600];

	for (unsigned i = 0; i < 4; i++)
		if ((object_at(object)->ring[i / N_LEVELS].level[i % N_LEVELS] & MADE) &&
		    level_path(object, i / N_LEVELS, (enum level_side)(i % N_LEVELS), path,
			       sizeof(path)) == 0)
			(void)unlink(path);
}

__attribute__((constructor)) static void provide(void)
{
	event_watched = ring_changed;
}

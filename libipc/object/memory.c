/*
 * memory.c - the object file: regions placed, reserved, mapped, given back
 *
 * What others rely on is said last. Killed after each store, under the registry lock:
 *
 *     the end of the file moved    some address space of a sparse file is wasted
 *     a region's place written     it is there, and empty: who needs it next reserves it
 *     its memory reserved          reserved again by who needs it next, which is the same
 *     .ready raised                done
 *     its memory given back        it reads as zeroes, which are free slots; for blocks
 *                                  the owner word says that it must be reserved first
 *
 * So nothing needs to be repaired: each step is done again by whoever comes to need it,
 * and that may die in its turn. The file itself goes with its object; of one whose maker
 * died, when that is reaped (runtime/process.c).
 */

#include "object/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/error.h"
#include "base/file.h"
#include "runtime/object.h"

#define WINDOW_LARGEST    (UINT64_C(1) << 44) /* address space one mapping may take [bytes] */
#define HEAP_STEP_LARGEST (UINT64_C(1) << 18) /* reserved in 0.3 ms, measured; 1 MiB takes 1.1 */

/* ---- the file ---------------------------------------------------------------------- */

static int map_directory(struct memory *m, int fd, uint32_t object, unsigned n_rings)
{
	m->dir_map = mmap(NULL, (size_t)n_rings * RING_FILE_BYTES, PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, 0);
	if (m->dir_map == MAP_FAILED)
		return fail(-errno, "cannot map a channel: %s", strerrordesc_np(errno));
	m->object = object;
	m->n_rings = n_rings;
	for (unsigned i = 0; i < n_rings; i++)
		m->ring[i].dir = (void *)((char *)m->dir_map + (size_t)i * RING_FILE_BYTES);
	return 0;
}

int memory_create(struct memory *m, uint32_t object, unsigned n_rings)
{
	uint64_t bytes = (uint64_t)n_rings * RING_FILE_BYTES;
	int      fd = object_file(object, O_RDWR | O_CREAT | O_EXCL), r;

	if (fd < 0)
		return fd;
	r = file_reserve(fd, 0, bytes, "a channel");
	if (r == 0)
		r = map_directory(m, fd, object, n_rings);
	file_close(fd);
	if (r == 0)
		m->ring[0].dir->end = round_up(bytes, page_bytes());
	return r;
}

int memory_open(struct memory *m, uint32_t object, unsigned n_rings)
{
	struct stat st;
	int         fd = object_file(object, O_RDWR), r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || st.st_size < (off_t)n_rings * RING_FILE_BYTES)
		r = fail(-EBADMSG,
			 "a channel's file is truncated: its object is damaged, unlink it");
	else
		r = map_directory(m, fd, object, n_rings);
	file_close(fd);
	return r;
}

/*
 * Where it would grow beyond its limit: by what the file takes now, so that what was given
 * back counts for nothing. A look a step, and none on the way of a message that fits.
 */
static int within_limit(const struct memory *m, int fd, uint64_t bytes, const char *what)
{
	struct stat st;

	if (!m->limit || fstat(fd, &st) < 0 || (uint64_t)st.st_blocks * 512 + bytes <= m->limit)
		return 0;
	return fail(-ENOSPC,
		    "no room for %s: the messages of a queue take %llu of at most %llu bytes; get "
		    "some first, or give it more by ipc_queue_opts.max_bytes or IPC_QUEUE_SHARE",
		    what, (unsigned long long)st.st_blocks * 512, (unsigned long long)m->limit);
}

int memory_too_small(const struct memory *m, uint64_t bytes)
{
	int         fd = m->limit ? object_file(m->object, O_RDWR) : -1, r;
	struct stat st;
	uint64_t    need;

	if (fd < 0)
		return -ENOSPC;
	r = fstat(fd, &st);
	file_close(fd);
	need = r == 0 ? (uint64_t)st.st_blocks * 512 + bytes : 0;
	if (need <= m->limit)
		return -ENOSPC; /* it is the file system that has no room, and that was said */
	return fail(-ENOSPC,
		    "a message of this length takes %llu bytes, a power of two, which is more than "
		    "this queue may have though nothing is queued (%llu bytes): give it at least "
		    "%llu by ipc_queue_opts.max_bytes or IPC_QUEUE_SHARE",
		    (unsigned long long)bytes, (unsigned long long)m->limit,
		    (unsigned long long)need);
}

static int reserve_some(const struct memory *m, uint64_t offset, uint64_t bytes, const char *what,
			bool limited)
{
	int fd = object_file(m->object, O_RDWR), r;

	if (fd < 0)
		return fd;
	r = limited ? within_limit(m, fd, bytes, what) : 0;
	if (r == 0)
		r = file_reserve(fd, offset, bytes, what);
	file_close(fd);
	return r;
}

static int reserve(const struct memory *m, uint64_t offset, uint64_t bytes, const char *what)
{
	return reserve_some(m, offset, bytes, what, true);
}

static void release(const struct memory *m, uint64_t offset, uint64_t bytes)
{
	int fd = object_file(m->object, O_RDWR);

	if (fd < 0)
		return;
	file_release(fd, offset, bytes);
	file_close(fd);
}

/* ---- regions ------------------------------------------------------------------------ */

static uint64_t slots_bytes(uint64_t shape)
{
	return (uint64_t)SLOT_BYTES << shape_log2(shape);
}

static uint64_t owners_bytes(unsigned class_, unsigned w)
{
	return round_up(window_blocks(class_, w) * heap_owner_bytes(class_, w), page_bytes());
}

static uint64_t window_bytes(unsigned class_, unsigned w)
{
	return owners_bytes(class_, w) +
	       round_up(window_blocks(class_, w) * heap_block_bytes(class_), page_bytes());
}

/*
 * Give the region whose directory entry is *@entry a place. The end moves first:
 * who dies in between wastes some address space of a sparse file.
 */
static uint64_t region_place(struct memory *m, uint64_t *entry, uint64_t bytes)
{
	uint64_t at = load_acquire(entry);

	if (!at) {
		at = m->ring[0].dir->end;
		store_release(&m->ring[0].dir->end, at + round_up(bytes, page_bytes()));
		store_release(entry, at);
	}
	return at;
}

/*
 * Is [@at, +@bytes), of which the first @ready are said to be there, what a writer could have
 * made? A file that was cut short is found out here: a touch of what it does not have would be
 * the end of this process.
 */
static bool region_is_sound(const struct memory *m, uint64_t at, uint64_t bytes, uint64_t ready)
{
	struct stat st;
	int         fd;
	bool        reaches;

	if (at % page_bytes() || at > (uint64_t)INT64_MAX - bytes || ready > bytes)
		return false;
	fd = object_file(m->object, O_RDWR);
	if (fd < 0)
		return fd != -ENOENT; /* no descriptor for it: nothing is known against it */
	reaches = fstat(fd, &st) == 0 && (uint64_t)st.st_size >= at + ready;
	file_close(fd);
	return reaches;
}

/* Map [@at, +@bytes) and keep it in *@slot, unless another thread was faster. */
static void *region_map(const struct memory *m, void **slot, uint64_t at, uint64_t bytes)
{
	void *map, *none = NULL;
	int   fd;

	fd = object_file(m->object, O_RDWR);
	if (fd < 0)
		return NULL;
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)at);
	file_close(fd);
	if (map == MAP_FAILED)
		return NULL;
	if (compare_swap(slot, &none, map))
		return map;
	(void)munmap(map, bytes);
	return none;
}

struct slot *memory_slots(struct memory *m, unsigned ring, uint64_t shape, uint64_t ready)
{
	struct ring_memory *rm = &m->ring[ring];
	unsigned            i = shape_index(shape);
	uint64_t            at;
	void               *map;

	if (shape_log2(shape) > SLOT_LOG2_MAX)
		return NULL; /* damaged */
	map = load_acquire(&rm->slots[i]);
	if (map)
		return map;
	at = load_acquire(&rm->dir->slots[i]);
	if (!at || !region_is_sound(m, at, slots_bytes(shape), ready * SLOT_BYTES))
		return NULL;
	return region_map(m, (void **)&rm->slots[i], at, slots_bytes(shape));
}

bool memory_has_slots(const struct memory *m, unsigned ring, uint64_t shape, uint64_t ready)
{
	uint64_t at = shape_log2(shape) > SLOT_LOG2_MAX
			      ? 0
			      : load_acquire(&m->ring[ring].dir->slots[shape_index(shape)]);

	return at && region_is_sound(m, at, slots_bytes(shape), ready * SLOT_BYTES);
}

int memory_grow_slots(struct memory *m, unsigned ring, uint64_t shape, uint64_t ready,
		      uint64_t upto)
{
	uint64_t at = region_place(m, &m->ring[ring].dir->slots[shape_index(shape)],
				   slots_bytes(shape));

	return reserve(m, at + ready * SLOT_BYTES, (upto - ready) * SLOT_BYTES, "queued messages");
}

void memory_drop_slots(struct memory *m, unsigned ring, uint64_t shape, uint64_t from,
		       uint64_t upto)
{
	uint64_t at = m->ring[ring].dir->slots[shape_index(shape)];

	if (at)
		release(m, at + from * SLOT_BYTES, (upto - from) * SLOT_BYTES);
}

/* ---- heap windows --------------------------------------------------------------------- */

/* The windows of a class; made when it is first used. NULL: out of memory. */
static struct heap_window *class_windows(struct ring_memory *rm, unsigned class_)
{
	struct heap_window *windows = load_acquire(&rm->windows[class_]), *none = NULL;

	if (windows)
		return windows;
	windows = calloc(HEAP_WINDOWS, sizeof(*windows));
	if (!windows || compare_swap(&rm->windows[class_], &none, windows))
		return windows;
	free(windows); /* another thread was faster */
	return none;
}

/* Bytes of the window that are there, when the class has @ready blocks. */
static uint64_t window_ready(unsigned class_, unsigned w, uint64_t ready)
{
	uint64_t before = window_blocks(class_, 0) * ((UINT64_C(1) << w) - 1), n = ready - before;

	if (n > window_blocks(class_, w))
		n = window_blocks(class_, w);
	return owners_bytes(class_, w) + n * heap_block_bytes(class_);
}

static int window_map(struct memory *m, unsigned ring, unsigned class_, unsigned w)
{
	struct ring_memory *rm = &m->ring[ring];
	struct heap_window *window = &load_relaxed(&rm->windows[class_])[w];
	uint64_t            at = load_acquire(&rm->dir->window[class_][w]);
	void               *map;

	if (!at ||
	    !region_is_sound(m, at, window_bytes(class_, w),
			     window_ready(class_, w, load_acquire(&rm->dir->heap[class_].ready))))
		return -EBADMSG;
	map = region_map(m, (void **)&window->owner, at, window_bytes(class_, w));
	if (!map)
		return -ENOMEM;
	store_release(&window->block, (unsigned char *)map + owners_bytes(class_, w));
	return 0;
}

int memory_block_map(struct memory *m, unsigned ring, unsigned class_, uint64_t index,
		     uint64_t **ret_owner, unsigned char **ret_block)
{
	struct heap_window *window;
	uint64_t            at;
	unsigned            w = window_of(class_, index, &at);
	int                 r;

	if (w >= HEAP_WINDOWS)
		return -EBADMSG;
	window = class_windows(&m->ring[ring], class_);
	if (!window)
		return -ENOMEM;
	window += w;
	r = load_acquire(&window->block) ? 0 : window_map(m, ring, class_, w);
	if (r < 0)
		return r;
	*ret_owner = heap_owner(load_acquire(&window->owner), class_, w, at);
	*ret_block = load_acquire(&window->block) + at * heap_block_bytes(class_);
	return 0;
}

uint64_t memory_heap_blocks(struct memory *m, unsigned ring, unsigned class_)
{
	uint64_t       ready = load_acquire(&m->ring[ring].dir->heap[class_].ready), there = 0;
	uint64_t      *word;
	unsigned char *block;

	for (unsigned w = 0; there < ready && w < HEAP_WINDOWS; w++) {
		if (memory_block(m, ring, class_, there, &word, &block) < 0)
			return there;
		there += window_blocks(class_, w);
	}
	return there < ready ? there : ready;
}

int memory_can_carry(uint64_t len)
{
	if (len <= WINDOW_LARGEST)
		return 0;
	return fail(-ENOSPC, "a message of %llu bytes: the longest a channel can carry has %llu",
		    (unsigned long long)len, (unsigned long long)WINDOW_LARGEST);
}

uint64_t memory_heap_step(unsigned class_)
{
	uint64_t bytes = heap_block_bytes(class_);

	return bytes > HEAP_STEP_LARGEST ? bytes : HEAP_STEP_LARGEST;
}

/* How many blocks to add behind @at of window @w: a step, but not beyond the window. */
static uint64_t heap_step(unsigned class_, unsigned w, uint64_t at)
{
	uint64_t left = window_blocks(class_, w) - at;
	uint64_t n = memory_heap_step(class_) / heap_block_bytes(class_);

	return n < left ? n : left;
}

int memory_grow_heap(struct memory *m, unsigned ring, unsigned class_)
{
	struct ring_file *dir = m->ring[ring].dir; /* @class_ is one of them: heap_alloc() */
	uint64_t          ready = dir->heap[class_].ready, at, n, place, bytes;
	unsigned          w = window_of(class_, ready, &at);
	int               r;

	if (w >= HEAP_WINDOWS ||
	    window_blocks(class_, w) > WINDOW_LARGEST >> (HEAP_BLOCK_MIN_LOG2 + class_))
		return fail(-ENOSPC,
			    "more messages of this size are in flight than one channel can hold");
	n = heap_step(class_, w, at);
	bytes = heap_block_bytes(class_);
	place = region_place(m, &dir->window[class_][w], window_bytes(class_, w));
	r = reserve(m, place + at * heap_owner_bytes(class_, w), n * heap_owner_bytes(class_, w),
		    "a large message");
	if (r == 0)
		r = reserve(m, place + owners_bytes(class_, w) + at * bytes, n * bytes,
			    "a large message");
	if (r == 0)
		store_release(&dir->heap[class_].ready, ready + n);
	return r;
}

static uint64_t block_offset(const struct memory *m, unsigned ring, unsigned class_, uint64_t index)
{
	uint64_t at;
	unsigned w = window_of(class_, index, &at);

	return m->ring[ring].dir->window[class_][w] + owners_bytes(class_, w) +
	       at * heap_block_bytes(class_);
}

int memory_refill_blocks(struct memory *m, unsigned ring, unsigned class_, uint64_t index,
			 uint64_t n)
{
	return reserve(m, block_offset(m, ring, class_, index), n * heap_block_bytes(class_),
		       "a large message");
}

int memory_keep_block(const struct memory *m, unsigned ring, unsigned class_, uint64_t index)
{
	return reserve_some(m, block_offset(m, ring, class_, index), heap_block_bytes(class_),
			    "a block of the dead", false);
}

void memory_drop_blocks(struct memory *m, unsigned ring, unsigned class_, uint64_t index,
			uint64_t n)
{
	release(m, block_offset(m, ring, class_, index), n * heap_block_bytes(class_));
}

/* ---- the end ------------------------------------------------------------------------------ */

static void ring_unmap(struct ring_memory *rm)
{
	for (unsigned log2 = 0; log2 <= SLOT_LOG2_MAX; log2++)
		for (unsigned parity = 0; parity < 2; parity++) {
			uint64_t shape = shape_make(log2, parity);

			if (rm->slots[shape_index(shape)])
				(void)munmap(rm->slots[shape_index(shape)], slots_bytes(shape));
		}
	for (unsigned c = 0; c < HEAP_CLASSES; c++) {
		for (unsigned w = 0; rm->windows[c] && w < HEAP_WINDOWS; w++)
			if (rm->windows[c][w].owner)
				(void)munmap(rm->windows[c][w].owner, window_bytes(c, w));
		free(rm->windows[c]);
	}
}

void memory_close(struct memory *m)
{
	for (unsigned i = 0; i < m->n_rings; i++)
		ring_unmap(&m->ring[i]);
	(void)munmap(m->dir_map, (size_t)m->n_rings * RING_FILE_BYTES);
}

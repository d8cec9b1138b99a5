/*
 * objects.c - what object files tell: how old the oldest message is, how much memory is there
 *
 * That is some system calls for each ring, so a reading looks at some of them, fewer where
 * it comes soon after the last one, and the next one goes on from there. In between the age of
 * a message that is still the oldest is known without looking; of another one it stays as it
 * was last.
 */

#include <errno.h>

#include "base/error.h"
#include "observe/observer.h"
#include "observe/turns.h"

#define OLDEST_MAX   FILES_MAX /* rings whose oldest message is looked up in one reading */
#define OLDEST_LEAST 16
#define OLDEST_PER_S 320 /* picked: 10 us each */
#define MEMORY_MAX   64  /* files whose memory is; picked: 0.1 ms */
#define MEMORY_PER_S 64

/* How many of those there may be @per_s of, now. */
static uint32_t budget(const struct ipc_observer *o, uint32_t least, uint32_t most, uint32_t per_s)
{
	return turns_now(o->snap.t_mono_ns, o->looked_ns, least, most, per_s);
}

struct oldest {
	uint64_t id; /* the channel's */
	struct {
		uint64_t head, stamp; /* the message it was, and when that was put [ticks] */
		uint64_t age_ns;      /* as it was seen then */
	} ring[2];
};

static uint64_t age_of(const struct ipc_observer *o, uint64_t stamp)
{
	return stamp < o->now_ticks ? (uint64_t)((double)(o->now_ticks - stamp) * o->snap.tick_ns)
				    : 0;
}

/* Where its slots are, it says itself: the record as it is now, with a head of its own. */
static void look(struct ipc_observer *o, uint32_t i, uint32_t ring, struct oldest *was)
{
	const struct image     *m = &o->image;
	struct ipc_obs_channel *c = &o->view.channel[i];
	uint32_t                slot = o->view.channel_slot[i];
	struct object_rec       rec;

	was->ring[ring].stamp = 0;
	if (image_pread(m->fd, &rec, sizeof(rec), image_offset(m, TABLE_OBJECTS, slot)) < 0 ||
	    rec.life != o->view.life[slot])
		return;
	was->ring[ring].head = rec.ring[ring].head & RING_POS_MASK;
	was->ring[ring].stamp = files_oldest(&o->files, &rec, c->id, ring);
	if (was->ring[ring].stamp)
		was->ring[ring].age_ns = c->ring[ring].oldest_ns = age_of(o, was->ring[ring].stamp);
}

/* True: it had to be looked up. */
static bool oldest_of(struct ipc_observer *o, uint32_t i, uint32_t ring, bool may_look)
{
	struct ipc_obs_channel *c = &o->view.channel[i];
	struct oldest          *was = (struct oldest *)o->oldest.p + o->view.channel_slot[i];
	struct ipc_obs_ring    *r = &c->ring[ring];

	if (r->queued == 0)
		return false;
	if (was->id != c->id)
		*was = (struct oldest){.id = c->id};
	if (was->ring[ring].stamp && was->ring[ring].head == r->received) {
		was->ring[ring].age_ns = r->oldest_ns = age_of(o, was->ring[ring].stamp);
		return false;
	}
	if (may_look)
		look(o, i, ring, was);
	else
		r->oldest_ns = was->ring[ring].stamp ? was->ring[ring].age_ns : IPC_UNKNOWN;
	return may_look;
}

static void find_oldest(struct ipc_observer *o)
{
	uint32_t n = o->view.n_channels, from = n ? o->oldest_next % n : 0, looked = 0;
	uint32_t most = budget(o, OLDEST_LEAST, OLDEST_MAX, OLDEST_PER_S);

	for (uint32_t k = 0; k < n; k++) {
		uint32_t i = from + k < n ? from + k : from + k - n;
		bool     may_look = looked < most;

		for (uint32_t ring = 0; o->view.filled[i] && ring < o->view.channel[i].n_rings;
		     ring++)
			looked += oldest_of(o, i, ring, may_look);
		if (may_look)
			o->oldest_next = i + 1;
	}
}

static void find_memory(struct ipc_observer *o)
{
	uint32_t n = o->view.n_channels, most = budget(o, 1, MEMORY_MAX, MEMORY_PER_S);

	for (uint32_t k = 0; k < n && k < most; k++) {
		struct ipc_obs_channel *c = &o->view.channel[o->memory_next++ % n];

		c->memory_bytes = files_memory(&o->files, c->id);
	}
}

int objects_look(struct ipc_observer *o)
{
	if (!grow_to(&o->oldest, o->image.n[TABLE_OBJECTS] * sizeof(struct oldest)))
		return fail(-ENOMEM, "no memory for the ages of %zu channels",
			    o->image.n[TABLE_OBJECTS]);
	find_oldest(o);
	find_memory(o);
	o->looked_ns = o->snap.t_mono_ns;
	return 0;
}

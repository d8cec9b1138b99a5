#ifndef OBSERVE_VIEW_H
#define OBSERVE_VIEW_H

/*
 * view.h - from the copy of the registry to the arrays of a snapshot
 *
 * What it makes depends on the copy and on who is alive, and on nothing else. Every
 * reference of the copy is checked on the way; what does not fit is left out and counted.
 *
 * Arrays are kept from reading to reading: see grow.h. Where nothing came or went,
 * which the domain counts, channels and ends stay where they are, and only numbers are
 * taken over. A channel keeps its percentiles unless one of its ends has a new histogram.
 */

#include <stdbool.h>
#include <stdint.h>

#include <ipc/observe.h>

#include "observe/grow.h"
#include "observe/image.h"

enum view_memory {
	VIEW_PROCESSES,
	VIEW_THREADS,
	VIEW_CHANNELS,
	VIEW_ENDS,
	VIEW_WAITS,
	VIEW_PROCESS_AT,
	VIEW_THREAD_AT,
	VIEW_CHANNEL_AT,
	VIEW_PROCESS_SLOT,
	VIEW_THREAD_SLOT,
	VIEW_CHANNEL_SLOT,
	VIEW_END_SLOT,
	VIEW_END_AT,
	VIEW_END_PROCESS,
	VIEW_END_NOTES,
	VIEW_NAMES,
	VIEW_OBJECT_LIFE,
	VIEW_WAITED,
	VIEW_SIGNS,
	VIEW_ENDS_TO,
	VIEW_STALE,
	VIEW_HAS_PAST,
	VIEW_N_FAILED,
	VIEW_FILLED,
	VIEW_HOLDS,
	VIEW_HOLD_KEYS,
	VIEW_HOLD_SETTLED,
	VIEW_FAILURES,
	VIEW_ITEMS,
	VIEW_SUMS,
	N_VIEW_MEMORY,
};

/* The name an object goes by, made once for its life. */
struct view_name {
	uint64_t life;
	ref      creator;
	char     text[NAME_BYTES];
};

/* What is known of an end beside what is shown. */
struct end_note {
	uint64_t tasks_done, tasks_extra, high_water, failed;
};

/* A hold while holds are put in order. */
struct hold_key {
	uint64_t            key; /* HELD_KEY of which lock, and how */
	bool                settled;
	struct ipc_obs_hold hold;
};

struct view {
	struct ipc_obs_process *process;
	struct ipc_obs_thread  *thread;
	struct ipc_obs_channel *channel;
	struct ipc_obs_end     *end;
	struct ipc_obs_wait    *wait;
	struct ipc_obs_hold    *hold;
	struct ipc_obs_failure *failure;
	struct ipc_obs_item    *item;
	uint32_t                n_processes, n_threads, n_channels, n_ends, n_waits, n_holds;
	uint32_t                n_failures, n_items;

	struct hold_key *hold_key;     /* per hold */
	bool            *hold_settled; /* per hold: it is, and is not just being taken or given */

	/* where a record of the tables is in the arrays, or IPC_NO_INDEX; and back */
	uint32_t *process_at, *thread_at, *channel_at, *end_at;
	uint32_t *process_slot, *thread_slot, *channel_slot, *end_slot;

	struct end_note  *note;        /* per end */
	uint32_t         *end_process; /* per end slot, while ends are placed */
	struct view_name *name;        /* per object slot */
	uint64_t         *life;        /* per object slot, as they were placed */
	bool             *waited;      /* per channel: somebody sleeps there */
	uint64_t         *sign;        /* per channel: which histograms its numbers are of */
	uint32_t         *sum; /* per channel and ring: a histogram, of those that have several */
	uint32_t         *ends_to;  /* per channel: .first_end + .n_ends */
	uint32_t         *n_failed; /* per channel: what it adds to .failed */
	bool             *filled;   /* per channel: something is queued */
	bool             *has_past; /* per channel: some ends are gone; the image has its record */
	bool             *stale;    /* per channel: a histogram of its ends may be new */
	const void       *histograms; /* where the copy of them lies that rings point into */

	/* Where nothing came or went, channels and ends are where they were. */
	bool     placed, placed_anew;
	uint64_t change;                      /* the domain's, as they were placed */
	uint64_t generation;                  /* raised whenever they are placed */
	size_t   n_object_slots, n_end_slots; /* of the tables, then */
	uint32_t n_then;                      /* processes */
	uint32_t misfits;                     /* records that were left out, then */
	uint32_t failed;      /* ends that have failures, and objects with ends that are gone */
	uint32_t failed_told; /* as the failures were listed */

	uint32_t    damaged;
	struct grow mem[N_VIEW_MEMORY];
};

/* To whom records of an image pass by. */
struct view_pass {
	struct view  *v;
	struct image *m;
};

/* What the registry cannot say of itself. */
struct view_facts {
	const bool *alive; /* per process slot */
	uint64_t    self_ns;
	uint64_t    now_ns;
	bool        post_mortem; /* waits of the dead are shown, as they were */
	double      tick_ns;
};

/*
 * What there is and its numbers, and which parts of the image are due; ends and objects pass by.
 * 0, -ENOMEM, or as image_pass().
 */
int view_build(struct view *v, struct image *m);

/*
 * Who lives, who sleeps, and what parts tell. The facts are to be younger than all that was
 * read: who died in between must not be told as alive beside what the death left. 0 or -ENOMEM.
 */
int view_tell(struct view *v, const struct image *m, const struct view_facts *f);

void view_fini(struct view *v);

/* The stages of those, in this order. */
int  view_reserve(struct view *v, const struct image *m);
void view_processes(struct view *v, const struct image *m);
void view_threads(struct view *v, const struct image *m);
int  view_channels(struct view *v, struct image *m); /* which there are */
int  view_ends(struct view *v, struct image *m);
int  view_rings(struct view *v, struct image *m);
void view_lives(struct view *v, const struct image *m, const struct view_facts *f);
void view_waits(struct view *v, const struct image *m, const struct view_facts *f);
void view_holds(struct view *v, const struct image *m, const struct view_facts *f);
void view_samples(struct view *v, const struct image *m, double tick_ns);
int  view_failures(struct view *v, const struct image *m, const struct view_facts *f);

/* The first of @*ret_n holds of a lock in a kind, in order of threads. */
uint32_t view_holds_of(const struct view *v, uint64_t key, uint32_t *ret_n);

/* One of the things that @thread waits for, as if it were all. */
void view_wait_item(const struct view *v, const struct image *m, uint32_t thread,
		    const struct wait_item *item, struct ipc_obs_wait *w);

/* "get(queue \"jobs\") empty", into w->text. */
void wait_describe(const struct view *v, const struct image *m, struct ipc_obs_wait *w);

/*
 * End a string of the copy, and take out what would break lines or steer a
 * terminal; true: it had no end of its own.
 */
bool view_clean(char *s, size_t size);

/* As its .first_end says, and beside that of its neighbours. */
static inline uint32_t view_first_end(const struct view *v, uint32_t channel)
{
	return channel > 0 ? v->ends_to[channel - 1] : 0;
}

/* Which ring an end sends to, or receives from; -1: neither. */
static inline int view_ring_out(uint32_t rights)
{
	return rights & RIGHT_SEND0 ? 0 : rights & RIGHT_SEND1 ? 1 : -1;
}

static inline int view_ring_in(uint32_t rights)
{
	return rights & RIGHT_RECV0 ? 0 : rights & RIGHT_RECV1 ? 1 : -1;
}

static inline void flow_add(struct ipc_obs_flow *sum, const struct ipc_obs_flow *f)
{
	sum->messages += f->messages;
	sum->bytes += f->bytes;
	sum->blocks += f->blocks;
	sum->blocked_ns += f->blocked_ns;
	sum->timeouts += f->timeouts;
}

/* Is it made on something of ipc/sync.h? Then .channel and .lock_offset say where that lies. */
static inline bool view_is_lock(enum ipc_op op)
{
	return op == IPC_OP_LOCK || (op >= IPC_OP_RDLOCK && op <= IPC_OP_BARRIER);
}

/* Index of the record a reference names; IPC_NO_INDEX: none, or not in the view. */
uint32_t view_process_of(const struct view *v, const struct image *m, ref r);
uint32_t view_thread_of(const struct view *v, const struct image *m, ref r);
uint32_t view_channel_of(const struct view *v, ref r);

#endif /* OBSERVE_VIEW_H */

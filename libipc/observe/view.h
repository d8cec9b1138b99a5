#ifndef OBSERVE_VIEW_H
#define OBSERVE_VIEW_H

/*
 * view.h - from the copy of the registry to the arrays of a snapshot
 *
 * No I/O here: what it makes depends on the copy and on who is alive, so tests
 * can feed it anything. Every reference of the copy is checked on the way; what
 * does not fit is left out and counted.
 *
 * Arrays are kept from reading to reading: see grow.h. A channel that is where
 * it was last time keeps its histogram unless one of its ends has a new one.
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
	VIEW_NAMES,
	VIEW_SIGNS,
	VIEW_FILL,
	N_VIEW_MEMORY,
};

/* The name an object goes by, made once for its life. */
struct view_name {
	uint64_t life;
	char     text[NAME_BYTES];
};

struct view {
	struct ipc_obs_process *process;
	struct ipc_obs_thread  *thread;
	struct ipc_obs_channel *channel;
	struct ipc_obs_end     *end;
	struct ipc_obs_wait    *wait;
	uint32_t                n_processes, n_threads, n_channels, n_ends, n_waits;

	/* where a record of the tables is in the arrays, or IPC_NO_INDEX; and back */
	uint32_t *process_at, *thread_at, *channel_at;
	uint32_t *process_slot, *thread_slot, *channel_slot, *end_slot;

	struct view_name *name; /* per object slot */
	uint64_t         *sign; /* per channel: which histograms its sums are of */
	uint32_t         *fill; /* scratch of the grouping of ends */

	uint32_t    damaged;
	struct grow mem[N_VIEW_MEMORY];
};

/* What the registry cannot say of itself. */
struct view_facts {
	const bool *alive; /* per process slot */
	uint64_t    self_ns;
	bool        post_mortem; /* waits of the dead are shown, as they were */
	double      tick_ns;
};

/* 0 or -ENOMEM. */
int  view_build(struct view *v, const struct image *m, const struct view_facts *f);
void view_fini(struct view *v);

/* The stages of view_build(), in this order. */
int  view_reserve(struct view *v, const struct image *m);
void view_processes(struct view *v, const struct image *m, const struct view_facts *f);
void view_threads(struct view *v, const struct image *m);
void view_channels(struct view *v, const struct image *m);
void view_ends(struct view *v, const struct image *m);
void view_rings(struct view *v, const struct image *m, const struct view_facts *f);
void view_waits(struct view *v, const struct image *m, const struct view_facts *f);

/* "get(queue \"jobs\") empty", into w->text. */
void wait_describe(const struct view *v, struct ipc_obs_wait *w);

/*
 * End a string of the copy, and take out what would break lines or steer a
 * terminal; true: it had no end of its own.
 */
bool view_clean(char *s, size_t size);

static inline void flow_add(struct ipc_obs_flow *sum, const struct ipc_obs_flow *f)
{
	sum->messages += f->messages;
	sum->bytes += f->bytes;
	sum->blocks += f->blocks;
	sum->blocked_ns += f->blocked_ns;
	sum->timeouts += f->timeouts;
}

/* Index of the record a reference names; IPC_NO_INDEX: none, or not in the view. */
uint32_t view_process_of(const struct view *v, const struct image *m, ref r);
uint32_t view_thread_of(const struct view *v, const struct image *m, ref r);
uint32_t view_channel_of(const struct view *v, const struct image *m, ref r);

#endif /* OBSERVE_VIEW_H */

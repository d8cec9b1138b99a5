#include "model/locks.h"

#include <stdlib.h>

#include "model/frame.h"
#include "text/mem.h"

#define NONE IPC_NO_INDEX

/* From so many on, what was not seen for a while is forgotten. Picked: some 200 KB. */
#define LOCKS_REMEMBERED 4096

int locks_is_block(enum ipc_kind kind)
{
	return kind == IPC_KIND_SHM || kind == IPC_KIND_VALUE;
}

static int is_lock_object(enum ipc_kind kind)
{
	return kind >= IPC_KIND_MUTEX && kind <= IPC_KIND_BARRIER;
}

/* ---- which locks there are ------------------------------------------------------- */

struct place {
	uint32_t channel, process;
	uint64_t offset;
};

/* An object with a name is one lock, wherever in its memory the word is that threads wait on. */
static struct place place_of(const struct frame *f, uint32_t thread, uint32_t channel,
			     uint64_t offset)
{
	if (channel == NONE)
		return (struct place){NONE, f->s->threads[thread].process, offset};
	if (is_lock_object(f->s->channels[channel].kind))
		return (struct place){channel, NONE, 0};
	return (struct place){channel, NONE, offset};
}

static struct place place_of_wait(const struct frame *f, uint32_t i)
{
	const struct ipc_obs_wait *w = &f->s->waits[i];

	return place_of(f, w->thread, w->channel, w->lock_offset);
}

static struct place place_of_hold(const struct frame *f, uint32_t i)
{
	const struct ipc_obs_hold *h = &f->s->holds[i];

	return place_of(f, h->thread, h->channel, h->lock_offset);
}

static int is_at(const struct lock_stat *l, struct place p)
{
	return l->channel == p.channel && l->process == p.process && l->offset == p.offset;
}

int lock_has_wait(const struct frame *f, const struct lock_stat *l, uint32_t i)
{
	return frame_is_lock(f->s->waits[i].op) && is_at(l, place_of_wait(f, i));
}

int lock_has_hold(const struct frame *f, const struct lock_stat *l, uint32_t i)
{
	return is_at(l, place_of_hold(f, i));
}

static uint64_t id_of(const struct frame *f, struct place p)
{
	uint64_t where = p.channel != NONE ? f->s->channels[p.channel].id
					   : ~f->s->processes[p.process].id;

	return table_mix(where, p.offset + 1) | 1; /* 0 is no id */
}

/* While they are sought: a hash from place to lock. */
struct search {
	struct frame *f;
	uint32_t     *slots; /* index + 1; 0: free */
	size_t        n_slots;
};

static struct lock_stat *lock_at(struct search *x, struct place p)
{
	uint64_t id = id_of(x->f, p);
	size_t   i = (size_t)id & (x->n_slots - 1);

	for (; x->slots[i] != 0; i = (i + 1) & (x->n_slots - 1))
		if (is_at(&x->f->locks[x->slots[i] - 1], p))
			return &x->f->locks[x->slots[i] - 1];
	x->slots[i] = (uint32_t)++x->f->n_locks;
	x->f->locks[x->slots[i] - 1] = (struct lock_stat){
		.id = id,
		.kind = p.channel != NONE && is_lock_object(x->f->s->channels[p.channel].kind)
				? x->f->s->channels[p.channel].kind
				: 0,
		.channel = p.channel,
		.process = p.process,
		.offset = p.offset,
		.owner = NONE,
		.hold = NONE,
		.wait = NONE,
		.held_ns = IPC_UNKNOWN,
		.verdict = NONE,
	};
	return &x->f->locks[x->slots[i] - 1];
}

/* ---- what is known of one ----------------------------------------------------------- */

static enum ipc_kind kind_of_op(enum ipc_op op)
{
	switch (op) {
	case IPC_OP_RDLOCK:
	case IPC_OP_WRLOCK: return IPC_KIND_RWLOCK;
	case IPC_OP_SEM: return IPC_KIND_SEMAPHORE;
	case IPC_OP_EVENT: return IPC_KIND_EVENT;
	case IPC_OP_COND: return IPC_KIND_CONDITION;
	case IPC_OP_BARRIER: return IPC_KIND_BARRIER;
	default: return IPC_KIND_MUTEX;
	}
}

static enum ipc_kind kind_of_hold(enum ipc_hold_kind kind)
{
	switch (kind) {
	case IPC_HOLD_WRITE:
	case IPC_HOLD_READ: return IPC_KIND_RWLOCK;
	case IPC_HOLD_PERMIT: return IPC_KIND_SEMAPHORE;
	case IPC_HOLD_ARRIVAL: return IPC_KIND_BARRIER;
	default: return IPC_KIND_MUTEX;
	}
}

static void add_wait(struct search *x, uint32_t i)
{
	const struct ipc_obs_wait *w = &x->f->s->waits[i];
	const struct wait_stat    *ws = &x->f->waits[i];
	struct lock_stat          *l = lock_at(x, place_of_wait(x->f, i));

	if (l->kind == 0)
		l->kind = kind_of_op(w->op);
	if (l->wait == NONE) /* they come longest first */
		l->wait = i;
	if (l->owner == NONE)
		l->owner = w->owner;
	if (!ws->behind && ws->verdict < l->verdict)
		l->verdict = ws->verdict;
	l->n_waits++;
}

struct hold_past {
	uint64_t since_ns; /* of the first reading that saw it */
};

/* A thread that had not to wait for a lock did not look at the clock: then we have seen it so long. */
static uint64_t held_since(const struct frame *f, struct locks_past *past, uint32_t i,
			   uint64_t lock, int *ret_at_least)
{
	const struct ipc_obs_hold *h = &f->s->holds[i];
	uint64_t          id = table_mix(lock, f->s->threads[h->thread].id) ^ (uint64_t)h->kind;
	struct hold_past *p = table_get(&past->holds, id, sizeof(*p));

	if (p->since_ns == 0)
		p->since_ns = f->s->t_mono_ns;
	*ret_at_least = h->since_ns == IPC_UNKNOWN;
	return *ret_at_least ? p->since_ns : h->since_ns;
}

static void add_hold(struct search *x, struct locks_past *past, uint32_t i)
{
	const struct ipc_obs_hold *h = &x->f->s->holds[i];
	struct lock_stat          *l = lock_at(x, place_of_hold(x->f, i));
	int                        at_least;
	uint64_t since = held_since(x->f, past, i, l->id, &at_least), now = x->f->s->t_mono_ns;
	uint64_t held = now > since ? now - since : 0;

	if (l->kind == 0)
		l->kind = kind_of_hold(h->kind);
	if (l->hold == NONE)
		l->hold = i;
	if (h->kind == IPC_HOLD_MUTEX || h->kind == IPC_HOLD_WRITE)
		l->owner = h->thread;
	if (l->held_ns == IPC_UNKNOWN || held > l->held_ns) {
		l->held_ns = held;
		l->at_least = at_least;
	}
	l->n_holds++;
}

struct lock_past {
	uint64_t t_ns, caused_ns;
};

/* Each that waits adds the time since the last reading, or since it began to. */
static void add_caused(struct frame *f, struct locks_past *past)
{
	for (uint32_t i = 0; i < f->s->n_waits; i++) {
		struct lock_past *p;
		uint64_t          id, since = f->s->t_mono_ns - f->waits[i].age_ns;

		if (!frame_is_lock(f->s->waits[i].op))
			continue;
		id = id_of(f, place_of_wait(f, i));
		p = table_get(&past->locks, id, sizeof(*p));
		p->caused_ns += f->s->t_mono_ns - (since > p->t_ns ? since : p->t_ns);
	}
	for (size_t i = 0; i < f->n_locks; i++) {
		struct lock_past *p = table_get(&past->locks, f->locks[i].id, sizeof(*p));

		p->t_ns = f->s->t_mono_ns;
		f->locks[i].caused_ns = p->caused_ns;
	}
}

/* ---- all of them ----------------------------------------------------------------------- */

/* Channels that are locks themselves; as a rule there are few, or none. */
static uint32_t *lock_objects(const struct frame *f, size_t *ret_n)
{
	uint32_t *found = NULL;
	size_t    n = 0;

	for (uint32_t i = 0; i < f->s->n_channels; i++) {
		if (!is_lock_object(f->s->channels[i].kind))
			continue;
		if ((n & (n - 1)) == 0) /* powers of two have been asked for already */
			found = mem_grow(found, 2 * n + 1, sizeof(*found));
		found[n++] = i;
	}
	*ret_n = n;
	return found;
}

static size_t lock_waits(const struct frame *f)
{
	size_t n = 0;

	for (uint32_t i = 0; i < f->s->n_waits; i++)
		n += frame_is_lock(f->s->waits[i].op) != 0;
	return n;
}

void locks_find(struct frame *f, struct locks_past *past)
{
	struct search x = {.f = f, .n_slots = 64};
	size_t        n_objects, most;
	uint32_t     *objects = lock_objects(f, &n_objects);

	most = lock_waits(f) + f->s->n_holds + n_objects;
	while (x.n_slots < 2 * most)
		x.n_slots *= 2;
	x.slots = mem_new(x.n_slots, sizeof(*x.slots));
	f->locks = mem_new(most, sizeof(*f->locks));
	f->n_locks = 0;
	for (uint32_t i = 0; i < f->s->n_waits; i++)
		if (frame_is_lock(f->s->waits[i].op))
			add_wait(&x, i);
	for (uint32_t i = 0; i < f->s->n_holds; i++)
		add_hold(&x, past, i);
	for (size_t k = 0; k < n_objects; k++)
		lock_at(&x, (struct place){objects[k], NONE, 0});
	free(objects);
	free(x.slots);
	add_caused(f, past);
	table_sweep(&past->holds);
	/* A lock that is free at the moment is not there, and yet its time is to be kept. */
	if (past->locks.n > LOCKS_REMEMBERED)
		table_sweep(&past->locks);
}

void locks_past_fini(struct locks_past *past)
{
	table_fini(&past->locks);
	table_fini(&past->holds);
}

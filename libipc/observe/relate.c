/* relate.c - conditions of waits; see relate.h, and model.h for the terms */

#include <errno.h>

#include "observe/relate.h"

enum condition { /* of one channel; those with the same share their group */
		 ROOM0,
		 MESSAGE0,
		 ROOM1,
		 MESSAGE1,
		 TAKERS,
		 N_CONDITIONS,
};

struct state {
	struct relate          *r;
	struct model           *m;
	const struct wait_item *item;
	uint32_t                thread, channel, wait;
	bool                    first; /* the item that the public array shows */
};

static const struct object_rec *object_of(const struct state *s)
{
	return image_at(s->r->image, TABLE_OBJECTS, s->r->v->channel_slot[s->channel]);
}

/* Add every living process that holds one of (or, with @all, all of) the rights @need. */
static uint32_t add_holders(struct state *s, uint32_t need, bool all)
{
	const struct view            *v = s->r->v;
	const struct ipc_obs_channel *c = &v->channel[s->channel];
	uint32_t                      n = 0, last = MODEL_NOBODY;

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct ipc_obs_end *e = &v->end[i];
		bool holds = all ? (e->rights & need) == need : (e->rights & need) != 0;

		if (!holds || s->m->process[e->process].dead || e->process == last)
			continue;
		model_add_way(s->m, false, e->process);
		last = e->process;
		n++;
	}
	return n;
}

/* The group of those who could bring about @cond, made at its first use. */
static uint32_t shared_group(struct state *s, enum condition cond, uint32_t need, bool all,
			     enum model_death death)
{
	uint32_t *at = (uint32_t *)s->r->groups.p + (size_t)s->channel * N_CONDITIONS + cond;

	if (*at == MODEL_NOBODY) {
		*at = model_add_group(
			s->m, (struct model_group){.need = 1,
						   .death = death,
						   .named = s->r->v->channel[s->channel].named,
						   .tag = s->channel});
		(void)add_holders(s, need, all);
	}
	return *at;
}

static uint32_t single_group(struct state *s, bool is_thread, uint32_t index)
{
	uint32_t g = model_add_group(
		s->m, (struct model_group){.need = 1, .death = DEATH_FREES, .tag = s->channel});

	model_add_way(s->m, is_thread, index);
	return g;
}

static void add_item(struct state *s, bool satisfied, bool open)
{
	(void)model_add_item(s->m, s->thread, satisfied, open);
	if (s->first)
		s->r->v->wait[s->wait].satisfied = satisfied;
}

bool relate_has_room(const struct ring_ctl *c, uint64_t heap_wanted)
{
	uint64_t queued = (c->tail & RING_POS_MASK) - (c->head & RING_POS_MASK);

	if (c->capacity && queued >= c->capacity)
		return false;
	return !(heap_wanted && c->heap_limit && (int64_t)c->heap_bytes > 0 && queued > 0 &&
		 c->heap_bytes + heap_wanted > c->heap_limit);
}

/*
 * The sum of what large payloads use may be wrong after a kill; who waits because of
 * it counts anew at the end of each slice. So until it has slept for a few, it may
 * still find room by itself.
 */
#define RECOUNTED_NS UINT64_C(1000000000)

static bool may_recount(const struct state *s, const struct ring_ctl *c)
{
	return relate_has_room(c, 0) &&
	       s->r->now_ns - s->r->v->wait[s->wait].since_ns < RECOUNTED_NS;
}

/*
 * send, recv, put, get, poll. A pipe whose other end nobody holds says so to its
 * user (end of file, EPIPE); a queue has no such thing: it only stays as it is.
 */
static void relate_ring(struct state *s)
{
	const struct object_rec *o = object_of(s);
	unsigned                 ring = (unsigned)s->item->arg;
	const struct ring_ctl   *c = &o->ring[ring];
	bool                     sends = s->item->op == OP_SEND || s->item->op == OP_PUT;
	bool                     pipe = o->kind == KIND_PIPE;
	bool                     shut = (c->tail & RING_SHUT) != 0;
	uint32_t                 need = sends ? RIGHT_RECV(ring) : RIGHT_SEND(ring), group;
	bool                     ready = sends ? relate_has_room(c, s->item->arg2)
					       : s->r->v->channel[s->channel].ring[ring].queued > 0;

	if (ready || shut || o->inflight > 0 || (sends && may_recount(s, c))) {
		add_item(s, ready || shut, !ready && !shut);
		return;
	}
	group = shared_group(s, (enum condition)(2 * ring + (sends ? 0 : 1)), need, false,
			     pipe ? DEATH_OF_LAST : DEATH_CLOSES);
	ready = pipe && s->m->group[group].n_ways == 0;
	add_item(s, ready, false);
	if (!ready)
		model_add_item_group(s->m, group);
}

/* Each that owes a task must finish it, and what is queued must find a taker. */
static void relate_join(struct state *s)
{
	const struct ipc_obs_channel *c = &s->r->v->channel[s->channel];
	uint64_t                      known = c->ring[0].queued;
	uint32_t                      takers = MODEL_NOBODY, first = s->m->n_groups, n;

	if (c->unfinished == 0 || c->unfinished == IPC_UNKNOWN || object_of(s)->inflight > 0) {
		add_item(s, c->unfinished == 0, c->unfinished != 0);
		return;
	}
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct ipc_obs_end *e = &s->r->v->end[i];

		known += e->owed;
		if (e->owed > 0 &&
		    !s->m->process[e->process].dead) /* the dead: counted as failed */
			(void)single_group(s, false, e->process);
	}
	n = s->m->n_groups - first;
	if (c->ring[0].queued > 0)
		takers = shared_group(s, TAKERS, RIGHT_RECV0 | RIGHT_DONE, true, DEATH_CLOSES);
	if (known < c->unfinished || (n == 0 && takers == MODEL_NOBODY)) {
		add_item(s, false,
			 true); /* the books do not balance: somebody unknown, or the dead */
		return;
	}
	add_item(s, false, false);
	for (uint32_t i = 0; i < n; i++)
		model_add_item_group(s->m, first + i);
	if (takers != MODEL_NOBODY)
		model_add_item_group(s->m, takers);
}

static void relate_lock(struct state *s)
{
	const struct lock_seen *lock = &s->r->locks[s->wait];
	struct ipc_obs_wait    *w = &s->r->v->wait[s->wait];
	bool                    verified = s->first && lock->verified;
	uint64_t                word = verified ? lock->owner : s->item->arg2;
	uint32_t                owner = view_thread_of(s->r->v, s->r->image, word), group;

	if (s->first)
		w->owner = owner;
	if (!verified)
		s->m->thread[s->thread].unsure = true;
	if (word == 0 || owner == MODEL_NOBODY || s->m->process[s->m->thread[owner].process].dead) {
		add_item(s, verified && word == 0,
			 true); /* the dead one's lock goes to a sleeper */
		return;
	}
	group = single_group(s, true, owner);
	add_item(s, false, false);
	model_add_item_group(s->m, group);
}

static void relate_child(struct state *s)
{
	uint32_t child = s->r->v->wait[s->wait].child, group;

	if (child == MODEL_NOBODY || s->m->process[child].dead) {
		add_item(s, false, true); /* unknown; or its parent is about to hear of its end */
		return;
	}
	group = single_group(s, false, child);
	add_item(s, false, false);
	model_add_item_group(s->m, group);
}

static void relate_item(struct state *s)
{
	s->channel = view_channel_of(s->r->v, s->r->image, s->item->object);
	switch (s->item->op) {
	case OP_LOCK: relate_lock(s); return;
	case OP_PROC: relate_child(s); return;
	default: break;
	}
	if (s->item->op >= N_OPS || s->item->op == OP_NONE || s->channel == MODEL_NOBODY ||
	    s->item->arg >= s->r->v->channel[s->channel].n_rings)
		add_item(s, false, true); /* of a later version, or of an object that is no more */
	else if (s->item->op == OP_JOIN)
		relate_join(s);
	else
		relate_ring(s);
}

static void relate_thread(struct relate *r, struct model *m, uint32_t t)
{
	const struct thread_rec *rec = image_at(r->image, TABLE_THREADS, r->v->thread_slot[t]);
	struct state             s = {.r = r, .m = m, .thread = t, .wait = r->v->thread[t].wait};

	if (s.wait == IPC_NO_INDEX)
		return;
	m->thread[t].blocked = true;
	m->thread[t].timed = rec->wait.deadline_ns != 0;
	m->thread[t].parked = (rec->wait.flags & WAIT_PARK) != 0;
	m->thread[t].unsure = (rec->wait.flags & WAIT_INTR) != 0;
	m->thread[t].need = rec->wait.flags & WAIT_ALL ? rec->wait.n_items : 1;
	for (uint32_t i = 0; i < rec->wait.n_items; i++) {
		s.item = &rec->wait.item[i];
		s.first = i == 0;
		relate_item(&s);
	}
	if (rec->wait.flags & WAIT_EXT) /* something we cannot see may end it */
		m->thread[t].blocked = false;
}

/* Of a copy nobody is alive: there, those count who were in it when it was made. */
static bool is_dead(const struct relate *r, uint32_t p)
{
	const struct process_rec *rec = image_at(r->image, TABLE_PROCESSES, r->v->process_slot[p]);

	if (r->as_recorded)
		return life_state(rec->life) == LIFE_DYING;
	return r->v->process[p].life == IPC_OBS_DEAD;
}

int relate(struct model *m, struct relate *r)
{
	const struct view *v = r->v;
	size_t             bytes = (size_t)v->n_channels * N_CONDITIONS * sizeof(uint32_t);

	model_clear(m);
	if (!grow_to(&r->groups, bytes))
		return -ENOMEM;
	if (v->n_waits > 0)
		memset(r->groups.p, 0xff, bytes);
	for (uint32_t p = 0; p < v->n_processes; p++)
		(void)model_add_process(
			m,
			(struct model_process){.dead = is_dead(r, p),
					       .unseen = v->process[p].life == IPC_OBS_STARTING ||
							 v->process[p].n_threads == 0});
	for (uint32_t t = 0; t < v->n_threads; t++)
		(void)model_add_thread(m, (struct model_thread){.process = v->thread[t].process,
								.wait = v->thread[t].wait});
	if (m->no_memory)
		return -ENOMEM;
	for (uint32_t t = 0; t < v->n_threads; t++)
		relate_thread(r, m, t);
	return model_seal(m);
}

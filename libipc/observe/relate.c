/* relate.c - conditions of waits; see relate.h, and model.h for the terms */

#include <errno.h>

#include "observe/relate_state.h"

/* Items go by the library's numbers, and words by the public ones. */
_Static_assert((int)OP_SEND == (int)IPC_OP_SEND && (int)OP_FD == (int)IPC_OP_FD, "one list");

const struct object_rec *relate_object(const struct state *s)
{
	return image_object(s->r->image, s->r->v->channel_slot[s->channel]);
}

/*
 * Add every living process that holds one of (or, with @all, all of) the rights @need. As good
 * as putting a task is to owe one that comes back: by an exit, or by closing the queue.
 */
static uint32_t add_holders(struct state *s, uint32_t need, bool all)
{
	const struct view            *v = s->r->v;
	const struct ipc_obs_channel *c = &v->channel[s->channel];
	bool                          owing = (need & RIGHT_SEND0) && relate_takes_back(s);
	uint32_t                      n = 0, last = MODEL_NOBODY;

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct ipc_obs_end *e = &v->end[i];
		bool holds = all ? (e->rights & need) == need : (e->rights & need) != 0;

		holds = holds || (owing && e->owed > 0);
		if (!holds || s->m->process[e->process].dead || e->process == last)
			continue;
		model_add_way(s->m, false, e->process);
		last = e->process;
		n++;
	}
	return n;
}

/* The group of those who could bring about @cond, made at its first use. */
uint32_t relate_shared(struct state *s, enum condition cond, uint32_t need, bool all,
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

/*
 * A thread's lock goes to others when its process ends, which any thread of that process
 * can bring about; not to other threads of that process.
 */
uint32_t relate_lock_of(struct state *s, uint32_t owner)
{
	uint32_t p = s->m->thread[owner].process, g = relate_single(s, true, owner);

	if (p != s->m->thread[s->thread].process)
		model_add_exit(s->m, p);
	return g;
}

uint32_t relate_single(struct state *s, bool is_thread, uint32_t index)
{
	uint32_t g = model_add_group(
		s->m, (struct model_group){.need = 1, .death = DEATH_FREES, .tag = s->channel});

	model_add_way(s->m, is_thread, index);
	return g;
}

void relate_add(struct state *s, bool satisfied, bool open)
{
	uint32_t item = model_add_item(s->m, s->thread, satisfied, open);
	int     *seen = &s->r->v->wait[s->wait].satisfied;

	if (!s->m->no_memory)
		s->m->item[item].tag = s->item->op;
	if (s->first)
		*seen = satisfied;
	else
		*seen = s->r->v->wait[s->wait].all ? *seen && satisfied : *seen || satisfied;
}

bool relate_has_room(const struct ring_ctl *c, uint64_t heap_wanted, bool needs_slot)
{
	uint64_t queued = (c->tail & RING_POS_MASK) - (c->head & RING_POS_MASK), used;

	if (needs_slot && c->capacity && queued >= c->capacity)
		return false;
	used = ring_heap_bytes(c->heap_in, c->heap_out, c->heap_fix);
	return !(heap_wanted && c->heap_limit && used && queued > 0 &&
		 used + heap_wanted > c->heap_limit);
}

static bool has_flag(const struct state *s, enum wait_flags flag)
{
	const struct thread_rec *t = image_at(s->r->image, TABLE_THREADS,
					      s->r->v->thread_slot[s->thread]);

	return (t->wait.flags & flag) != 0;
}

/* Who reserves waits for memory; its slot comes when it commits. */
static bool needs_slot(const struct state *s)
{
	return !has_flag(s, WAIT_ROOM);
}

static bool held_by_the_dead(const struct state *s)
{
	const struct ipc_obs_channel *c = &s->r->v->channel[s->channel];

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if (s->m->process[s->r->v->end[i].process].dead)
			return true;
	return false;
}

/*
 * The sum of what large payloads use may be wrong after a kill. Who cleans up counts it anew,
 * and who waits because of it does, and then says so. So until that, and while one of the dead
 * is still a holder, it may find room by itself.
 */
static bool may_recount(const struct state *s, const struct ring_ctl *c)
{
	return relate_has_room(c, 0, needs_slot(s)) &&
	       (!has_flag(s, WAIT_COUNTED) || held_by_the_dead(s));
}

/* May it be fulfilled by nobody's call: by what is under way, or mended? */
static bool comes_by_itself(const struct state *s, const struct ring_ctl *c, bool sends)
{
	return relate_object(s)->inflight > 0 ||
	       (sends ? may_recount(s, c) : relate_task_returns(s));
}

/*
 * send, recv, put, get, poll. A pipe whose other end nobody holds says so to its
 * user (end of file, EPIPE); a queue has no such thing: it only stays as it is.
 */
static void relate_ring(struct state *s)
{
	const struct object_rec *o = relate_object(s);
	unsigned                 ring = (unsigned)s->item->arg;
	const struct ring_ctl   *c = &o->ring[ring];
	bool                     sends = s->item->op == OP_SEND || s->item->op == OP_PUT;
	bool                     pipe = o->kind == KIND_PIPE;
	bool                     shut = (c->tail & RING_SHUT) != 0;
	uint32_t                 need = sends ? RIGHT_RECV(ring) : RIGHT_SEND(ring), group;
	bool                     ready = sends ? relate_has_room(c, s->item->arg2, needs_slot(s))
					       : s->r->v->channel[s->channel].ring[ring].queued > 0 ||
                                     s->r->v->channel[s->channel].returned > 0;

	if (ready || shut || comes_by_itself(s, c, sends)) {
		relate_add(s, ready || shut, !ready && !shut);
		return;
	}
	group = relate_shared(s, (enum condition)(2 * ring + (sends ? 0 : 1)), need, false,
			      pipe ? DEATH_OF_LAST : DEATH_CLOSES);
	ready = pipe && s->m->group[group].n_ways == 0;
	relate_add(s, ready, false);
	if (!ready)
		model_add_item_group(s->m, group);
}

static void relate_child(struct state *s)
{
	struct ipc_obs_wait w;
	uint32_t            child, group;

	view_wait_item(s->r->v, s->r->image, s->thread, s->item, &w);
	child = w.child;
	if (child == MODEL_NOBODY || s->m->process[child].dead) {
		relate_add(s, false, true); /* unknown; or its parent is about to hear of its end */
		return;
	}
	group = relate_single(s, false, child);
	relate_add(s, false, false);
	model_add_item_group(s->m, group);
}

static void relate_item(struct state *s)
{
	s->channel = view_channel_of(s->r->v, s->item->object);
	if (s->item->op == OP_PROC) {
		relate_child(s);
		return;
	}
	if (s->item->op == OP_FD) {
		relate_add(s, false, true); /* anybody may end that */
		return;
	}
	if (s->item->op == OP_LOCK || (s->item->op >= OP_RDLOCK && s->item->op <= OP_BARRIER)) {
		relate_sync(s);
		return;
	}
	if (s->item->op >= N_OPS || s->item->op == OP_NONE || s->channel == MODEL_NOBODY ||
	    s->item->arg >= s->r->v->channel[s->channel].n_rings)
		relate_add(s, false,
			   true); /* of a later version, or of an object that is no more */
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
	r->crowd.group = MODEL_NOBODY;
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

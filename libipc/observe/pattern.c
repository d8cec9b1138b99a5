/*
 * pattern.c - shapes of deadlocks that have a name and a known remedy
 *
 * The verdict does not rest on this: a core is a core. It only tells which page
 * of the manual to read. The first that fits is taken, so the special come first.
 */

#include "observe/shapes.h"

static bool sends(const struct ipc_obs_wait *w)
{
	return w->op == IPC_OP_SEND || w->op == IPC_OP_PUT;
}

static bool receives(const struct ipc_obs_wait *w)
{
	return w->op == IPC_OP_RECV || w->op == IPC_OP_GET || w->op == IPC_OP_POLL;
}

static uint32_t process_of(const struct scene *s, uint32_t t)
{
	return s->v->thread[t].process;
}

static const struct ipc_obs_end *end_of(const struct scene *s, uint32_t channel, uint32_t process,
					uint32_t rights)
{
	const struct ipc_obs_channel *c = &s->v->channel[channel];

	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if (s->v->end[i].process == process && (s->v->end[i].rights & rights))
			return &s->v->end[i];
	return NULL;
}

static const struct ipc_obs_end *sender(const struct scene *s, const struct ipc_obs_wait *w,
					uint32_t process)
{
	if (w->channel == IPC_NO_INDEX)
		return NULL;
	return end_of(s, w->channel, process, (uint32_t)IPC_RIGHT_SEND0 << (2 * w->ring));
}

static const struct ipc_obs_end *receiver(const struct scene *s, const struct ipc_obs_wait *w,
					  uint32_t process)
{
	if (w->channel == IPC_NO_INDEX)
		return NULL;
	return end_of(s, w->channel, process, (uint32_t)IPC_RIGHT_RECV0 << (2 * w->ring));
}

static struct match match(enum shape shape, uint32_t a, uint32_t b, uint32_t o)
{
	return (struct match){.pattern = &shapes[shape], .a = a, .b = b, .o = o};
}

static struct match match_single(const struct scene *s)
{
	uint32_t                   t = s->core[0];
	const struct ipc_obs_wait *w = scene_wait(s, t);

	if (scene_locks(w) || w->op == IPC_OP_SEM)
		return match(scene_is_own_lock(s, t) ? SELF_LOCK
			     : w->op == IPC_OP_SEM   ? ORPHANED_SEM
						     : ORPHANED,
			     t, t, w->channel);
	if (w->op == IPC_OP_EVENT || w->op == IPC_OP_COND)
		return match(ORPHANED_EVENT, t, t, w->channel);
	if (w->op == IPC_OP_BARRIER)
		return match(SHORT_BARRIER, t, t, w->channel);
	if (w->op == IPC_OP_JOIN)
		return match(ORPHANED_JOIN, t, t, w->channel);
	if (sends(w))
		return match(ORPHANED_PUT, t, t, w->channel);
	if (w->op == IPC_OP_GET)
		return match(ORPHANED_GET, t, t, w->channel);
	if (receives(w))
		return match(sender(s, w, process_of(s, t)) ? OWN_END_OPEN : ORPHANED, t, t,
			     w->channel);
	return match(ORPHANED, t, t, w->channel);
}

/* Is it another of them who takes what @sends puts, and not @process, which has the right? */
static bool others_receive(const struct scene *s, const struct ipc_obs_wait *sends,
			   uint32_t process)
{
	const struct ipc_obs_end *own = receiver(s, sends, process);

	for (uint32_t i = 0; own && own->in.messages == 0 && i < s->n_core; i++) {
		const struct ipc_obs_end *e = receiver(s, sends, process_of(s, s->core[i]));

		if (e && e->in.messages > 0)
			return true;
	}
	return false;
}

/* Does @joiner, waiting for @other's process to end, close a circle with what @other waits for? */
static bool match_child(const struct scene *s, uint32_t joiner, uint32_t other, struct match *ret)
{
	const struct ipc_obs_wait *j = scene_wait(s, joiner), *w = scene_wait(s, other);

	if (j->op != IPC_OP_PROC || j->child != process_of(s, other))
		return false;
	if (sends(w) && receiver(s, w, process_of(s, joiner)) &&
	    !others_receive(s, w, process_of(s, joiner)))
		*ret = match(JOIN_BEFORE_DRAIN, joiner, other, w->channel);
	else if (receives(w) && sender(s, w, process_of(s, joiner)))
		*ret = match(JOIN_BEFORE_SEND, joiner, other, w->channel);
	else
		return false;
	return true;
}

/* A sending end that @other never used, on a pipe another process waits to see the end of. */
static bool match_inherited(const struct scene *s, uint32_t reader, uint32_t other,
			    struct match *ret)
{
	const struct ipc_obs_wait *r = scene_wait(s, reader), *w = scene_wait(s, other);
	uint32_t                   from = s->v->process[process_of(s, other)].parent;
	const struct ipc_obs_end  *e = receives(r) ? sender(s, r, process_of(s, other)) : NULL;

	if (!e || receives(w) || e->out.messages != 0 || r->op == IPC_OP_GET ||
	    from == IPC_NO_INDEX)
		return false;
	if (s->v->channel[r->channel].ring[r->ring].sent == 0)
		return false; /* nobody has used it yet: @other may be who is meant to */
	if (from != process_of(s, reader) && from != s->v->process[process_of(s, reader)].parent)
		return false; /* neither the reader's child nor its sibling */
	*ret = match(INHERITED_END, reader, other, r->channel);
	return true;
}

static bool match_owing(const struct scene *s, uint32_t joiner, uint32_t other, struct match *ret)
{
	const struct ipc_obs_wait *w = scene_wait(s, joiner);
	const struct ipc_obs_end  *e;

	if (w->op != IPC_OP_JOIN || joiner == other)
		return false;
	e = end_of(s, w->channel, process_of(s, other), IPC_RIGHT_DONE);
	if (!e || e->owed == 0)
		return false;
	*ret = match(JOIN_OWES_TASK, joiner, other, w->channel);
	return true;
}

static bool match_pairs(const struct scene *s, struct match *ret)
{
	static bool (*const tries[])(const struct scene *, uint32_t, uint32_t,
				     struct match *) = {match_inherited, match_child, match_owing};
	uint32_t n = s->n_core < STORY_LINES ? s->n_core
					     : STORY_LINES; /* pairs grow by the square */

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		for (uint32_t a = 0; a < n; a++)
			for (uint32_t b = 0; b < n; b++)
				if (a != b && tries[i](s, s->core[a], s->core[b], ret))
					return true;
	return false;
}

/* Can more than one other process, or thread, help @t here? */
static bool others_can(const struct scene *s, uint32_t t, const struct model_group *g)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < g->n_ways; k++) {
		const struct model_way *w = &s->m->way[g->first_way + k];

		n += w->index != (w->is_thread ? t : process_of(s, t));
	}
	return n > 1;
}

/* Can any of them be helped in more than one way? */
static bool has_choice(const struct scene *s)
{
	for (uint32_t i = 0; i < s->n_core; i++) {
		const struct model_thread *t = &s->m->thread[s->core[i]];

		if (t->n_items > 1 && t->need == 1)
			return true;
		for (uint32_t k = t->first_item; k < t->first_item + t->n_items; k++)
			for (uint32_t g = 0; g < s->m->item[k].n_groups; g++)
				if (others_can(
					    s, s->core[i],
					    &s->m->group[s->m->item_group
								 [s->m->item[k].first_group + g]]))
					return true;
	}
	return false;
}

static bool at_one_place(const struct ipc_obs_wait *a, const struct ipc_obs_wait *b)
{
	return a->channel == b->channel && a->ring == b->ring && a->lock_offset == b->lock_offset;
}

static bool wants_to_write(const struct scene *s)
{
	for (uint32_t i = 0; i < s->n_core; i++)
		if (scene_wait(s, s->core[i])->op != IPC_OP_WRLOCK)
			return false;
	return true;
}

/* One of them waits for a lock, whose owner waits for something that is no lock. */
static bool match_holder(const struct scene *s, struct match *ret)
{
	for (uint32_t i = 0; i < s->n_core; i++) {
		const struct ipc_obs_wait *w = scene_wait(s, s->core[i]);

		if (!scene_locks(w) || w->owner == IPC_NO_INDEX || !s->stuck[w->owner] ||
		    scene_locks(scene_wait(s, w->owner)))
			continue;
		*ret = match(WAIT_WITH_LOCK, s->core[i], w->owner, w->channel);
		return true;
	}
	return false;
}

/*
 * All of them at one event, condition, semaphore or barrier, of which none has anything to give:
 * it is with all as it would be with one.
 */
static bool match_gathered(const struct scene *s, struct match *ret)
{
	const struct ipc_obs_wait *first = scene_wait(s, s->core[0]);

	if (!view_is_lock(first->op) || scene_locks(first))
		return false;
	for (uint32_t i = 0; i < s->n_core; i++)
		if (!at_one_place(scene_wait(s, s->core[i]), first) ||
		    scene_is_own_lock(s, s->core[i]))
			return false;
	*ret = match_single(s);
	return true;
}

static struct match match_many(const struct scene *s)
{
	const struct ipc_obs_wait *first = scene_wait(s, s->core[0]);
	uint32_t                   n_send = 0, n_recv = 0, n_lock = 0, n_same = 0;
	uint32_t                   a = s->core[0], b = s->core[1];
	struct match               ret;

	for (uint32_t i = 0; i < s->n_core; i++) {
		const struct ipc_obs_wait *w = scene_wait(s, s->core[i]);

		n_send += sends(w);
		n_recv += receives(w);
		n_lock += scene_locks(w);
		n_same += at_one_place(w, first);
	}
	if (n_lock == s->n_core && n_same == n_lock && wants_to_write(s))
		return match(UPGRADE, a, b, IPC_NO_INDEX);
	if (n_lock == s->n_core)
		return match(LOCK_ORDER, a, b, IPC_NO_INDEX);
	if (n_same == s->n_core && (n_recv == s->n_core || n_send == s->n_core))
		return match(n_recv ? ORPHANED_GET : ORPHANED_PUT, a, b, first->channel);
	if (match_gathered(s, &ret) || match_holder(s, &ret))
		return ret;
	if (has_choice(s) && s->n_core > 2)
		return match(OR_KNOT, a, b, first->channel);
	if (s->n_core == 2 && n_recv == 2)
		return match(MUTUAL_RECV, a, b, first->channel);
	if (s->n_core == 2 && n_send == 2)
		return match(MUTUAL_SEND, a, b, first->channel);
	return match(has_choice(s) ? OR_KNOT : RING, a, b, first->channel);
}

struct match pattern_match(const struct scene *s)
{
	struct match ret;

	if (s->n_core == 1)
		return match_single(s);
	return match_pairs(s, &ret) ? ret : match_many(s);
}

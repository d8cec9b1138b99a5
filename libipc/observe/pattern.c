/*
 * pattern.c - shapes of deadlocks that have a name and a known remedy
 *
 * The verdict does not rest on this: a core is a core. It only tells which page
 * of the manual to read. The first that fits is taken, so the special come first.
 */

#include "observe/scene.h"

enum shape {
	SELF_LOCK,
	OWN_END_OPEN,
	ORPHANED_GET,
	ORPHANED_PUT,
	ORPHANED_JOIN,
	ORPHANED,
	JOIN_BEFORE_DRAIN,
	INHERITED_END,
	JOIN_BEFORE_SEND,
	JOIN_OWES_TASK,
	LOCK_ORDER,
	MUTUAL_RECV,
	MUTUAL_SEND,
	OR_KNOT,
	RING,
};

static const struct pattern patterns[] = {
	[SELF_LOCK] =
		{"self-lock",
		 "{a} locks a mutex that it holds already; the mutex is not recursive.",
		 "unlock it before locking it again, or do not lock it in the inner function"},
	[OWN_END_OPEN] =
		{"own-end-open",
		 "{a} waits for {o} to deliver or to end, but the only one who still holds its "
		 "sending end is {a} itself, so the end never comes.",
		 "close the end of the pipe that this process does not use"},
	[ORPHANED_GET] =
		{"orphaned-get",
		 "whoever could put into {o} is waiting to get from it, or is gone.",
		 "let the producer put an end mark for each consumer, or shut the queue down, "
		 "before it leaves"},
	[ORPHANED_PUT] =
		{"orphaned-put",
		 "{o} is full, and whoever could get from it is waiting to put into it, or is "
		 "gone.",
		 "keep a consumer until the producers are done, or shut the queue down"},
	[ORPHANED_JOIN] = {"orphaned-join",
			   "tasks are still in {o}, and nobody is left who could do them.",
			   "keep a consumer until the queue is joined; restart consumers that die"},
	[ORPHANED] = {"orphaned", "nobody who is alive could end this wait.",
		      "keep the process that could, or wait with a timeout"},
	[JOIN_BEFORE_DRAIN] =
		{"join-before-drain",
		 "{a} waits for {b} to end before it takes what is in {o}; {b} cannot end "
		 "before something is taken from {o}.",
		 "get everything from the queue first and join then, or join with a "
		 "timeout and drain in between"},
	[INHERITED_END] =
		{"inherited-end",
		 "{a} waits for {o} to deliver or to end, but {b} still holds a sending end, "
		 "which it has never used and probably inherited at fork, and {b} waits in "
		 "turn.",
		 "close in each child the ends it does not use, right after fork"},
	[JOIN_BEFORE_SEND] =
		{"join-before-send",
		 "{a} waits for {b} to end; {b} waits for a message or for the end of {o}, "
		 "which only {a} could give it.",
		 "send, or close the sending end, before joining"},
	[JOIN_OWES_TASK] = {"join-owes-task",
			    "{a} waits until all tasks of {o} are done; {b} took one, has not said "
			    "task_done, and waits itself.",
			    "call task_done after each get, before waiting for anything else"},
	[LOCK_ORDER] = {"lock-order",
			"each holds a mutex that the next one wants: they were locked in different "
			"orders.",
			"lock them in the same order everywhere"},
	[MUTUAL_RECV] = {"mutual-recv",
			 "each waits for a message from another of them, so nobody sends first.",
			 "let one of them send before it receives"},
	[MUTUAL_SEND] =
		{"mutual-send",
		 "each waits for room in a channel that another of them should empty.",
		 "receive between sends, or make the channel as large as what is in flight"},
	[OR_KNOT] = {"or-knot",
		     "each could be helped by several of the others, but every one of those waits "
		     "too.",
		     "let one process be the source: it must not wait for what it feeds"},
	[RING] = {"ring", "each waits for the next one, and the last for the first.",
		  "let one of them go first, or wait with a timeout and try again"},
};

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
	return (struct match){.pattern = &patterns[shape], .a = a, .b = b, .o = o};
}

static struct match match_single(const struct scene *s)
{
	uint32_t                   t = s->core[0];
	const struct ipc_obs_wait *w = scene_wait(s, t);

	if (w->op == IPC_OP_LOCK)
		return match(w->owner == t ? SELF_LOCK : ORPHANED, t, t, w->channel);
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

/* Does @joiner, waiting for @other's process to end, close a circle with what @other waits for? */
static bool match_child(const struct scene *s, uint32_t joiner, uint32_t other, struct match *ret)
{
	const struct ipc_obs_wait *j = scene_wait(s, joiner), *w = scene_wait(s, other);

	if (j->op != IPC_OP_PROC || j->child != process_of(s, other))
		return false;
	if (sends(w) && receiver(s, w, process_of(s, joiner)))
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

/* Can any of them be helped in more than one way? */
static bool has_choice(const struct scene *s)
{
	for (uint32_t i = 0; i < s->n_core; i++) {
		const struct model_thread *t = &s->m->thread[s->core[i]];

		if (t->n_items > 1 && t->need == 1)
			return true;
		for (uint32_t k = t->first_item; k < t->first_item + t->n_items; k++)
			for (uint32_t g = 0; g < s->m->item[k].n_groups; g++)
				if (s->m->group[s->m->item_group[s->m->item[k].first_group + g]]
					    .n_ways > 1)
					return true;
	}
	return false;
}

static struct match match_many(const struct scene *s)
{
	const struct ipc_obs_wait *first = scene_wait(s, s->core[0]);
	uint32_t                   n_send = 0, n_recv = 0, n_lock = 0, n_same = 0;
	uint32_t                   a = s->core[0], b = s->core[1];

	for (uint32_t i = 0; i < s->n_core; i++) {
		const struct ipc_obs_wait *w = scene_wait(s, s->core[i]);

		n_send += sends(w);
		n_recv += receives(w);
		n_lock += w->op == IPC_OP_LOCK;
		n_same += w->channel == first->channel && w->ring == first->ring;
	}
	if (n_lock == s->n_core)
		return match(LOCK_ORDER, a, b, IPC_NO_INDEX);
	if (n_same == s->n_core && (n_recv == s->n_core || n_send == s->n_core))
		return match(n_recv ? ORPHANED_GET : ORPHANED_PUT, a, b, first->channel);
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

/* rule_join.c - joins of processes and of tasks */

#include <inttypes.h>

#include "lint/lint.h"
#include "text/utf8.h"

/* ---- I001 ---------------------------------------------------------------------------- */

/*
 * Of many workers at one queue, each holding it whole, those who put there and never took
 * anything are no takers. A pipe of two directions counts both as one, and tells less.
 */
static int only_puts(const struct frame *f, const struct ipc_obs_end *e)
{
	return f->s->channels[e->channel].n_rings == 1 && e->out.messages > 0 &&
	       e->in.messages == 0;
}

/* Is anybody alive, but these two, who could take from it? */
static int others_take(const struct frame *f, uint32_t c, uint32_t right, uint32_t a, uint32_t b)
{
	const struct ipc_obs_channel *channel = &f->s->channels[c];

	for (uint32_t i = channel->first_end; i < channel->first_end + channel->n_ends; i++) {
		const struct ipc_obs_end *e = &f->s->ends[i];

		if ((e->rights & right) != 0 && e->process != a && e->process != b &&
		    !only_puts(f, e) && f->s->processes[e->process].life != IPC_OBS_DEAD)
			return 1;
	}
	return 0;
}

static int waits_for_room(const struct frame *f, uint32_t process, uint32_t c, uint32_t ring)
{
	for (size_t i = 0; i < f->s->n_waits; i++) {
		const struct ipc_obs_wait *w = &f->s->waits[i];

		if (w->channel == c && w->ring == ring && !w->satisfied &&
		    (w->op == IPC_OP_PUT || w->op == IPC_OP_SEND) &&
		    f->s->threads[w->thread].process == process &&
		    f->waits[i].age_ns >= LINT_LASTS_NS)
			return 1;
	}
	return 0;
}

/* Does child @b of joiner @a put there, and could only @a take it, who sleeps? */
static int fills_for(const struct frame *f, uint32_t a, uint32_t b, uint32_t c, uint32_t ring)
{
	const struct ipc_obs_ring *r = &f->s->channels[c].ring[ring];
	const struct ipc_obs_end  *from = lint_end(f, c, b, LINT_SEND(ring));

	return r->capacity > 0 && r->queued > 0 && !r->shut && from != NULL &&
	       from->out.messages > 0 && from->in.messages == 0 &&
	       lint_end(f, c, a, LINT_RECV(ring)) != NULL &&
	       !others_take(f, c, LINT_RECV(ring), a, b);
}

/* @b ends before @a goes on; @how they are joined is told. */
static void check_pair(struct lints *l, const struct frame *f, uint32_t a, uint32_t b,
		       const char *how)
{
	const struct ipc_obs_process *p = &f->s->processes[a], *child = &f->s->processes[b];

	for (uint32_t c = 0; c < f->s->n_channels; c++)
		for (uint32_t ring = 0; ring < f->s->channels[c].n_rings; ring++) {
			const struct ipc_obs_ring *r = &f->s->channels[c].ring[ring];
			int                        bites;

			if (!fills_for(f, a, b, c, ring) ||
			    /* several children may fill one queue: that is one habit */
			    lint_tells(l, LINT_JOIN_BEFORE_DRAIN, a, c))
				continue;
			bites = waits_for_room(f, b, c, ring);
			if (!bites && (r->oldest_ns == IPC_UNKNOWN || r->oldest_ns < LINT_LASTS_NS))
				continue;
			lint_add(l, LINT_JOIN_BEFORE_DRAIN, a, c,
				 "%.40s %" PRIu64 " %s %.40s %" PRIu64
				 ", whose messages in %s \"%.63s\" only it could take: %" PRIu64
				 " of %" PRIu64 "%s",
				 utf8_part(p->name, 40).text, p->pid, how,
				 utf8_part(child->name, 40).text, child->pid,
				 ipc_kind_name(f->s->channels[c].kind), f->s->channels[c].name,
				 r->queued, r->capacity,
				 bites ? ", and the child waits for room"
				       : "; once it is full neither will go on");
		}
}

/* Of how many children does it need the end? Of any of several, it could go on after the first. */
static uint32_t n_joined(const struct ipc_obs_wait *w)
{
	return w->op == IPC_OP_PROC ? 1 : w->op == IPC_OP_WAIT && w->all ? w->n_listed : 0;
}

static uint32_t joined(const struct frame *f, const struct ipc_obs_wait *w, uint32_t k)
{
	const struct ipc_obs_item *item;

	if (w->op == IPC_OP_PROC)
		return w->child;
	item = &f->s->items[w->first_item + k];
	return item->op == IPC_OP_PROC ? item->child : IPC_NO_INDEX;
}

/* Who joins with a time limit may well drain in between. */
static int joins(const struct frame *f, size_t i)
{
	return n_joined(&f->s->waits[i]) > 0 && f->s->waits[i].deadline_ns == 0 &&
	       f->waits[i].age_ns >= LINT_LASTS_NS;
}

/* Whom do the children join in their turn? Managers of managers are rare. */
#define GENERATIONS 3

/* @a goes on when wait @i does: of its own, or of who is joined. */
static void check_wait(struct lints *l, const struct frame *f, uint32_t a, size_t i,
		       unsigned generation)
{
	const struct ipc_obs_wait *w = &f->s->waits[i];

	for (uint32_t k = 0; k < n_joined(w); k++) {
		uint32_t b = joined(f, w, k);

		if (b == IPC_NO_INDEX || b == a)
			continue;
		check_pair(l, f, a, b, generation == 0 ? "joins" : "joins who joins");
		if (generation + 1 == GENERATIONS || !lint_all_asleep(f, b))
			continue;
		for (size_t next = 0; next < f->s->n_waits; next++)
			if (f->s->threads[f->s->waits[next].thread].process == b && joins(f, next))
				check_wait(l, f, a, next, generation + 1);
	}
}

void rule_join_before_drain(struct lints *l, const struct frame *f)
{
	for (size_t i = 0; i < f->s->n_waits; i++) {
		uint32_t a = f->s->threads[f->s->waits[i].thread].process;

		if (joins(f, i) && lint_all_asleep(f, a))
			check_wait(l, f, a, i, 0);
	}
}

/* ---- I004 ---------------------------------------------------------------------------- */

/* Do all its threads wait for the next message of @c, and have for a while? */
static int waits_for_more(const struct frame *f, uint32_t process, uint32_t c)
{
	uint32_t n = 0;

	for (size_t i = 0; i < f->s->n_waits; i++) {
		const struct ipc_obs_wait *w = &f->s->waits[i];

		if (f->s->threads[w->thread].process != process)
			continue;
		if (w->op != IPC_OP_GET || w->channel != c || w->satisfied ||
		    f->waits[i].age_ns < LINT_LASTS_NS)
			return 0;
		n++;
	}
	return n > 0 && n == f->s->processes[process].n_threads;
}

void rule_lost_task_done(struct lints *l, const struct frame *f)
{
	for (uint32_t i = 0; i < f->s->n_ends; i++) {
		const struct ipc_obs_end     *e = &f->s->ends[i];
		const struct ipc_obs_channel *c = &f->s->channels[e->channel];
		const struct ipc_obs_process *p = &f->s->processes[e->process];

		if (c->kind != IPC_KIND_JOINABLE || e->owed == 0 || e->owed == IPC_UNKNOWN ||
		    c->ring[0].queued > 0 || !lint_all_asleep(f, e->process) ||
		    !waits_for_more(f, e->process, e->channel))
			continue;
		lint_add(l, LINT_LOST_TASK_DONE, e->process, e->channel,
			 "%s %" PRIu64 " got %" PRIu64 " task%s of \"%.63s\", has not said "
			 "task_done, and waits for the next one",
			 p->name, p->pid, e->owed, e->owed == 1 ? "" : "s", c->name);
	}
}

/* ---- I005 ---------------------------------------------------------------------------- */

void rule_extra_task_done(struct lints *l, const struct frame *f)
{
	for (uint32_t i = 0; i < f->s->n_ends; i++) {
		const struct ipc_obs_end     *e = &f->s->ends[i];
		const struct ipc_obs_process *p = &f->s->processes[e->process];

		if (e->extra_done > 0)
			lint_add(l, LINT_EXTRA_TASK_DONE, e->process, e->channel,
				 "%s %" PRIu64 " said task_done %" PRIu64
				 " times too often on \"%.63s\"",
				 p->name, p->pid, e->extra_done, f->s->channels[e->channel].name);
	}
}

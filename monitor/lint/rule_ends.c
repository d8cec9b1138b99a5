/* rule_ends.c - who holds the other end, and whether anybody does */

#include <inttypes.h>

#include "lint/limits.h"
#include "text/utf8.h"

static int receives(const struct ipc_obs_wait *w)
{
	return w->op == IPC_OP_RECV || w->op == IPC_OP_GET || w->op == IPC_OP_POLL;
}

static int sends(const struct ipc_obs_wait *w)
{
	return w->op == IPC_OP_SEND || w->op == IPC_OP_PUT;
}

/* Is the wait part of a finding that has proved that it will not end? */
static int is_stuck(const struct frame *f, size_t i)
{
	enum ipc_verdict_class class_;

	if (f->waits[i].verdict == IPC_NO_INDEX)
		return 0;
	class_ = f->s->verdicts[f->waits[i].verdict].class_;
	return class_ == IPC_DEADLOCK || class_ == IPC_ORPHANED;
}

static int is_pipe(const struct frame *f, const struct ipc_obs_wait *w)
{
	return w->channel != IPC_NO_INDEX && f->s->channels[w->channel].kind == IPC_KIND_PIPE;
}

static int is_dead(const struct frame *f, const struct ipc_obs_end *e)
{
	return f->s->processes[e->process].life == IPC_OBS_DEAD;
}

/* ---- I013 ---------------------------------------------------------------------------- */

/* How long a reader waits for an end that is late. Picked. */
#define LATE_NS UINT64_C(5000000000)

static int is_unused(const struct ipc_obs_end *e)
{
	return e->out.messages == 0 && e->in.messages == 0;
}

/*
 * Has the process of sending end @e the receiving one, too, both since it was forked, and used
 * neither? Who means to send closes the other.
 */
static int is_left_over(const struct frame *f, const struct ipc_obs_end *e, uint32_t ring)
{
	const struct ipc_obs_end *other = lint_end(f, e->channel, e->process, LINT_RECV(ring));

	return other != NULL && is_unused(e) && is_unused(other) &&
	       f->s->channels[e->channel].created_ns < f->s->processes[e->process].joined_ns &&
	       (double)f->s->t_mono_ns > (double)e->opened_ns + 1e9 * lint_limit(LIMIT_LEAKED_END);
}

/* Who has not sent anything anywhere may still be about to, and here. */
static int sends_elsewhere(const struct frame *f, const struct ipc_obs_end *e)
{
	return f->s->processes[e->process].out.messages > 0;
}

static int is_receiving(const struct frame *f, uint32_t process)
{
	for (size_t i = 0; i < f->s->n_waits; i++)
		if (f->s->threads[f->s->waits[i].thread].process == process &&
		    receives(&f->s->waits[i]))
			return 1;
	return 0;
}

/* Those who could still send where somebody waits, none of whom ever did. */
struct silent {
	uint32_t first; /* index in processes: another one, if there is one */
	uint32_t n;
	uint32_t n_left_over;              /* of those, but for the reader */
	uint32_t n_elsewhere, n_receiving; /* of the left over */
};

/* Returns 0 if one of them has sent. */
static int find_silent(const struct frame *f, const struct ipc_obs_wait *w, struct silent *ret)
{
	const struct ipc_obs_channel *c = &f->s->channels[w->channel];
	uint32_t                      reader = f->s->threads[w->thread].process;

	*ret = (struct silent){.first = reader};
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct ipc_obs_end *e = &f->s->ends[i];

		if ((e->rights & LINT_SEND(w->ring)) == 0 || is_dead(f, e))
			continue;
		if (e->out.messages > 0)
			return 0;
		ret->n++;
		if (ret->first == reader)
			ret->first = e->process;
		if (e->process != reader && is_left_over(f, e, w->ring)) {
			ret->n_left_over++;
			ret->n_elsewhere += (uint32_t)sends_elsewhere(f, e);
			ret->n_receiving += (uint32_t)is_receiving(f, e->process);
		}
	}
	return ret->n > 0;
}

/*
 * Does wait @i wait for an end of file that those keep away? Where somebody did send, what is
 * left is not a conversation to begin. Without a proof, who has a sending end alone may only
 * be slow; and where nothing was ever sent, who receives may be asked before it answers.
 */
static int waits_for_end(const struct frame *f, size_t i, struct silent *ret)
{
	const struct ipc_obs_wait *w = &f->s->waits[i];
	uint32_t                   reader = f->s->threads[w->thread].process;
	int                        all_left_over;

	if (!receives(w) || !is_pipe(f, w) || w->deadline_ns != 0 || !find_silent(f, w, ret))
		return 0;
	all_left_over = ret->n_left_over > 0 &&
			ret->n == ret->n_left_over + (lint_end(f, w->channel, reader,
							       LINT_SEND(w->ring)) != NULL);
	if (f->s->channels[w->channel].ring[w->ring].sent == 0)
		return all_left_over && is_stuck(f, i) && ret->n_receiving == 0;
	return is_stuck(f, i) || (all_left_over && ret->n_elsewhere == ret->n_left_over &&
				  f->waits[i].age_ns >= LATE_NS);
}

static void find_late_ends(struct lints *l, const struct frame *f)
{
	for (size_t i = 0; i < f->s->n_waits; i++) {
		const struct ipc_obs_wait    *w = &f->s->waits[i];
		uint32_t                      reader = f->s->threads[w->thread].process;
		const struct ipc_obs_process *p, *holder;
		struct silent                 silent;

		if (!waits_for_end(f, i, &silent))
			continue;
		p = &f->s->processes[reader];
		holder = &f->s->processes[silent.first];
		lint_add(l, LINT_LEAKED_END, silent.first, w->channel,
			 "%s %" PRIu64 " waits for the end of pipe \"%.63s\", which %s %" PRIu64
			 "%s keeps open and has never used",
			 p->name, p->pid, f->s->channels[w->channel].name,
			 silent.first == reader ? "itself," : holder->name, holder->pid,
			 silent.n > 1 ? " among others" : "");
	}
}

/* Who uses its end of the pipe, but @but; NULL. */
static const struct ipc_obs_end *user(const struct frame *f, uint32_t c, uint32_t right, int sends_,
				      const struct ipc_obs_end *but)
{
	const struct ipc_obs_channel *channel = &f->s->channels[c];

	for (uint32_t i = channel->first_end; i < channel->first_end + channel->n_ends; i++) {
		const struct ipc_obs_end *e = &f->s->ends[i];

		if (e != but && (e->rights & right) != 0 && !is_dead(f, e) &&
		    (sends_ ? e->out.messages : e->in.messages) > 0)
			return e;
	}
	return NULL;
}

/* While two use it, a third has both ends: when the sender ends, the reader will not be told. */
static void find_third(struct lints *l, const struct frame *f, uint32_t c, uint32_t ring)
{
	const struct ipc_obs_channel *channel = &f->s->channels[c];
	const struct ipc_obs_end     *from = user(f, c, LINT_SEND(ring), 1, NULL), *to;

	to = from == NULL ? NULL : user(f, c, LINT_RECV(ring), 0, from);
	if (to == NULL || channel->ring[ring].shut)
		return;
	for (uint32_t i = channel->first_end; i < channel->first_end + channel->n_ends; i++) {
		const struct ipc_obs_end     *e = &f->s->ends[i];
		const struct ipc_obs_process *p = &f->s->processes[e->process];

		if ((e->rights & LINT_SEND(ring)) == 0 || is_dead(f, e) ||
		    !is_left_over(f, e, ring) || !sends_elsewhere(f, e) ||
		    lint_tells(l, LINT_LEAKED_END, e->process, c))
			continue;
		lint_add(l, LINT_LEAKED_END, e->process, c,
			 "%s %" PRIu64 " has both ends of pipe \"%.63s\" since it was forked and "
			 "uses neither: %s %" PRIu64 " will not see its end while it is there",
			 p->name, p->pid, channel->name, f->s->processes[to->process].name,
			 f->s->processes[to->process].pid);
	}
}

void rule_leaked_end(struct lints *l, const struct frame *f)
{
	find_late_ends(l, f);
	for (uint32_t c = 0; c < f->s->n_channels; c++)
		for (uint32_t ring = 0; ring < f->s->channels[c].n_rings; ring++)
			if (f->s->channels[c].kind == IPC_KIND_PIPE)
				find_third(l, f, c, ring);
}

/* ---- I003 ---------------------------------------------------------------------------- */

static int others_hold(const struct frame *f, uint32_t c, uint32_t right, uint32_t but)
{
	const struct ipc_obs_channel *channel = &f->s->channels[c];

	for (uint32_t i = channel->first_end; i < channel->first_end + channel->n_ends; i++)
		if ((f->s->ends[i].rights & right) != 0 && f->s->ends[i].process != but &&
		    !is_dead(f, &f->s->ends[i]))
			return 1;
	return 0;
}

/*
 * That nobody is there is proved by the finding alone: it knows of threads that have not
 * called yet, and of handles that lie in messages.
 */
static int is_alone(const struct frame *f, size_t i)
{
	const struct ipc_obs_wait    *w = &f->s->waits[i];
	uint32_t                      p = f->s->threads[w->thread].process;
	const struct ipc_obs_channel *c;

	if ((!receives(w) && !sends(w)) || w->op == IPC_OP_POLL || w->channel == IPC_NO_INDEX ||
	    w->satisfied || w->parked || w->deadline_ns != 0 ||
	    f->waits[i].age_ns < LINT_LASTS_NS || !is_stuck(f, i))
		return 0;
	c = &f->s->channels[w->channel];
	return !c->named && !c->ring[w->ring].shut &&
	       !others_hold(f, w->channel, sends(w) ? LINT_RECV(w->ring) : LINT_SEND(w->ring), p);
}

void rule_nobody_there(struct lints *l, const struct frame *f)
{
	struct silent silent;

	for (size_t i = 0; i < f->s->n_waits; i++) {
		const struct ipc_obs_wait *w = &f->s->waits[i];
		uint32_t                   p = f->s->threads[w->thread].process;

		if (!is_alone(f, i) || waits_for_end(f, i, &silent))
			continue;
		lint_add(l, LINT_NOBODY_THERE, p, w->channel,
			 "%s %" PRIu64 " waits in %.100s, and %s", f->s->processes[p].name,
			 f->s->processes[p].pid, utf8_part(w->text, 100).text,
			 is_pipe(f, w) ? "only itself has the other end"
				       : "no other process has it open");
	}
}

/* ---- I017 ---------------------------------------------------------------------------- */

void rule_truncated_message(struct lints *l, const struct frame *f)
{
	for (uint32_t c = 0; c < f->s->n_channels; c++) {
		uint64_t n = 0;

		for (uint32_t ring = 0; ring < f->s->channels[c].n_rings; ring++)
			n += f->s->channels[c].ring[ring].abandoned;
		if (n > 0)
			lint_add(l, LINT_TRUNCATED_MESSAGE, IPC_NO_INDEX, c,
				 "%" PRIu64 " message%s of %s \"%.63s\" were begun by processes "
				 "that died before they were whole",
				 n, n == 1 ? "" : "s", ipc_kind_name(f->s->channels[c].kind),
				 f->s->channels[c].name);
	}
}

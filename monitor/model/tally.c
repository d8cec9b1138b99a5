#include "model/tally.h"

#include <math.h>
#include <string.h>

#include "model/procfs.h"
#include "symbols.h"

#define NS 1e9

struct channel_past {
	uint64_t       t_ns; /* 0: never seen */
	double         put, get, put_bytes, get_bytes;
	double         asleep_put, asleep_get; /* thread-nanoseconds, so far */
	struct history history;
};

struct process_past {
	uint64_t t_ns;
	double   out, in, out_bytes, in_bytes, asleep;
	double   cpu_ns; /* NaN: could not be read */
};

/* Per second; counters that seem to run backwards were read in the middle of a change. */
static double rate(double now, double before, double seconds)
{
	return now > before ? (now - before) / seconds : now <= before ? 0 : NAN;
}

static void channel_now(const struct ipc_obs_channel *c, struct channel_past *now)
{
	for (uint32_t i = 0; i < c->n_rings; i++) {
		const struct ipc_obs_ring *r = &c->ring[i];

		now->put += (double)r->sent;
		now->get += (double)r->received;
		now->put_bytes += (double)r->out.bytes;
		now->get_bytes += (double)r->in.bytes;
		now->asleep_put += (double)r->out.blocked_ns;
		now->asleep_get += (double)r->in.blocked_ns;
	}
}

static void channel_fill(const struct ipc_obs_channel *c, struct channel_stat *st)
{
	for (uint32_t i = 0; i < c->n_rings; i++) {
		const struct ipc_obs_ring *r = &c->ring[i];
		double fill = r->capacity > 0 ? (double)r->queued / (double)r->capacity : NAN;

		if (i == 0 || fill > st->fill ||
		    (isnan(fill) && r->queued > c->ring[st->ring].queued)) {
			st->fill = fill;
			st->ring = i;
		}
	}
}

static void update_channel(struct tally *m, uint32_t i)
{
	const struct ipc_snapshot    *s = m->frame.s;
	const struct ipc_obs_channel *c = &s->channels[i];
	struct channel_stat          *st = &m->frame.channels[i];
	struct channel_past          *past = table_get(&m->channels, c->id, sizeof(*past));
	struct channel_past           now = {.t_ns = s->t_mono_ns};
	double                        dt = (double)(s->t_mono_ns - past->t_ns) / NS;

	channel_now(c, &now);
	now.asleep_put += (double)st->asleep_put_ns;
	now.asleep_get += (double)st->asleep_get_ns;
	channel_fill(c, st);
	if (past->t_ns != 0 && s->t_mono_ns > past->t_ns) {
		st->put = rate(now.put, past->put, dt);
		st->get = rate(now.get, past->get, dt);
		st->put_bytes = rate(now.put_bytes, past->put_bytes, dt);
		st->get_bytes = rate(now.get_bytes, past->get_bytes, dt);
		st->blocked_put = rate(now.asleep_put, past->asleep_put, dt * NS);
		st->blocked_get = rate(now.asleep_get, past->asleep_get, dt * NS);
		history_add(&past->history, past->t_ns, now.t_ns, st->put * dt, st->get * dt,
			    isnan(st->fill) ? 0 : st->fill);
	}
	st->history = past->history;
	now.history = past->history;
	*past = now;
}

/* ---- processes ---------------------------------------------------------------- */

static void process_usage(const struct tally *m, uint32_t i, struct process_past *now)
{
	const struct ipc_obs_process *p = &m->frame.s->processes[i];
	struct procfs_usage           u;

	now->cpu_ns = NAN;
	/* A dead process's pid may be somebody else's by now, and in another namespace it is. */
	if (!m->with_procfs || p->foreign_ns || p->life == IPC_OBS_DEAD ||
	    m->frame.s->post_mortem || procfs_usage(p->pid, &u) < 0)
		return;
	now->cpu_ns = (double)u.cpu_ns;
	m->frame.processes[i].rss_bytes = u.rss_bytes;
}

static void update_process(struct tally *m, uint32_t i)
{
	const struct ipc_snapshot    *s = m->frame.s;
	const struct ipc_obs_process *p = &s->processes[i];
	struct process_stat          *st = &m->frame.processes[i];
	struct process_past          *past = table_get(&m->processes, p->id, sizeof(*past));
	double                        dt = (double)(s->t_mono_ns - past->t_ns) / NS;
	struct process_past           now = {
			  .t_ns = s->t_mono_ns,
			  .out = (double)p->out.messages,
			  .in = (double)p->in.messages,
			  .out_bytes = (double)p->out.bytes,
			  .in_bytes = (double)p->in.bytes,
			  .asleep = (double)p->out.blocked_ns + (double)p->in.blocked_ns +
				    (double)st->asleep_ns,
        };

	process_usage(m, i, &now);
	if (past->t_ns != 0 && s->t_mono_ns > past->t_ns) {
		st->out = rate(now.out, past->out, dt);
		st->in = rate(now.in, past->in, dt);
		st->out_bytes = rate(now.out_bytes, past->out_bytes, dt);
		st->in_bytes = rate(now.in_bytes, past->in_bytes, dt);
		st->blocked = rate(now.asleep, past->asleep, dt * NS);
		st->cpu = 100 * rate(now.cpu_ns, past->cpu_ns, dt * NS);
	}
	*past = now;
}

/* ---- waits and verdicts --------------------------------------------------------- */

/*
 * The counters know of sleeps that are over; those that last are in the wait
 * records. Together they grow by one second a second for each thread asleep.
 */
static void update_wait(struct tally *m, uint32_t i)
{
	struct frame              *f = &m->frame;
	const struct ipc_obs_wait *w = &f->s->waits[i];
	struct process_stat       *p = &f->processes[frame_thread(f, w)->process];
	struct wait_stat          *st = &f->waits[i];

	st->age_ns = f->s->t_mono_ns > w->since_ns ? f->s->t_mono_ns - w->since_ns : 0;
	p->asleep_ns += st->age_ns;
	if (p->wait == IPC_NO_INDEX) /* they come longest first */
		p->wait = i;
	if (w->channel != IPC_NO_INDEX) {
		struct channel_stat *c = &f->channels[w->channel];
		int                  putting = w->op == IPC_OP_SEND || w->op == IPC_OP_PUT;

		*(putting ? &c->asleep_put_ns : &c->asleep_get_ns) += st->age_ns;
	}
	if (m->symbols != NULL && w->site != 0)
		symbols_site(m->symbols, frame_process(f, w), w->site, st->site, sizeof(st->site));
}

/* Verdicts come gravest first: the first mark stays. */
static void mark(struct frame *f, uint32_t i_verdict, uint32_t i_wait, int behind)
{
	const struct ipc_obs_wait *w = &f->s->waits[i_wait];
	struct process_stat       *p = &f->processes[frame_thread(f, w)->process];

	if (f->waits[i_wait].verdict == IPC_NO_INDEX) {
		f->waits[i_wait].verdict = i_verdict;
		f->waits[i_wait].behind = behind;
	}
	if (p->verdict == IPC_NO_INDEX)
		p->verdict = i_verdict;
	if (w->channel != IPC_NO_INDEX && f->channels[w->channel].verdict == IPC_NO_INDEX) {
		f->channels[w->channel].verdict = i_verdict;
		f->channels[w->channel].behind = behind;
	}
}

static void mark_verdicts(struct frame *f)
{
	for (uint32_t i = 0; i < f->s->n_verdicts; i++)
		for (size_t k = 0; k < f->s->verdicts[i].n_core; k++)
			mark(f, i, f->s->verdicts[i].core[k], 0);
	for (uint32_t i = 0; i < f->s->n_verdicts; i++)
		for (size_t k = 0; k < f->s->verdicts[i].n_behind; k++)
			mark(f, i, f->s->verdicts[i].behind[k], 1);
}

void tally_update(struct tally *m, const struct ipc_snapshot *s)
{
	tally_drop_frame(m);
	/* A successor of the same name counts from zero: nothing old applies. */
	if (m->nonce != s->nonce || s->t_mono_ns < m->t_ns) {
		table_fini(&m->channels);
		table_fini(&m->processes);
		m->t_ns = 0;
	}
	frame_init(&m->frame, s);
	if (m->t_ns != 0)
		m->frame.interval_s = (double)(s->t_mono_ns - m->t_ns) / NS;
	for (uint32_t i = 0; i < s->n_waits; i++)
		update_wait(m, i);
	for (uint32_t i = 0; i < s->n_channels; i++)
		update_channel(m, i);
	for (uint32_t i = 0; i < s->n_processes; i++)
		update_process(m, i);
	mark_verdicts(&m->frame);
	table_sweep(&m->channels);
	table_sweep(&m->processes);
	m->nonce = s->nonce;
	m->t_ns = s->t_mono_ns;
}

void tally_drop_frame(struct tally *m)
{
	frame_fini(&m->frame);
}

void tally_fini(struct tally *m)
{
	frame_fini(&m->frame);
	table_fini(&m->channels);
	table_fini(&m->processes);
}

#include "model/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lint/events.h"
#include "model/flow.h"
#include "model/procfs.h"
#include "symbols.h"
#include "text/mem.h"

#define NS 1e9

struct channel_past {
	uint64_t t_ns; /* 0: never seen */
	double   put, get, put_bytes, get_bytes;
	double   put_blocks, get_blocks, put_timeouts, get_timeouts;
	double   asleep_put, asleep_get; /* thread-nanoseconds, so far */
	double   before_put, before_get; /* of those, until it was first seen */
	double   caused_put, caused_get; /* and since */
};

/* What is copied at each reading, and what is not. */
struct channel_memory {
	struct channel_past was;
	struct history      history;
};

struct process_past {
	uint64_t t_ns;
	double   out, in, out_bytes, in_bytes, asleep;
	double   out_blocks, in_blocks, out_timeouts, in_timeouts;
	double   asleep_out, asleep_in;
};

/* What the kernel said last. */
struct usage {
	uint64_t            t_ns;  /* when */
	unsigned            asked; /* how often */
	int                 known; /* it did say something */
	double              cpu;   /* since the time before [% of one core] */
	struct procfs_usage is;
};

#define USAGE_NS      UINT64_C(1000000000)
#define USAGE_EACH_NS UINT64_C(3000000) /* between two questions: 300 a second, 1 % of a core */
#define USAGE_PHASES  64

struct process_memory {
	struct process_past was;
	struct usage        usage;
	struct history      history;
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
		now->put_blocks += (double)r->out.blocks;
		now->get_blocks += (double)r->in.blocks;
		now->put_timeouts += (double)r->out.timeouts;
		now->get_timeouts += (double)r->in.timeouts;
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

/*
 * What lasted when it was first seen counts from its beginning: it is what people
 * came for. A reading between the end of a sleep and its being counted sees less
 * than the one before; the most seen so far is right.
 */
static void caused(struct channel_stat *st, const struct channel_past *past,
		   struct channel_past *now)
{
	int first = past->t_ns == 0;

	now->before_put = first ? now->asleep_put - (double)st->asleep_put_ns : past->before_put;
	now->before_get = first ? now->asleep_get - (double)st->asleep_get_ns : past->before_get;
	now->caused_put = fmax(past->caused_put, now->asleep_put - now->before_put);
	now->caused_get = fmax(past->caused_get, now->asleep_get - now->before_get);
	st->caused_put_ns = (uint64_t)now->caused_put;
	st->caused_get_ns = (uint64_t)now->caused_get;
}

static void channel_history(struct channel_memory *memory, const struct channel_past *now,
			    const struct channel_stat *st)
{
	struct history_step step = {
		.put = fmax(0, now->put - memory->was.put),
		.get = fmax(0, now->get - memory->was.get),
		.fill = isnan(st->fill) ? 0 : st->fill,
		.blocked = st->blocked_put + st->blocked_get,
	};

	history_add(&memory->history, memory->was.t_ns, now->t_ns, &step);
}

static void update_channel(struct tally *m, uint32_t i)
{
	const struct ipc_snapshot    *s = m->frame.s;
	const struct ipc_obs_channel *c = &s->channels[i];
	struct channel_stat          *st = &m->frame.channels[i];
	struct channel_memory        *memory = table_get(&m->channels, c->id, sizeof(*memory));
	struct channel_past          *past = &memory->was;
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
		st->put_blocks = rate(now.put_blocks, past->put_blocks, dt);
		st->get_blocks = rate(now.get_blocks, past->get_blocks, dt);
		st->put_timeouts = rate(now.put_timeouts, past->put_timeouts, dt);
		st->get_timeouts = rate(now.get_timeouts, past->get_timeouts, dt);
		st->blocked_put = rate(now.asleep_put, past->asleep_put, dt * NS);
		st->blocked_get = rate(now.asleep_get, past->asleep_get, dt * NS);
		channel_history(memory, &now, st);
	}
	caused(st, past, &now);
	st->latency = latencies_look(&m->latencies, s, c);
	*past = now;
	st->history = &memory->history;
}

/* ---- ends --------------------------------------------------------------------- */

/* An end has no id, but keeps its place among the others: so both readings are walked along. */
struct end_past {
	uint64_t    channel, process; /* ids */
	uint64_t    out, in;
	uint64_t    out_at, in_at; /* addresses, and what they are in the source */
	const char *out_site, *in_site;
};

/* How far an end may have moved by others' coming and going and still be found. */
#define ENDS_LOOKED_AT 64

static const struct end_past *same_end(const struct tally *m, const struct end_past *e,
				       size_t *cursor)
{
	for (size_t k = *cursor; k < m->n_ends && k < *cursor + ENDS_LOOKED_AT; k++)
		if (m->ends[k].channel == e->channel && m->ends[k].process == e->process) {
			*cursor = k + 1;
			return &m->ends[k];
		}
	return NULL;
}

/* New places named in one reading: the first one must not keep people waiting. Picked. */
#define SITES_NAMED 64

/* A busy end passes at the same line over and over. */
static const char *name_site(struct tally *m, const struct ipc_obs_end *e, uint64_t at,
			     uint64_t past_at, const char *past, unsigned *budget)
{
	if (at == 0 || m->symbols == NULL || m->brief)
		return "";
	const struct ipc_obs_process *p = &m->frame.s->processes[e->process];
	const char                   *known;

	if (at == past_at && past[0] != 0)
		return past;
	known = symbols_known(m->symbols, p, at);
	if (known != NULL || *budget == 0)
		return known != NULL ? known : "";
	--*budget;
	return symbols_text(m->symbols, p, at);
}

static void name_sites(struct tally *m, size_t i, struct end_past *now, const struct end_past *past,
		       unsigned *budget)
{
	static const struct end_past unknown = {.out_site = "", .in_site = ""};
	const struct ipc_obs_end    *e = &m->frame.s->ends[i];

	if (past == NULL)
		past = &unknown;
	now->out_at = e->out_site;
	now->in_at = e->in_site;
	now->out_site = name_site(m, e, e->out_site, past->out_at, past->out_site, budget);
	now->in_site = name_site(m, e, e->in_site, past->in_at, past->in_site, budget);
	m->frame.ends[i].out_site = now->out_site;
	m->frame.ends[i].in_site = now->in_site;
}

static void update_ends(struct tally *m)
{
	struct frame    *f = &m->frame;
	size_t           n = f->s->n_ends, cursor = 0;
	struct end_past *now = mem_new(n, sizeof(*now));
	unsigned         budget = SITES_NAMED;

	for (size_t i = 0; i < n; i++) {
		const struct ipc_obs_end *e = &f->s->ends[i];
		const struct end_past    *past;

		now[i] = (struct end_past){.channel = f->s->channels[e->channel].id,
					   .process = f->s->processes[e->process].id,
					   .out = e->out.messages,
					   .in = e->in.messages};
		past = same_end(m, &now[i], &cursor);
		name_sites(m, i, &now[i], past, &budget);
		if (past == NULL || !(f->interval_s > 0))
			continue;
		f->ends[i].out = rate((double)now[i].out, (double)past->out, f->interval_s);
		f->ends[i].in = rate((double)now[i].in, (double)past->in, f->interval_s);
	}
	free(m->ends);
	m->ends = now;
	m->n_ends = n;
}

/* ---- processes ---------------------------------------------------------------- */

/* A dead process's pid may be somebody else's by now. */
static uint64_t pid_here(struct tally *m, const struct ipc_obs_process *p)
{
	if (!m->with_procfs || p->life == IPC_OBS_DEAD || m->frame.s->post_mortem)
		return 0;
	return p->foreign_ns
		       ? namespaces_pid(&m->namespaces, p->ns_inode, p->pid, m->frame.s->t_mono_ns)
		       : p->pid;
}

static int ask_usage(struct tally *m, uint32_t i, struct procfs_usage *ret)
{
	const struct ipc_obs_process *p = &m->frame.s->processes[i];

	if (m->usage != NULL) {
		*ret = m->usage[i];
		return ret->cpu_ns != IPC_UNKNOWN;
	}
	ret->pid = pid_here(m, p);
	return ret->pid != 0 && procfs_usage(ret->pid, ret) == 0;
}

/*
 * The kernel counts processor time in hundredths of a second and takes some 30 us to
 * tell: of each process it is asked once a second, of more than three hundred less
 * often, and not of all at the same reading.
 */
static int usage_due(const struct tally *m, const struct usage *u, uint64_t id)
{
	uint64_t since = m->frame.s->t_mono_ns - u->t_ns;
	uint64_t period = m->frame.s->n_processes * USAGE_EACH_NS;

	if (m->usage != NULL || u->asked < 2)
		return 1; /* whoever asks for one list has its rates from two readings */
	if (period < USAGE_NS)
		period = USAGE_NS;
	return since >= (u->asked > 2 ? period : period / USAGE_PHASES * (id % USAGE_PHASES));
}

static void process_usage(struct tally *m, uint32_t i, struct usage *u)
{
	struct process_stat *st = &m->frame.processes[i];
	struct usage         now = {.t_ns = m->frame.s->t_mono_ns, .cpu = NAN, .known = 1};

	if (!m->brief && usage_due(m, u, m->frame.s->processes[i].id)) {
		now.asked = u->asked + 1;
		now.known = ask_usage(m, i, &now.is);
		if (now.known && u->known && now.t_ns > u->t_ns)
			now.cpu = 100 * rate((double)now.is.cpu_ns, (double)u->is.cpu_ns,
					     (double)(now.t_ns - u->t_ns));
		*u = now;
	}
	st->cpu = u->asked > 0 ? u->cpu : NAN;
	st->pid_here = u->is.pid;
	st->user = u->is.user;
	if (!u->known)
		return;
	st->cpu_ns = u->is.cpu_ns;
	st->rss_bytes = u->is.rss_bytes;
}

static void process_history(struct process_memory *memory, const struct process_past *now,
			    const struct process_stat *st)
{
	struct history_step step = {
		.put = fmax(0, now->out - memory->was.out),
		.get = fmax(0, now->in - memory->was.in),
		.blocked = st->blocked,
	};

	history_add(&memory->history, memory->was.t_ns, now->t_ns, &step);
}

static void process_sleeps(const struct ipc_obs_process *p, const struct process_stat *st,
			   struct process_past *now)
{
	now->out_blocks = (double)p->out.blocks;
	now->in_blocks = (double)p->in.blocks;
	now->out_timeouts = (double)p->out.timeouts;
	now->in_timeouts = (double)p->in.timeouts;
	now->asleep_out = (double)p->out.blocked_ns + (double)st->asleep_out_ns;
	now->asleep_in = (double)p->in.blocked_ns + (double)st->asleep_in_ns;
}

static void process_sleep_rates(struct process_stat *st, const struct process_past *now,
				const struct process_past *past, double dt)
{
	st->out_blocks = rate(now->out_blocks, past->out_blocks, dt);
	st->in_blocks = rate(now->in_blocks, past->in_blocks, dt);
	st->out_timeouts = rate(now->out_timeouts, past->out_timeouts, dt);
	st->in_timeouts = rate(now->in_timeouts, past->in_timeouts, dt);
	st->blocked_out = rate(now->asleep_out, past->asleep_out, dt * NS);
	st->blocked_in = rate(now->asleep_in, past->asleep_in, dt * NS);
}

static void update_process(struct tally *m, uint32_t i)
{
	const struct ipc_snapshot    *s = m->frame.s;
	const struct ipc_obs_process *p = &s->processes[i];
	struct process_stat          *st = &m->frame.processes[i];
	struct process_memory        *memory = table_get(&m->processes, p->id, sizeof(*memory));
	struct process_past          *past = &memory->was;
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

	process_usage(m, i, &memory->usage);
	process_sleeps(p, st, &now);
	if (past->t_ns != 0 && s->t_mono_ns > past->t_ns) {
		process_sleep_rates(st, &now, past, dt);
		st->out = rate(now.out, past->out, dt);
		st->in = rate(now.in, past->in, dt);
		st->out_bytes = rate(now.out_bytes, past->out_bytes, dt);
		st->in_bytes = rate(now.in_bytes, past->in_bytes, dt);
		st->blocked = rate(now.asleep, past->asleep, dt * NS);
		process_history(memory, &now, st);
	}
	*past = now;
	st->history = &memory->history;
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
		*(putting ? &p->asleep_out_ns : &p->asleep_in_ns) += st->age_ns;
	}
	if (m->symbols != NULL && !m->brief && w->site != 0)
		symbols_site(m->symbols, frame_process(f, w), w->site, st->site, sizeof(st->site));
}

static void update_hold(struct tally *m, uint32_t i)
{
	struct frame              *f = &m->frame;
	const struct ipc_obs_hold *h = &f->s->holds[i];

	if (m->symbols != NULL && !m->brief && h->site != 0)
		symbols_site(m->symbols, &f->s->processes[f->s->threads[h->thread].process],
			     h->site, f->holds[i].site, sizeof(f->holds[i].site));
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

/* ---- who runs and is waited for -------------------------------------------------- */

/* Where process @p last did what wait @w is for; "": it never has, or nobody knows. */
static const char *last_site(const struct frame *f, uint32_t p, const struct ipc_obs_wait *w)
{
	const struct ipc_obs_channel *c;
	int gets = w->op == IPC_OP_PUT || w->op == IPC_OP_SEND || w->op == IPC_OP_JOIN;

	if (w->channel == IPC_NO_INDEX)
		return "";
	c = &f->s->channels[w->channel];
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++)
		if (f->s->ends[i].process == p)
			return gets ? f->ends[i].in_site : f->ends[i].out_site;
	return "";
}

/* Nobody who runs has a wait that says where; its last get or put does. */
static void update_runners(struct frame *f)
{
	const struct chain *c = &f->chain;

	for (size_t i = 0; i + 1 < c->n; i++)
		/* The line below is of who has waited for it longest. */
		if (c->lines[i].wait == IPC_NO_INDEX)
			f->processes[c->lines[i].process].site = last_site(
				f, c->lines[i].process, &f->s->waits[c->lines[i + 1].wait]);
}

void tally_update(struct tally *m, const struct ipc_snapshot *s)
{
	tally_drop_frame(m);
	/* A successor of the same name counts from zero: nothing old applies. */
	if (m->nonce != s->nonce || s->t_mono_ns < m->t_ns)
		tally_forget(m);
	frame_init(&m->frame, s);
	m->frame.recorded = m->usage != NULL;
	if (m->t_ns != 0)
		m->frame.interval_s = (double)(s->t_mono_ns - m->t_ns) / NS;
	for (uint32_t i = 0; i < s->n_waits; i++)
		update_wait(m, i);
	for (uint32_t i = 0; i < s->n_holds; i++)
		update_hold(m, i);
	for (uint32_t i = 0; i < s->n_channels; i++)
		update_channel(m, i);
	for (uint32_t i = 0; i < s->n_processes; i++)
		update_process(m, i);
	update_ends(m);
	mark_verdicts(&m->frame);
	chain_init(&m->frame.chain, &m->frame);
	flow_layers(&m->frame);
	locks_find(&m->frame, &m->locks);
	if (m->events == NULL)
		m->events = mem_new(1, sizeof(*m->events));
	events_find(&m->frame, m->events, LINT_ALL & ~m->lints_off);
	update_runners(&m->frame);
	table_sweep(&m->channels);
	table_sweep(&m->processes);
	latencies_sweep(&m->latencies);
	m->nonce = s->nonce;
	m->t_ns = s->t_mono_ns;
}

void tally_drop_frame(struct tally *m)
{
	frame_fini(&m->frame);
}

void tally_forget(struct tally *m)
{
	table_fini(&m->channels);
	table_fini(&m->processes);
	latencies_fini(&m->latencies);
	locks_past_fini(&m->locks);
	events_fini(m->events);
	m->events = NULL;
	m->n_ends = 0;
	m->t_ns = 0;
}

void tally_fini(struct tally *m)
{
	frame_fini(&m->frame);
	namespaces_fini(&m->namespaces);
	table_fini(&m->channels);
	table_fini(&m->processes);
	latencies_fini(&m->latencies);
	locks_past_fini(&m->locks);
	events_fini(m->events);
	free(m->ends);
}

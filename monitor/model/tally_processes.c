/* tally_processes.c - what each process passes, how long it slept, and what it costs */

#include <math.h>

#include "model/procfs.h"
#include "model/tally_parts.h"

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
		if (now.is.rate > 0)
			now.cpu = (double)(now.is.rate - 1) / 1000;
		else if (now.known && u->known && now.t_ns > u->t_ns)
			now.cpu = 100 * tally_rate((double)now.is.cpu_ns, (double)u->is.cpu_ns,
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

/*
 * Of sleeps in all calls its threads keep a sum. Those in puts and gets alone are of its ends,
 * which are read later than who sleeps: what ends in between is seen twice.
 */
static void process_sleeps(const struct ipc_obs_process *p, const struct process_stat *st,
			   struct process_past *now)
{
	now->out_blocks = (double)p->out.blocks;
	now->in_blocks = (double)p->in.blocks;
	now->out_timeouts = (double)p->out.timeouts;
	now->in_timeouts = (double)p->in.timeouts;
	now->asleep = (double)p->asleep_ns;
	now->asleep_out = (double)p->out.blocked_ns + (double)st->asleep_out_ns;
	now->asleep_in = (double)p->in.blocked_ns + (double)st->asleep_in_ns;
}

static void process_sleep_rates(const struct ipc_obs_process *p, struct process_stat *st,
				const struct process_past *now, const struct process_past *past,
				double dt)
{
	double asleep = tally_rate(now->asleep, past->asleep, dt * NS);

	st->out_blocks = tally_rate(now->out_blocks, past->out_blocks, dt);
	st->in_blocks = tally_rate(now->in_blocks, past->in_blocks, dt);
	st->out_timeouts = tally_rate(now->out_timeouts, past->out_timeouts, dt);
	st->in_timeouts = tally_rate(now->in_timeouts, past->in_timeouts, dt);
	st->blocked = fmin(asleep, p->n_threads); /* it is told of a time after they were read */
	st->blocked_out = fmin(st->blocked, tally_rate(now->asleep_out, past->asleep_out, dt * NS));
	st->blocked_in = fmin(st->blocked, tally_rate(now->asleep_in, past->asleep_in, dt * NS));
}

void tally_process(struct tally *m, uint32_t i)
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
        };

	process_usage(m, i, &memory->usage);
	process_sleeps(p, st, &now);
	if (past->t_ns != 0 && s->t_mono_ns > past->t_ns) {
		process_sleep_rates(p, st, &now, past, dt);
		st->out = tally_rate(now.out, past->out, dt);
		st->in = tally_rate(now.in, past->in, dt);
		st->out_bytes = tally_rate(now.out_bytes, past->out_bytes, dt);
		st->in_bytes = tally_rate(now.in_bytes, past->in_bytes, dt);
		process_history(memory, &now, st);
	}
	*past = now;
	st->history = &memory->history;
}

#include "audit.h"

#include <ipc/observe.h>

#include "support/test.h"

/* ---- what there is ---------------------------------------------------------------------- */

static void count(const struct ipc_snapshot *snap, struct numbers *ret)
{
	*ret = (struct numbers){
		.processes = snap->n_processes,
		.threads = snap->n_threads,
		.channels = snap->n_channels,
		.ends = snap->n_ends,
		.waits = snap->n_waits,
		.reaped = snap->n_reaped,
	};
}

static void look(struct scene *s,
		 void (*then)(struct scene *s, const struct ipc_snapshot *snap, void *arg),
		 void *arg)
{
	const struct ipc_snapshot *snap;
	ipc_observer              *o;
	int                        r = ipc_observer_open(&o, NULL);

	if (r == 0)
		r = ipc_observer_read(o, &snap);
	if (r < 0)
		scene_fail(s, "the domain cannot be observed: %s %s", ipc_strerror(r),
			   ipc_explain());
	if (snap->damaged)
		scene_fail(s, "%u damaged records", snap->damaged);
	then(s, snap, arg);
	o = ipc_observer_close(o);
}

static void count_into(struct scene *s, const struct ipc_snapshot *snap, void *arg)
{
	count(snap, arg);
}

void audit_count(struct scene *s, struct numbers *ret)
{
	look(s, count_into, ret);
}

struct sought {
	pid_t pid;
	bool  lives;
};

static void seek(struct scene *s, const struct ipc_snapshot *snap, void *arg)
{
	struct sought *what = arg;

	for (size_t i = 0; i < snap->n_processes; i++)
		what->lives |= snap->processes[i].pid == (uint64_t)what->pid &&
			       snap->processes[i].life != IPC_OBS_DEAD;
}

bool audit_lives(struct scene *s, pid_t pid)
{
	struct sought what = {.pid = pid};

	look(s, seek, &what);
	return what.lives;
}

static void same(struct scene *s, const char *what, uint64_t is, uint64_t was)
{
	if (is != was)
		scene_found(s, FOUND_LEAK, "leaked: %llu %s, %llu before", (unsigned long long)is,
			    what, (unsigned long long)was);
}

/* ---- what was carried --------------------------------------------------------------------- */

static void equal(struct scene *s, const char *what, uint64_t is, uint64_t want)
{
	if (is != want)
		scene_found(s, FOUND_COUNTS, "accounts: %s is %lld, not %lld", what, (long long)is,
			    (long long)want);
}

/* Messages that got lost with who was killed while it took them. */
static uint64_t gone_with_the_dead(struct scene *s)
{
	uint32_t   missing;
	enum found what;

	(void)ledger_judge(s->ledger, &missing, &what);
	return missing;
}

/* Most messages that may be half put, or half taken, when their process dies. */
static unsigned may(const struct scene *s, bool puts)
{
	const struct trial *t = s->trial;
	unsigned            n = 0;

	if (scene_killed(s))
		n += puts ? t->op->puts : t->op->gets;
	if (t->partner && t->partner_dies)
		n += puts ? t->partner->puts : t->partner->gets;
	return n;
}

/* A task that came back was taken more than once. */
static bool taken_again(const struct scene *s)
{
	return s->c.kind == CARRIER_REQUEUE;
}

static void audit_ring(struct scene *s, const struct ipc_obs_ring *r)
{
	uint64_t put = 0, whole = r->sent - r->abandoned;
	uint64_t maybe = 0;

	for (int w = 0; w < N_WRITERS; w++) {
		put += s->ledger->put[w];
		maybe += s->ledger->begun[w] - s->ledger->put[w];
	}
	equal(s, "sent", r->sent, r->received + r->queued);
	if (whole < put || whole > put + maybe)
		scene_found(s, FOUND_COUNTS, "accounts: %llu whole messages, but %llu were put",
			    (unsigned long long)whole, (unsigned long long)put);
	/* one that is alone counts before it takes: then its death can be in between */
	if (!taken_again(s) && (!s->trial->context->alone || !scene_killed(s) || r->queued == 0))
		equal(s, "messages taken, as their takers counted", r->in.messages,
		      whole - (r->queued > r->abandoned ? r->queued : 0));
	if (r->queued == 0)
		same(s, "bytes in large blocks", r->heap_bytes, 0);
	if (r->taken_by_dead > may(s, false) || r->abandoned > may(s, true))
		scene_found(s, FOUND_COUNTS, "accounts: %llu abandoned, %llu taken by the dead",
			    (unsigned long long)r->abandoned, (unsigned long long)r->taken_by_dead);
	if (r->queued == 0 && !taken_again(s))
		equal(s, "messages got and not seen by anybody alive", gone_with_the_dead(s),
		      r->in.messages - s->ledger->n_got);
	/* who dies between publishing a message and counting it has counted one too few */
	if (r->out.messages > whole || r->out.messages + may(s, true) < whole)
		equal(s, "messages put, as their writers counted", r->out.messages, whole);
}

static void audit_channel(struct scene *s, const struct ipc_obs_channel *c)
{
	for (unsigned i = 0; i < c->n_rings; i++)
		if (c->ring[i].sent)
			audit_ring(s, &c->ring[i]);
	if (c->kind == IPC_KIND_JOINABLE)
		equal(s, "tasks unfinished", c->unfinished, 0);
}

static void audit_snapshot(struct scene *s, const struct ipc_snapshot *snap, void *arg)
{
	struct numbers n;

	count(snap, &n);
	same(s, "processes", n.processes, s->before.processes);
	same(s, "threads", n.threads, s->before.threads);
	same(s, "objects", n.channels, s->before.channels);
	same(s, "ends", n.ends, s->before.ends);
	same(s, "waits", n.waits, s->before.waits);
	if (s->trial->op->puts + s->trial->op->gets)
		for (size_t i = 0; i < snap->n_channels; i++)
			audit_channel(s, &snap->channels[i]);
}

void audit(struct scene *s)
{
	look(s, audit_snapshot, NULL);
}

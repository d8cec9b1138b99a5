/* watch.c - lost wake-ups and locks of the dead; see watch.h */

#include "observe/evidence.h"
#include "observe/watch.h"

#define WATCH_NS UINT64_C(1000000000) /* four slices of sleep, see runtime/wait.h */
#define SLEEPS   3 /* one might have been going on when we first looked; one may be a stop's */

struct sight {
	uint64_t thread, seq; /* whose, in which wait */
	uint64_t what;        /* the message, or the lock's word */
	uint64_t first_ns;
	uint64_t sleeps; /* of the thread until then; 0: seen once so far */
};

/* Is what it waits for there, and has been the same since last time? *ret_what tells it apart. */
static bool should_wake(const struct relate *r, struct files *files, uint32_t w, uint64_t *ret_what)
{
	const struct ipc_obs_wait    *wait = &r->v->wait[w];
	const struct ipc_obs_channel *c;
	const struct object_rec      *rec;

	if (wait->op == IPC_OP_LOCK) {
		*ret_what = r->locks[w].owner;
		return r->locks[w].verified && *ret_what != 0 && wait->owner == IPC_NO_INDEX;
	}
	if (!wait->satisfied || wait->channel == IPC_NO_INDEX || view_is_lock(wait->op))
		return false;
	c = &r->v->channel[wait->channel];
	rec = image_object(r->image, r->v->channel_slot[wait->channel]);
	*ret_what = c->ring[wait->ring].received;
	if (wait->op == IPC_OP_RECV || wait->op == IPC_OP_GET || wait->op == IPC_OP_POLL)
		return files_has_message(files, rec, c->id, wait->ring);
	return wait->op == IPC_OP_JOIN && c->unfinished == 0;
}

/*
 * Asleep in its own time: a debugger's stop is a sleep to the kernel, and after SIGCONT the
 * call goes on without a look at anything.
 */
static bool sleeps_by_itself(uint64_t pid, uint64_t tid)
{
	return evidence_task(pid, tid).state == 'S' && !evidence_is_traced(pid, tid);
}

bool watch_lost(struct watch *watch, const struct relate *r, struct files *files, uint32_t w,
		uint64_t now_ns)
{
	uint32_t                      t = r->v->wait[w].thread, slot = r->v->thread_slot[t];
	const struct ipc_obs_thread  *thread = &r->v->thread[t];
	const struct ipc_obs_process *p = &r->v->process[thread->process];
	const struct thread_rec      *rec = image_at(r->image, TABLE_THREADS, slot);
	struct sight *s, now = {.thread = thread->id, .seq = rec->wait.seq, .first_ns = now_ns};

	s = grow_to(&watch->sights, r->image->n[TABLE_THREADS] * sizeof(*s));
	if (!s || p->foreign_ns || p->life != IPC_OBS_ALIVE)
		return false;
	s += slot;
	if (!should_wake(r, files, w, &now.what))
		now.thread = 0; /* the next sight is a first one */
	if (!now.thread || s->thread != now.thread || s->seq != now.seq || s->what != now.what) {
		*s = now;
		return false;
	}
	if (!sleeps_by_itself(p->pid, thread->tid)) {
		*s = (struct sight){0};
		return false;
	}
	if (s->sleeps == 0) { /* the second sight: from here on it counts */
		s->sleeps = evidence_sleeps(p->pid, thread->tid);
		s->first_ns = now_ns;
		return false;
	}
	return now_ns - s->first_ns > WATCH_NS &&
	       evidence_sleeps(p->pid, thread->tid) >= s->sleeps + SLEEPS;
}

void watch_fini(struct watch *watch)
{
	grow_free(&watch->sights);
}

#include "storm_cast.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <ipc/observe.h>

/* ---- accounts ------------------------------------------------------------------------------ */

static bool read_ring(struct weather *w, struct ipc_obs_ring *ret, size_t *ret_processes)
{
	const struct ipc_snapshot *s;
	ipc_observer              *o;
	int                        r = ipc_observer_open(&o, NULL);

	if (r < 0)
		return storm_wrong(w, FOUND_HARM, "cannot observe: %s", ipc_strerror(r));
	r = ipc_observer_read(o, &s);
	if (r == 0 && s->n_channels == 1 && !s->damaged) {
		*ret = s->channels[0].ring[0];
		*ret_processes = s->n_processes;
	} else {
		r = -1;
	}
	o = ipc_observer_close(o);
	return r == 0 ? true : storm_wrong(w, FOUND_HARM, "the domain is damaged");
}

/* Of messages that should not have come like that. */
static enum found what_came(const struct board *b)
{
	if (b->n_torn)
		return FOUND_TORN;
	return b->n_double ? FOUND_TWICE : FOUND_ORDER;
}

static bool accounts(struct weather *w)
{
	struct ipc_obs_ring r = {0};
	size_t              processes = 0;
	uint64_t            put = 0, begun = 0, got = 0;

	if (!read_ring(w, &r, &processes))
		return false;
	for (unsigned life = 0; life < w->lives; life++) {
		put += w->b->put[life];
		begun += w->b->begun[life];
		for (unsigned i = 0; i < SEQ_MOST / 32; i++)
			got += (uint64_t)__builtin_popcount(w->b->got[life][i]);
	}
	w->r->messages += got;
	w->r->abandoned += r.abandoned;
	w->r->taken_by_dead += r.taken_by_dead;
	if (w->b->n_torn || w->b->n_double || w->b->n_late)
		return storm_wrong(w, what_came(w->b), "%u torn, %u twice, %u out of order",
				   w->b->n_torn, w->b->n_double, w->b->n_late);
	if (r.queued || r.sent != r.received)
		return storm_wrong(w, FOUND_LOST, "%llu stay queued", (unsigned long long)r.queued);
	if (r.sent - r.abandoned < put || r.sent - r.abandoned > begun)
		return storm_wrong(w, FOUND_LOST, "%llu put, %llu begun, but %llu came in whole",
				   (unsigned long long)put, (unsigned long long)begun,
				   (unsigned long long)(r.sent - r.abandoned));
	if (r.in.messages != r.sent - r.abandoned)
		return storm_wrong(w, FOUND_COUNTS, "%lld of %llu taken messages counted",
				   (long long)r.in.messages,
				   (unsigned long long)(r.sent - r.abandoned));
	if (r.in.messages - got > w->getters_killed)
		return storm_wrong(w, FOUND_LOST, "%llu messages lost by %u kills",
				   (unsigned long long)(r.in.messages - got), w->getters_killed);
	if (r.heap_bytes)
		return storm_wrong(w, FOUND_LEAK, "%llu bytes of blocks leaked",
				   (unsigned long long)r.heap_bytes);
	if (processes != 1)
		return storm_wrong(w, FOUND_LEAK, "%zu processes are still there", processes);
	return true;
}

/* ---- a batch --------------------------------------------------------------------------------- */

/* End of a batch: no more is put, all is got, and then everything is accounted for. */
static bool settle(struct weather *w)
{
	int r;

	for (unsigned i = 0; i < w->o->workers; i += 2)
		storm_kill(w, i);
	if (ipc_queue_shutdown(w->q) < 0)
		return storm_wrong(w, FOUND_HARM, "shutdown failed");
	for (unsigned i = 1; i < w->o->workers; i += 2) {
		r = test_wait(w->w[i].pid);
		if (r != 0)
			return storm_wrong(w, FOUND_HARM, "a consumer ended with status %d: %s", r,
					   ipc_strerror(w->b->error));
	}
	if (storm_consume(w, &w->b->progress[0]) != -EPIPE)
		return storm_wrong(w, FOUND_HARM, "the queue does not end");
	if (w->joinable) {
		r = ipc_queue_join(w->q, IPC_SEC(5));
		if (r == -EOWNERDEAD)
			r = ipc_queue_join(w->q, IPC_SEC(5));
		if (r < 0)
			return storm_wrong(w, FOUND_HARM, "join: %s", ipc_strerror(r));
	}
	return true;
}

/* A newcomer cleans up after those whom nobody had to wait for. */
static int newcomer(void *arg)
{
	ipc_queue *q;
	int        r = ipc_queue_open(&q, arg);

	if (r == 0)
		q = ipc_queue_close(q);
	return r < 0;
}

static int batch(void *arg)
{
	static const char *const name = "storm";
	struct weather          *w = arg;
	int                      go[2], bad = 0;
	pid_t                    late;
	char                     c;

	if (pipe(go) < 0)
		return 1;
	(void)setpriority(PRIO_PROCESS, 0, -10); /* to be quick, where that is allowed */
	late = fork(); /* before this process joins, so that it joins afresh */
	if (late == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		exit(read(go[0], &c, 1) == 1 ? newcomer((void *)(uintptr_t)name) : 0);
	}
	check_ok(ipc_queue_create(&w->q, name,
				  IPC_OPTS(ipc_queue_opts, .maxsize = w->maxsize,
					   .flags = w->joinable ? IPC_QUEUE_JOINABLE : 0)));
	for (unsigned i = 0; i < w->o->workers; i++)
		storm_spawn(w, i);
	for (unsigned i = 0;
	     i < BATCH && !bad && !__atomic_load_n(&w->b->exhausted, __ATOMIC_ACQUIRE); i++) {
		unsigned index = test_random(&w->seed) % w->o->workers;

		storm_kill(w, index);
		storm_spawn(w, index);
		bad = !storm_all_get_on(w);
	}
	bad = bad || !settle(w);
	(void)!write(go[1], "g", 1);
	bad = bad || test_wait(late) != 0 || !accounts(w);
	(void)ipc_queue_unlink(name);
	w->q = ipc_queue_close(w->q);
	return bad;
}

static bool run_batch(struct weather *w, const char *dir)
{
	int status;

	memset(w->b, 0, sizeof(*w->b));
	w->lives = w->getters_killed = 0;
	(void)mkdir(dir, 0700);
	(void)setenv("IPC_DIR", dir, 1);
	status = test_run(batch, w);
	if (status != 0)
		return storm_wrong(w, FOUND_HARM, "a batch ended with status %d", status);
	w->r->batches++;
	if (test_count_files(dir) > 0)
		return storm_wrong(w, FOUND_LEAK, "%d files are left", test_count_files(dir));
	(void)rmdir(dir);
	return true;
}

bool storm(const struct storm_options *o, struct storm_result *ret)
{
	struct storm_result *shared = test_shared(sizeof(*shared));
	struct weather       w = {.o = o, .r = shared, .b = test_shared(sizeof(*w.b))};
	uint64_t             began = test_now();
	char                 dir[600];

	w.seed = o->seed;
	while (shared->kills < o->kills && !shared->failure[0]) {
		/* each seed makes another kind of queue, and another sequence of kills */
		w.maxsize = shared->batches % 3 == 2 ? 0 : shared->batches % 3 ? 256 : 8;
		w.joinable = shared->batches % 4 == 3;
		w.seed = o->seed + (uint32_t)shared->batches * 2654435761u;
		(void)snprintf(dir, sizeof(dir), "%s/storm.%llu", o->dir,
			       (unsigned long long)shared->batches);
		if (!run_batch(&w, dir))
			break;
	}
	*ret = *shared;
	ret->seconds = (double)(test_now() - began) / 1e9;
	(void)munmap(w.b, sizeof(*w.b));
	(void)munmap(shared, sizeof(*shared));
	return !ret->failure[0];
}

/*
 * torture.c - start the parties, end the conversation, close the books
 *
 * A joinable queue is joined first: after that everything has been received, so the
 * end finds it empty. Elsewhere the end finds what is still in flight, and everything
 * must come all the same.
 */

#include "support/torture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "support/test.h"
#include "support/torture_party.h"

struct run {
	struct torture          t;
	struct mail_plan        plan;
	struct torture_line     line;
	struct torture_party   *party; /* the senders, then the receivers */
	struct torture_account *account;
	uint8_t                *seen;
	pid_t                  *pid;
	pthread_t              *thread;
	uint32_t                n;
	uint64_t                began;
	uint64_t passed, passed_at; /* messages sent or received, and when the last was */
};

static const char *const channel_name[] = {
	[TORTURE_QUEUE] = "queue",
	[TORTURE_JOINABLE] = "joinable",
	[TORTURE_PIPE] = "pipe",
};

/* ---- what happened ---------------------------------------------------------------- */

static void print_command(const struct torture *t)
{
	(void)fprintf(stderr,
		      "# prog_torture --channel %s%s --capacity %llu --senders %u --receivers %u "
		      "--messages %llu --largest %u --patience %u --seed %u\n",
		      channel_name[t->channel], t->threads ? " --threads" : "",
		      (unsigned long long)t->capacity, t->n_senders, t->n_receivers,
		      (unsigned long long)t->n_messages, t->largest, t->patience, t->seed);
}

static void add_up(const struct run *r, uint32_t from, uint32_t until, struct torture_account *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (uint32_t i = from; i < until; i++) {
		const struct torture_account *a = &r->account[i];

		ret->n += __atomic_load_n(&a->n, __ATOMIC_RELAXED);
		ret->bytes += a->bytes;
		ret->small.sum += a->small.sum;
		for (unsigned len = 0; len < MAIL_NAMED; len++)
			ret->small.n[len] += a->small.n[len];
	}
}

/* The parties go on until they are ended, so the look at them comes first. */
_Noreturn static void give_up(const struct run *r, const char *why)
{
	uint64_t sent = 0, received = 0;
	char     look[512];

	for (uint32_t i = 0; i < r->n; i++)
		*(i < r->t.n_senders ? &sent : &received) += __atomic_load_n(&r->account[i].n,
									     __ATOMIC_RELAXED);
	(void)fprintf(stderr, "# %s: %llu sent, %llu received\n", why, (unsigned long long)sent,
		      (unsigned long long)received);
	(void)snprintf(look, sizeof(look), "'%s/ipcmon' waits >&2", test_build_dir());
	(void)!system(look); // NOLINT(cert-env33-c): nothing of it comes from outside
	print_command(&r->t);
	if (r->t.threads)
		_exit(TEST_EXPIRED);
	for (uint32_t i = 0; i < r->n; i++)
		if (r->pid[i] > 0)
			test_kill(r->pid[i]);
	test_fail("%s", why);
}

/* ---- the parties -------------------------------------------------------------------- */

static void *party_thread(void *arg)
{
	struct torture_party *p = arg;

	if (p->sends)
		torture_send_all(p);
	else
		torture_receive_all(p);
	return NULL;
}

static int party_process(void *arg)
{
	struct torture_party *p = arg;
	int                   mine = p->sends;

	(void)alarm(0); /* who started it looks after it, and it does not outlive that */
	p->line.end[!mine] = ipc_conn_close(p->line.end[!mine]);
	(void)party_thread(p);
	p->line.end[mine] = ipc_conn_close(p->line.end[mine]);
	p->line.q = ipc_queue_close(p->line.q);
	return 0;
}

/* Receivers first: the first messages find them asleep. */
static void start(struct run *r)
{
	for (uint32_t k = r->n; k-- > 0;) {
		bool sends = k < r->t.n_senders;

		r->party[k] = (struct torture_party){
			.t = &r->t,
			.plan = &r->plan,
			.line = r->line,
			.account = &r->account[k],
			.seen = r->seen,
			.sends = sends,
			.me = sends ? k : k - r->t.n_senders,
		};
		if (r->t.threads)
			r->thread[k] = test_thread(party_thread, &r->party[k]);
		else
			r->pid[k] = test_fork(party_process, &r->party[k]);
	}
}

/* One that failed has said why. */
static void reap(const struct run *r)
{
	for (uint32_t i = 0; i < r->n; i++) {
		int status;

		if (r->pid[i] <= 0 || waitpid(r->pid[i], &status, WNOHANG) != r->pid[i])
			continue;
		r->pid[i] = 0;
		if (status)
			give_up(r, "a party failed");
	}
}

static bool all_done(const struct run *r, uint32_t from, uint32_t until)
{
	for (uint32_t i = from; i < until; i++)
		if (!__atomic_load_n(&r->account[i].done, __ATOMIC_ACQUIRE))
			return false;
	return true;
}

/*
 * How long it may take depends on the machine, and on what else it does; that something passes
 * does not.
 */
static void watch(struct run *r, const char *what)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < r->n; i++)
		n += __atomic_load_n(&r->account[i].n, __ATOMIC_RELAXED);
	if (n != r->passed) {
		r->passed = n;
		r->passed_at = test_now();
		test_deadline(r->t.patience + 60); /* for what follows, should it hang elsewhere */
	}
	if (test_now() - r->passed_at > (uint64_t)r->t.patience * 1000000000u)
		give_up(r, what);
	reap(r);
}

static void wait_for(struct run *r, uint32_t from, uint32_t until, const char *what)
{
	while (!all_done(r, from, until)) {
		watch(r, what);
		test_pause();
	}
}

static void end_parties(const struct run *r)
{
	for (uint32_t i = 0; i < r->n; i++) {
		if (r->t.threads)
			test_join_thread(r->thread[i]);
		else if (r->pid[i] > 0)
			check_eq(test_wait(r->pid[i]), 0);
	}
}

/* ---- the channel ---------------------------------------------------------------------- */

static void line_open(struct run *r)
{
	unsigned joinable = r->t.channel == TORTURE_JOINABLE ? IPC_QUEUE_JOINABLE : 0;

	if (r->t.channel == TORTURE_PIPE)
		check_ok(ipc_pipe(r->line.end,
				  IPC_OPTS(ipc_conn_opts, .flags = IPC_CONN_SIMPLEX,
					   .capacity = r->t.capacity, .name = "torture")));
	else
		check_ok(ipc_queue_create(
			&r->line.q, NULL,
			IPC_OPTS(ipc_queue_opts, .flags = joinable, .maxsize = r->t.capacity)));
}

static void join(struct run *r)
{
	int n;

	while ((n = ipc_queue_join(r->line.q, IPC_MSEC(100))) == -ETIMEDOUT)
		watch(r, "not all tasks were done");
	check_ok(n);
}

static void line_end(struct run *r)
{
	if (r->t.channel == TORTURE_JOINABLE)
		join(r);
	if (r->line.q)
		check_ok(ipc_queue_shutdown(r->line.q));
	r->line.end[1] = ipc_conn_close(r->line.end[1]);
}

static void line_close(struct run *r)
{
	r->line.end[0] = ipc_conn_close(r->line.end[0]);
	r->line.q = ipc_queue_close(r->line.q);
}

/* ---- all of it --------------------------------------------------------------------------- */

/* No letter came twice: so if as many came as were sent, each came once. */
static void close_books(const struct run *r)
{
	struct torture_account sent, received;

	add_up(r, 0, r->t.n_senders, &sent);
	add_up(r, r->t.n_senders, r->n, &received);
	check_eq(sent.n, r->t.n_senders * r->plan.n_letters);
	check_eq(received.n, sent.n);
	check_eq(received.bytes, sent.bytes);
	for (unsigned len = 0; len < MAIL_NAMED; len++)
		check_eq(received.small.n[len], sent.small.n[len]);
	check_eq(received.small.sum, sent.small.sum);
	(void)fprintf(stderr, "# %llu messages, %.1f MB, each once and in order, in %.1f s\n",
		      (unsigned long long)received.n, (double)received.bytes / 1e6,
		      (double)(test_now() - r->began) / 1e9);
}

static void prepare(struct run *r, const struct torture *t)
{
	r->t = *t;
	if (!r->t.seed)
		r->t.seed = (uint32_t)mail_mix(test_now(), (uint64_t)getpid()) | 1;
	r->plan = (struct mail_plan){
		.seed = r->t.seed,
		.largest = t->largest > 64 ? t->largest : 64,
		.n_letters = (t->n_messages + t->n_senders - 1) / t->n_senders,
	};
	r->n = t->n_senders + t->n_receivers;
	r->party = calloc(r->n, sizeof(*r->party));
	r->pid = calloc(r->n, sizeof(*r->pid));
	r->thread = calloc(r->n, sizeof(*r->thread));
	check(r->party && r->pid && r->thread);
	r->account = test_shared(r->n * sizeof(*r->account));
	r->seen = test_shared(t->n_senders * r->plan.n_letters / 8 + 1);
	r->began = r->passed_at = test_now();
}

void torture_run(const struct torture *t)
{
	struct run r = {0};

	prepare(&r, t);
	test_deadline(t->patience + 60);
	print_command(&r.t);
	line_open(&r);
	start(&r);
	wait_for(&r, 0, t->n_senders, "the senders did not come to an end");
	line_end(&r);
	wait_for(&r, t->n_senders, r.n, "the receivers did not come to an end");
	end_parties(&r);
	line_close(&r);
	close_books(&r);
	free(r.party);
	free(r.pid);
	free(r.thread);
}

/*
 * A program of bad habits, for those who look for them:
 *
 *     prog_habit spin      asks an empty queue over and over, without waiting
 *     prog_habit orders    two locks, taken in one order and then in the other
 *     prog_habit workers   joins the first of those who put, each a little, before it takes
 *     prog_habit third     reads a pipe that a second child has inherited, too, and does not use
 *
 * It goes on until it is killed.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ipc/conn.h>
#include <ipc/proc.h>
#include <ipc/queue.h>
#include <ipc/shm.h>
#include <ipc/sync.h>

static pid_t parent; /* who began */

static const struct timespec moment = {.tv_nsec = 100000000};

static int spin(void)
{
	ipc_queue *q;
	char       c;
	int        r = ipc_queue_create(&q, NULL, NULL);

	while (r == 0 || r == -EAGAIN)
		r = (int)ipc_queue_get(q, &c, 1, IPC_NOW);
	return r;
}

struct pair {
	ipc_mutex lock[2];
	int       first; /* which the child takes first */
};

static int take_both(void *arg)
{
	struct pair *p = arg;
	int          r = ipc_mutex_lock(&p->lock[p->first], IPC_FOREVER);

	if (r == 0)
		r = ipc_mutex_lock(&p->lock[!p->first], IPC_FOREVER);
	if (r == 0)
		r = ipc_mutex_unlock(&p->lock[!p->first]);
	if (r == 0)
		r = ipc_mutex_unlock(&p->lock[p->first]);
	return r == 0 ? 0 : 1;
}

/* The second lock is kept from the child, for so long that it can be seen to wait for it. */
static int keep_waiting(struct pair *p, int first)
{
	const struct timespec a_while = {.tv_sec = 2};
	ipc_proc             *child;
	int                   r = ipc_mutex_lock(&p->lock[!first], IPC_FOREVER);

	p->first = first;
	if (r == 0)
		r = ipc_spawn(&child, take_both, p, NULL);
	if (r < 0)
		return r;
	(void)nanosleep(&a_while, NULL);
	(void)ipc_mutex_unlock(&p->lock[!first]);
	r = ipc_proc_join(child, IPC_FOREVER, NULL);
	child = ipc_proc_close(child);
	return r;
}

static int orders(void)
{
	ipc_shm     *shm;
	struct pair *p;
	int          r = ipc_shm_create(&shm, NULL, sizeof(*p));

	if (r < 0)
		return r;
	p = ipc_shm_data(shm);
	for (int i = 0; r >= 0; i = !i)
		r = keep_waiting(p, i);
	return r;
}

/* Runs, as far as anybody can tell, until the parent has been killed. */
static int stay(void)
{
	while (getppid() == parent)
		(void)nanosleep(&moment, NULL);
	return 0;
}

/* What is to be found is seen while nobody is stuck: the workers are not done, and there is room. */
static int put_and_stay(void *queue)
{
	if (ipc_queue_put(queue, "done", 4, IPC_FOREVER) < 0)
		return 1;
	return stay();
}

static int workers(void)
{
	const struct ipc_queue_opts opts = {.sz = sizeof(opts), .maxsize = 8};
	ipc_proc                   *worker[3];
	ipc_queue                  *q;
	int                         r = ipc_queue_create(&q, NULL, &opts);

	for (int i = 0; i < 3 && r == 0; i++)
		r = ipc_spawn(&worker[i], put_and_stay, q, NULL);
	return r < 0 ? r : ipc_proc_join(worker[0], IPC_FOREVER, NULL);
}

static int send_on(void *arg)
{
	ipc_conn **end = arg;
	int        r = 0;

	end[0] = ipc_conn_close(end[0]);
	while (getppid() == parent && r >= 0) {
		r = ipc_conn_send(end[1], "tick", 4, IPC_FOREVER);
		(void)nanosleep(&moment, NULL);
	}
	return r < 0;
}

static int third(void)
{
	ipc_conn  *end[2];
	ipc_proc  *child[2];
	ipc_queue *elsewhere;
	char       tick[4];
	int        r = ipc_pipe(end, NULL);

	if (r == 0)
		r = ipc_queue_create(&elsewhere, NULL, NULL);
	if (r == 0)
		r = ipc_spawn(&child[0], send_on, end, NULL);
	if (r == 0)
		r = ipc_spawn(&child[1], put_and_stay, elsewhere, NULL);
	if (r < 0)
		return r;
	end[1] = ipc_conn_close(end[1]);
	while (r >= 0)
		r = (int)ipc_conn_recv(end[0], tick, sizeof(tick), IPC_FOREVER);
	return r;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} habits[] = {{"spin", spin}, {"orders", orders}, {"workers", workers}, {"third", third}};
	int r = -EINVAL;

	parent = getpid();
	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++)
		if (argc == 2 && strcmp(argv[1], habits[i].name) == 0)
			r = habits[i].run();
	fprintf(stderr, "prog_habit: %s. %s\n", ipc_strerror(r), ipc_explain());
	return 1;
}

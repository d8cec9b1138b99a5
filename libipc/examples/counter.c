/*
 * counter.c - four processes add to one number; and one that is killed gives its permit back
 *
 * Adding is one atomic step, so nothing is lost, and the number's range is kept: what would
 * leave it is refused. A permit of a bounded semaphore belongs to the process that took it,
 * and comes back when that is killed.
 */

#include <errno.h>
#include <ipc/proc.h>
#include <ipc/shm.h>
#include <ipc/sync.h>
#include <ipc/value.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define N_PROCESSES 4
#define N_ADDITIONS 20000

struct shared {
	ipc_value   sum, small;
	ipc_barrier start;
	ipc_sem     permit;
	ipc_event   taken;
};

static void check(const char *what, int r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror(r), ipc_explain());
	exit(1);
}

static int add(void *arg)
{
	struct shared *s = arg;

	check("start", ipc_barrier_wait(&s->start, N_PROCESSES, IPC_SEC(10)));
	for (int i = 0; i < N_ADDITIONS; i++)
		check("add", ipc_value_add(&s->sum, 1, NULL));
	return 0;
}

static int take_and_wait(void *arg)
{
	struct shared *s = arg;

	check("take", ipc_sem_wait(&s->permit, IPC_SEC(10)));
	check("say so", ipc_event_set(&s->taken));
	return pause();
}

static void count(struct shared *s)
{
	ipc_proc *proc[N_PROCESSES];

	for (int i = 0; i < N_PROCESSES; i++)
		check("spawn", ipc_spawn(&proc[i], add, s, NULL));
	for (int i = 0; i < N_PROCESSES; i++) {
		check("join", ipc_proc_join(proc[i], IPC_FOREVER, NULL));
		proc[i] = ipc_proc_close(proc[i]);
	}
	printf("%lld of %d additions are there\n", (long long)ipc_value_get(&s->sum),
	       N_PROCESSES * N_ADDITIONS);
}

static void kill_a_holder(struct shared *s)
{
	ipc_proc *holder;

	check("spawn", ipc_spawn(&holder, take_and_wait, s, NULL));
	check("taken", ipc_event_wait(&s->taken, IPC_SEC(10)));
	printf("permits left: %d\n", ipc_sem_value(&s->permit));
	check("kill", ipc_proc_kill(holder, SIGKILL));
	check("permit of the dead", ipc_sem_wait(&s->permit, IPC_SEC(10)));
	printf("its holder was killed, and the permit came back\n");
	check("give back", ipc_sem_post(&s->permit));
	check("join", ipc_proc_join(holder, IPC_FOREVER, NULL));
	holder = ipc_proc_close(holder);
}

int main(void)
{
	struct shared *s;
	ipc_shm       *block;

	check("shm", ipc_shm_create(&block, NULL, sizeof(struct shared)));
	s = ipc_shm_data(block); /* zeroes: all of it is valid as it is */
	check("range", ipc_value_init(&s->small, 250, IPC_RANGE_UINT8));
	check("permits", ipc_sem_init(&s->permit, 1, 1));
	count(s);
	if (ipc_value_add(&s->small, 10, NULL) == -ERANGE)
		printf("250 + 10 is refused, and it is still %lld\n",
		       (long long)ipc_value_get(&s->small));
	kill_a_holder(s);
	block = ipc_shm_close(block);
	return 0;
}

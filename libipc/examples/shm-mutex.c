/*
 * shm-mutex.c - two processes change one array in shared memory, and no change is lost
 *
 *     shm-mutex [--no-lock]
 *
 * The mutex lies in the block it protects; fresh shared memory is all zeroes, and that is an
 * unlocked mutex. With --no-lock changes are lost, as adding one is reading, adding and writing.
 */

#include <ipc/proc.h>
#include <ipc/shm.h>
#include <ipc/sync.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_CELLS     4
#define N_PROCESSES 2
#define N_ADDITIONS 100000

struct shared {
	ipc_mutex     lock;
	volatile long cell[N_CELLS]; /* volatile: what happens without the lock is to be seen */
};

struct job {
	struct shared *shared;
	int            locked;
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
	struct job    *job = arg;
	struct shared *s = job->shared;

	for (int i = 0; i < N_ADDITIONS; i++) {
		if (job->locked)
			check("lock", ipc_mutex_lock(&s->lock, IPC_FOREVER));
		s->cell[i % N_CELLS]++;
		if (job->locked)
			check("unlock", ipc_mutex_unlock(&s->lock));
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct job job = {.locked = argc < 2 || strcmp(argv[1], "--no-lock") != 0};
	ipc_proc  *proc[N_PROCESSES];
	ipc_shm   *block;
	long       sum = 0;

	check("shm", ipc_shm_create(&block, NULL, sizeof(struct shared)));
	job.shared = ipc_shm_data(block);
	for (int i = 0; i < N_PROCESSES; i++)
		check("spawn", ipc_spawn(&proc[i], add, &job, NULL));
	for (int i = 0; i < N_PROCESSES; i++) {
		check("join", ipc_proc_join(proc[i], IPC_FOREVER, NULL));
		proc[i] = ipc_proc_close(proc[i]);
	}
	for (int i = 0; i < N_CELLS; i++) {
		printf("cell %d: %ld\n", i, job.shared->cell[i]);
		sum += job.shared->cell[i];
	}
	printf("%ld of %d additions are there\n", sum, N_PROCESSES * N_ADDITIONS);
	block = ipc_shm_close(block);
	return 0;
}

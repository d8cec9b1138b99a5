/*
 * A program that is not related to who made what it uses:
 *
 *     prog_sync lock NAME      locks the mutex NAME and waits to be killed
 *     prog_sync read NAME      locks the rwlock NAME for reading and waits to be killed
 *     prog_sync take NAME      takes a permit of the semaphore NAME and waits to be killed
 *     prog_sync post NAME      posts the semaphore NAME
 *     prog_sync set NAME       sets the event NAME
 *     prog_sync arrive NAME    comes to the barrier NAME, as one of two
 *     prog_sync notify NAME    notifies the condition NAME, under the mutex NAME.m
 *     prog_sync nest NAME      locks the recursive mutex NAME twice and unlocks it as often
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ipc/sync.h>

static int lock(const char *name)
{
	ipc_mutex *m;
	int        r = ipc_mutex_open(&m, name);

	if (r == 0)
		r = ipc_mutex_lock(m, IPC_SEC(20));
	return r < 0 ? r : pause();
}

static int read_lock(const char *name)
{
	ipc_rwlock *l;
	int         r = ipc_rwlock_open(&l, name);

	if (r == 0)
		r = ipc_rwlock_rdlock(l, IPC_SEC(20));
	return r < 0 ? r : pause();
}

static int take(const char *name)
{
	ipc_sem *s;
	int      r = ipc_sem_open(&s, name);

	if (r == 0)
		r = ipc_sem_wait(s, IPC_SEC(20));
	return r < 0 ? r : pause();
}

static int post(const char *name)
{
	ipc_sem *s = NULL;
	int      r = ipc_sem_open(&s, name);

	if (r == 0)
		r = ipc_sem_post(s);
	s = ipc_sem_close(s);
	return r;
}

static int set(const char *name)
{
	ipc_event *e;
	int        r = ipc_event_open(&e, name);

	return r == 0 ? ipc_event_set(e) : r;
}

static int arrive(const char *name)
{
	ipc_barrier *b;
	int          r = ipc_barrier_open(&b, name);

	if (r == 0)
		r = ipc_barrier_wait(b, 2, IPC_SEC(20));
	return r > 0 ? 0 : r;
}

static int notify(const char *name)
{
	char       mutex[64];
	ipc_mutex *m;
	ipc_cond  *c;
	int        r = ipc_cond_open(&c, name);

	(void)snprintf(mutex, sizeof(mutex), "%.60s.m", name);
	if (r == 0)
		r = ipc_mutex_open(&m, mutex);
	if (r == 0)
		r = ipc_mutex_lock(m, IPC_SEC(20));
	if (r == 0)
		r = ipc_cond_notify(c, m, 1);
	return r < 0 ? r : ipc_mutex_unlock(m);
}

static int nest(const char *name)
{
	ipc_rmutex *m;
	int         r = ipc_rmutex_open(&m, name);

	for (int i = 0; i < 2 && r == 0; i++)
		r = ipc_rmutex_lock(m, IPC_SEC(20));
	for (int i = 0; i < 2 && r == 0; i++)
		r = ipc_rmutex_unlock(m);
	return r;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *what;
		int (*fn)(const char *name);
	} acts[] = {{"lock", lock}, {"read", read_lock}, {"take", take},     {"post", post},
		    {"set", set},   {"arrive", arrive},  {"notify", notify}, {"nest", nest}};

	for (size_t i = 0; argc == 3 && i < sizeof(acts) / sizeof(*acts); i++)
		if (!strcmp(argv[1], acts[i].what))
			return -acts[i].fn(argv[2]);
	return 97;
}

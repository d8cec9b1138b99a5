/*
 * lock.c - what is held by one: taken, waited for, given back
 *
 * What it protects is two halves of shared memory, which each owner changes one after the
 * other: an owner that finds them apart was told -EOWNERDEAD, where the lock tells that.
 */

#include <ipc/shm.h>
#include <ipc/sync.h>

#include "operations.h"
#include "support/test.h"

#define LIMIT IPC_SEC(5)

static struct {
	ipc_mutex  mutex;
	ipc_rmutex rmutex;
	ipc_rwlock rwlock;
	ipc_sem    sem;
	uint64_t   half[2];
} * mem;

static ipc_shm *shm;

/* ---- locks of all kinds under one face ----------------------------------------------- */

struct face {
	int (*take)(ipc_nsec timeout);
	int (*give)(void);
	int (*take_alone)(ipc_nsec timeout); /* what shows that nobody holds it any more */
	bool shared;                         /* many may have it: they change nothing */
	bool tells;                          /* the next one of an owner that died */
};

static int lock_mutex(ipc_nsec timeout)
{
	return ipc_mutex_lock(&mem->mutex, timeout);
}

static int unlock_mutex(void)
{
	return ipc_mutex_unlock(&mem->mutex);
}

/* Twice: it is recursive. */
static int lock_rmutex(ipc_nsec timeout)
{
	int r = ipc_rmutex_lock(&mem->rmutex, timeout);

	if ((r == 0 || r == -EOWNERDEAD) && ipc_rmutex_lock(&mem->rmutex, IPC_NOW) < 0)
		return -EDEADLK;
	return r;
}

static int unlock_rmutex(void)
{
	int r = ipc_rmutex_unlock(&mem->rmutex);

	return r < 0 ? r : ipc_rmutex_unlock(&mem->rmutex);
}

static int lock_write(ipc_nsec timeout)
{
	return ipc_rwlock_wrlock(&mem->rwlock, timeout);
}

static int lock_read(ipc_nsec timeout)
{
	return ipc_rwlock_rdlock(&mem->rwlock, timeout);
}

static int unlock_rw(void)
{
	return ipc_rwlock_unlock(&mem->rwlock);
}

static int take_permit(ipc_nsec timeout)
{
	return ipc_sem_wait(&mem->sem, timeout);
}

static int post_permit(void)
{
	return ipc_sem_post(&mem->sem);
}

static const struct face mutex = {lock_mutex, unlock_mutex, lock_mutex, .tells = true};
static const struct face rmutex = {lock_rmutex, unlock_rmutex, lock_rmutex, .tells = true};
static const struct face writer = {lock_write, unlock_rw, lock_write, .tells = true};
static const struct face reader = {lock_read, unlock_rw, lock_write, .shared = true};
static const struct face permit = {take_permit, post_permit, take_permit, .tells = false};

static const struct face *face_of(const struct scene *s)
{
	return s->trial->op->with;
}

/* ---- before ------------------------------------------------------------------------------ */

static void prepare(struct scene *s)
{
	const struct face *f = face_of(s);

	check_ok(ipc_shm_create(&shm, NULL, sizeof(*mem)));
	mem = ipc_shm_data(shm);
	check_ok(ipc_sem_init(&mem->sem, 1, 1));
	check_ok(f->take_alone(IPC_NOW));
	if (!s->trial->context->full)
		check_ok(f->give());
}

/* Take, look, mend, give back; whether it was told that the last owner died. */
static bool have_it_once(struct scene *s)
{
	const struct face *f = face_of(s);
	int                r = scene_timed(s, f->take_alone(LIMIT));
	bool               dead = r == -EOWNERDEAD;

	if (r < 0 && !dead)
		scene_fail(s, "taking it: %s", ipc_strerror(r));
	if (!dead && f->tells && mem->half[0] != mem->half[1])
		scene_fail(s, "took what a dead owner left, and was not told");
	mem->half[0] = mem->half[1] = 0;
	r = f->give();
	if (r < 0)
		scene_fail(s, "giving it back: %s", ipc_strerror(r));
	return dead;
}

static void helper(struct scene *s)
{
	(void)have_it_once(s);
}

static void start_helper(struct scene *s)
{
	s->helper = scene_fork(s, helper);
	if (!wait_until(test_asleep(s->helper), 20))
		scene_fail(s, "the helper does not fall asleep");
}

static void others(struct scene *s)
{
	if (!s->trial->context->helper)
		return;
	check_ok(face_of(s)->take_alone(IPC_NOW)); /* until the helper sleeps */
	start_helper(s);
}

static void prime(struct scene *s)
{
	ipc_mutex other = {0}; /* the one in question may be held */

	if (s->trial->context->first)
		return;
	check_ok(ipc_mutex_lock(&other, IPC_NOW));
	check_ok(ipc_mutex_unlock(&other));
}

/* ---- during and after --------------------------------------------------------------------- */

static void act(struct scene *s)
{
	const struct face *f = face_of(s);

	if (f->take(IPC_FOREVER) < 0)
		return;
	if (!f->shared) {
		mem->half[0]++;
		mem->half[1]++;
	}
	(void)f->give();
}

/*
 * Two sleep. The first one is woken, and finds it taken again: if it is killed before it
 * has said that somebody waits, the second one must not sleep for ever.
 */
static void wake_first(struct scene *s)
{
	start_helper(s);
	check_ok(face_of(s)->give());
	check_ok(face_of(s)->take_alone(IPC_SEC(2)));
	s->released = false;
}

static void release(struct scene *s)
{
	if (s->trial->context->behind && !s->helper)
		wake_first(s);
	else if (s->trial->context->full || s->trial->context->helper)
		check_ok(face_of(s)->give());
}

static void aftermath(struct scene *s)
{
	while (!s->released) {
		s->released = true;
		release(s);
	}
	if (!scene_killed(s))
		scene_wait_victim(s);
	if (s->helper)
		scene_wait(s, s->helper, "the helper");
	if (have_it_once(s) && !scene_killed(s))
		scene_fail(s, "told of a dead owner, and nobody died");
	if (have_it_once(s))
		scene_fail(s, "told of a dead owner twice");
}

static void end(struct scene *s)
{
	shm = ipc_shm_close(shm);
}

static const struct play locks = {.prepare = prepare,
				  .others = others,
				  .prime = prime,
				  .release = release,
				  .aftermath = aftermath,
				  .end = end};

static const struct context lock_in[] = {
	{.name = "free"},
	{.name = "first use", .first = true},
	{.name = "held", .full = true},
	{.name = "held, another waits", .helper = true},
	{.name = "held, another waits behind", .full = true, .behind = true},
};

#define IN(table) .context = (table), .n_contexts = N_OF(table)

static const struct operation operations[] = {
	{"mutex lock, unlock", &locks, act, &mutex, IN(lock_in)},
	{"recursive mutex lock, unlock", &locks, act, &rmutex, IN(lock_in)},
	{"rwlock write, unlock", &locks, act, &writer, IN(lock_in)},
	{"rwlock read, unlock", &locks, act, &reader, IN(lock_in)},
	{"semaphore wait, post", &locks, act, &permit, IN(lock_in)},
};

const struct operation_table lock_operations = {"locks", operations, N_OF(operations)};

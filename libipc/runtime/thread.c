#include "runtime/thread.h"

#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/domain.h"
#include "runtime/lock.h"

__thread struct thread_rec *thread_rec_self;

static pthread_key_t  ended;
static pthread_once_t once = PTHREAD_ONCE_INIT;

struct thread_rec *thread_find(ref r)
{
	struct thread_rec *t = r ? thread_at(ref_index(r)) : NULL;

	return t && load_acquire(&t->life) == life_make(ref_gen(r), LIFE_LIVE) ? t : NULL;
}

/* The thread ends: its record is free for another. */
static void thread_leave(void *record)
{
	struct thread_rec *t = record;

	if (!the_domain.joined || t != thread_rec_self)
		return;
	registry_lock();
	the_domain.process->asleep_ns += t->wait.asleep_ns;
	table_free(TABLE_THREADS, ref_index(t->self));
	registry_unlock();
	thread_rec_self = NULL;
}

static void make_key(void)
{
	(void)pthread_key_create(&ended, thread_leave);
}

static int thread_make(struct thread_rec **ret)
{
	struct thread_rec *t;
	uint32_t           index, gen;
	int                r = table_alloc(TABLE_THREADS, &index);

	if (r < 0)
		return r;
	t = thread_at(index);
	gen = life_gen(t->life);
	table_clear(TABLE_THREADS, index);
	store_release(&t->life, life_make(gen, LIFE_MAKING));
	store_relaxed(&t->process, the_domain.self);
	t->self = ref_make(gen, index);
	store_relaxed(&t->intent.pos, UINT64_MAX);
	t->tid = (uint64_t)gettid();
	(void)prctl(PR_GET_NAME, t->name);
	store_release(&t->life, life_make(gen, LIFE_LIVE));
	*ret = t;
	return 0;
}

int thread_join(void)
{
	struct thread_rec *t = NULL;
	int                r = domain_join();

	if (r < 0)
		return r;
	(void)pthread_once(&once, make_key);
	registry_lock();
	r = thread_make(&t);
	registry_unlock();
	if (r < 0)
		return r;
	thread_rec_self = t;
	(void)pthread_setspecific(ended,
				  t); /* fails for lack of memory: the record stays until exit */
	return 0;
}

void thread_forget(void)
{
	if (thread_rec_self)
		(void)pthread_setspecific(ended, NULL);
	thread_rec_self = NULL;
}

void threads_free(ref p)
{
	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		struct thread_rec *t = thread_at(i);

		if (t->process == p && life_state(t->life) != LIFE_FREE)
			table_free(TABLE_THREADS, (uint32_t)i);
	}
}

unsigned threads_count(ref p)
{
	unsigned n = 0;

	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		const struct thread_rec *t = thread_at(i);

		n += t->process == p && life_state(load_acquire(&t->life)) == LIFE_LIVE;
	}
	return n;
}

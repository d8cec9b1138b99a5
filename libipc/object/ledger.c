/* ledger.c - tasks that come back: taken again, owed, done; see ledger.h */

#include "object/ledger.h"

#include <errno.h>

#include "object/count.h"
#include "runtime/domain.h"
#include "runtime/lock.h"

static struct task_head *head_of(const struct block *b)
{
	return (struct task_head *)(void *)(b->data - sizeof(struct task_head));
}

void ledger_write(const struct transfer *t)
{
	*head_of(&t->block) = (struct task_head){.pos = t->pos,
						 .len = t->len,
						 .stamp = clock_ticks(t->c->tick_kind),
						 .type = t->type};
}

__thread struct ledger_got ledger_got;

/* ---- looking for one ----------------------------------------------------------------- */

struct search {
	uint64_t owner;
	ref      thread; /* whose are preferred; 0: nobody's */
	bool     found, preferred;
	/* in the order of gets, and then of puts; of those that came back .got is 0 */
	uint64_t     got, pos;
	struct block block;
};

static bool is_earlier(const struct search *s, uint64_t got, uint64_t pos)
{
	return got < s->got || (got == s->got && pos < s->pos);
}

static void consider(struct block *b, void *arg)
{
	struct search          *s = arg;
	const struct task_head *h;
	uint64_t                got;
	bool                    preferred;

	if (load_acquire(b->owner) != s->owner)
		return;
	b->data += sizeof(struct task_head);
	h = head_of(b);
	preferred = s->thread && load_relaxed(&h->thread) == s->thread;
	got = s->thread ? load_relaxed(&h->got) : 0;
	if (s->found && (s->preferred > preferred ||
			 (s->preferred == preferred && !is_earlier(s, got, load_relaxed(&h->pos)))))
		return;
	s->found = true;
	s->preferred = preferred;
	s->got = got;
	s->pos = load_relaxed(&h->pos);
	s->block = *b;
}

/* The oldest of @owner's, and rather one of @thread's. */
static bool oldest(struct channel *c, uint64_t owner, ref thread, struct search *ret)
{
	*ret = (struct search){.owner = owner, .thread = thread};
	heap_each(&c->memory, 0, consider, ret);
	return ret->found;
}

/* ---- getting it -------------------------------------------------------------------------- */

/* Say it before doing it, as with a claim of a position, but of none. */
static void intend(struct transfer *t, uint64_t len)
{
	struct intent_rec *i = &t->self->intent;
	const struct flow *in = &t->c->h.e->in;

	ring_intend_begin(i);
	store_relaxed(&i->claimed, UINT64_C(0));
	store_relaxed(&i->before, load_relaxed(&in->messages));
	store_relaxed(&i->bytes, load_relaxed(&in->bytes));
	store_relaxed(&i->len, len);
	ring_intend(i, t->intent, t->c->h.object_ref, NO_POS);
}

static void taken(struct transfer *t, const struct block *b)
{
	const struct task_head *h = head_of(b);
	struct flow            *in = &t->c->h.e->in;

	(void)fetch_sub(&t->c->h.o->returned, UINT64_C(1));
	count_add(&in->messages, 1);
	count_add(&in->bytes, h->len);
	store_release(&t->self->intent.before, INTENT_COUNTED);
	t->block = *b;
	t->filled = true;
	t->type = h->type;
	t->stamp = h->stamp;
}

int ledger_take(struct transfer *t, size_t *ret_len)
{
	struct search s;

	while (ledger_returned(t->c)) {
		uint64_t from = BLOCK_RETURNED, len;

		if (!oldest(t->c, BLOCK_RETURNED, 0, &s)) {
			ledger_recount(t->c);
			return 0;
		}
		len = load_relaxed(&head_of(&s.block)->len);
		if (len > t->len)
			return -EMSGSIZE;
		intend(t, len);
		if (!compare_swap(s.block.owner, &from, BLOCK_TAKEN | thread_ref(t->self)))
			continue; /* somebody else was faster */
		taken(t, &s.block);
		*ret_len = len;
		return 1;
	}
	return 0;
}

void ledger_owe(struct transfer *t)
{
	struct task_head *h = head_of(&t->block);

	t->attempt = h->attempt + 1;
	store_relaxed(&h->attempt, t->attempt);
	store_relaxed(&h->thread, t->self->self);
	store_relaxed(&h->got, clock_ticks(t->c->tick_kind));
	store_relaxed(&t->c->last_owed, heap_name(&t->block));
	ledger_got.object = t->c->h.object_ref;
	ledger_got.attempt = t->attempt;
	store_release(t->block.owner, BLOCK_OWED | the_domain.self);
	intend_nothing(t); /* it is the process's now, and no thread's */
}

ssize_t ledger_peek(struct channel *c)
{
	struct search s;

	if (!ledger_returned(c) || !oldest(c, BLOCK_RETURNED, 0, &s))
		return -EAGAIN;
	return (ssize_t)load_relaxed(&head_of(&s.block)->len);
}

/* ---- finishing it ------------------------------------------------------------------------- */

/* As a rule a thread finishes what it got last: then nothing needs to be searched. */
static bool last_owed(struct channel *c, ref thread, struct block *ret)
{
	if (heap_find(&c->memory, 0, load_relaxed(&c->last_owed), ret) < 0 ||
	    load_acquire(ret->owner) != (BLOCK_OWED | the_domain.self))
		return false;
	ret->data += sizeof(struct task_head);
	return load_relaxed(&head_of(ret)->thread) == thread &&
	       load_relaxed(&c->h.e->in.messages) - load_relaxed(&c->h.e->in.tasks_done) == 1;
}

int ledger_done(struct channel *c)
{
	struct thread_rec *self;
	uint64_t           mine;
	struct search      s;
	int                r = thread_self(&self);

	if (r < 0)
		return r;
	do {
		mine = BLOCK_OWED | the_domain.self;
		if (!last_owed(c, self->self, &s.block) && !oldest(c, mine, self->self, &s)) {
			(void)fetch_add(&c->h.e->tasks_extra, UINT64_C(1));
			return -EINVAL;
		}
	} while (!compare_swap(s.block.owner, &mine, BLOCK_FREE));
	(void)fetch_add(&c->h.e->in.tasks_done, UINT64_C(1));
	return 0;
}

int ledger_done_with(struct channel *c, uint64_t name)
{
	uint64_t     mine = BLOCK_OWED | the_domain.self;
	struct block b;

	if (heap_find(&c->memory, 0, name, &b) < 0 || !compare_swap(b.owner, &mine, BLOCK_FREE))
		return -EINVAL;
	(void)fetch_add(&c->h.e->in.tasks_done, UINT64_C(1));
	return 0;
}

static void note_unfinished(struct block *b, void *arg)
{
	uint64_t owner = load_acquire(b->owner);

	if (!(owner & BLOCK_DROPPED) && (owner & (BLOCK_QUEUED | BLOCK_TAKEN)))
		*(bool *)arg = true;
}

bool ledger_settled(struct channel *c)
{
	bool unfinished = !heap_reachable(&c->memory, 0); /* what cannot be seen may be one */

	heap_each(&c->memory, 0, note_unfinished, &unfinished);
	return !unfinished;
}

/* ---- the hint ------------------------------------------------------------------------------ */

bool ledger_astray(struct channel *c)
{
	return heap_owned(&c->memory, 0, BLOCK_RETURNED) != load_acquire(&c->h.o->returned);
}

void ledger_recount(struct channel *c)
{
	if (registry_lock_within(IPC_NOW) < 0)
		return;
	if (heap_reachable(&c->memory, 0))
		store_release(&c->h.o->returned, heap_owned(&c->memory, 0, BLOCK_RETURNED));
	registry_unlock();
}

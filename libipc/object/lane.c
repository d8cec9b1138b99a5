/*
 * lane.c - a ring's arrays of slots: which there are, growing, shrinking
 *
 * Everything here holds the registry lock. It is rare: at a handle's first use,
 * each time a ring grows by a step, and when it is idle.
 *
 * Switching to another array, and what a death leaves:
 *
 *   1  tail |= SWITCHING     nobody can claim; whoever wants to comes here, finds
 *                            the flag and does the rest
 *   2  the array's memory    reserved; done twice it is the same
 *   3  epoch[], epoch_gen    the entry that begins at the tail is written anew by
 *                            whoever comes next
 *   4  tail = pos | new tag  done
 */

#include "object/lane.h"

#include <errno.h>

#include "base/error.h"
#include "object/heap.h"
#include "runtime/domain.h"
#include "runtime/lock.h"
#include "runtime/thread.h"

/* An array grows at once by what can be zeroed in well under a millisecond. */
#define STEP_SLOTS (UINT64_C(1048576) / SLOT_BYTES)

/*
 * Each array is this many times (log2) the size of the one before. Only what is
 * used of it is real, so a large one costs nothing; and few steps to the largest
 * mean that the epochs of a ring nobody reads fit their table.
 */
#define GROWTH_LOG2 6

static uint64_t epoch_slots(const struct ring_epoch *e)
{
	return UINT64_C(1) << shape_log2(e->shape);
}

static bool epoch_valid(const struct ring_epoch *e)
{
	return e->shape && shape_log2(e->shape) <= SLOT_LOG2_MAX && e->ready <= epoch_slots(e);
}

/* The epoch that @pos lies in; NULL: none. */
static struct ring_epoch *epoch_of(struct ring_ctl *c, uint64_t pos)
{
	struct ring_epoch *best = NULL;

	for (int i = 0; i < EPOCHS_MAX; i++) {
		struct ring_epoch *e = &c->epoch[i];

		if (epoch_valid(e) && e->from <= pos && (!best || e->from > best->from))
			best = e;
	}
	return best;
}

static struct ring_epoch *epoch_newest(struct ring_ctl *c)
{
	return epoch_of(c, RING_POS_MASK);
}

/* Where the epoch after @e begins; UINT64_MAX: it is the newest. */
static uint64_t epoch_until(const struct ring_ctl *c, const struct ring_epoch *e)
{
	uint64_t until = UINT64_MAX;

	for (int i = 0; i < EPOCHS_MAX; i++)
		if (epoch_valid(&c->epoch[i]) && c->epoch[i].from > e->from &&
		    c->epoch[i].from < until)
			until = c->epoch[i].from;
	return until;
}

static struct slot *epoch_slot(struct lane *l, const struct ring_epoch *e, uint64_t pos)
{
	struct slot *slots = memory_slots(l->memory, l->ring, e->shape);

	return slots ? &slots[(pos - e->from) & (epoch_slots(e) - 1)] : NULL;
}

struct slot *lane_slot(struct lane *l, uint64_t pos)
{
	struct ring_epoch *e = epoch_of(l->ctl, pos);

	if (!e || pos - e->from >= e->ready) {
		if (!e || e->ready < epoch_slots(e))
			return NULL;
	}
	return epoch_slot(l, e, pos);
}

static uint64_t epoch_tag(const struct ring_ctl *c)
{
	return c->epoch_gen << RING_TAG_SHIFT & RING_TAG_MASK;
}

/* ---- views ----------------------------------------------------------------------------- */

static int view_set(struct lane *l, struct lane_view *to, const struct ring_epoch *e)
{
	struct slot *slots = memory_slots(l->memory, l->ring, e->shape);
	uint64_t     until = epoch_until(l->ctl, e), seq = to->seq;

	if (!slots)
		return fail(-ENOMEM, "cannot map the slots of a channel");
	if (e->ready < epoch_slots(e) && e->from + e->ready < until)
		until = e->from + e->ready; /* what lies behind is not there yet */
	store_relaxed(&to->seq, seq | 1);
	fence_release(); /* the odd seq before the fields */
	store_relaxed(&to->v.slots, slots);
	store_relaxed(&to->v.mask, epoch_slots(e) - 1);
	store_relaxed(&to->v.from, e->from);
	store_relaxed(&to->v.until, until);
	store_relaxed(&to->v.tag, epoch_tag(l->ctl));
	store_release(&to->seq, (seq | 1) + 1);
	return LANE_CHANGED;
}

/* ---- retiring what is drained -------------------------------------------------------------- */

/* Is a reader still inside a slot of [@from, @until)? Its intent says where it may be. */
static bool readers_inside(struct lane *l, const struct ring_epoch *e, uint64_t until)
{
	uint64_t here = (uint64_t)l->memory->object << 8 | (uint64_t)l->ring << 4 | INTENT_GET;

	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		const struct thread_rec *t = thread_at(i);
		uint64_t                 pos = t ? load_acquire(&t->intent.pos) : UINT64_MAX;
		const struct slot       *s;

		if (pos == UINT64_MAX || load_relaxed(&t->intent.ring) != here || pos < e->from ||
		    pos >= until || life_state(t->life) != LIFE_LIVE)
			continue;
		s = epoch_slot(l, e, pos);
		if (!s || load_acquire(&s->turn) == 2 * pos + 1)
			return true;
	}
	return false;
}

static void retire_drained(struct lane *l)
{
	struct ring_ctl *c = l->ctl;

	for (int i = 0; i < EPOCHS_MAX; i++) {
		struct ring_epoch *e = &c->epoch[i];
		uint64_t           until = e->shape ? epoch_until(c, e) : UINT64_MAX;

		if (until == UINT64_MAX || load_acquire(&c->head) < until ||
		    readers_inside(l, e, until))
			continue;
		memory_drop_slots(l->memory, l->ring, e->shape);
		store_release(&e->shape, UINT64_C(0));
	}
}

/* ---- switching -------------------------------------------------------------------------------- */

static bool shape_in_use(const struct ring_ctl *c, uint64_t shape)
{
	for (int i = 0; i < EPOCHS_MAX; i++)
		if (c->epoch[i].shape == shape)
			return true;
	return false;
}

/* A shape of @log2 that no epoch has; 0: both parities are taken. */
static uint64_t shape_free(const struct ring_ctl *c, unsigned log2)
{
	for (unsigned parity = 0; parity < 2; parity++)
		if (!shape_in_use(c, shape_make(log2, parity)))
			return shape_make(log2, parity);
	return 0;
}

static struct ring_epoch *epoch_unused(struct ring_ctl *c)
{
	for (int i = 0; i < EPOCHS_MAX; i++)
		if (!c->epoch[i].shape)
			return &c->epoch[i];
	return NULL;
}

static void tail_settle(struct ring_ctl *c, uint64_t tag)
{
	uint64_t tail = load_acquire(&c->tail);

	/* a loop only for RING_SHUT, which may be set at any time */
	while (!compare_swap(&c->tail, &tail, (tail & (RING_POS_MASK | RING_SHUT)) | tag))
		;
}

/*
 * Slots [@ready, @upto) of an array, real and free. It may have been used before, and
 * not given back since (less than a page, or a failed call): then turns are left in it.
 */
static int array_make(struct lane *l, uint64_t shape, uint64_t ready, uint64_t upto)
{
	struct slot *slots;
	int          r = memory_grow_slots(l->memory, l->ring, shape, ready, upto);

	if (r < 0)
		return r;
	slots = memory_slots(l->memory, l->ring, shape);
	if (!slots)
		return fail(-ENOMEM, "cannot map the slots of a channel");
	for (uint64_t i = ready; i < upto; i++)
		if (load_relaxed(&slots[i].turn) & 1)
			store_relaxed(&slots[i].turn, UINT64_C(0));
	return 0;
}

/* The tail is marked: from there on slots lie in an array of 2^@log2. */
static int switch_finish(struct lane *l, unsigned log2)
{
	struct ring_ctl   *c = l->ctl;
	uint64_t           pos = load_acquire(&c->tail) & RING_POS_MASK;
	struct ring_epoch *e = epoch_newest(c);
	uint64_t           shape, ready;
	int                r = -EAGAIN;

	if (!e || e->from != pos)
		e = epoch_unused(c);
	else
		store_release(&e->shape, UINT64_C(0)); /* nothing was ever put in it */
	shape = shape_free(c, log2);
	if (e && shape) {
		ready = UINT64_C(1) << log2 < STEP_SLOTS ? UINT64_C(1) << log2 : STEP_SLOTS;
		r = array_make(l, shape, 0, ready);
	}
	if (r == 0) {
		store_relaxed(&e->from, pos);
		store_relaxed(&e->ready, ready);
		store_release(&e->shape, shape);
		store_release(&c->epoch_gen, c->epoch_gen + 1);
	}
	tail_settle(c, epoch_tag(c));
	return r;
}

static unsigned log2_at_least(uint64_t n)
{
	return n <= 1 ? 0 : 64u - (unsigned)__builtin_clzll(n - 1);
}

bool lane_can_grow(const struct ring_ctl *c, uint64_t slots)
{
	return slots < UINT64_C(1) << SLOT_LOG2_MAX && (!c->capacity || slots < c->capacity);
}

static unsigned log2_next(const struct ring_ctl *c, unsigned log2)
{
	unsigned next = log2 + GROWTH_LOG2;

	if (c->capacity && next > log2_at_least(c->capacity))
		next = log2_at_least(c->capacity);
	if (next < SLOT_LOG2_MIN)
		next = SLOT_LOG2_MIN;
	return next > SLOT_LOG2_MAX ? SLOT_LOG2_MAX : next;
}

static unsigned log2_first(const struct ring_ctl *c)
{
	unsigned log2 = SLOT_LOG2_MIN;

	if (c->capacity && log2_at_least(c->capacity) < log2)
		log2 = log2_at_least(c->capacity);
	return log2 ? log2 : 1; /* log2 0 with parity 0 would be shape 0, which is none */
}

static int switch_to(struct lane *l, unsigned log2)
{
	int r;

	retire_drained(l);
	fetch_or(&l->ctl->tail, RING_SWITCHING);
	r = switch_finish(l, log2);
	return r == -EAGAIN ? LANE_SAME : r < 0 ? r : LANE_CHANGED;
}

int lane_init(struct lane *l, uint64_t capacity, uint64_t heap_limit)
{
	l->ctl->capacity = capacity;
	l->ctl->heap_limit = heap_limit;
	fetch_or(&l->ctl->tail, RING_SWITCHING);
	return switch_finish(l, log2_first(l->ctl));
}

/* ---- what a put needs ---------------------------------------------------------------------------- */

static int array_extend(struct lane *l, struct ring_epoch *e)
{
	uint64_t upto = e->ready + STEP_SLOTS < epoch_slots(e) ? e->ready + STEP_SLOTS
							       : epoch_slots(e);
	int      r = array_make(l, e->shape, e->ready, upto);

	if (r == 0)
		store_release(&e->ready, upto);
	return r < 0 ? r : LANE_CHANGED;
}

/* The tail is at the end of what is real of the array, or the array is full. */
static int array_enlarge(struct lane *l, struct ring_epoch *e, uint64_t pos)
{
	uint64_t queued = pos - load_acquire(&l->ctl->head);
	unsigned first = log2_first(l->ctl);

	if (pos - e->from >= e->ready && e->ready < epoch_slots(e)) {
		/* a step back rather than a step on, if the burst that it grew for is over */
		if (queued < (UINT64_C(1) << first) / 2 && shape_log2(e->shape) > first)
			return switch_to(l, first);
		return array_extend(l, e);
	}
	if (queued >= epoch_slots(e) && lane_can_grow(l->ctl, epoch_slots(e)))
		return switch_to(l, log2_next(l->ctl, shape_log2(e->shape)));
	return LANE_SAME;
}

/* Full, and as large as it may become. */
static bool array_full(const struct lane *l, const struct ring_epoch *e)
{
	uint64_t head = load_acquire(&l->ctl->head);
	uint64_t queued = (load_acquire(&l->ctl->tail) & RING_POS_MASK) - head;

	return queued >= epoch_slots(e) && !lane_can_grow(l->ctl, epoch_slots(e));
}

static int refresh_put(struct lane *l)
{
	uint64_t           tail = load_acquire(&l->ctl->tail);
	struct ring_epoch *e;
	int                r;

	if (tail & RING_SWITCHING) { /* its switcher died */
		e = epoch_newest(l->ctl);
		r = switch_finish(l,
				  e ? log2_next(l->ctl, shape_log2(e->shape)) : log2_first(l->ctl));
		if (r < 0 && r != -EAGAIN)
			return r;
		tail = load_acquire(&l->ctl->tail);
	}
	e = epoch_newest(l->ctl);
	if (!e)
		return fail(-EBADMSG, "a channel is damaged: it has no slots");
	r = array_enlarge(l, e, tail & RING_POS_MASK);
	if (r < 0)
		return r;
	e = epoch_newest(l->ctl);
	if (r == LANE_CHANGED || !l->put.seq || l->put.v.tag != epoch_tag(l->ctl) ||
	    (tail & RING_POS_MASK) >= l->put.v.until)
		return view_set(l, &l->put, e);
	/* the view was right; and readers may have made room since it was found full */
	return array_full(l, e) ? LANE_SAME : LANE_CHANGED;
}

int lane_refresh_put(struct lane *l)
{
	int r;

	registry_lock();
	r = refresh_put(l);
	registry_unlock();
	return r;
}

static int step_aside(struct lane *l)
{
	uint64_t           pos = load_acquire(&l->ctl->tail) & RING_POS_MASK;
	struct ring_epoch *e = epoch_newest(l->ctl);
	struct ring_view   v;
	unsigned           log2;
	int                r;

	if (!e || !lane_view_copy(&l->put, &v) || v.tag != epoch_tag(l->ctl))
		return refresh_put(l); /* somebody has done it */
	if (pos - v.from >= v.until - v.from || ring_slot_free(l->ctl, &v, pos, &l->head_seen))
		return LANE_CHANGED; /* others have gone on, or the reader has left */
	retire_drained(l);
	log2 = shape_log2(e->shape);
	while (log2 < SLOT_LOG2_MAX && !shape_free(l->ctl, log2))
		log2++;
	r = switch_to(l, log2);
	return r < 0 || r == LANE_SAME ? r : view_set(l, &l->put, epoch_newest(l->ctl));
}

int lane_step_aside(struct lane *l)
{
	int r;

	registry_lock();
	r = step_aside(l);
	registry_unlock();
	return r;
}

/* ---- what a get needs ------------------------------------------------------------------------------- */

static int refresh_get(struct lane *l)
{
	struct ring_ctl   *c = l->ctl;
	uint64_t           head = load_acquire(&c->head);
	struct ring_epoch *e = epoch_of(c, head);

	if (!e)
		return fail(-EBADMSG, "a channel is damaged: its head lies in no slots");
	retire_drained(l);
	if (view_set(l, &l->get, e) < 0)
		return -ENOMEM;
	/* beyond what is real nothing can have been put */
	return head - e->from < l->get.v.until - e->from ? LANE_CHANGED : LANE_SAME;
}

int lane_refresh_get(struct lane *l)
{
	int r;

	registry_lock();
	r = refresh_get(l);
	registry_unlock();
	return r;
}

static void unmerge(struct lane *l)
{
	struct ring_ctl   *c = l->ctl;
	struct ring_epoch *e = epoch_newest(c);
	uint64_t           head = load_acquire(&c->head), pos = e ? e->from : head;

	if (!load_acquire(&c->merged))
		return; /* another reader did it meanwhile */
	if (e && head - pos > epoch_slots(e))
		pos = head - epoch_slots(e);
	for (; e && (int64_t)(head - pos) > 0; pos++) {
		struct slot *s = epoch_slot(l, e, pos);
		uint64_t     turn = 2 * pos + 1;

		if (s) /* fails if a writer has filled it again, which is as good */
			(void)compare_swap(&s->turn, &turn, 2 * pos + 2);
	}
	store_release(&c->merged, UINT64_C(0));
}

void lane_unmerge(struct lane *l)
{
	registry_lock();
	unmerge(l);
	registry_unlock();
}

/*
 * The slots of a ring that one writer may have for its own are not the reader's to
 * trim: the writer stores to the tail without looking. It steps back by itself.
 */
bool lane_worth_trimming(const struct lane *l)
{
	return (!l->inherited_only && l->get.seq && l->get.v.mask >> log2_first(l->ctl)) ||
	       heap_worth_trimming(l->memory, l->ring);
}

static void trim_slots(struct lane *l)
{
	struct ring_ctl   *c = l->ctl;
	struct ring_epoch *e = epoch_newest(c);
	uint64_t           tail = load_acquire(&c->tail);

	if (e && !(tail & (RING_SHUT | RING_SWITCHING)) &&
	    (tail & RING_POS_MASK) == load_acquire(&c->head) &&
	    shape_log2(e->shape) > log2_first(c))
		(void)switch_to(l, log2_first(c));
	retire_drained(l);
}

void lane_trim(struct lane *l)
{
	struct thread_rec *self;

	if (!l->inherited_only) {
		registry_lock();
		trim_slots(l);
		registry_unlock();
	}
	if (thread_self(&self) == 0)
		heap_trim(l->memory, l->ring, thread_ref(self));
}

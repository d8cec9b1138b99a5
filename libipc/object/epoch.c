/*
 * epoch.c - the arrays of slots a ring has, one after the other
 *
 * Switching to another array, and what a death leaves:
 *
 *   1  tail |= SWITCHING     nobody can claim; whoever wants to comes here, finds
 *                            the flag and does the rest
 *   2  the array's memory    reserved; done twice it is the same
 *   3  epoch[], epoch_gen    the entry that begins at the tail is written anew by
 *                            whoever comes next
 *   4  tail = pos | new tag  done
 *
 * Giving a drained array back, from its end to its beginning:
 *
 *   1  the last slots' memory  they read as zeroes, which are free; given back again by
 *                              whoever comes next
 *   2  .ready lowered          the rest is given back by the next step
 *   3  .shape = 0              at the last of them: done
 */

#include "object/epoch.h"

#include <errno.h>

#include "base/error.h"
#include "base/file.h"
#include "runtime/domain.h"

/*
 * Each array is this many times (log2) the size of the one before. Only what is
 * used of it is real, so a large one costs nothing; and few steps to the largest
 * mean that the epochs of a ring nobody reads fit their table.
 */
#define GROWTH_LOG2 6

/* Reserved in 0.3 ms, measured; 1 MiB takes 1.1. */
#define STEP_SLOTS (UINT64_C(262144) / SLOT_BYTES)

/* What one step gives back at most: 512 KiB, in 0.1 ms, measured. */
#define RETIRE_SLOTS (UINT64_C(524288) / SLOT_BYTES)

uint64_t epoch_share(const struct lane *l, unsigned part)
{
	uint64_t share = l->memory->limit / part / SLOT_BYTES;
	uint64_t page = page_bytes() / SLOT_BYTES;

	if (!l->memory->limit || share >= STEP_SLOTS)
		return STEP_SLOTS;
	return share < page ? page : share - share % page;
}

uint64_t epoch_slots(const struct ring_epoch *e)
{
	return UINT64_C(1) << shape_log2(e->shape);
}

static bool epoch_valid(const struct ring_epoch *e)
{
	return e->shape && shape_log2(e->shape) <= SLOT_LOG2_MAX && e->ready <= epoch_slots(e);
}

/* The epoch that @pos lies in; NULL: none. */
struct ring_epoch *epoch_of(struct ring_ctl *c, uint64_t pos)
{
	struct ring_epoch *best = NULL;

	for (int i = 0; i < EPOCHS_MAX; i++) {
		struct ring_epoch *e = &c->epoch[i];

		if (epoch_valid(e) && e->from <= pos && (!best || e->from > best->from))
			best = e;
	}
	return best;
}

struct ring_epoch *epoch_newest(struct ring_ctl *c)
{
	return epoch_of(c, RING_POS_MASK);
}

/* Where the epoch after @e begins; UINT64_MAX: it is the newest. */
uint64_t epoch_until(const struct ring_ctl *c, const struct ring_epoch *e)
{
	uint64_t until = UINT64_MAX;

	for (int i = 0; i < EPOCHS_MAX; i++)
		if (epoch_valid(&c->epoch[i]) && c->epoch[i].from > e->from &&
		    c->epoch[i].from < until)
			until = c->epoch[i].from;
	return until;
}

struct slot *epoch_slot(struct lane *l, const struct ring_epoch *e, uint64_t pos)
{
	struct slot *slots = memory_slots(l->memory, l->ring, e->shape, e->ready);

	return slots ? &slots[(pos - e->from) & (epoch_slots(e) - 1)] : NULL;
}

uint64_t epoch_tag(const struct ring_ctl *c)
{
	return c->epoch_gen << RING_TAG_SHIFT & RING_TAG_MASK;
}

/* ---- retiring what is drained -------------------------------------------------------------- */

/* Is the slot of @pos there, which is at or behind the beginning of @e? */
bool epoch_has(const struct ring_epoch *e, uint64_t pos)
{
	return pos - e->from < e->ready || e->ready == epoch_slots(e);
}

/*
 * Is a reader still inside a slot of [@from, @until)? Its intent says where it may be. It may
 * also be left from an epoch between this one and @until that was given back before: its
 * position is not in this array then, and may lie beyond the end of what is real of it.
 */
static bool readers_inside(struct lane *l, const struct ring_epoch *e, uint64_t until)
{
	uint64_t here = (uint64_t)l->memory->object << 8 | (uint64_t)l->ring << 4 | INTENT_GET;
	ref      object = lane_object(l);

	for (uint64_t i = 0; i < table_used(TABLE_THREADS); i++) {
		const struct thread_rec *t = thread_at(i);
		uint64_t                 pos = t ? load_acquire(&t->intent.pos) : UINT64_MAX;
		uint64_t                 ring = t ? load_relaxed(&t->intent.ring) : 0;
		const struct slot       *s;
		/* who owned the side when it was stopped, and has lost it since, is in there too */
		bool owned = ring == (here | INTENT_OWNED) &&
			     load_relaxed(&t->intent.before) != INTENT_COUNTED;

		if (pos == UINT64_MAX || (ring != here && !owned) ||
		    load_relaxed(&t->intent.object) != object || pos < e->from || pos >= until ||
		    !epoch_has(e, pos) || life_state(t->life) != LIFE_LIVE)
			continue;
		s = owned ? NULL : epoch_slot(l, e, pos);
		if (!s || load_acquire(&s->turn) == 2 * pos + 1)
			return true;
	}
	return false;
}

bool epoch_readers_inside(struct lane *l)
{
	for (int i = 0; i < EPOCHS_MAX; i++) {
		const struct ring_epoch *e = &l->ctl->epoch[i];

		if (epoch_valid(e) && readers_inside(l, e, ring_head(l->ctl)))
			return true;
	}
	return false;
}

static bool drained(struct lane *l, const struct ring_epoch *e)
{
	uint64_t until = e->shape ? epoch_until(l->ctl, e) : UINT64_MAX;
	uint64_t tail = load_acquire(&l->ctl->tail);

	/* who was to say that there is another array died, and who has a view does not know */
	if ((tail & RING_SWITCHING) && until == (tail & RING_POS_MASK))
		return false;
	return until != UINT64_MAX && ring_head(l->ctl) >= until && !readers_inside(l, e, until);
}

/* Up to @most slots, the last ones that are there; how many are left. */
static uint64_t retire_some(struct lane *l, struct ring_epoch *e, uint64_t most)
{
	uint64_t upto = e->ready, from = upto > most ? upto - most : 0;

	memory_drop_slots(l->memory, l->ring, e->shape, from, upto);
	if (from)
		store_release(&e->ready, from);
	else
		store_release(&e->shape, UINT64_C(0));
	return from;
}

bool epoch_retire(struct lane *l)
{
	uint64_t most = RETIRE_SLOTS;

	for (int i = 0; i < EPOCHS_MAX; i++) {
		struct ring_epoch *e = &l->ctl->epoch[i];
		uint64_t           ready = e->ready;

		if (!drained(l, e))
			continue;
		if (!most || retire_some(l, e, most))
			return true;
		most -= ready < most ? ready : most;
	}
	return false;
}

/* ---- switching ----------------------------------------------------------------------------- */

static bool shape_in_use(const struct ring_ctl *c, uint64_t shape)
{
	for (int i = 0; i < EPOCHS_MAX; i++)
		if (c->epoch[i].shape == shape)
			return true;
	return false;
}

/* A shape of @log2 that no epoch has; 0: both parities are taken. */
uint64_t epoch_free_shape(const struct ring_ctl *c, unsigned log2)
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

/* An array of 2^@log2 needs what one that is half given back may still have. */
static void make_room(struct lane *l, unsigned log2)
{
	while ((!epoch_unused(l->ctl) || !epoch_free_shape(l->ctl, log2)) && epoch_retire(l))
		;
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
int epoch_make(struct lane *l, uint64_t shape, uint64_t ready, uint64_t upto)
{
	struct slot *slots;
	int          r = memory_grow_slots(l->memory, l->ring, shape, ready, upto);

	if (r < 0)
		return r;
	slots = memory_slots(l->memory, l->ring, shape, upto);
	if (!slots)
		return fail(-ENOMEM, "cannot map the slots of a channel");
	for (uint64_t i = ready; i < upto; i++)
		if (load_relaxed(&slots[i].turn) & 1)
			store_relaxed(&slots[i].turn, UINT64_C(0));
	return 0;
}

/*
 * The tail is marked: from there on slots lie in an array of 2^@log2. The entry that
 * begins at the tail, if there is one, is written anew: nothing was ever put in it.
 * But only once the array is there: else it stays, since others may have views of it.
 */
static int finish(struct lane *l, unsigned log2, bool for_the_dead)
{
	struct ring_ctl   *c = l->ctl;
	uint64_t           pos = load_acquire(&c->tail) & RING_POS_MASK, shape, ready = 0;
	uint64_t           step = epoch_step(l);
	struct ring_epoch *newest = epoch_newest(c), *e;
	bool               again = newest && newest->from == pos;
	int                r = -EAGAIN;

	make_room(l, log2);
	e = again ? newest : epoch_unused(c);
	shape = epoch_free_shape(c, log2);
	if (e && shape) {
		ready = UINT64_C(1) << log2 < step ? UINT64_C(1) << log2 : step;
		r = epoch_make(l, shape, 0, ready);
	}
	if (r == 0) {
		store_release(&e->shape, UINT64_C(0));
		store_relaxed(&e->from, pos);
		store_relaxed(&e->ready, ready);
		store_release(&e->shape, shape);
	}
	/* who died may have written the entry, and not said so */
	if (r == 0 || (again && for_the_dead)) {
		store_release(&c->epoch_gen, c->epoch_gen + 1);
		store_release(&c->get_gen, c->get_gen + 1); /* last: see port_point() */
	}
	tail_settle(c, epoch_tag(c));
	return r;
}

int epoch_switch_finish(struct lane *l, unsigned log2)
{
	return finish(l, log2, true);
}

static unsigned log2_at_least(uint64_t n)
{
	return n <= 1 ? 0 : 64u - (unsigned)__builtin_clzll(n - 1);
}

bool lane_can_grow(const struct ring_ctl *c, uint64_t slots)
{
	return slots < UINT64_C(1) << SLOT_LOG2_MAX && (!c->capacity || slots < c->capacity);
}

bool lane_has_room(const struct ring_ctl *c)
{
	uint64_t head = ring_head(c);
	unsigned n_begun = 0;

	for (int i = 0; i < EPOCHS_MAX; i++) {
		if (!load_relaxed(&c->epoch[i].shape))
			return true;
		n_begun += load_relaxed(&c->epoch[i].from) <= head;
	}
	return n_begun > 1; /* all but the last of those are drained */
}

unsigned epoch_log2_next(const struct ring_ctl *c, unsigned log2)
{
	unsigned next = log2 + GROWTH_LOG2;

	if (c->capacity && next > log2_at_least(c->capacity))
		next = log2_at_least(c->capacity);
	if (next < SLOT_LOG2_MIN)
		next = SLOT_LOG2_MIN;
	return next > SLOT_LOG2_MAX ? SLOT_LOG2_MAX : next;
}

unsigned epoch_log2_first(const struct ring_ctl *c)
{
	unsigned log2 = SLOT_LOG2_MIN;

	if (c->capacity && log2_at_least(c->capacity) < log2)
		log2 = log2_at_least(c->capacity);
	return log2 ? log2 : 1; /* log2 0 with parity 0 would be shape 0, which is none */
}

/* Where memory is scarce, slots that are kept ready for more are what messages lack. */
static uint64_t slots_to_spare(const struct lane *l, uint64_t queued)
{
	return epoch_share(l, SHARE_FOR_SLOTS) < STEP_SLOTS ? queued / 8 : queued;
}

unsigned epoch_log2_for(const struct lane *l, uint64_t queued)
{
	unsigned first = epoch_log2_first(l->ctl);
	unsigned log2 = log2_at_least(queued + slots_to_spare(l, queued));

	return log2 < first ? first : log2;
}

int epoch_switch(struct lane *l, unsigned log2)
{
	int r;

	(void)epoch_retire(l);
	fetch_or(&l->ctl->tail, RING_SWITCHING);
	r = finish(l, log2, false);
	return r == -EAGAIN ? LANE_SAME : r < 0 ? r : LANE_CHANGED;
}

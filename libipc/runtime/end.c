/*
 * end.c - ends: which process holds which rights to which object
 *
 * The ends table is the truth. An object's list of ends and its holder counts
 * are derived from it, kept up to date here and rebuilt by repair. They are read
 * without the lock: a count of 0 is an end of file for somebody. So repair works
 * out what they are to be and stores nothing else, where it differs.
 *
 * What an end has counted must not be lost or counted twice when it goes, even
 * if who folds it dies in between. So the fold goes through a journal in the
 * header: the sums are written there, marked valid, copied to the object, the
 * end is freed, the mark removed. Copying absolute sums twice does no harm.
 *
 * Killed while an end is removed, after
 *
 *     its blocks were swept    it is as before; sweeping again finds nothing
 *     it was said to be DYING  it counts no more; who waits for its process finds it
 *                              dead by the list, and repair removes it
 *     the counts were lowered  the same; who looks at a count sees what is true
 *     it was unlinked          nobody finds it any more: a sleeper learns at the end of
 *                              its slice that the lock's owner died (runtime/wait.c)
 *     it was folded            nobody was told: they see it at the end of their slices
 */

#include "runtime/end.h"

#include <string.h>

#include "base/clock.h"
#include "runtime/domain.h"
#include "runtime/level.h"
#include "runtime/object.h"
#include "runtime/parcel.h"

bool (*end_held_sweep)(struct object_rec *o, struct end_rec *e);

static void holders_add(struct object_rec *o, uint32_t rights, uint32_t n)
{
	for (int i = 0; i < RIGHTS_MAX; i++)
		if (rights & 1u << i)
			fetch_add(&o->holders[i],
				  n); /* n may be -1: they are read without the lock */
}

static void list_add(struct object_rec *o, uint32_t end)
{
	store_release(&end_at(end)->next, o->first_end);
	store_release(&o->first_end, (uint64_t)end + 1);
}

static void list_remove(struct object_rec *o, uint32_t end)
{
	uint64_t *at = &o->first_end;
	uint64_t  n = table_used(TABLE_ENDS);

	while (*at && *at != (uint64_t)end + 1 && n--) {
		struct end_rec *e = end_at(*at - 1);

		if (!e)
			return;
		at = &e->next;
	}
	if (*at == (uint64_t)end + 1)
		store_release(at, end_at(end)->next);
}

/* The end @process already has on @o with the same rights, or NULL. */
static struct end_rec *end_find(const struct object_rec *o, ref process, uint32_t rights,
				uint32_t *ret)
{
	uint64_t n = table_used(TABLE_ENDS);

	for (uint64_t at = o->first_end; at && n; n--) {
		struct end_rec *e = end_at(at - 1);

		if (!e)
			break;
		if (e->process == process && e->rights == rights && !e->carrier) {
			*ret = (uint32_t)(at - 1);
			return e;
		}
		at = e->next;
	}
	return NULL;
}

static void parcels_add(struct object_rec *o, uint64_t n)
{
	fetch_add(&o->inflight, n); /* n may be -1, as above */
	fetch_add(&the_domain.hdr->n_parcels, n);
}

static int end_make(uint32_t object, ref process, uint32_t rights, ref carrier, uint32_t *ret)
{
	struct object_rec *o = object_at(object);
	struct end_rec    *e;
	uint32_t           gen;
	int                r = table_alloc(TABLE_ENDS, ret);

	if (r < 0)
		return r;
	e = end_at(*ret);
	gen = life_gen(e->life);
	table_clear(TABLE_ENDS, *ret);
	store_release(&e->life, life_make(gen, LIFE_MAKING));
	memset(table_at(TABLE_HISTOGRAMS, *ret), 0, sizeof(struct histogram_rec));
	memset(table_at(TABLE_FAILURES, *ret), 0, sizeof(struct failures_rec));
	e->process = process;
	e->object = ref_make(life_gen(o->life), object);
	e->rights = rights;
	e->handles = 1;
	e->opened_ns = clock_now_ns();
	e->carrier = carrier;
	if (carrier)
		parcels_add(o, 1);
	list_add(o, *ret);
	holders_add(o, rights, 1);
	store_release(&e->life, life_make(gen, LIFE_LIVE));
	domain_changed();
	return 0;
}

int end_open(uint32_t object, ref process, uint32_t rights, uint32_t *ret)
{
	struct end_rec *e = end_find(object_at(object), process, rights, ret);

	if (!e)
		return end_make(object, process, rights, 0, ret);
	e->handles++;
	return 0;
}

int end_open_parcel(uint32_t object, ref process, uint32_t rights, ref carrier, uint32_t *ret)
{
	return end_make(object, process, rights, carrier, ret);
}

/* Which ring's totals an end belongs to, per direction; a pipe end has at most one each. */
static int ring_sent(uint32_t rights)
{
	return rights & RIGHT_SEND1 ? 1 : 0;
}

static int ring_received(uint32_t rights)
{
	return rights & RIGHT_RECV1 ? 1 : 0;
}

static void flow_sum(uint64_t sum[8], const struct flow_totals *past, const struct flow *f)
{
	sum[0] = past->messages + f->messages;
	sum[1] = past->bytes + f->bytes;
	sum[2] = past->blocks + f->blocks;
	sum[3] = past->blocked_ns + f->blocked_ns;
	sum[4] = past->timeouts + f->timeouts;
	sum[5] = past->tasks_done + f->tasks_done;
	sum[6] = past->high_water > f->high_water ? past->high_water : f->high_water;
	sum[7] = past->ends + 1;
}

static void failures_sum(struct failures *sum, const struct failures *past,
			 const struct failures *now)
{
	*sum = *past;
	for (int i = 0; i < N_FAILURES; i++) {
		if (!now->of[i].count)
			continue;
		if (!past->of[i].count || past->of[i].first_tick > now->of[i].first_tick)
			sum->of[i].first_tick = now->of[i].first_tick;
		if (past->of[i].last_tick < now->of[i].last_tick)
			sum->of[i].last_tick = now->of[i].last_tick;
		sum->of[i].count += now->of[i].count;
	}
	if (now->of[FAILED_OTHER].count)
		sum->other_code = now->other_code;
}

static void past_sum(struct fold_past *sum, unsigned ring, const struct past_rec *past,
		     uint32_t end)
{
	const struct histogram_rec *h = table_at(TABLE_HISTOGRAMS, end);
	const struct failures_rec  *f = table_at(TABLE_FAILURES, end);

	if (!past || !h || !f)
		return; /* they are made with their end and their object */
	histogram_sum(sum->bucket, past->bucket[ring], h->bucket);
	failures_sum(&sum->failed.out, &past->failed.out, &f->out);
	failures_sum(&sum->failed.in, &past->failed.in, &f->in);
}

static void fold_begin(uint32_t end, uint32_t object)
{
	struct fold_journal *j = &the_domain.hdr->fold;
	struct end_rec      *e = end_at(end);
	struct object_rec   *o = object_at(object);

	flow_sum(j->out, &o->past_out[ring_sent(e->rights)], &e->out);
	flow_sum(j->in, &o->past_in[ring_received(e->rights)], &e->in);
	past_sum(&the_domain.hdr->fold_past, (unsigned)ring_received(e->rights),
		 table_at(TABLE_PASTS, object), end);
	j->object = object;
	j->ring = (uint64_t)ring_received(e->rights) << 1 | (uint64_t)ring_sent(e->rights);
	store_release(&j->valid, (uint64_t)end + 1);
}

void end_finish_fold(void)
{
	struct fold_journal *j = &the_domain.hdr->fold;
	struct fold_past    *p = &the_domain.hdr->fold_past;
	struct object_rec   *o;
	struct end_rec      *e;
	struct past_rec     *past;

	if (!j->valid)
		return;
	o = object_at(j->object);
	e = end_at(j->valid - 1);
	past = table_at(TABLE_PASTS, j->object);
	if (o && e && past) {
		memcpy(past->bucket[j->ring >> 1 & 1], p->bucket, sizeof(p->bucket));
		past->failed = p->failed;
		memcpy(&o->past_out[j->ring & 1], j->out, sizeof(j->out));
		memcpy(&o->past_in[j->ring >> 1 & 1], j->in, sizeof(j->in));
		/* what ends that are gone had got and not finished, nobody will finish */
		if ((o->flags & OBJECT_JOINABLE) && !(o->flags & OBJECT_REQUEUE))
			store_release(&o->tasks_failed,
				      o->past_in[0].messages - o->past_in[0].tasks_done);
		if (life_state(e->life) != LIFE_FREE)
			table_free(TABLE_ENDS, (uint32_t)(j->valid - 1));
	}
	store_release(&j->valid, UINT64_C(0));
}

/* @anyway: even if blocks stay behind, which only cost memory until the object ends. */
static bool end_take_away(uint32_t end, bool anyway)
{
	struct end_rec    *e = end_at(end);
	uint32_t           object = ref_index(e->object);
	struct object_rec *o = object_at(object);

	if (!o || life_gen(o->life) != ref_gen(e->object)) {
		table_free(TABLE_ENDS,
			   end); /* of an object that is gone: damage, or repair's leftover */
		return true;
	}
	/* a parcel has taken nothing that would have to be put back */
	if (!e->carrier && (e->in_place || (o->flags & OBJECT_REQUEUE)) && end_held_sweep &&
	    !end_held_sweep(o, e) && !anyway)
		return false;
	if ((o->flags & OBJECT_JOINABLE) && e->in.messages != e->in.tasks_done)
		o->failed_pid = process_at(ref_index(e->process))->pid;
	level_leave(o, end);
	if (life_state(e->life) == LIFE_LIVE) {
		store_release(&e->life, life_make(life_gen(e->life), LIFE_DYING));
		holders_add(o, e->rights, (uint32_t)-1);
		if (e->carrier)
			parcels_add(o, (uint64_t)-1);
	}
	list_remove(o, end);
	fold_begin(end, object);
	end_finish_fold();
	domain_changed();
	object_wake_all(o); /* end of file, for some */
	if (!o->first_end && !object_can_be_opened(o) && life_state(o->life) == LIFE_LIVE)
		object_destroy(object);
	parcels_sweep(); /* those that nobody can receive any more */
	return true;
}

bool end_remove(uint32_t end)
{
	return end_take_away(end, false);
}

/* Who waits for the end of a pipe must not wait for the closer's next descriptor. */
void end_close(uint32_t end)
{
	struct end_rec *e = end_at(end);

	if (--e->handles == 0)
		(void)end_take_away(end,
				    !(object_at(ref_index(e->object))->flags & OBJECT_REQUEUE));
}

/* ---- repair ----------------------------------------------------------------------- */

/* Objects that are counted in one pass over the ends. */
#define TALLIES 512

struct tally {
	uint32_t n_ends; /* in the list */
	uint32_t n_parcels;
	uint32_t holders[RIGHTS_MAX];
};

static bool belongs(const struct end_rec *e, const struct object_rec *o, uint32_t object)
{
	return life_state(e->life) != LIFE_FREE && ref_index(e->object) == object &&
	       ref_gen(e->object) == life_gen(o->life);
}

static void drop_strays(void)
{
	for (uint64_t i = 0; i < table_used(TABLE_ENDS); i++) {
		const struct end_rec    *e = end_at(i);
		const struct object_rec *o = object_at(ref_index(e->object));

		if (life_state(e->life) == LIFE_FREE)
			continue;
		if (life_state(e->life) == LIFE_MAKING || !o ||
		    life_gen(o->life) != ref_gen(e->object))
			table_free(TABLE_ENDS, (uint32_t)i);
	}
}

static void tally_up(struct tally *t, uint64_t first, uint64_t n)
{
	memset(t, 0, n * sizeof(*t));
	for (uint64_t i = 0; i < table_used(TABLE_ENDS); i++) {
		const struct end_rec *e = end_at(i);
		uint64_t              at = ref_index(e->object) - first;

		if (life_state(e->life) == LIFE_FREE || at >= n)
			continue;
		t[at].n_ends++;
		if (life_state(e->life) != LIFE_LIVE)
			continue;
		t[at].n_parcels += e->carrier != 0;
		for (int k = 0; k < RIGHTS_MAX; k++)
			t[at].holders[k] += (e->rights & 1u << k) != 0;
	}
}

static bool list_is_whole(const struct object_rec *o, uint32_t object, uint32_t n)
{
	uint64_t at = o->first_end;

	for (; at && n; n--) {
		const struct end_rec *e = end_at(at - 1);

		if (!e || !belongs(e, o, object))
			return false;
		at = e->next;
	}
	return !at && !n;
}

static void relink(struct object_rec *o, uint32_t object)
{
	uint64_t last = 0;

	for (uint64_t i = 0; i < table_used(TABLE_ENDS); i++) {
		struct end_rec *e = end_at(i);

		if (!belongs(e, o, object))
			continue;
		store_release(&e->next, last);
		last = i + 1;
	}
	store_release(&o->first_end, last);
}

static void settle(struct object_rec *o, uint32_t object, const struct tally *t)
{
	if (life_state(o->life) == LIFE_FREE)
		return;
	if (!list_is_whole(o, object, t->n_ends))
		relink(o, object);
	for (int k = 0; k < RIGHTS_MAX; k++)
		if (o->holders[k] != t->holders[k])
			store_release(&o->holders[k], t->holders[k]);
	if (o->inflight != t->n_parcels)
		store_release(&o->inflight, (uint64_t)t->n_parcels);
}

void ends_rebuild(void)
{
	static struct tally tally[TALLIES]; /* under the lock; no memory might be had now */
	uint64_t            used = table_used(TABLE_OBJECTS), n_parcels = 0;

	drop_strays();
	for (uint64_t first = 0; first < used; first += TALLIES) {
		uint64_t n = used - first < TALLIES ? used - first : TALLIES;

		tally_up(tally, first, n);
		for (uint64_t i = 0; i < n; i++) {
			settle(object_at(first + i), (uint32_t)(first + i), &tally[i]);
			n_parcels += tally[i].n_parcels;
		}
	}
	store_release(&the_domain.hdr->n_parcels, n_parcels);
}

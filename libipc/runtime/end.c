/*
 * end.c - ends: which process holds which rights to which object
 *
 * The ends table is the truth. An object's list of ends and its holder counts
 * are derived from it, kept up to date here and rebuilt by repair.
 *
 * What an end has counted must not be lost or counted twice when it goes, even
 * if who folds it dies in between. So the fold goes through a journal in the
 * header: the sums are written there, marked valid, copied to the object, the
 * end is freed, the mark removed. Copying absolute sums twice does no harm.
 */

#include "runtime/end.h"

#include <string.h>

#include "base/clock.h"
#include "runtime/domain.h"
#include "runtime/object.h"

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
		if (e->process == process && e->rights == rights) {
			*ret = (uint32_t)(at - 1);
			return e;
		}
		at = e->next;
	}
	return NULL;
}

int end_open(uint32_t object, ref process, uint32_t rights, uint32_t *ret)
{
	struct object_rec *o = object_at(object);
	struct end_rec    *e = end_find(o, process, rights, ret);
	uint32_t           gen;
	int                r;

	if (e) {
		e->handles++;
		return 0;
	}
	r = table_alloc(TABLE_ENDS, ret);
	if (r < 0)
		return r;
	e = end_at(*ret);
	gen = life_gen(e->life);
	memset(e, 0, sizeof(*e));
	store_release(&e->life, life_make(gen, LIFE_MAKING));
	memset(table_at(TABLE_HISTOGRAMS, *ret), 0, sizeof(struct histogram_rec));
	e->process = process;
	e->object = ref_make(life_gen(o->life), object);
	e->rights = rights;
	e->handles = 1;
	e->opened_ns = clock_now_ns();
	list_add(o, *ret);
	holders_add(o, rights, 1);
	store_release(&e->life, life_make(gen, LIFE_LIVE));
	domain_changed();
	return 0;
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
	sum[6] = past->spare[0] > f->high_water ? past->spare[0] : f->high_water;
	sum[7] = 0;
}

static void fold_begin(uint32_t end, uint32_t object)
{
	struct fold_journal *j = &the_domain.hdr->fold;
	struct end_rec      *e = end_at(end);
	struct object_rec   *o = object_at(object);

	flow_sum(j->out, &o->past_out[ring_sent(e->rights)], &e->out);
	flow_sum(j->in, &o->past_in[ring_received(e->rights)], &e->in);
	j->object = object;
	j->ring = (uint64_t)ring_received(e->rights) << 1 | (uint64_t)ring_sent(e->rights);
	store_release(&j->valid, (uint64_t)end + 1);
}

void end_finish_fold(void)
{
	struct fold_journal *j = &the_domain.hdr->fold;
	struct object_rec   *o;
	struct end_rec      *e;

	if (!j->valid)
		return;
	o = object_at(j->object);
	e = end_at(j->valid - 1);
	if (o && e) {
		memcpy(&o->past_out[j->ring & 1], j->out, sizeof(j->out));
		memcpy(&o->past_in[j->ring >> 1 & 1], j->in, sizeof(j->in));
		/* what ends that are gone had got and not finished, nobody will finish */
		if (o->flags & OBJECT_JOINABLE)
			store_release(&o->tasks_failed,
				      o->past_in[0].messages - o->past_in[0].tasks_done);
		if (life_state(e->life) != LIFE_FREE)
			table_free(TABLE_ENDS, (uint32_t)(j->valid - 1));
	}
	store_release(&j->valid, UINT64_C(0));
}

void end_remove(uint32_t end)
{
	struct end_rec    *e = end_at(end);
	uint32_t           object = ref_index(e->object);
	struct object_rec *o = object_at(object);

	if (!o || life_gen(o->life) != ref_gen(e->object)) {
		table_free(TABLE_ENDS,
			   end); /* of an object that is gone: damage, or repair's leftover */
		return;
	}
	if ((o->flags & OBJECT_JOINABLE) && e->in.messages != e->in.tasks_done)
		o->failed_pid = process_at(ref_index(e->process))->pid;
	list_remove(o, end);
	holders_add(o, e->rights, (uint32_t)-1);
	fold_begin(end, object);
	end_finish_fold();
	domain_changed();
	object_wake_all(o); /* end of file, for some */
	if (!o->first_end && !(o->flags & OBJECT_NAMED) && life_state(o->life) == LIFE_LIVE)
		object_destroy(object);
}

void end_close(uint32_t end)
{
	struct end_rec *e = end_at(end);

	if (--e->handles == 0)
		end_remove(end);
}

static void objects_forget_ends(void)
{
	for (uint64_t i = 0; i < table_used(TABLE_OBJECTS); i++) {
		struct object_rec *o = object_at(i);

		o->first_end = 0;
		memset(o->holders, 0, sizeof(o->holders));
	}
}

void ends_rebuild(void)
{
	objects_forget_ends();
	for (uint64_t i = 0; i < table_used(TABLE_ENDS); i++) {
		struct end_rec    *e = end_at(i);
		struct object_rec *o = object_at(ref_index(e->object));

		if (life_state(e->life) == LIFE_FREE)
			continue;
		if (life_state(e->life) == LIFE_MAKING || !o ||
		    life_gen(o->life) != ref_gen(e->object)) {
			table_free(TABLE_ENDS, (uint32_t)i);
			continue;
		}
		list_add(o, (uint32_t)i);
		holders_add(o, e->rights, 1);
	}
}

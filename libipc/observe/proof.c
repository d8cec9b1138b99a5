/* proof.c - the second reading; see proof.h */

#include <stddef.h>

#include "observe/proof.h"

enum seen { UNSEEN, SAME, MOVED };

/* Of more, whole tables are read again: a call for each record would be most of the work. Picked. */
#define ONE_BY_ONE 64

static const enum table_id moving[] = {TABLE_THREADS, TABLE_PROCESSES, TABLE_ENDS, TABLE_OBJECTS};

static bool read_whole(struct proof *p, enum table_id t)
{
	const struct image *image = p->r->image;
	size_t              bytes = image->n[t] * image->head.table[t].stride;

	return grow_to(&p->anew[t], bytes) &&
	       image_pread(image->fd, p->anew[t].p, bytes, image_offset(image, t, 0)) == 0;
}

static bool read_all_again(struct proof *p)
{
	for (size_t i = 0; i < sizeof(moving) / sizeof(moving[0]); i++)
		if (!read_whole(p, moving[i]))
			return false;
	return true;
}

/* A record, read once more; NULL: it cannot be read, which is as good as changed. */
static const void *again(const struct proof *p, enum table_id t, size_t slot, void *buf,
			 size_t bytes)
{
	const struct image *image = p->r->image;

	if (p->whole)
		return (const char *)p->anew[t].p + slot * image->head.table[t].stride;
	return image_pread(image->fd, buf, bytes, image_offset(image, t, slot)) == 0 ? buf : NULL;
}

#define SAME_FIELD(a, b, f) (memcmp(&(a)->f, &(b)->f, sizeof((a)->f)) == 0)

static bool thread_same(const struct proof *p, uint32_t t)
{
	uint32_t                 slot = p->r->v->thread_slot[t];
	const struct thread_rec *old = image_at(p->r->image, TABLE_THREADS, slot);
	struct thread_rec        buf;
	/* as far as its seq: what follows stands still with it */
	const struct thread_rec *now = again(p, TABLE_THREADS, slot, &buf,
					     offsetof(struct thread_rec, wait.seq) +
						     sizeof(buf.wait.seq));

	return now && now->life == old->life && now->process == old->process &&
	       now->wait.seq == old->wait.seq;
}

/*
 * Who was asked at this reading was asked after all of it was read, and that will do. That
 * its threads are in /proc proves nothing: a zombie's are, and its successor's.
 */
static bool lives_as_told(const struct proof *p, uint32_t i, const struct process_rec *now)
{
	uint32_t slot = p->r->v->process_slot[i];

	return p->r->as_recorded || !p->believed[slot] ||
	       life_asks(p->vitals, now, slot) == !p->m->process[i].dead;
}

static bool process_same(const struct proof *p, uint32_t i)
{
	uint32_t                  slot = p->r->v->process_slot[i];
	const struct process_rec *old = image_at(p->r->image, TABLE_PROCESSES, slot);
	struct process_rec        buf;
	const struct process_rec *now = again(p, TABLE_PROCESSES, slot, &buf, sizeof(buf));

	return now && now->life == old->life && now->handles_gen == old->handles_gen &&
	       lives_as_told(p, i, now);
}

/*
 * Who holds an end and could help nobody counts, too: of one that died the channel may have to
 * be put right, which sets its sleepers going.
 */
static bool holder_same(const struct proof *p, uint32_t i)
{
	const char *checked = p->seen.p;
	char       *asked = (char *)p->seen.p + p->r->v->n_processes + p->r->v->n_channels;
	const struct process_rec *rec = image_at(p->r->image, TABLE_PROCESSES,
						 p->r->v->process_slot[i]);

	if (checked[i] != UNSEEN)
		return checked[i] == SAME;
	if (asked[i] == UNSEEN)
		asked[i] = lives_as_told(p, i, rec) ? SAME : MOVED;
	return asked[i] == SAME;
}

static bool ring_same(const struct ring_ctl *a, const struct ring_ctl *b)
{
	return a->tail == b->tail && a->head == b->head && a->heap_in == b->heap_in &&
	       a->heap_out == b->heap_out && a->heap_fix == b->heap_fix &&
	       a->capacity == b->capacity && a->heap_limit == b->heap_limit &&
	       a->abandoned == b->abandoned;
}

static bool end_same(const struct proof *p, uint32_t i)
{
	uint32_t              slot = p->r->v->end_slot[i];
	const struct end_rec *old = image_kept(p->r->image, TABLE_ENDS, slot);
	struct end_rec        buf;
	const struct end_rec *now = again(p, TABLE_ENDS, slot, &buf, sizeof(buf));

	if (!holder_same(p, p->r->v->end[i].process))
		return false;
	return now && now->life == old->life && now->process == old->process &&
	       now->object == old->object && now->rights == old->rights && now->next == old->next &&
	       now->in.messages == old->in.messages && now->in.tasks_done == old->in.tasks_done;
}

/*
 * Ends are read before objects. One that was opened in between is in the object's
 * counts and not among ours.
 */
static bool knows_all_ends(const struct proof *p, const struct ipc_obs_channel *c,
			   const struct object_rec *rec)
{
	uint32_t n[RIGHTS_MAX] = {0};

	for (uint32_t e = c->first_end; e < c->first_end + c->n_ends; e++)
		for (unsigned i = 0; i < RIGHTS_MAX; i++)
			n[i] += p->r->v->end[e].rights >> i & 1;
	return memcmp(n, rec->holders, sizeof(n)) == 0;
}

/* Its words, its list of ends, each of these, and that nobody holds more than they do. */
static bool channel_same(const struct proof *p, uint32_t i)
{
	uint32_t                      slot = p->r->v->channel_slot[i];
	const struct ipc_obs_channel *c = &p->r->v->channel[i];
	const struct object_rec      *old = image_object(p->r->image, slot);
	struct object_rec             buf;
	const struct object_rec      *now = again(p, TABLE_OBJECTS, slot, &buf, sizeof(buf));

	if (!now || now->life != old->life || now->flags != old->flags ||
	    now->inflight != old->inflight || now->first_end != old->first_end ||
	    now->tasks_failed != old->tasks_failed || now->returned != old->returned ||
	    !SAME_FIELD(now, old, holders) || !knows_all_ends(p, c, old) ||
	    !ring_same(&now->ring[0], &old->ring[0]) || !ring_same(&now->ring[1], &old->ring[1]))
		return false;
	for (uint32_t e = c->first_end; e < c->first_end + c->n_ends; e++)
		if (!end_same(p, e))
			return false;
	return true;
}

static bool lock_same(const struct proof *p, uint32_t t)
{
	uint32_t                   w = p->r->v->thread[t].wait;
	const struct ipc_obs_wait *wait = &p->r->v->wait[w];
	struct lock_seen           now;

	if (!view_is_lock(wait->op) || !p->r->locks[w].verified)
		return true;
	if (wait->channel == IPC_NO_INDEX)
		return false;
	lock_read(p->files, p->r->v->channel[wait->channel].id, wait->op, wait->lock_offset, &now);
	return now.verified && now.owner == p->r->locks[w].owner && now.left == p->r->locks[w].left;
}

static void check_process(struct proof *p, uint32_t i)
{
	char *seen = p->seen.p;

	if (seen[i] != UNSEEN)
		return;
	seen[i] = process_same(p, i) ? SAME : MOVED;
	if (seen[i] == MOVED) {
		p->m->process[i].unseen = true;
		p->m->process[i].stopped = false;
	}
}

static bool channel_still(struct proof *p, uint32_t i)
{
	char *seen = (char *)p->seen.p + p->r->v->n_processes;

	if (seen[i] == UNSEEN)
		seen[i] = channel_same(p, i) ? SAME : MOVED;
	return seen[i] == SAME;
}

/* Every process that could help this item, and the dead who could have. */
static void check_ways(struct proof *p, const struct model_item *item)
{
	const struct model *m = p->m;

	for (uint32_t k = 0; k < item->n_groups; k++) {
		const struct model_group *g = &m->group[m->item_group[item->first_group + k]];

		for (uint32_t w = 0; w < g->n_ways; w++) {
			const struct model_way *way = &m->way[g->first_way + w];

			check_process(p,
				      way->is_thread ? m->thread[way->index].process : way->index);
		}
	}
}

static void check_thread(struct proof *p, uint32_t t)
{
	const struct model_thread *thread = &p->m->thread[t];
	const struct thread_rec   *rec = image_at(p->r->image, TABLE_THREADS,
						  p->r->v->thread_slot[t]);
	bool                       same = thread_same(p, t) && lock_same(p, t);

	check_process(p, thread->process);
	for (uint32_t i = 0; i < thread->n_items && i < rec->wait.n_items; i++) {
		uint32_t c = view_channel_of(p->r->v, rec->wait.item[i].object);

		check_ways(p, &p->m->item[thread->first_item + i]);
		if (c != IPC_NO_INDEX && !channel_still(p, c))
			p->m->item[thread->first_item + i].open = true;
	}
	if (!same)
		p->m->thread[t].blocked = false;
}

static bool are_many(const struct proof *p, const bool *stuck)
{
	uint32_t n = 0;

	for (uint32_t t = 0; t < p->m->n_threads && n <= ONE_BY_ONE; t++)
		n += stuck[t];
	return n > ONE_BY_ONE;
}

/* Look at all that @stuck rests on. Are the tables at rest afterwards? */
static bool check_all(struct proof *p, const bool *stuck)
{
	struct registry_header h;

	memset(p->seen.p, UNSEEN, p->seen.bytes);
	p->whole = are_many(p, stuck) && read_all_again(p);
	for (uint32_t t = 0; t < p->m->n_threads; t++)
		if (stuck[t])
			check_thread(p, t);
	return image_header(p->r->image->fd, p->r->image->path, &h) == 0 && h.dirty == 0;
}

/* Where others come and go all the time, the end of one change is the beginning of another. */
#define LOOKS_MAX 8

void proof_check(struct proof *p, const bool *stuck)
{
	const struct view     *v = p->r->v;
	const struct image    *image = p->r->image;
	struct registry_header h;
	bool firm = grow_to(&p->seen, (size_t)2 * v->n_processes + v->n_channels) != NULL;

	/* tables under change, or left so by the dead, prove nothing */
	p->shaky = image->head.dirty != 0 || (firm && !check_all(p, stuck));
	for (int n = 1; n < LOOKS_MAX && firm && p->shaky && !image->head.dirty; n++)
		p->shaky = image_header_at_rest(image->fd, image->path, &h) < 0 ||
			   !check_all(p, stuck);
	firm = firm && !p->shaky;
	for (uint32_t t = 0; !firm && t < p->m->n_threads; t++)
		p->m->thread[t].blocked = false;
}

void proof_fini(struct proof *p)
{
	grow_free(&p->seen);
	for (int t = 0; t < N_TABLES; t++)
		grow_free(&p->anew[t]);
}

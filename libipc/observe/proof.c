/* proof.c - the second reading; see proof.h */

#include <stddef.h>

#include "observe/proof.h"

enum seen { UNSEEN, SAME, MOVED };

/* A record, read once more; false: it cannot be read, which is as good as changed. */
static bool again(const struct proof *p, enum table_id t, size_t slot, void *buf, size_t bytes)
{
	return image_pread(p->r->image->fd, buf, bytes, image_offset(p->r->image, t, slot)) == 0;
}

#define SAME_FIELD(a, b, f) (memcmp(&(a)->f, &(b)->f, sizeof((a)->f)) == 0)

static bool thread_same(const struct proof *p, uint32_t t)
{
	uint32_t                 slot = p->r->v->thread_slot[t];
	const struct thread_rec *old = image_at(p->r->image, TABLE_THREADS, slot);
	struct thread_rec new;

	return again(p, TABLE_THREADS, slot, &new, sizeof(new)) &&
	       new.life == old->life &&new.process == old->process &&new.wait.seq == old->wait.seq;
}

static bool process_same(const struct proof *p, uint32_t i)
{
	uint32_t                  slot = p->r->v->process_slot[i];
	const struct process_rec *old = image_at(p->r->image, TABLE_PROCESSES, slot);
	struct process_rec new;

	if (!again(p, TABLE_PROCESSES, slot, &new, sizeof(new)) || new.life != old->life ||
	    new.handles_gen != old->handles_gen)
		return false;
	return p->r->as_recorded || life_asks(p->vitals, &new, slot) == !p->m->process[i].dead;
}

static bool ring_same(const struct ring_ctl *a, const struct ring_ctl *b)
{
	return a->tail == b->tail && a->head == b->head && a->heap_bytes == b->heap_bytes &&
	       a->capacity == b->capacity && a->heap_limit == b->heap_limit &&
	       a->abandoned == b->abandoned;
}

static bool end_same(const struct proof *p, uint32_t i)
{
	uint32_t              slot = p->r->v->end_slot[i];
	const struct end_rec *old = image_at(p->r->image, TABLE_ENDS, slot);
	struct end_rec new;

	return again(p, TABLE_ENDS, slot, &new, sizeof(new)) &&
	       new.life == old->life &&new.process == old->process &&new.object ==
		       old->object &&new.rights == old->rights &&new.next ==
		       old->next &&new.in.messages == old->in.messages &&new.in.tasks_done ==
		       old->in.tasks_done;
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
	const struct object_rec      *old = image_at(p->r->image, TABLE_OBJECTS, slot);
	struct object_rec new;

	if (!again(p, TABLE_OBJECTS, slot, &new, sizeof(new)) || new.life != old->life ||
	    new.flags != old->flags || new.inflight != old->inflight ||
	    new.first_end != old->first_end || new.tasks_failed != old->tasks_failed ||
	    !SAME_FIELD(&new, old, holders) || !knows_all_ends(p, c, old) ||
	    !ring_same(&new.ring[0], &old->ring[0]) || !ring_same(&new.ring[1], &old->ring[1]))
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
	uint64_t                   owner;

	if (wait->op != IPC_OP_LOCK || !p->r->locks[w].verified)
		return true;
	return wait->channel != IPC_NO_INDEX &&
	       files_read(p->files, p->r->v->channel[wait->channel].id, &owner, sizeof(owner),
			  wait->lock_offset) == 0 &&
	       owner == p->r->locks[w].owner;
}

static void check_process(struct proof *p, uint32_t i)
{
	char *seen = p->seen.p;

	if (seen[i] != UNSEEN)
		return;
	seen[i] = process_same(p, i) ? SAME : MOVED;
	if (seen[i] == MOVED) {
		p->m->process[i].unseen = true;
		p->n_moved++;
	}
}

static bool channel_still(struct proof *p, uint32_t i)
{
	char *seen = (char *)p->seen.p + p->r->v->n_processes;

	if (seen[i] == UNSEEN) {
		seen[i] = channel_same(p, i) ? SAME : MOVED;
		p->n_moved += seen[i] == MOVED;
	}
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
		uint32_t c = view_channel_of(p->r->v, p->r->image, rec->wait.item[i].object);

		check_ways(p, &p->m->item[thread->first_item + i]);
		if (c != IPC_NO_INDEX && !channel_still(p, c))
			p->m->item[thread->first_item + i].open = true;
	}
	if (!same) {
		p->m->thread[t].blocked = false;
		p->n_moved++;
	}
}

void proof_check(struct proof *p, const bool *stuck)
{
	const struct view     *v = p->r->v;
	struct registry_header h;
	size_t                 bytes = (size_t)v->n_processes + v->n_channels;
	bool                   firm;

	p->n_moved = 0;
	firm = grow_to(&p->seen, bytes) != NULL;
	if (firm)
		memset(p->seen.p, UNSEEN, bytes);
	for (uint32_t t = 0; firm && t < p->m->n_threads; t++)
		if (stuck[t])
			check_thread(p, t);
	/* tables under change, or left so by the dead, prove nothing */
	firm = firm && p->r->image->head.dirty == 0 &&
	       image_header(p->r->image->fd, p->r->image->path, &h) == 0 && h.dirty == 0;
	for (uint32_t t = 0; !firm && t < p->m->n_threads; t++)
		p->m->thread[t].blocked = false;
}

/* view_channels.c - objects, and who holds them */

#include <inttypes.h>
#include <stdio.h>

#include "observe/view.h"

/* As made; else "pid.n" of its maker, or "?.n" where that was gone before we came. */
static const char *name_of(struct view *v, const struct image *m, const struct object_rec *rec,
			   size_t slot)
{
	struct view_name          *name = &v->name[slot];
	const struct object_label *label;
	const struct process_rec  *maker;

	if (name->life == rec->life)
		return name->text;
	name->life = rec->life;
	name->text[0] = '\0';
	if (slot < m->n[TABLE_OBJECT_LABELS]) {
		label = image_at(m, TABLE_OBJECT_LABELS, slot);
		memcpy(name->text, label->name, sizeof(name->text));
		v->damaged += view_clean(name->text, sizeof(name->text));
	}
	if (name->text[0])
		return name->text;
	maker = image_ref(m, TABLE_PROCESSES, rec->creator);
	if (maker)
		(void)snprintf(name->text, sizeof(name->text), "%" PRIu64 ".%zu", maker->pid, slot);
	else
		(void)snprintf(name->text, sizeof(name->text), "?.%zu", slot);
	return name->text;
}

static uint32_t rings_of(const struct object_rec *rec)
{
	if (rec->kind >= KIND_SHM)
		return 0;
	return rec->kind == KIND_PIPE && !(rec->flags & OBJECT_SIMPLEX) ? 2 : 1;
}

static void add_channel(struct view *v, const struct image *m, const struct object_rec *rec,
			size_t slot)
{
	struct ipc_obs_channel *c = &v->channel[v->n_channels];
	uint64_t                id = ref_make(life_gen(rec->life), (uint32_t)slot);

	/* another took its place, or it is damaged: nothing of its sums is kept */
	if (c->id != id || c->kind != (enum ipc_kind)rec->kind || c->n_rings != rings_of(rec)) {
		memset(c, 0, sizeof(*c));
		v->sign[v->n_channels] = 0;
		c->memory_bytes = IPC_UNKNOWN;
		for (int ring = 0; ring < 2; ring++)
			c->ring[ring].p50_ns = c->ring[ring].p99_ns = c->ring[ring].max_ns =
				c->ring[ring].oldest_ns = IPC_UNKNOWN;
	}
	c->id = id;
	c->kind = (enum ipc_kind)rec->kind;
	c->name = name_of(v, m, rec, slot);
	c->n_rings = rings_of(rec);
	c->created_ns = rec->created_ns;
	c->first_end = c->n_ends = 0;
	v->channel_at[slot] = v->n_channels;
	v->channel_slot[v->n_channels++] = (uint32_t)slot;
}

void view_channels(struct view *v, const struct image *m)
{
	v->n_channels = 0;
	for (size_t slot = 0; slot < m->n[TABLE_OBJECTS]; slot++) {
		const struct object_rec *rec = image_at(m, TABLE_OBJECTS, slot);

		v->channel_at[slot] = IPC_NO_INDEX;
		if (life_state(rec->life) != LIFE_LIVE)
			continue;
		if (rec->kind == KIND_NONE || rec->kind >= N_KINDS)
			v->misfits++;
		else
			add_channel(v, m, rec, slot);
	}
}

/* Count, then place: the ends of a channel lie together without a sort. */
void view_ends(struct view *v, const struct image *m)
{
	uint32_t next = 0;

	for (int placing = 0; placing < 2; placing++) {
		for (size_t slot = 0; slot < m->n[TABLE_ENDS]; slot++) {
			const struct end_rec *rec = image_at(m, TABLE_ENDS, slot);
			uint32_t              c, p, i;

			/* a handle in a message is nobody's: object_rec.inflight counts it */
			if (life_state(rec->life) != LIFE_LIVE || rec->carrier)
				continue;
			c = view_channel_of(v, m, rec->object);
			p = view_process_of(v, m, rec->process);
			if (c == IPC_NO_INDEX || p == IPC_NO_INDEX) {
				v->misfits += (uint32_t)placing;
			} else if (!placing) {
				v->channel[c].n_ends++;
			} else {
				i = v->fill[c]++;
				v->end_slot[i] = (uint32_t)slot;
				v->end[i] = (struct ipc_obs_end){.process = p, .channel = c};
			}
		}
		for (uint32_t c = 0; !placing && c < v->n_channels; c++) {
			v->channel[c].first_end = v->fill[c] = next;
			next += v->channel[c].n_ends;
		}
	}
	v->n_ends = next;
}

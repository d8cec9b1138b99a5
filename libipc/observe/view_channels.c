/* view_channels.c - objects, and who holds them */

#include <inttypes.h>
#include <stdio.h>

#include "observe/view.h"

static uint32_t rings_of(const struct object_rec *rec)
{
	if (rec->kind >= KIND_SHM)
		return 0;
	return rec->kind == KIND_PIPE && !(rec->flags & OBJECT_SIMPLEX) ? 2 : 1;
}

static void add_channel(struct view *v, const struct object_rec *rec, uint32_t slot)
{
	struct ipc_obs_channel *c = &v->channel[v->n_channels];
	uint64_t                id = ref_make(life_gen(rec->life), slot);

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
	c->name = v->name[slot].text;
	c->n_rings = rings_of(rec);
	c->created_ns = rec->created_ns;
	c->first_end = c->n_ends = 0;
	v->channel_at[slot] = v->n_channels;
	v->channel_slot[v->n_channels++] = slot;
	if (v->name[slot].life != rec->life)
		v->name[slot].creator = rec->creator;
}

static void place_object(void *arg, uint32_t slot, const void *p)
{
	struct view             *v = arg;
	const struct object_rec *rec = p;

	v->life[slot] = rec->life;
	v->channel_at[slot] = IPC_NO_INDEX;
	if (life_state(rec->life) != LIFE_LIVE)
		return;
	if (rec->kind == KIND_NONE || rec->kind >= N_KINDS)
		v->misfits++;
	else
		add_channel(v, rec, slot);
}

static void take_label(void *arg, uint32_t slot, const void *p)
{
	struct view               *v = arg;
	const struct object_label *label = p;

	memcpy(v->name[slot].text, label->name, sizeof(label->name));
}

/* As made; else "pid.n" of its maker, or "?.n" where that was gone before we came. */
static void make_name(struct view *v, const struct image *m, size_t slot)
{
	struct view_name         *name = &v->name[slot];
	const struct process_rec *maker = image_ref(m, TABLE_PROCESSES, name->creator);

	v->damaged += view_clean(name->text, sizeof(name->text));
	name->life = v->life[slot];
	if (name->text[0])
		return;
	if (maker && maker->pid) {
		(void)snprintf(name->text, sizeof(name->text), "%" PRIu64 ".%zu", maker->pid, slot);
	} else {
		(void)snprintf(name->text, sizeof(name->text), "?.%zu", slot);
		name->life = 0; /* its maker may be there only now, or not forked to an end */
	}
}

static bool has_name(const struct view *v, uint32_t channel)
{
	uint32_t slot = v->channel_slot[channel];

	return v->name[slot].life == v->life[slot];
}

/* Of those that came since the last time. Labels that lie side by side are read by one call. */
static int make_names(struct view *v, struct image *m)
{
	uint32_t end;

	for (uint32_t i = 0; i < v->n_channels; i = end + 1) {
		uint32_t first = v->channel_slot[i], past;
		int      r = 0;

		for (end = i; end < v->n_channels && !has_name(v, end); end++)
			v->name[v->channel_slot[end]].text[0] = '\0';
		past = end > i ? v->channel_slot[end - 1] + 1 : first;
		if (past > m->n[TABLE_OBJECT_LABELS])
			past = (uint32_t)m->n[TABLE_OBJECT_LABELS];
		if (past > first)
			r = image_pass(m, TABLE_OBJECT_LABELS, first, past - first, take_label, v);
		if (r < 0)
			return r;
		for (uint32_t c = i; c < end; c++)
			make_name(v, m, v->channel_slot[c]);
	}
	return 0;
}

int view_channels(struct view *v, struct image *m)
{
	int r;

	v->n_channels = 0;
	r = image_pass(m, TABLE_OBJECTS, 0, m->n[TABLE_OBJECTS], place_object, v);
	return r < 0 ? r : make_names(v, m);
}

/* For now .end_at is the channel. */
static void count_end(void *arg, uint32_t slot, const void *p)
{
	const struct view_pass *pass = arg;
	struct view            *v = pass->v;
	const struct end_rec   *rec = p;
	uint32_t                channel, process;

	v->end_at[slot] = IPC_NO_INDEX;
	/* a handle in a message is nobody's: object_rec.inflight counts it */
	if (life_state(rec->life) != LIFE_LIVE || rec->carrier)
		return;
	channel = view_channel_of(v, rec->object);
	process = view_process_of(v, pass->m, rec->process);
	if (channel == IPC_NO_INDEX || process == IPC_NO_INDEX) {
		v->misfits++;
		return;
	}
	v->end_at[slot] = channel;
	v->end_process[slot] = process;
	v->channel[channel].n_ends++;
}

static void place_end(struct view *v, uint32_t slot)
{
	uint32_t channel = v->end_at[slot], i = v->ends_to[channel]++;

	v->end[i] = (struct ipc_obs_end){.process = v->end_process[slot], .channel = channel};
	v->end_slot[i] = slot;
	v->end_at[slot] = i;
}

/* Count, then place: the ends of a channel lie together without a sort. */
int view_ends(struct view *v, struct image *m)
{
	struct view_pass pass = {v, m};
	uint32_t         next = 0;
	int              r = image_pass(m, TABLE_ENDS, 0, m->n[TABLE_ENDS], count_end, &pass);

	if (r < 0)
		return r;
	for (uint32_t c = 0; c < v->n_channels; c++) {
		v->channel[c].first_end = v->ends_to[c] = next;
		next += v->channel[c].n_ends;
	}
	for (uint32_t slot = 0; slot < m->n[TABLE_ENDS]; slot++)
		if (v->end_at[slot] != IPC_NO_INDEX)
			place_end(v, slot);
	v->n_ends = next;
	return 0;
}

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
	if (rec->kind == KIND_SHM)
		return 0;
	return rec->kind == KIND_PIPE && !(rec->flags & OBJECT_SIMPLEX) ? 2 : 1;
}

static void add_channel(struct view *v, const struct image *m, const struct object_rec *rec,
			size_t slot)
{
	struct ipc_obs_channel *c = &v->channel[v->n_channels];
	uint64_t                id = ref_make(life_gen(rec->life), (uint32_t)slot);

	if (c->id != id) { /* another took its place: nothing of its sums is kept */
		memset(c, 0, sizeof(*c));
		v->sign[v->n_channels] = 0;
	}
	c->id = id;
	c->kind = (enum ipc_kind)rec->kind;
	c->name = name_of(v, m, rec, slot);
	c->named = (rec->flags & (OBJECT_NAMED | OBJECT_UNLINKED)) == OBJECT_NAMED;
	c->simplex = (rec->flags & OBJECT_SIMPLEX) != 0;
	c->n_rings = rings_of(rec);
	c->size_bytes = rec->kind == KIND_SHM ? rec->size_bytes : IPC_UNKNOWN;
	c->created_ns = rec->created_ns;
	c->first_end = c->n_ends = 0;
	c->unfinished = IPC_UNKNOWN;
	c->tasks_failed = rec->tasks_failed;
	c->failed_pid = rec->failed_pid;
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
			v->damaged++;
		else
			add_channel(v, m, rec, slot);
	}
}

static struct ipc_obs_flow flow_of(const struct flow *f)
{
	return (struct ipc_obs_flow){.messages = f->messages,
				     .bytes = f->bytes,
				     .blocks = f->blocks,
				     .blocked_ns = f->blocked_ns,
				     .timeouts = f->timeouts};
}

static void fill_end(struct view *v, const struct end_rec *rec, uint32_t i, uint32_t process,
		     uint32_t channel)
{
	struct ipc_obs_process *p = &v->process[process];
	bool                    joinable = v->channel[channel].kind == IPC_KIND_JOINABLE;
	struct ipc_obs_end     *e = &v->end[i];

	*e = (struct ipc_obs_end){
		.process = process,
		.channel = channel,
		.rights = rec->rights,
		.handles = rec->handles,
		.opened_ns = rec->opened_ns,
		.out = flow_of(&rec->out),
		.in = flow_of(&rec->in),
	};
	if (joinable && rec->in.messages > rec->in.tasks_done)
		e->owed = rec->in.messages - rec->in.tasks_done;
	flow_add(&p->out, &e->out);
	flow_add(&p->in, &e->in);
	p->n_ends++;
}

/* Count, then place: the ends of a channel lie together without a sort. */
void view_ends(struct view *v, const struct image *m)
{
	uint32_t next = 0;

	for (int placing = 0; placing < 2; placing++) {
		for (size_t slot = 0; slot < m->n[TABLE_ENDS]; slot++) {
			const struct end_rec *rec = image_at(m, TABLE_ENDS, slot);
			uint32_t              c, p;

			if (life_state(rec->life) != LIFE_LIVE)
				continue;
			c = view_channel_of(v, m, rec->object);
			p = view_process_of(v, m, rec->process);
			if (c == IPC_NO_INDEX || p == IPC_NO_INDEX) {
				v->damaged += (uint32_t)placing;
			} else if (!placing) {
				v->channel[c].n_ends++;
			} else {
				v->end_slot[v->fill[c]] = (uint32_t)slot;
				fill_end(v, rec, v->fill[c]++, p, c);
			}
		}
		for (uint32_t c = 0; !placing && c < v->n_channels; c++) {
			v->channel[c].first_end = v->fill[c] = next;
			next += v->channel[c].n_ends;
		}
	}
	v->n_ends = next;
}

/*
 * field_block.c - the columns of shared memory
 */
#include "text/utf8.h"
#include "view/field.h"

#include <math.h>
#include <stdio.h>
#include <inttypes.h>

#include "text/number.h"
#include "view/render.h"

typedef const struct frame frame;

static const struct ipc_obs_channel *channel(frame *f, uint32_t i)
{
	return &f->s->channels[i];
}

static enum role role(frame *f, uint32_t i)
{
	return channel_listing.role(f, i);
}

static double size_key(frame *f, uint32_t i)
{
	return field_known(channel(f, i)->size_bytes);
}

static double memory_key(frame *f, uint32_t i)
{
	return field_known(channel(f, i)->memory_bytes);
}

static double attached_key(frame *f, uint32_t i)
{
	return channel(f, i)->n_ends;
}

/* ---- its locks -------------------------------------------------------------------- */

static double count_locks(frame *f, uint32_t i, int waiters)
{
	uint32_t n = 0;

	for (size_t k = 0; k < f->n_locks; k++)
		if (f->locks[k].channel == i)
			n += waiters ? f->locks[k].n_waits : 1;
	return n;
}

static double locks_key(frame *f, uint32_t i)
{
	return count_locks(f, i, 0);
}

static double waiters_key(frame *f, uint32_t i)
{
	return count_locks(f, i, 1);
}

static double blocks_key(frame *f, uint32_t i)
{
	return (double)channel(f, i)->lock_waits.blocks;
}

static double blocked_key(frame *f, uint32_t i)
{
	return (double)channel(f, i)->lock_waits.blocked_ns;
}

/* ---- who made it -------------------------------------------------------------------- */

static double age_key(frame *f, uint32_t i)
{
	return f->s->t_mono_ns > channel(f, i)->created_ns
		       ? (double)(f->s->t_mono_ns - channel(f, i)->created_ns)
		       : 0;
}

static void name_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	field_put(ret, role(f, i), channel(f, i)->name);
}

#define PROCESSES_NAMED 4

static void by_text(frame *f, uint32_t i, struct caps caps, int width, struct field_text *ret)
{
	const struct ipc_obs_channel *c = channel(f, i);
	size_t                        used = 0;

	field_put(ret, ROLE_NORMAL, "");
	for (uint32_t k = 0; k < c->n_ends && k < PROCESSES_NAMED; k++) {
		const struct ipc_obs_process *p =
			&f->s->processes[f->s->ends[c->first_end + k].process];

		used += (size_t)snprintf(ret->text + used, sizeof(ret->text) - used,
					 "%s%" PRIu64 "/%.24s%s", k > 0 ? ", " : "", p->pid,
					 utf8_part(p->name, 24).text,
					 p->life == IPC_OBS_DEAD ? " (dead)" : "");
	}
	if (c->n_ends > PROCESSES_NAMED)
		snprintf(ret->text + used, sizeof(ret->text) - used, " +%" PRIu32,
			 c->n_ends - PROCESSES_NAMED);
}

/* clang-format off */
static const struct field fields[] = {
	{"size", "SIZE", "size_bytes", "bytes, as made",
	 6, 7, 1, 0, UNIT_BYTES, size_key, NULL},
	{"memory", "THERE", "resident_bytes", "bytes of it that take up memory; pages nobody has written take none",
	 6, 7, 1, 1, UNIT_BYTES, memory_key, NULL},
	{"attached", "ATT", "n_ends", "processes that have it open",
	 3, 5, 1, 0, UNIT_COUNT, attached_key, NULL},
	{"locks", "LOCKS", "locks", "locks in it that somebody holds or waits for",
	 5, 6, 1, 0, UNIT_COUNT, locks_key, NULL},
	{"waiters", "WAIT", "waiting_threads", "threads that wait for one of them",
	 4, 6, 1, 0, UNIT_COUNT, waiters_key, NULL},
	{"slept", "SLEPT", "blocks_total", "sleeps for one of them that are over, ever",
	 5, 6, 1, 2, UNIT_COUNT, blocks_key, NULL},
	{"blocked", "BLOCKED", "blocked_ns_total", "how long in all, sleeps that are over",
	 7, 7, 1, 3, UNIT_DURATION, blocked_key, NULL},
	{"age", "AGE", "age_ns", "made so long ago",
	 6, 7, 1, 5, UNIT_DURATION, age_key, NULL},
	{"name", "NAME", "name", "its name, or pid.number of its maker; ?: that was gone",
	 12, 40, 0, 0, UNIT_NONE, NULL, name_text},
	{"by", "WHO HAS IT", "processes", "the processes that have it open",
	 12, 100, 0, 4, UNIT_NONE, NULL, by_text},
};
/* clang-format on */

static int has(frame *f, uint32_t i)
{
	return locks_is_block(channel(f, i)->kind);
}

const struct listing block_listing = {
	.name = "Shared memory",
	.none = "no shared memory exists",
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.n_rows = field_channels,
	.id = field_channel_id,
	.role = role,
	.has = has,
	.json = "blocks",
};

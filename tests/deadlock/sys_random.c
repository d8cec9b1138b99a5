/*
 * sys_random.c - systems nobody would write
 *
 * Two to five processes, some of two threads, one to four objects of one or two messages,
 * two to six operations each: small enough to be explored to the end, tight enough that
 * about every second one hangs. The same seed gives the same system.
 */

#include <stdio.h>
#include <string.h>

#include "deadlock/system.h"

static uint32_t pick(uint32_t *seed, uint32_t n)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return (*seed >> 8) % n;
}

static void random_objects(struct sys *s, uint32_t *seed, unsigned n_kinds)
{
	s->n_objects = 1 + pick(seed, 4);
	for (unsigned o = 0; o < s->n_objects; o++) {
		s->object[o] = (struct sys_object){.kind = (enum sys_kind)pick(seed, n_kinds),
						   .capacity = (uint8_t)(1 + pick(seed, 2))};
		s->object[o].name[0] = (char)('a' + o);
		if (s->object[o].kind == SYS_JOINABLE && pick(seed, 2))
			s->object[o].capacity = 0;
		s->object[o].requeue = s->object[o].kind == SYS_JOINABLE && pick(seed, 3) == 0;
		if (s->object[o].kind == SYS_BARRIER)
			s->object[o].capacity++;
		if (n_kinds == SYS_KINDS && s->object[o].kind != SYS_PIPE && pick(seed, 6) == 0) {
			s->object[o].named = s->object[o].kind != SYS_MUTEX;
			s->object[o].sealed = s->object[o].named && pick(seed, 2);
		}
	}
}

/* Main threads first: a process that is spawned comes after the one that does it. */
static void random_people(struct sys *s, uint32_t *seed)
{
	s->n_processes = 2 + pick(seed, 4);
	for (unsigned p = 0; p < s->n_processes; p++) {
		s->process[p].name[0] = (char)('P' + p);
		s->thread[s->n_threads++].process = (uint8_t)p;
	}
	for (unsigned p = 0; p < s->n_processes && s->n_threads < 6; p++)
		if (pick(seed, 4) == 0)
			s->thread[s->n_threads++].process = (uint8_t)p;
	for (unsigned p = 0; p < s->n_processes; p++)
		if (pick(seed, 6) == 0)
			s->process[p].keep[pick(seed, s->n_objects)] |= (uint8_t)(1 +
										  pick(seed, 2));
}

static void add_op(struct sys_thread *t, enum sys_act act, unsigned on, uint32_t *seed)
{
	if (t->n_ops < SYS_OPS)
		t->op[t->n_ops++] = (struct sys_op){
			.act = act, .on = (uint8_t)on, .timed = pick(seed, 25) == 0};
}

static void random_op(struct sys *s, struct sys_thread *t, uint32_t *seed)
{
	static const enum sys_act ways[SYS_KINDS][4] = {
		[SYS_PIPE] = {SYS_PUT, SYS_GET, SYS_PUT, SYS_GET},
		[SYS_QUEUE] = {SYS_PUT, SYS_GET, SYS_PUT, SYS_GET},
		[SYS_JOINABLE] = {SYS_PUT, SYS_GET, SYS_DONE, SYS_JOIN},
		[SYS_MUTEX] = {SYS_LOCK, SYS_LOCK, SYS_LOCK, SYS_UNLOCK},
		[SYS_RMUTEX] = {SYS_LOCK, SYS_LOCK, SYS_LOCK, SYS_UNLOCK},
		[SYS_RWLOCK] = {SYS_LOCK, SYS_GET, SYS_GET, SYS_UNLOCK},
		[SYS_SEM] = {SYS_GET, SYS_GET, SYS_GET, SYS_PUT},
		[SYS_GATE] = {SYS_GET, SYS_PUT, SYS_GET, SYS_PUT},
		[SYS_EVENT] = {SYS_GET, SYS_GET, SYS_GET, SYS_PUT},
		[SYS_COND] = {SYS_GET, SYS_PUT, SYS_GET, SYS_PUT},
		[SYS_BARRIER] = {SYS_GET, SYS_GET, SYS_GET, SYS_GET},
	};
	unsigned       o = pick(seed, s->n_objects), other;
	struct sys_op *op;

	add_op(t, ways[s->object[o].kind][pick(seed, 4)], o, seed);
	op = &t->op[t->n_ops - 1];
	op->timed = op->timed && op->act != SYS_DONE && op->act != SYS_UNLOCK &&
		    s->object[o].kind < SYS_COND;
	if (s->n_kinds < SYS_KINDS || op->act != SYS_GET || s->object[o].kind > SYS_QUEUE ||
	    pick(seed, 5))
		return;
	other = pick(seed, s->n_objects);
	if (s->object[other].kind <= SYS_QUEUE) {
		op->act = pick(seed, 3) ? SYS_ANY : SYS_ALL;
		op->on2 = (uint8_t)other;
	}
}

/* Process @p is started by the one before it, which may wait for it later. */
static void random_spawn(struct sys *s, unsigned p, uint32_t *seed)
{
	struct sys_thread *parent = &s->thread[pick(seed, p)];

	s->process[p].spawned = true;
	add_op(parent, SYS_SPAWN, p, seed);
	parent->op[parent->n_ops - 1].timed = false;
	if (pick(seed, 2))
		random_op(s, parent, seed);
	if (pick(seed, 2)) {
		add_op(parent, SYS_WAIT, p, seed);
	}
}

static void random_end(struct sys_thread *t, uint32_t *seed)
{
	uint32_t dice = pick(seed, 20);

	if (dice < 2)
		add_op(t, dice ? SYS_RUN : SYS_DIE, 0, seed);
	if (dice < 2)
		t->op[t->n_ops - 1].timed = false;
}

void sys_random(struct sys *s, uint32_t *seed, unsigned n_kinds)
{
	memset(s, 0, sizeof(*s));
	(void)snprintf(s->name, sizeof(s->name), "%u", *seed);
	s->n_kinds = n_kinds;
	random_objects(s, seed, n_kinds);
	random_people(s, seed);
	for (unsigned p = 1; p < s->n_processes; p++)
		if (pick(seed, 4) == 0)
			random_spawn(s, p, seed);
	for (unsigned t = 0; t < s->n_threads; t++) {
		unsigned n = 2 + pick(seed, 4);

		while (s->thread[t].n_ops < n)
			random_op(s, &s->thread[t], seed);
		random_end(&s->thread[t], seed);
	}
}

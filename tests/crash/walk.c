/* walk.c - the way of a victim through its operation */

#include "walk.h"

#include "audit.h"
#include "support/test.h"

/* Often enough to come between any two stores; not for ever, or the victim would never win. */
#define MEDDLE_EVERY 61 /* steps */
#define MEDDLE_MOST  10
#define COUNTS       4096u

/* ---- what happens between steps ------------------------------------------------------ */

/* Who stands in the middle of its operation may have the registry's lock: then it has to go on. */
static void let_partner_finish(struct scene *s)
{
	if (!s->partner_stands || s->partner.at.asleep)
		return;
	s->partner_stands = false;
	step_finish(&s->partner, NULL, NULL);
}

static void on_asleep(void *arg)
{
	struct scene *s = arg;

	let_partner_finish(s);
	if (s->released)
		return;
	s->released = true;
	if (s->trial->op->play->release)
		s->trial->op->play->release(s);
}

static bool meddled(const struct scene *s)
{
	return s->trial->context->meddled && s->trial->op->play->meddle;
}

/* True: it is time, and was done. */
static bool meddle(struct scene *s, const struct stepper *t)
{
	if (!meddled(s) || t->n_total % MEDDLE_EVERY || t->n_total > MEDDLE_EVERY * MEDDLE_MOST)
		return false;
	s->trial->op->play->meddle(s);
	return true;
}

static void one_step(struct scene *s, struct stepper *t)
{
	step_once(t);
	(void)meddle(s, t);
}

/* ---- to a place -------------------------------------------------------------------------- */

static bool is_at(const struct stepper *t, const struct place *to)
{
	return t->at.n_calls == to->n_calls && t->at.pc == to->pc && t->at.nth == to->nth;
}

static void walk_to(struct scene *s, struct stepper *t, const struct place *to)
{
	if (!meddled(s))
		step_calls(t, to->n_calls, on_asleep, s);
	while (!t->ended && t->at.n_calls <= to->n_calls && !is_at(t, to)) {
		one_step(s, t);
		if (t->at.asleep)
			on_asleep(s);
	}
	if (to->asleep && is_at(t, to))
		one_step(s, t);
	s->outcome->drifted += !is_at(t, to) || t->at.asleep != to->asleep;
}

/* ---- listing ----------------------------------------------------------------------------- */

/* How often an address was listed: loops over a payload have many images that are all alike. */
static bool often(struct scene *s, uint64_t pc)
{
	static struct {
		uint64_t pc;
		unsigned n;
	} seen[COUNTS];
	unsigned i = (unsigned)(pc * UINT64_C(0x9e3779b97f4a7c15) >> 52);

	for (unsigned tries = 0; tries < COUNTS && seen[i].n && seen[i].pc != pc; tries++)
		i = (i + 1) % COUNTS;
	seen[i].pc = pc;
	return ++seen[i].n > s->trial->list_repeats;
}

static void note_place(struct scene *s, const struct place *at)
{
	struct outcome *o = s->outcome;

	if (o->n_places < PLACES_MAX && !often(s, at->pc))
		o->place[o->n_places++] = *at;
}

static void note_step(struct outcome *o, uint64_t pc)
{
	if (o->n_trail < TRAIL_MAX)
		o->trail[o->n_trail++] = (struct footstep){.pc = pc, .image = o->n_images};
}

/* One step, and what is to be said of it. */
static void list_step(struct scene *s, struct stepper *t, struct image *m)
{
	uint32_t     calls = t->at.n_calls;
	struct place before = t->at;
	bool         changed = false;

	step_once(t);
	if (t->at.asleep) {
		before.asleep = true;
		note_place(s, &before);
		on_asleep(s);
		(void)image_changed(m);
		step_once(t);
	}
	if (t->at.n_calls != calls)
		changed = image_rescan(
			m); /* and what the kernel did beside it makes a difference */
	changed |= image_changed(m);
	s->outcome->n_images += changed;
	note_step(s->outcome, t->at.pc);
	if (!t->gone && (changed || t->at.n_calls != calls || t->ended))
		note_place(s, &t->at);
	if (meddle(s, t))
		(void)image_changed(m);
}

static void walk_listing(struct scene *s, struct stepper *t)
{
	char          dir[600];
	struct image *m;

	(void)snprintf(dir, sizeof(dir), "%s/default", test_ipc_dir());
	m = image_open(dir);
	note_place(s, &t->at);
	s->outcome->n_images = 1;
	while (!t->ended)
		list_step(s, t, m);
	s->outcome->n_steps = t->n_total;
	image_close(m);
}

/* ---- standing still ------------------------------------------------------------------------- */

#define STILL_NS UINT64_C(800000000) /* more than three slices */

/* Who was let in while it stood still is done; only then may others use what it used. */
static void let_out_and_release(void *arg)
{
	struct scene *s = arg;

	scene_let_out(s);
	on_asleep(s);
}

/*
 * The victim stands where it is and is alive: nobody may take it for dead, neither who
 * uses the same object nor who comes anew and cleans up after all that are. They may have
 * to wait for it: it may have the registry's lock.
 */
static void stand_still(struct scene *s, struct stepper *t)
{
	const struct play *play = s->trial->op->play;
	struct numbers     after;
	uint64_t           until = test_now() + STILL_NS;
	bool               member = audit_lives(s, t->pid);

	scene_let_in(s);
	while (test_now() < until)
		test_pause();
	audit_count(s, &after);
	if (after.reaped > s->trial->op->child_dies || (member && !audit_lives(s, t->pid)))
		scene_found(s, FOUND_FALSE_DEATH, "taken for dead while it stood still");
	step_finish(t, let_out_and_release, s); /* whatever it waits for comes */
	scene_let_out(s);
	/* and so it does if it need not wait: while it is there to take it */
	if (!s->released && play->release && (s->trial->op->gets > 0) != s->trial->context->full)
		on_asleep(s);
	step_release(t);
}

/* ---- the whole ---------------------------------------------------------------------------- */

void walk(struct scene *s, unsigned i, pid_t pid)
{
	const struct trial   *trial = s->trial;
	static struct stepper local;
	struct stepper       *t = i == 0 ? &s->victim : &local;

	if (i > 0 || !s->victim_begun)
		step_begin(t, pid);
	if (i == 0 && trial->op->play->ready)
		trial->op->play->ready(s);
	if (i < trial->n_kills) {
		walk_to(s, t, &trial->kill[i]);
		if (trial->ending == END_STOPPED)
			stand_still(s, t);
		else
			step_kill(t);
		scene_since_now(s);
		return;
	}
	if (trial->list == i + 1)
		walk_listing(s, t);
	step_release(t);
	if (i > 0 && test_wait(pid) != 0)
		scene_fail(s, "a newcomer failed");
}

/*
 * The victim first: a child of a fork enters the domain by itself, and the partner may be made
 * to stand where it has the registry locked.
 */
void walk_partner(struct scene *s, pid_t pid)
{
	step_begin(&s->victim, s->victim.pid);
	s->victim_begun = true;
	step_begin(&s->partner, pid);
	walk_to(s, &s->partner, &s->trial->partner_at);
	s->partner_stands = true;
}

void walk_on(struct scene *s)
{
	pid_t pid = s->partner.pid;

	if (s->trial->partner_dies) {
		step_kill(&s->partner);
		scene_since_now(s);
		return;
	}
	s->partner_stands = false;
	step_finish(&s->partner, on_asleep, s); /* the dead may have had all that there was */
	step_release(&s->partner);
	scene_wait(s, pid, "the partner");
}

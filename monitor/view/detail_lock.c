/*
 * detail_lock.c - all about one lock
 */
#include "view/render.h"

#include <inttypes.h>
#include <stdio.h>

#include "text/number.h"
#include "view/words.h"

static const char *hold_word(enum ipc_hold_kind kind)
{
	switch (kind) {
	case IPC_HOLD_MUTEX: return "holds it";
	case IPC_HOLD_WRITE: return "holds it to write";
	case IPC_HOLD_READ: return "holds it to read";
	case IPC_HOLD_PERMIT: return "has a permit of it";
	case IPC_HOLD_ARRIVAL: return "has come, and waits";
	}
	return "holds it";
}

/* What a thread that holds a lock does meanwhile: that is why the others wait. */
static void does_what(struct page *page, const struct frame *f, uint32_t thread)
{
	uint32_t wait = f->s->threads[thread].wait;

	if (f->s->processes[f->s->threads[thread].process].life == IPC_OBS_DEAD)
		page_add(page, ROLE_DEAD, 4, "    died with it");
	else if (wait == IPC_NO_INDEX)
		page_add(page, ROLE_OK, 4, "    it is running");
	else
		page_printf(page, ROLE_NOTICE, 6, "    itself asleep %s in %s  at %s",
			    number_duration(f->waits[wait].age_ns).text, f->s->waits[wait].text,
			    f->waits[wait].site[0] != 0 ? f->waits[wait].site : "?");
}

static void one_hold(struct page *page, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_hold    *h = &f->s->holds[i];
	const struct ipc_obs_thread  *t = &f->s->threads[h->thread];
	const struct ipc_obs_process *p = &f->s->processes[t->process];
	char                          since[64] = "";

	if (h->since_ns != IPC_UNKNOWN && f->s->t_mono_ns > h->since_ns)
		snprintf(since, sizeof(since), " since %s",
			 number_duration(f->s->t_mono_ns - h->since_ns).text);
	page_printf(page, ROLE_NORMAL, 4, "  %" PRIu64 "/%s thread %" PRIu64 " %s%s%s%s", p->pid,
		    p->name, t->tid, hold_word(h->kind), since,
		    f->holds[i].site[0] != 0 ? "  at " : "", f->holds[i].site);
	does_what(page, f, h->thread);
}

static void lock_holds(struct page *page, const struct frame *f, const struct lock_stat *l)
{
	page_title(page, "Who has it");
	for (uint32_t i = 0; i < f->s->n_holds; i++)
		if (lock_has_hold(f, l, i))
			one_hold(page, f, i);
	if (l->n_holds > 0)
		return;
	if (l->owner == IPC_NO_INDEX) {
		page_add(page, ROLE_DIM, 2, l->n_waits > 0 ? "  not known" : "  nobody");
		return;
	}
	page_printf(page, ROLE_NORMAL, 2, "  thread %" PRIu64 " of %s", f->s->threads[l->owner].tid,
		    f->s->processes[f->s->threads[l->owner].process].name);
	does_what(page, f, l->owner);
}

static void lock_waits(struct page *page, const struct frame *f, const struct lock_stat *l)
{
	page_title(page, "Who waits for it");
	for (uint32_t i = 0; i < f->s->n_waits; i++)
		if (lock_has_wait(f, l, i))
			page_printf(page, ROLE_NORMAL, 4, "  %s %s in %s  at %s",
				    words_who(f, &f->s->waits[i]).text,
				    number_duration(f->waits[i].age_ns).text, f->s->waits[i].text,
				    f->waits[i].site[0] != 0 ? f->waits[i].site : "?");
	if (l->n_waits == 0)
		page_add(page, ROLE_DIM, 2, "  nobody");
}

static void lock_place(struct page *page, const struct frame *f, const struct lock_stat *l)
{
	if (l->channel == IPC_NO_INDEX)
		page_printf(page, ROLE_NORMAL, 2,
			    "It lies in the memory of process %" PRIu64 " \"%s\".",
			    f->s->processes[l->process].pid, f->s->processes[l->process].name);
	else if (locks_is_block(f->s->channels[l->channel].kind))
		page_printf(page, ROLE_NORMAL, 2,
			    "It lies in %s \"%s\", %" PRIu64 " bytes from its beginning.",
			    ipc_kind_name(f->s->channels[l->channel].kind),
			    f->s->channels[l->channel].name, l->offset);
	else
		page_printf(page, ROLE_NORMAL, 2,
			    "It is an object of its own, of %" PRIu32 " processes.",
			    f->s->channels[l->channel].n_ends);
}

void detail_lock(struct page *page, const struct frame *f, uint32_t i, const struct ui *ui)
{
	const struct lock_stat *l = &f->locks[i];

	page_printf(page, ROLE_ACCENT, 2, "%s %s", l->kind != 0 ? ipc_kind_name(l->kind) : "lock",
		    words_lock(f, l).text);
	lock_place(page, f, l);
	page_printf(page, ROLE_NORMAL, 2,
		    "Waited for by %" PRIu32 " thread%s now; %s in all since it is watched.",
		    l->n_waits, l->n_waits == 1 ? "" : "s", number_duration(l->caused_ns).text);
	if (l->verdict != IPC_NO_INDEX) {
		page_title(page, "It is part of this");
		detail_finding(page, f, l->verdict, ui);
	}
	lock_holds(page, f, l);
	lock_waits(page, f, l);
}

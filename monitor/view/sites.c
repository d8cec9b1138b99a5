/*
 * sites.c - the lines of source that the selected object has to do with
 *
 * Who sleeps has a wait with its site; who runs has the places where it last put,
 * got and took a lock. Which of them concern an object is the question here.
 */
#include "text/utf8.h"
#include "view/render.h"
#include "view/ui_parts.h"

#include <inttypes.h>

#include "text/number.h"
#include "view/words.h"

/* What an object is about, as indices; IPC_NO_INDEX where it is about none. */
struct about {
	uint32_t finding, wait, process, channel, lock;
};

static struct about about(const struct frame *f, struct object o, uint32_t i)
{
	struct about a = {IPC_NO_INDEX, IPC_NO_INDEX, IPC_NO_INDEX, IPC_NO_INDEX, IPC_NO_INDEX};

	switch (o.kind) {
	case OBJECT_FINDING: a.finding = i; break;
	case OBJECT_WAIT: a.wait = i; break;
	case OBJECT_PROCESS: a.process = i; break;
	case OBJECT_LOCK: a.lock = i; break;
	case OBJECT_EVENT: break;
	case OBJECT_CHAIN:
		a.wait = f->chain.lines[i].wait;
		if (a.wait == IPC_NO_INDEX)
			a.process = f->chain.lines[i].process;
		break;
	default: a.channel = i; break; /* the other kinds are channels, seen otherwise */
	}
	/* Of a wait, too, the other ends of its channel: one of them would have to act. */
	if (a.wait != IPC_NO_INDEX)
		a.channel = f->s->waits[a.wait].channel;
	return a;
}

static int is_in(const uint32_t *v, size_t n, uint32_t i)
{
	size_t k = 0;

	while (k < n && v[k] != i)
		k++;
	return k < n;
}

static int concerns_wait(const struct frame *f, const struct about *a, uint32_t i)
{
	const struct ipc_obs_verdict *v = a->finding != IPC_NO_INDEX ? &f->s->verdicts[a->finding]
								     : NULL;
	const struct ipc_obs_wait    *w = &f->s->waits[i];

	return i == a->wait || f->s->threads[w->thread].process == a->process ||
	       (v != NULL && (is_in(v->core, v->n_core, i) || is_in(v->behind, v->n_behind, i))) ||
	       (a->channel != IPC_NO_INDEX && w->channel == a->channel) ||
	       (a->lock != IPC_NO_INDEX && lock_has_wait(f, &f->locks[a->lock], i));
}

static int concerns_hold(const struct frame *f, const struct about *a, uint32_t i)
{
	const struct ipc_obs_hold *h = &f->s->holds[i];

	return f->s->threads[h->thread].process == a->process ||
	       (a->channel != IPC_NO_INDEX && h->channel == a->channel) ||
	       (a->lock != IPC_NO_INDEX && lock_has_hold(f, &f->locks[a->lock], i));
}

static const char *known(const char *site)
{
	return site[0] != 0 ? site : "a place that is not known";
}

static void line(struct page *page, const char *what, const char *site)
{
	page_printf(page, ROLE_NORMAL, 4, "  %s", what);
	page_printf(page, ROLE_ACCENT, 4, "      %s", known(site));
}

static size_t waits(struct page *page, const struct frame *f, const struct about *a)
{
	char   what[512];
	size_t n = 0;

	for (uint32_t i = 0; i < f->s->n_waits; i++) {
		if (!concerns_wait(f, a, i))
			continue;
		if (n++ == 0)
			page_title(page, "Asleep in");
		snprintf(what, sizeof(what), "%.160s  %s  %.160s",
			 utf8_part(words_who(f, &f->s->waits[i]).text, 160).text,
			 number_duration(f->waits[i].age_ns).text,
			 utf8_part(f->s->waits[i].text, 160).text);
		line(page, what, f->waits[i].site);
	}
	return n;
}

static size_t holds(struct page *page, const struct frame *f, const struct about *a)
{
	char   what[160];
	size_t n = 0;

	for (uint32_t i = 0; i < f->s->n_holds; i++) {
		const struct ipc_obs_thread *t = &f->s->threads[f->s->holds[i].thread];

		if (!concerns_hold(f, a, i))
			continue;
		if (n++ == 0)
			page_title(page, "Locks taken at");
		snprintf(what, sizeof(what), "%" PRIu64 "/%.80s", f->s->processes[t->process].pid,
			 t->name);
		line(page, what, f->holds[i].site);
	}
	return n;
}

static size_t ends(struct page *page, const struct frame *f, const struct about *a)
{
	size_t n = 0;

	for (uint32_t i = 0; i < f->s->n_ends; i++) {
		const struct ipc_obs_end     *e = &f->s->ends[i];
		const struct ipc_obs_process *p = &f->s->processes[e->process];
		const struct end_stat        *st = &f->ends[i];

		if ((e->process != a->process && e->channel != a->channel) ||
		    (st->out_site[0] == 0 && st->in_site[0] == 0))
			continue;
		if (n++ == 0)
			page_title(page, "Last put and got, as far as sampled");
		page_printf(page, ROLE_NORMAL, 4, "  %" PRIu64 "/%s  %s", p->pid, p->name,
			    f->s->channels[e->channel].name);
		if (st->out_site[0] != 0)
			page_printf(page, ROLE_ACCENT, 10, "      put %s", st->out_site);
		if (st->in_site[0] != 0)
			page_printf(page, ROLE_ACCENT, 10, "      got %s", st->in_site);
	}
	return n;
}

void sites_page(struct page *page, const struct frame *f, const struct ui *ui)
{
	uint32_t     i = object_index(f, ui->detail);
	struct about a;

	if (i == IPC_NO_INDEX) {
		page_add(page, ROLE_DIM, 0, "It is gone. Esc goes back.");
		return;
	}
	a = about(f, ui->detail, i);
	if (waits(page, f, &a) + holds(page, f, &a) + ends(page, f, &a) == 0)
		page_add(page, ROLE_DIM, 0,
			 "Nobody sleeps here, holds a lock, or was seen to put or get yet.");
}

unsigned ui_sites(struct ui *ui, const struct frame *f, int arg)
{
	struct object o = f->s != NULL ? ui_subject(ui, f) : (struct object){0};

	if (ui->mode == MODE_SITES)
		return ui_back(ui, f, arg);
	if (o.id == 0)
		return 0;
	ui->detail = o;
	ui->mode = MODE_SITES;
	ui->scroll = 0;
	return 0;
}

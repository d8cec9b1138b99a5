/*
 * detail_channel.c - all about one channel
 */
#include "view/detail.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text/number.h"
#include "view/plot.h"
#include "view/words.h"

#define HISTOGRAM_LINES 16

static void ring_depth(struct page *page, const struct ipc_obs_ring *r)
{
	char   bar[BAR_BYTES];
	double cap = (double)r->capacity;

	if (r->capacity == 0) {
		page_printf(page, ROLE_NORMAL, 2, "  depth  %s, unlimited; high-water mark %s",
			    number_count(r->queued).text, number_count(r->high_water).text);
	} else {
		bar_level(bar, 32, (double)r->queued / cap, (double)r->high_water / cap,
			  page->caps.utf8);
		page_printf(page, bar_role((double)r->queued / cap), 2,
			    "  depth  %s/%s %s high-water mark %s", number_count(r->queued).text,
			    number_count(r->capacity).text, bar, number_count(r->high_water).text);
	}
	page_printf(page, ROLE_NORMAL, 2,
		    "  oldest %s; latency p50 %s p99 %s max %s; payload on the heap %s",
		    number_duration(r->oldest_ns).text, number_duration(r->p50_ns).text,
		    number_duration(r->p99_ns).text, number_duration(r->max_ns).text,
		    number_bytes_unit(r->heap_bytes).text);
}

static void ring_losses(struct page *page, const struct ipc_obs_ring *r)
{
	if (r->abandoned > 0)
		page_printf(page, ROLE_WARN, 2,
			    "  %" PRIu64 " messages were never finished by their senders",
			    r->abandoned);
	if (r->taken_by_dead > 0)
		page_printf(page, ROLE_WARN, 2,
			    "  %" PRIu64 " messages were taken by processes that died with them",
			    r->taken_by_dead);
	if (r->shut)
		page_add(page, ROLE_NOTICE, 2, "  shut down: no more goes in");
}

/* ---- histogram -------------------------------------------------------------------- */

struct bucket {
	uint64_t bound_ns, count;
};

/* The buckets from the first to the last that count, several to a line so that all fit. */
static size_t condense(const struct ipc_snapshot *s, const struct ipc_obs_ring *r,
		       struct bucket *ret)
{
	unsigned first = 0, last = IPC_OBS_HIST, each;
	size_t   n = 0;

	if (r->hist == NULL)
		return 0;
	while (first < IPC_OBS_HIST && r->hist[first] == 0)
		first++;
	while (last > first && r->hist[last - 1] == 0)
		last--;
	each = (last - first + HISTOGRAM_LINES - 1) / HISTOGRAM_LINES;
	for (unsigned i = first; i < last; i += each, n++) {
		ret[n] = (struct bucket){0, 0};
		for (unsigned k = i; k < i + each && k < last; k++) {
			ret[n].count += r->hist[k];
			ret[n].bound_ns = ipc_obs_hist_ns(s, k);
		}
	}
	return n;
}

static void ring_histogram(struct page *page, const struct ipc_snapshot *s,
			   const struct ipc_obs_ring *r)
{
	struct bucket buckets[HISTOGRAM_LINES];
	size_t        n = condense(s, r, buckets);
	uint64_t      most = 0;
	char          bar[BAR_BYTES];

	if (n == 0)
		return;
	page_add(page, ROLE_NORMAL, 2, "  sampled, since the ends were made:");
	for (size_t i = 0; i < n; i++)
		most = buckets[i].count > most ? buckets[i].count : most;
	for (size_t i = 0; i < n; i++) {
		bar_level(bar, 34, (double)buckets[i].count / (double)most, 0, page->caps.utf8);
		page_printf(page, ROLE_MOVING, 2, "  up to %6s %6s %s",
			    number_duration(buckets[i].bound_ns).text,
			    number_count(buckets[i].count).text, bar);
	}
}

static void channel_rings(struct page *page, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];

	for (uint32_t k = 0; k < c->n_rings; k++) {
		const struct ipc_obs_ring *r = &c->ring[k];

		page_title(page, c->n_rings == 1 ? "Messages"
				 : k == 0        ? "Messages there"
						 : "Messages back");
		ring_depth(page, r);
		page_printf(page, r->blocked_senders > 0 ? ROLE_WARN : ROLE_NORMAL, 2,
			    "  asleep now: %" PRIu32 " to put, %" PRIu32 " to get",
			    r->blocked_senders, r->blocked_receivers);
		if (c->n_rings == 1)
			detail_outlook(page, r, f->channels[i].put, f->channels[i].get);
		ring_losses(page, r);
	}
	if (f->channels[i].full_ns > 0 || f->channels[i].empty_ns > 0)
		page_printf(page, ROLE_NORMAL, 2, "  seen full for %s, empty for %s",
			    number_duration(f->channels[i].full_ns).text,
			    number_duration(f->channels[i].empty_ns).text);
}

static struct ipc_obs_flow both(const struct ipc_obs_channel *c, int out)
{
	struct ipc_obs_flow sum = {0};

	for (uint32_t k = 0; k < c->n_rings; k++) {
		const struct ipc_obs_flow *f = out ? &c->ring[k].out : &c->ring[k].in;

		/* The ring knows of those, too, whose ends are not counted yet. */
		sum.messages += out ? c->ring[k].sent : c->ring[k].received;
		sum.bytes += f->bytes;
		sum.blocks += f->blocks;
		sum.blocked_ns += f->blocked_ns;
		sum.timeouts += f->timeouts;
	}
	return sum;
}

static void channel_counters(struct page *page, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];
	const struct channel_stat    *st = &f->channels[i];
	struct counters               two[2] = {
			      {"put",
			       both(c, 1),
			       {st->put, st->put_bytes, st->put_blocks, st->put_timeouts, st->blocked_put}},
			      {"get",
			       both(c, 0),
			       {st->get, st->get_bytes, st->get_blocks, st->get_timeouts, st->blocked_get}},
        };

	if (c->n_rings == 0)
		return;
	page_title(page,
		   c->n_rings > 1 ? "Since it was made, both ways together" : "Since it was made");
	detail_counters(page, two);
}

static void channel_histograms(struct page *page, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];

	for (uint32_t k = 0; k < c->n_rings; k++) {
		if (c->ring[k].max_ns == IPC_UNKNOWN)
			continue;
		page_title(page, c->n_rings == 1 ? "Put to get"
				 : k == 0        ? "Put to get, there"
						 : "Put to get, back");
		ring_histogram(page, f->s, &c->ring[k]);
	}
}

/* ---- who holds it, who waits for it -------------------------------------------------- */

static void rights_text(char *ret, size_t size, const struct ipc_obs_channel *c, uint32_t rights)
{
	static const struct {
		uint32_t    right;
		const char *one, *of_two;
	} words[] = {
		{IPC_RIGHT_SEND0, "put", "send there"},
		{IPC_RIGHT_RECV0, "get", "receive there"},
		{IPC_RIGHT_SEND1, "put", "send back"},
		{IPC_RIGHT_RECV1, "get", "receive back"},
		{IPC_RIGHT_DONE, "task_done", "task_done"},
		{IPC_RIGHT_MAP, "map", "map"},
	};
	size_t n = 0;

	ret[0] = 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((rights & words[i].right) != 0 && n < size)
			n += (size_t)snprintf(ret + n, size - n, "%s%s", n > 0 ? ", " : "",
					      c->n_rings == 2 ? words[i].of_two : words[i].one);
}

static void channel_ends(struct page *page, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];
	char                          rights[96];

	page_title(page, "Who holds it, and what for");
	for (uint32_t k = c->first_end; k < c->first_end + c->n_ends; k++) {
		const struct ipc_obs_end     *e = &f->s->ends[k];
		const struct ipc_obs_process *p = &f->s->processes[e->process];

		rights_text(rights, sizeof(rights), c, e->rights);
		page_printf(page, p->life == IPC_OBS_DEAD ? ROLE_DEAD : ROLE_NORMAL, 4,
			    "  %" PRIu64 " %s%s: may %s; put %s (%s/s), got %s (%s/s)%s", p->pid,
			    p->name, p->life == IPC_OBS_DEAD ? " (dead)" : "", rights,
			    number_count(e->out.messages).text, number_rate(f->ends[k].out).text,
			    number_count(e->in.messages).text, number_rate(f->ends[k].in).text,
			    c->n_rings > 0 && e->out.messages + e->in.messages == 0
				    ? " (never used it)"
				    : "");
		detail_end_sites(page, f, k);
		if (e->owed > 0)
			page_printf(page, ROLE_NOTICE, 4,
				    "    owes task_done for %" PRIu64 " tasks", e->owed);
	}
	if (c->n_ends == 0)
		page_add(page, ROLE_DIM, 2, "  nobody");
}

static void channel_waits(struct page *page, const struct frame *f, uint32_t i)
{
	int any = 0;

	for (uint32_t k = 0; k < f->s->n_waits; k++) {
		const struct ipc_obs_wait *w = &f->s->waits[k];

		if (w->channel != i)
			continue;
		if (!any)
			page_title(page, "Who sleeps here");
		any = 1;
		page_printf(page, ROLE_NORMAL, 4, "  %s %s in %s  at %s", words_who(f, w).text,
			    number_duration(f->waits[k].age_ns).text, w->text,
			    f->waits[k].site[0] != 0 ? f->waits[k].site : "?");
	}
}

void detail_channel(struct page *page, const struct frame *f, uint32_t i, const struct ui *ui)
{
	const struct ipc_obs_channel *c = &f->s->channels[i];

	page_printf(page, ROLE_ACCENT, 2, "%s \"%s\"%s%s, made %s ago", ipc_kind_name(c->kind),
		    c->name, c->named ? ", can be opened by name" : "",
		    c->simplex ? ", one way" : "",
		    number_duration(
			    f->s->t_mono_ns > c->created_ns ? f->s->t_mono_ns - c->created_ns : 0)
			    .text);
	if (c->size_bytes != IPC_UNKNOWN)
		page_printf(page, ROLE_NORMAL, 2, "Size: %s",
			    number_bytes_unit(c->size_bytes).text);
	if (c->unfinished != IPC_UNKNOWN)
		page_printf(page, ROLE_NORMAL, 2, "Tasks: %" PRIu64 " put and not done",
			    c->unfinished);
	if (c->requeued > 0)
		page_printf(page, ROLE_WARN, 2,
			    "%" PRIu64 " tasks came back from processes that died, %" PRIu64
			    " of them wait to be got again",
			    c->requeued, c->returned);
	if (c->tasks_failed > 0 && c->tasks_failed != IPC_UNKNOWN)
		page_printf(page, ROLE_WARN, 2,
			    "%" PRIu64
			    " tasks were owed by processes that died, the last of them %" PRIu64,
			    c->tasks_failed, c->failed_pid);
	if (f->channels[i].verdict != IPC_NO_INDEX) {
		page_title(page, f->channels[i].behind ? "Who waits here hangs behind this"
						       : "It is part of this");
		detail_finding(page, f, f->channels[i].verdict, ui);
	}
	channel_rings(page, f, i);
	channel_counters(page, f, i);
	if (c->n_rings > 0)
		detail_channel_history(page, f, i, plot_height(ui->rows));
	channel_histograms(page, f, i);
	channel_ends(page, f, i);
	channel_waits(page, f, i);
}

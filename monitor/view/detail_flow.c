/*
 * detail_flow.c - counters and how they change: what pages of channels and processes share
 */
#include "view/detail.h"

#include <math.h>
#include <stdio.h>

#include "text/number.h"
#include "view/plot.h"

/* ---- counters ---------------------------------------------------------------------- */

static void head(struct page *page, const struct counters *c)
{
	page_printf(page, ROLE_DIM, 2, "  %-10s %10s %10s %10s %10s", "", c[0].name, "a second",
		    c[1].name, "a second");
}

static void row(struct page *page, const char *name, struct number a, struct number a_rate,
		struct number b, struct number b_rate)
{
	page_printf(page, ROLE_NORMAL, 2, "  %-10s %10s %10s %10s %10s", name, a.text, a_rate.text,
		    b.text, b_rate.text);
}

void detail_counters(struct page *page, const struct counters c[2])
{
	const struct ipc_obs_flow *a = &c[0].total, *b = &c[1].total;

	head(page, c);
	row(page, "messages", number_count(a->messages), number_rate(c[0].rate.messages),
	    number_count(b->messages), number_rate(c[1].rate.messages));
	row(page, "bytes", number_bytes_unit(a->bytes), number_byte_rate(c[0].rate.bytes),
	    number_bytes_unit(b->bytes), number_byte_rate(c[1].rate.bytes));
	row(page, "sleeps", number_count(a->blocks), number_rate(c[0].rate.blocks),
	    number_count(b->blocks), number_rate(c[1].rate.blocks));
	row(page, "asleep", number_duration(a->blocked_ns), number_rate(c[0].rate.asleep),
	    number_duration(b->blocked_ns), number_rate(c[1].rate.asleep));
	row(page, "timeouts", number_count(a->timeouts), number_rate(c[0].rate.timeouts),
	    number_count(b->timeouts), number_rate(c[1].rate.timeouts));
}

/* ---- two minutes ----------------------------------------------------------------------- */

static struct number as_percent(double v)
{
	return number_percent(100 * v);
}

static struct number as_duration(double v)
{
	return number_duration(number_whole(v));
}

static void series(struct page *page, const char *label, enum role role, const struct history *h,
		   const history_number *values, struct number (*text)(double), double scale,
		   int height)
{
	struct plot p = {.label = label, .role = role, .text = text, .scale = scale};

	plot_history(&p, h, values);
	plot_add(page, &p, height);
}

void detail_history(struct page *page, const struct history *h, const char *out, const char *in,
		    int height)
{
	if (h == NULL || height == 0)
		return;
	page_title(page, "Two minutes");
	series(page, out, ROLE_MOVING, h, h->put, number_rate, 0, height);
	series(page, in, ROLE_MOVING, h, h->get, number_rate, 0, height);
	series(page, "asleep", ROLE_WARN, h, h->blocked, number_rate, 0, height);
}

void detail_channel_history(struct page *page, const struct frame *f, uint32_t i, int height)
{
	const struct channel_stat *st = &f->channels[i];
	struct plot                p = {.label = "p99", .role = ROLE_NOTICE, .text = as_duration};

	detail_history(page, st->history, "put/s", "get/s", height);
	if (st->history == NULL || height == 0)
		return;
	series(page, "full %", ROLE_OK, st->history, st->history->fill, as_percent, 1, height);
	plot_p99(&p, st->latency, f->s);
	plot_add(page, &p, height);
}

/* ---- where it leads ---------------------------------------------------------------------- */

void detail_outlook(struct page *page, const struct ipc_obs_ring *r, double put, double get)
{
	double left = (double)r->capacity - (double)r->queued, queued = (double)r->queued;

	if (isnan(put) || isnan(get) || (queued == 0 && put <= get))
		return;
	if (put > get && r->capacity > 0 && left > 0)
		page_printf(page, ROLE_NOTICE, 2, "  at these rates full in %s",
			    as_duration(1e9 * left / (put - get)).text);
	else if (put > get && r->capacity == 0)
		page_printf(page, ROLE_NOTICE, 2, "  grows by %s messages a second, without limit",
			    number_rate(put - get).text);
	else if (get > put)
		page_printf(page, ROLE_OK, 2, "  at these rates empty in %s",
			    as_duration(1e9 * queued / (get - put)).text);
	else if (get > 0)
		page_printf(page, ROLE_NORMAL, 2, "  steady; what is in it would be taken in %s",
			    as_duration(1e9 * queued / get).text);
	else
		page_add(page, ROLE_WARN, 2, "  nothing moves");
}

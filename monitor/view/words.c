#include "view/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/mem.h"
#include "text/number.h"
#include "text/utf8.h"

/* From here on a full channel whose senders sleep is worth the first line. Picked, not measured. */
#define SATURATED_FILL    0.9
#define SATURATED_BLOCKED 0.2 /* threads asleep on average */

const char *words_class(enum ipc_verdict_class class_)
{
	switch (class_) {
	case IPC_DEADLOCK: return "DEADLOCK";
	case IPC_ORPHANED: return "ORPHANED WAIT";
	case IPC_SUSPECTED: return "SUSPECTED";
	case IPC_STALLED: return "STALLED";
	case IPC_STOPPED: return "STOPPED";
	case IPC_TIMED: return "TIMED";
	case IPC_LOST_WAKEUP: return "LOST WAKE-UP";
	case IPC_POISONED: return "POISONED";
	}
	return "UNKNOWN";
}

enum role words_role(enum ipc_verdict_class class_)
{
	switch (frame_grade(class_)) {
	case IPC_GRADE_CRITICAL: return ROLE_CRITICAL;
	case IPC_GRADE_WARNING: return ROLE_WARN;
	default: return ROLE_NOTICE;
	}
}

/* A headline opens with the class; where that is said already, what follows is enough. */
static const char *behind_class(const char *headline)
{
	const char *rest = headline + strspn(headline, "ABCDEFGHIJKLMNOPQRSTUVWXYZ- ");

	if (*rest != ':' && *rest != '(')
		return headline;
	return rest + strspn(rest, ": ");
}

struct words words_verdict(const struct frame *f, const struct ipc_obs_verdict *v)
{
	struct words r = {.role = words_role(v->class_)};
	uint64_t     age = f->s->t_mono_ns > v->since_ns ? f->s->t_mono_ns - v->since_ns : 0;

	snprintf(r.text, sizeof(r.text), "%s %s  %.450s", words_class(v->class_),
		 number_duration(age).text, utf8_part(behind_class(v->headline), 450).text);
	return r;
}

/* The full channel its senders wait for most; IPC_NO_INDEX: none that matters. */
static uint32_t most_saturated(const struct frame *f)
{
	uint32_t worst = IPC_NO_INDEX;
	double   most = SATURATED_BLOCKED;

	for (uint32_t i = 0; i < f->s->n_channels; i++) {
		const struct channel_stat *c = &f->channels[i];

		if (c->fill >= SATURATED_FILL && c->blocked_put > most) {
			most = c->blocked_put;
			worst = i;
		}
	}
	return worst;
}

#define RECEIVERS_NAMED 3

/* Those who do take messages from it, and not enough. */
static void name_receivers(const struct frame *f, const struct ipc_obs_channel *c, uint32_t ring,
			   char *ret, size_t size)
{
	uint32_t right = ring == 0 ? IPC_RIGHT_RECV0 : IPC_RIGHT_RECV1;
	size_t   n = 0, used = 0;

	ret[0] = 0;
	for (uint32_t i = c->first_end; i < c->first_end + c->n_ends; i++) {
		const struct ipc_obs_end     *e = &f->s->ends[i];
		const struct ipc_obs_process *p = &f->s->processes[e->process];

		if ((e->rights & right) == 0 || e->in.messages == 0)
			continue;
		if (++n <= RECEIVERS_NAMED)
			used += (size_t)snprintf(ret + used, size - used,
						 "%s%.24s %" PRIu64 "%s%.48s", n > 1 ? ", " : " ",
						 utf8_part(p->name, 24).text, p->pid,
						 f->ends[i].in_site[0] != 0 ? " at " : "",
						 utf8_part(f->ends[i].in_site, 48).text);
	}
	if (n > RECEIVERS_NAMED)
		snprintf(ret + used, size - used, " and %zu more", n - RECEIVERS_NAMED);
}

/* Who is too slow is the news where nobody is stuck. */
static int saturated(const struct frame *f, struct words *ret)
{
	uint32_t i = most_saturated(f);
	char     who[320];

	if (i == IPC_NO_INDEX)
		return 0;
	const struct ipc_obs_channel *c = &f->s->channels[i];
	const struct ipc_obs_ring    *ring = &c->ring[f->channels[i].ring];

	name_receivers(f, c, f->channels[i].ring, who, sizeof(who));
	snprintf(ret->text, sizeof(ret->text),
		 "SATURATED  %s \"%.63s\" %s/%s: %.1f senders asleep on average, too slow:%.300s",
		 ipc_kind_name(c->kind), c->name, number_count(ring->queued).text,
		 number_count(ring->capacity).text, f->channels[i].blocked_put,
		 who[0] != 0 ? who : " nobody takes from it");
	ret->role = ROLE_WARN;
	return 1;
}

int words_all_dead(const struct frame *f)
{
	for (size_t i = 0; i < f->s->n_processes; i++)
		if (f->s->processes[i].life != IPC_OBS_DEAD)
			return 0;
	return f->s->n_processes > 0;
}

struct words words_summary(const struct frame *f)
{
	const struct ipc_snapshot *s = f->s;
	struct words               r = {.role = ROLE_OK};

	if (s->n_verdicts > 0 && frame_grade(s->verdicts[0].class_) > IPC_GRADE_OK)
		return words_verdict(f, &s->verdicts[0]);
	if (saturated(f, &r))
		return r;
	if (words_all_dead(f)) {
		snprintf(r.text, sizeof(r.text),
			 "DEAD  none of %zu processes is alive; this is what they left",
			 s->n_processes);
		r.role = ROLE_NOTICE;
		return r;
	}
	if (s->n_processes == 0)
		snprintf(r.text, sizeof(r.text), "OK  no process is here");
	else if (s->n_waits == 0)
		snprintf(r.text, sizeof(r.text), "OK  no thread is waiting");
	else
		snprintf(r.text, sizeof(r.text),
			 "OK  nobody is stuck; %zu of %zu threads wait, the longest %s in %.160s",
			 s->n_waits, s->n_threads, number_duration(f->waits[0].age_ns).text,
			 utf8_part(s->waits[0].text, 160).text);
	return r;
}

/* ---- the explanation ---------------------------------------------------------- */

static void append(char **text, size_t *n, const char *more, size_t n_more)
{
	*text = mem_grow(*text, *n + n_more + 1, 1);
	memcpy(*text + *n, more, n_more);
	*n += n_more;
	(*text)[*n] = 0;
}

/* Line 0 is the headline, line 1 + k describes core[k], then come the reasons. */
static const char *site_of_line(const struct frame *f, const struct ipc_obs_verdict *v, size_t i)
{
	const char *site;

	if (i == 0 || i > v->n_core || i > IPC_OBS_TEXT_CORE)
		return NULL;
	site = f->waits[v->core[i - 1]].site;
	return site[0] != 0 ? site : NULL;
}

char *words_explanation(const struct frame *f, const struct ipc_obs_verdict *v)
{
	const char *line = v->text;
	char       *r = mem_string("");
	size_t      n = 0;

	for (size_t i = 0; *line != 0; i++) {
		const char *end = strchr(line, '\n');
		size_t      len = end != NULL ? (size_t)(end - line) : strlen(line);
		const char *site = site_of_line(f, v, i);

		append(&r, &n, line, len);
		if (site != NULL) {
			append(&r, &n, "  at ", 5);
			append(&r, &n, site, strlen(site));
		}
		append(&r, &n, "\n", 1);
		line += len + (end != NULL);
	}
	return r;
}

/* ---- one wait --------------------------------------------------------------------- */

const char *words_op(enum ipc_op op)
{
	return op == IPC_OP_PROC ? "join" : ipc_op_name(op);
}

struct words words_who(const struct frame *f, const struct ipc_obs_wait *w)
{
	const struct ipc_obs_thread  *t = frame_thread(f, w);
	const struct ipc_obs_process *p = frame_process(f, w);
	struct words r = {.role = p->life == IPC_OBS_DEAD ? ROLE_DEAD : ROLE_NORMAL};

	if (p->n_threads <= 1)
		snprintf(r.text, sizeof(r.text), "%" PRIu64 "/%.63s", p->pid, p->name);
	else if (t->name[0] != 0 && strcmp(t->name, p->name) != 0)
		snprintf(r.text, sizeof(r.text), "%" PRIu64 "/%.63s:%.63s", p->pid, p->name,
			 t->name);
	else
		snprintf(r.text, sizeof(r.text), "%" PRIu64 "/%.63s:%" PRIu64, p->pid, p->name,
			 t->tid);
	return r;
}

struct words words_lock(const struct frame *f, const struct lock_stat *l)
{
	struct words r = {.role = ROLE_NORMAL};

	if (l->channel == IPC_NO_INDEX)
		snprintf(r.text, sizeof(r.text), "%" PRIu64 ":0x%" PRIx64,
			 f->s->processes[l->process].pid, l->offset);
	else if (locks_is_block(f->s->channels[l->channel].kind))
		snprintf(r.text, sizeof(r.text), "%.63s+0x%" PRIx64,
			 f->s->channels[l->channel].name, l->offset);
	else
		utf8_copy(r.text, sizeof(r.text), f->s->channels[l->channel].name);
	return r;
}

struct words words_on(const struct frame *f, const struct ipc_obs_wait *w)
{
	struct words r = {.role = ROLE_NORMAL};
	const char  *name = w->channel != IPC_NO_INDEX ? f->s->channels[w->channel].name : NULL;

	if (frame_is_lock(w->op) && name != NULL && f->s->channels[w->channel].kind == IPC_KIND_SHM)
		snprintf(r.text, sizeof(r.text), "%.63s+0x%" PRIx64, name, w->lock_offset);
	else if (frame_is_lock(w->op) && name == NULL)
		snprintf(r.text, sizeof(r.text), "lock 0x%" PRIx64, w->lock_offset);
	else if (w->op == IPC_OP_PROC && w->child != IPC_NO_INDEX)
		snprintf(r.text, sizeof(r.text), "%" PRIu64 "/%.63s", w->child_pid,
			 f->s->processes[w->child].name);
	else if (w->op == IPC_OP_PROC)
		snprintf(r.text, sizeof(r.text), "pid %" PRIu64, w->child_pid);
	else if (w->op == IPC_OP_FD && w->fd >= 0)
		snprintf(r.text, sizeof(r.text), "descriptor %" PRIi64, w->fd);
	else if (w->op == IPC_OP_WAIT)
		snprintf(r.text, sizeof(r.text), "%" PRIu32 " things", w->n_items);
	else if (name != NULL)
		utf8_copy(r.text, sizeof(r.text), name);
	else
		snprintf(r.text, sizeof(r.text), "-");
	return r;
}

#define NEEDS_SHOWN 4

static size_t add_releaser(char *to, size_t size, const struct frame *f,
			   const struct ipc_obs_wait *w, const struct releaser *by)
{
	const struct ipc_obs_process *p = &f->s->processes[by->process];

	/* That it could help itself, were it not asleep, is how many a deadlock is made. */
	if (p == frame_process(f, w))
		return (size_t)snprintf(to, size, " self");
	return (size_t)snprintf(to, size, " %" PRIu64 "%s", p->pid,
				p->life == IPC_OBS_DEAD ? "(dead)" : "");
}

struct words words_needs(const struct frame *f, uint32_t i_wait)
{
	const struct ipc_obs_wait *w = &f->s->waits[i_wait];
	struct releaser            by[NEEDS_SHOWN];
	size_t                     n = frame_releasers(f, i_wait, by, NEEDS_SHOWN), used;
	struct words               r = {.role = ROLE_NORMAL};

	if (w->satisfied)
		return (struct words){"only to wake up", ROLE_NOTICE};
	if (w->op == IPC_OP_WAIT && n == 0)
		return w->all ? (struct words){"all of them", ROLE_DIM}
			      : (struct words){"any of them", ROLE_DIM};
	if (w->op == IPC_OP_FD)
		return (struct words){"somebody outside", ROLE_DIM};
	if (n == 0 && frame_is_lock(w->op) &&
	    (w->channel == IPC_NO_INDEX || w->op == IPC_OP_LOCK)) {
		snprintf(r.text, sizeof(r.text), "%s by ?", frame_need(w->op));
		r.role = ROLE_DIM;
		return r;
	}
	if (n == 0 && w->op == IPC_OP_PROC)
		return (struct words){"its exit", ROLE_DIM};
	if (n == 0) {
		snprintf(r.text, sizeof(r.text), "%s by nobody", frame_need(w->op));
		r.role = ROLE_WARN;
		return r;
	}
	used = (size_t)snprintf(r.text, sizeof(r.text), "%s %s",
				w->op != IPC_OP_WAIT ? frame_need(w->op)
				: w->all             ? "all"
						     : "any",
				w->op == IPC_OP_PROC ? "of" : "by");
	for (size_t i = 0; i < n && i < NEEDS_SHOWN; i++)
		used += add_releaser(r.text + used, sizeof(r.text) - used, f, w, &by[i]);
	if (n > NEEDS_SHOWN)
		snprintf(r.text + used, sizeof(r.text) - used, " +%zu", n - NEEDS_SHOWN);
	return r;
}

/*
 * command_verify.c - is what was found then still so?
 *
 * A finding ends with its evidence: for each of its threads the number of the sleep it was
 * in. Who sleeps again sleeps under another number. So if all numbers are what they were,
 * nobody has moved since; whether that still is for ever, a new proof has to say.
 */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "output/command.h"
#include "source.h"
#include "text/utf8.h"

/* A finding lists so many of its core. */
#define MEMBERS_MAX IPC_OBS_TEXT_CORE

/* A proof is given up when something it rests on moves; of a real one the next will do. Picked. */
#define N_READINGS   5
#define BETWEEN_NS   20000000

#define ANSWER_BYTES 512

struct member {
	uint64_t tid, seq;
};

struct token {
	struct member member[MEMBERS_MAX];
	size_t        n;
};

struct answer {
	enum ipc_grade grade; /* OK: moved on; CRITICAL: still so; UNKNOWN */
	char           text[ANSWER_BYTES];
};

/* ---- the token ---------------------------------------------------------------------------- */

/* One "9285:6". Returns what follows it, or NULL. */
static const char *take_member(struct token *t, const char *p)
{
	struct member m;
	char         *end;

	errno = 0;
	m.tid = strtoull(p, &end, 10);
	if (*p < '0' || *p > '9' || *end != ':' || m.tid == 0 || m.tid > INT_MAX)
		return NULL;
	p = end + 1;
	m.seq = strtoull(p, &end, 10);
	if (*p < '0' || *p > '9' || errno != 0 || t->n == MEMBERS_MAX)
		return NULL;
	t->member[t->n++] = m;
	return end;
}

/* As the line has it: with the word before them, and dots for those it does not list. */
static size_t sign_at(const char *p)
{
	static const char *const signs[] = {" ", ",", "wait", "\xe2\x80\xa6", "..."};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strncmp(p, signs[i], strlen(signs[i])) == 0)
			return strlen(signs[i]);
	return 0;
}

static const char *skip(const char *p)
{
	size_t n;

	while ((n = sign_at(p)) > 0)
		p += n;
	return p;
}

static int take_token(struct token *ret, const struct options *o)
{
	*ret = (struct token){.n = 0};
	for (int i = 0; i < o->n_words; i++)
		for (const char *p = skip(o->words[i]); *p != 0; p = skip(p)) {
			p = take_member(ret, p);
			if (p == NULL)
				return 0;
		}
	return ret->n > 0;
}

/* ---- one of them -------------------------------------------------------------------------- */

/* Its wait, if it is the one that was meant; else IPC_NO_INDEX, and its thread, if there is one. */
static uint32_t find_wait(const struct frame *f, const struct member *m, uint32_t *ret_thread)
{
	*ret_thread = IPC_NO_INDEX;
	for (uint32_t i = 0; i < f->s->n_threads; i++) {
		const struct ipc_obs_thread *t = &f->s->threads[i];

		if (t->tid != m->tid)
			continue;
		*ret_thread = i;
		if (t->wait != IPC_NO_INDEX && f->s->waits[t->wait].seq == m->seq)
			return t->wait;
	}
	return IPC_NO_INDEX;
}

/* Who is not in this domain may be in another; but who is nowhere has ended. */
static int has_ended(const struct source *s, const struct member *m)
{
	const struct ipc_snapshot *snap = source_frame(s)->s;

	if (source_is_past(s) || snap->post_mortem || source_frame(s)->recorded)
		return 0;
	for (size_t i = 0; i < snap->n_processes; i++)
		if (snap->processes[i].foreign_ns)
			return 0; /* the number is of another namespace, perhaps */
	return kill((pid_t)m->tid, 0) < 0 && errno == ESRCH;
}

/* Does any of them sleep as it did? */
static int any_stands(const struct frame *f, const struct token *t)
{
	uint32_t thread;

	for (size_t i = 0; i < t->n; i++)
		if (find_wait(f, &t->member[i], &thread) != IPC_NO_INDEX)
			return 1;
	return 0;
}

/* A number that nobody has may be mistyped; where others stand, it is no proof that they could go. */
static void missing(struct answer *a, const struct source *s, const struct token *t,
		    const struct member *m)
{
	int ended = !any_stands(source_frame(s), t) && has_ended(s, m);

	a->grade = ended ? IPC_GRADE_OK : IPC_GRADE_UNKNOWN;
	snprintf(a->text, sizeof(a->text),
		 ended ? "MOVED ON  thread %" PRIu64 " has ended"
		       : "UNKNOWN  thread %" PRIu64 " is not of this domain, or not any more",
		 m->tid);
}

/* Of @wait, in which it is now, nothing follows about the one that was meant. Says why. */
static int is_open(struct answer *a, const struct ipc_obs_wait *wait, const struct member *m)
{
	if (wait->seq != 0 && wait->seq >= m->seq)
		return 0;
	a->grade = IPC_GRADE_UNKNOWN;
	if (wait->seq == 0) /* recorded by one that did not know of it */
		snprintf(a->text, sizeof(a->text),
			 "UNKNOWN  the numbers of sleeps are not recorded");
	else
		snprintf(a->text, sizeof(a->text),
			 "UNKNOWN  thread %" PRIu64 " has not come to sleep %" PRIu64
			 " yet: it is in sleep %" PRIu64,
			 m->tid, m->seq, wait->seq);
	return 1;
}

static void moved(struct answer *a, const struct frame *f, uint32_t thread, const struct member *m)
{
	const struct ipc_obs_thread  *t = &f->s->threads[thread];
	const struct ipc_obs_process *p = &f->s->processes[t->process];
	const char                   *now = "runs";

	if (p->life == IPC_OBS_DEAD)
		now = "has died";
	else if (t->wait != IPC_NO_INDEX)
		now = f->s->waits[t->wait].text;
	if (t->wait != IPC_NO_INDEX && is_open(a, &f->s->waits[t->wait], m))
		return;
	a->grade = IPC_GRADE_OK;
	snprintf(a->text, sizeof(a->text),
		 "MOVED ON  %.63s %" PRIu64 " has gone on since (thread %" PRIu64
		 "), and now %s%.160s",
		 p->name, p->pid, t->tid, t->wait != IPC_NO_INDEX ? "waits in " : "",
		 utf8_part(now, 160).text);
}

/* ---- all of them -------------------------------------------------------------------------- */

/* All sleep as they did. Is that for ever? */
static void judge(struct answer *a, const struct frame *f, uint32_t wait)
{
	const struct ipc_obs_verdict *v = NULL;

	if (f->waits[wait].verdict != IPC_NO_INDEX)
		v = &f->s->verdicts[f->waits[wait].verdict];
	if (v != NULL && (v->class_ == IPC_DEADLOCK || v->class_ == IPC_ORPHANED)) {
		a->grade = IPC_GRADE_CRITICAL;
		snprintf(a->text, sizeof(a->text), "CONFIRMED  %.450s",
			 utf8_part(v->headline, 450).text);
		return;
	}
	a->grade = IPC_GRADE_UNKNOWN;
	snprintf(a->text, sizeof(a->text), "UNKNOWN  all sleep as they did, and %.400s",
		 v != NULL ? utf8_part(v->headline, 400).text : "somebody else could end it now");
}

/* Who has moved refutes it, whoever else is missing; who is not proved to be stuck leaves it open. */
static struct answer verify(const struct source *s, const struct token *t)
{
	const struct frame *f = source_frame(s);
	struct answer       a, ret = {.grade = IPC_GRADE_CRITICAL};

	for (size_t i = 0; i < t->n && ret.grade != IPC_GRADE_OK; i++) {
		uint32_t thread, wait = find_wait(f, &t->member[i], &thread);

		if (wait != IPC_NO_INDEX)
			judge(&a, f, wait);
		else if (thread != IPC_NO_INDEX)
			moved(&a, f, thread, &t->member[i]);
		else
			missing(&a, s, t, &t->member[i]);
		if (i == 0 || a.grade == IPC_GRADE_OK ||
		    (a.grade == IPC_GRADE_UNKNOWN && ret.grade == IPC_GRADE_CRITICAL))
			ret = a;
	}
	return ret;
}

static int read_and_verify(struct source *s, const struct token *t, struct answer *ret)
{
	const struct timespec between = {.tv_nsec = BETWEEN_NS};
	int                   r = source_read(s);

	for (int i = 1; r == 0; i++) {
		*ret = verify(s, t);
		if (ret->grade != IPC_GRADE_UNKNOWN || i == N_READINGS || source_is_past(s))
			break;
		(void)nanosleep(&between, NULL);
		r = source_read(s);
	}
	return r;
}

int command_verify(const struct options *o)
{
	static const enum role roles[] = {ROLE_OK, ROLE_WARN, ROLE_CRITICAL, ROLE_WARN};
	struct text_style      st = {stdout, command_caps(o)};
	struct answer          a = {.grade = IPC_GRADE_UNKNOWN};
	struct source          s;
	struct token           t;
	int                    r;

	if (!take_token(&t, o)) {
		fputs("ipcmon: verify what? As a finding has it in its line of evidence: 9285:6 9288:6\n",
		      stderr);
		return IPC_GRADE_UNKNOWN;
	}
	r = source_open(&s, o, 0);
	if (r == 0) {
		source_seek(&s, 1);
		r = read_and_verify(&s, &t, &a);
	}
	if (r < 0)
		snprintf(a.text, sizeof(a.text), "UNKNOWN  %.450s", utf8_part(s.why, 450).text);
	if (!o->quiet)
		text_line(&st, roles[r < 0 ? IPC_GRADE_UNKNOWN : a.grade], a.text);
	source_close(&s);
	return r < 0 ? IPC_GRADE_UNKNOWN : (int)a.grade;
}

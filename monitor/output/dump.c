#include "output/dump.h"

#include <stdlib.h>
#include <string.h>

#include "view/words.h"

const char *dump_grade_name(enum ipc_grade grade)
{
	switch (grade) {
	case IPC_GRADE_OK: return "ok";
	case IPC_GRADE_WARNING: return "warning";
	case IPC_GRADE_CRITICAL: return "critical";
	case IPC_GRADE_UNKNOWN: break;
	}
	return "unknown";
}

/* ---- people --------------------------------------------------------------------- */

static void build_id(struct json *j, const struct ipc_obs_process *p)
{
	char text[2 * 64 + 1] = "";

	for (size_t i = 0; i < p->build_id_len && i < 64; i++)
		snprintf(text + 2 * i, 3, "%02x", p->build_id[i]);
	json_string(j, "build_id", text[0] != 0 ? text : NULL);
}

static void process(struct json *j, const struct frame *f, uint32_t i)
{
	static const char *const      lives[] = {"unknown", "alive", "starting", "dead"};
	const struct ipc_obs_process *p = &f->s->processes[i];
	uint32_t                      wait = f->processes[i].wait;

	json_object(j, NULL);
	json_number(j, "id", p->id);
	json_number(j, "pid", p->pid);
	json_bool(j, "foreign_pid_namespace", p->foreign_ns);
	json_string(j, "name", p->name);
	json_string(j, "life", lives[p->life <= IPC_OBS_DEAD ? p->life : 0]);
	json_string(j, "exe", p->exe[0] != 0 ? p->exe : NULL);
	build_id(j, p);
	json_number(j, "parent_pid",
		    p->parent != IPC_NO_INDEX ? f->s->processes[p->parent].pid : IPC_UNKNOWN);
	json_number(j, "joined_ns", p->joined_ns);
	json_number(j, "threads", p->n_threads);
	json_number(j, "blocked_threads", p->n_blocked);
	json_number(j, "ends", p->n_ends);
	json_number(j, "sent_messages_total", p->out.messages);
	json_number(j, "received_messages_total", p->in.messages);
	dump_flows(j, &p->out, &p->in);
	json_number(j, "rss_bytes", f->processes[i].rss_bytes);
	json_string(j, "waits_for", wait != IPC_NO_INDEX ? f->s->waits[wait].text : NULL);
	json_end(j);
}

void dump_processes(struct json *j, const struct frame *f)
{
	json_array(j, "processes");
	for (uint32_t i = 0; i < f->s->n_processes; i++)
		process(j, f, i);
	json_end(j);
}

void dump_threads(struct json *j, const struct frame *f)
{
	json_array(j, "threads");
	for (size_t i = 0; i < f->s->n_threads; i++) {
		const struct ipc_obs_thread *t = &f->s->threads[i];

		json_object(j, NULL);
		json_number(j, "id", t->id);
		json_number(j, "tid", t->tid);
		json_string(j, "name", t->name);
		json_number(j, "pid", f->s->processes[t->process].pid);
		json_bool(j, "blocked", t->wait != IPC_NO_INDEX);
		json_end(j);
	}
	json_end(j);
}

/* ---- waits and verdicts -------------------------------------------------------------- */

/* Who and on what: what waits and the members of verdicts have in common. */
static void wait_subject(struct json *j, const struct frame *f, const struct ipc_obs_wait *w)
{
	json_number(j, "pid", frame_process(f, w)->pid);
	json_number(j, "tid", frame_thread(f, w)->tid);
	json_string(j, "name", frame_process(f, w)->name);
	json_string(j, "thread_name", frame_thread(f, w)->name);
	json_string(j, "op", ipc_op_name(w->op));
	json_string(j, "object", words_on(f, w).text);
}

static void holders(struct json *j, const struct frame *f, uint32_t i)
{
	size_t           n = frame_releasers(f, i, NULL, 0);
	struct releaser *by = calloc(n > 0 ? n : 1, sizeof(*by));

	json_array(j, "holders");
	if (by != NULL)
		frame_releasers(f, i, by, n);
	for (size_t k = 0; by != NULL && k < n; k++) {
		const struct ipc_obs_process *p = &f->s->processes[by[k].process];

		json_object(j, NULL);
		json_number(j, "pid", p->pid);
		json_number(j, "tid",
			    by[k].thread != IPC_NO_INDEX ? f->s->threads[by[k].thread].tid
							 : IPC_UNKNOWN);
		json_string(j, "name", p->name);
		json_end(j);
	}
	json_end(j);
	free(by);
}

static void wait_(struct json *j, const struct frame *f, uint32_t i)
{
	const struct ipc_obs_wait *w = &f->s->waits[i];
	const struct wait_stat    *st = &f->waits[i];
	char                       state[2] = {frame_wait_letter(f, i), 0};

	json_object(j, NULL);
	wait_subject(j, f, w);
	json_number(j, "channel_id",
		    w->channel != IPC_NO_INDEX ? f->s->channels[w->channel].id : IPC_UNKNOWN);
	json_string(j, "state", state);
	json_string(j, "text", w->text);
	json_number(j, "since_ns", w->since_ns);
	json_number(j, "age_ns", st->age_ns);
	json_number(j, "deadline_ns", w->deadline_ns != 0 ? w->deadline_ns : IPC_UNKNOWN);
	json_bool(j, "satisfied", w->satisfied);
	json_string(j, "site", st->site[0] != 0 ? st->site : NULL);
	json_string(j, "needs", frame_need(w->op));
	holders(j, f, i);
	json_string(j, "verdict",
		    st->verdict != IPC_NO_INDEX
			    ? ipc_verdict_name(f->s->verdicts[st->verdict].class_)
			    : NULL);
	json_end(j);
}

void dump_waits(struct json *j, const struct frame *f)
{
	json_array(j, "waits");
	for (uint32_t i = 0; i < f->s->n_waits; i++)
		wait_(j, f, i);
	json_end(j);
}

static void members(struct json *j, const struct frame *f, const char *key, const uint32_t *waits,
		    size_t n)
{
	json_array(j, key);
	for (size_t i = 0; i < n; i++) {
		json_object(j, NULL);
		wait_subject(j, f, &f->s->waits[waits[i]]);
		json_string(j, "site",
			    f->waits[waits[i]].site[0] != 0 ? f->waits[waits[i]].site : NULL);
		json_end(j);
	}
	json_end(j);
}

void dump_verdicts(struct json *j, const struct frame *f)
{
	json_array(j, "verdicts");
	for (size_t i = 0; i < f->s->n_verdicts; i++) {
		const struct ipc_obs_verdict *v = &f->s->verdicts[i];
		char                         *text = words_explanation(f, v);

		json_object(j, NULL);
		json_string(j, "class", ipc_verdict_name(v->class_));
		json_string(j, "strength", ipc_strength_name(v->strength));
		json_string(j, "grade", dump_grade_name(frame_grade(v->class_)));
		json_number(j, "since_ns", v->since_ns);
		members(j, f, "core", v->core, v->n_core);
		members(j, f, "behind", v->behind, v->n_behind);
		json_string(j, "headline", v->headline);
		json_string(j, "text", text);
		json_string(j, "pattern", v->pattern[0] != 0 ? v->pattern : NULL);
		json_string(j, "fix", v->fix[0] != 0 ? v->fix : NULL);
		json_end(j);
		free(text);
	}
	json_end(j);
}

/* ---- all of it ------------------------------------------------------------------------ */

static void head(struct json *j, const struct frame *f)
{
	const struct ipc_snapshot *s = f->s;

	json_string(j, "schema", "ipcmon.snapshot/1");
	json_number(j, "t_real_ns", s->t_real_ns);
	json_number(j, "t_mono_ns", s->t_mono_ns);
	json_object(j, "target");
	json_string(j, "domain", s->domain);
	json_string(j, "dir", s->dir);
	json_number(j, "created_real_ns", s->created_real_ns);
	json_bool(j, "post_mortem", s->post_mortem);
	json_number(j, "reaped_processes_total", s->n_reaped);
	json_end(j);
	json_string(j, "grade", dump_grade_name(s->grade));
	json_string(j, "summary", words_summary(f).text);
	json_number(j, "torn", s->torn);
	json_number(j, "damaged", s->damaged);
}

void dump_json(FILE *to, const struct frame *f, unsigned parts)
{
	struct json j;

	json_init(&j, to);
	json_object(&j, NULL);
	head(&j, f);
	if (parts & DUMP_PROCESSES)
		dump_processes(&j, f);
	if (parts & DUMP_THREADS)
		dump_threads(&j, f);
	if (parts & DUMP_CHANNELS)
		dump_channels(&j, f);
	if (parts & DUMP_WAITS)
		dump_waits(&j, f);
	if (parts & DUMP_VERDICTS)
		dump_verdicts(&j, f);
	if (parts & DUMP_LINTS) {
		json_array(&j, "lints");
		json_end(&j);
	}
	json_end(&j);
	putc('\n', to);
	fflush(to);
}

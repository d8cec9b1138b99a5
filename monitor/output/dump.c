#include "output/dump.h"

#include <stdlib.h>
#include <string.h>

#include "output/self.h"
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
		json_number(j, "asleep_ns_total", t->asleep_ns);
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

/* Of a wait: those who could end it. */
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

/* ---- lints ----------------------------------------------------------------------------- */

static void lint_(struct json *j, const struct frame *f, const struct lint *l)
{
	const struct lint_kind *k = &lint_kinds[l->id];

	json_object(j, NULL);
	json_string(j, "id", k->id);
	json_string(j, "name", k->name);
	json_string(j, "text", l->text);
	json_string(j, "fix", k->fix);
	json_bool(j, "now", l->is_now);
	json_number(j, "window_ns", l->window_ns);
	json_number(j, "count", l->count > 0 ? l->count : IPC_UNKNOWN);
	json_number(j, "first_ns", l->count > 0 ? l->first_ns : IPC_UNKNOWN);
	json_number(j, "last_ns", l->count > 0 ? l->last_ns : IPC_UNKNOWN);
	json_number(j, "pid",
		    l->process != IPC_NO_INDEX ? f->s->processes[l->process].pid : IPC_UNKNOWN);
	json_string(j, "object",
		    l->channel != IPC_NO_INDEX ? f->s->channels[l->channel].name : NULL);
	json_number(j, "channel_id",
		    l->channel != IPC_NO_INDEX ? f->s->channels[l->channel].id : IPC_UNKNOWN);
	json_end(j);
}

void dump_lints(struct json *j, const struct frame *f, const struct lints *lints)
{
	json_array(j, "lints");
	for (size_t i = 0; i < lints->n; i++)
		lint_(j, f, &lints->v[i]);
	json_end(j);
}

enum ipc_grade dump_grade(const struct frame *f, const struct lints *lints)
{
	/* Of a copy it is no news that nobody of it is alive. */
	int killed = words_all_dead(f) && !f->s->post_mortem;

	if (f->s->grade == IPC_GRADE_OK && (lints->n > 0 || killed))
		return IPC_GRADE_WARNING;
	return f->s->grade;
}

/* ---- tables ---------------------------------------------------------------------------- */

static const struct {
	unsigned         part;
	enum object_kind kind;
	row_fn          *nested;
} tables[] = {
	{DUMP_PROCESSES, OBJECT_PROCESS, NULL},
	{DUMP_CHANNELS, OBJECT_CHANNEL, dump_directions},
	{DUMP_WAITS, OBJECT_WAIT, holders},
};

#define N_TABLES (sizeof(tables) / sizeof(tables[0]))

void dump_table(struct json *j, const struct frame *f, const struct select *select)
{
	row_fn *nested = NULL;

	for (size_t i = 0; i < N_TABLES; i++)
		if (tables[i].kind == select->kind)
			nested = tables[i].nested;
	rows_json(j, select->listing->json, select, f, nested);
}

void dump_tables(struct json *j, const struct frame *f, unsigned parts)
{
	struct select all;

	for (size_t i = 0; i < N_TABLES; i++) {
		if ((parts & tables[i].part) == 0)
			continue;
		select_all(&all, tables[i].kind);
		dump_table(j, f, &all);
	}
}

/* ---- all of it ------------------------------------------------------------------------ */

static void target(struct json *j, const struct ipc_snapshot *s)
{
	json_object(j, "target");
	json_string(j, "domain", s->domain);
	json_string(j, "dir", s->dir);
	json_number(j, "created_real_ns", s->created_real_ns);
	json_bool(j, "post_mortem", s->post_mortem);
	json_number(j, "reaped_processes_total", s->n_reaped);
	json_end(j);
}

static void head(struct json *j, const struct frame *f, const struct lints *lints)
{
	const struct ipc_snapshot *s = f->s;

	json_string(j, "schema", "ipcmon.snapshot/1");
	json_number(j, "t_real_ns", s->t_real_ns);
	json_number(j, "t_mono_ns", s->t_mono_ns);
	target(j, s);
	self_json(j, s);
	json_string(j, "grade", dump_grade_name(dump_grade(f, lints)));
	json_string(j, "summary", words_summary(f).text);
	json_number(j, "torn", s->torn);
	json_number(j, "damaged", s->damaged);
}

void dump_selected(FILE *to, const struct frame *f, unsigned parts, const struct lints *lints,
		   const struct selection *selection)
{
	struct json j;

	json_init(&j, to);
	json_object(&j, NULL);
	head(&j, f, lints);
	for (int i = 0; i < selection->n; i++)
		dump_table(&j, f, &selection->tables[i]);
	dump_tables(&j, f, parts);
	if (parts & DUMP_THREADS)
		dump_threads(&j, f);
	if (parts & DUMP_VERDICTS)
		dump_verdicts(&j, f);
	if (parts & DUMP_HOLDS)
		dump_holds(&j, f);
	if (parts & DUMP_LINTS)
		dump_lints(&j, f, lints);
	json_end(&j);
	putc('\n', to);
	fflush(to);
}

void dump_json(FILE *to, const struct frame *f, unsigned parts, const struct lints *lints)
{
	static const struct selection none;

	dump_selected(to, f, parts, lints, &none);
}

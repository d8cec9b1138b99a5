/*
 * sys_parse.c - systems as text, for those written by hand
 *
 *     system d01-join-before-drain
 *     queue q 8
 *     P spawn C; wait C; get q
 *     C put q 64
 *     expect deadlock certain P C
 *
 * Objects: pipe, queue, joinable with a capacity (0: unlimited), mutex, and others: see
 * enum sys_kind. "named" behind it: others could open it; "sealed": not any more;
 * "requeue": tasks of who dies or leaves come back. A line that begins with a process is one of its threads: P, P.2 …
 * "keep P a.w" gives P an end it does not use. "timed" before an operation gives it a time
 * limit. What is expected: class, strength, the core, "behind" and those behind it; or
 * "nothing", and on a line of its own who is "asleep" then. "maybe": may be seen on the way.
 * "settle 1200": for so long [ms] those shall have slept, as doubts are not voiced at once.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deadlock/system.h"

struct reader {
	const char *file;
	unsigned    line;
	struct sys *s;
};

_Noreturn static void wrong(const struct reader *r, const char *what, const char *word)
{
	(void)fprintf(stderr, "%s:%u: %s '%s'\n", r->file, r->line, what, word);
	exit(1);
}

static const char *const acts[] = {
	[SYS_PUT] = "put",           [SYS_GET] = "get",     [SYS_DONE] = "done",
	[SYS_JOIN] = "join",         [SYS_LOCK] = "lock",   [SYS_UNLOCK] = "unlock",
	[SYS_CLOSE] = "close",       [SYS_SPAWN] = "spawn", [SYS_WAIT] = "wait",
	[SYS_RUN] = "run",           [SYS_DIE] = "die",     [SYS_HALT] = "stop",
	[SYS_STRANGER] = "stranger", [SYS_ANY] = "any",     [SYS_ALL] = "all",
	[SYS_CONT] = "cont",         [SYS_OPEN] = "open",   [SYS_SLEEP] = "sleep",
};
static const char *const kinds[SYS_KINDS] = {
	"pipe", "queue", "joinable", "mutex", "rmutex",  "rwlock",
	"sem",  "gate",  "event",    "cond",  "barrier",
};

static void set_name(const struct reader *r, char *to, const char *name)
{
	if (strlen(name) >= SYS_NAME)
		wrong(r, "too long:", name);
	memcpy(to, name, strlen(name) + 1);
}

static unsigned object_called(const struct reader *r, const char *name, size_t n)
{
	for (unsigned o = 0; o < r->s->n_objects; o++)
		if (strncmp(r->s->object[o].name, name, n) == 0 && !r->s->object[o].name[n])
			return o;
	wrong(r, "no such object", name);
}

/* "a.r", "a.w", "q": the object, and which ends. */
static unsigned end_called(const struct reader *r, const char *name, uint8_t *ret_ends)
{
	const char *dot = strchr(name, '.');

	*ret_ends = !dot ? SYS_R | SYS_W : dot[1] == 'r' ? SYS_R : SYS_W;
	return object_called(r, name, dot ? (size_t)(dot - name) : strlen(name));
}

static unsigned process_called(const struct reader *r, const char *name)
{
	struct sys *s = r->s;

	for (unsigned p = 0; p < s->n_processes; p++)
		if (strcmp(s->process[p].name, name) == 0)
			return p;
	if (s->n_processes == SYS_PROCS)
		wrong(r, "too many processes:", name);
	set_name(r, s->process[s->n_processes].name, name);
	return s->n_processes++;
}

static void read_op(const struct reader *r, struct sys_thread *t, char *text)
{
	char          *rest, *word = strtok_r(text, " \t", &rest);
	struct sys_op *op = &t->op[t->n_ops];
	unsigned       a;

	if (!word)
		return;
	if (t->n_ops++ == SYS_OPS)
		wrong(r, "too many operations:", word);
	op->timed = strcmp(word, "timed") == 0;
	if (op->timed)
		word = strtok_r(NULL, " \t", &rest);
	for (a = 0; a < sizeof(acts) / sizeof(acts[0]); a++)
		if (word && strcmp(acts[a], word) == 0)
			break;
	op->act = (enum sys_act)a;
	word = strtok_r(NULL, " \t", &rest);
	if (a == sizeof(acts) / sizeof(acts[0]) || (a < SYS_RUN && !word))
		wrong(r, "no such operation:", text);
	if (a == SYS_SPAWN || a == SYS_WAIT || a == SYS_CONT)
		op->on = (uint8_t)process_called(r, word);
	else if (a < SYS_SPAWN || a == SYS_OPEN)
		op->on = (uint8_t)end_called(r, word, &op->ends);
	if (a == SYS_SPAWN)
		r->s->process[op->on].spawned = true;
	if (a != SYS_SLEEP)
		word = strtok_r(NULL, " \t", &rest);
	if (a == SYS_ANY || a == SYS_ALL) {
		op->on2 = (uint8_t)object_called(r, word ? word : "", strlen(word ? word : ""));
		return;
	}
	op->times = word ? (uint8_t)atoi(word) : 0;
}

/* "P.2": the name of its process, which is cut off. */
static void read_thread(const struct reader *r, char *name, char *ops)
{
	char              *dot = strchr(name, '.'), *rest, *op;
	struct sys_thread *t = &r->s->thread[r->s->n_threads];

	if (dot)
		*dot = '\0';
	if (r->s->n_threads++ == SYS_THREADS)
		wrong(r, "too many threads:", name);
	t->process = (uint8_t)process_called(r, name);
	for (op = strtok_r(ops, ";", &rest); op; op = strtok_r(NULL, ";", &rest))
		read_op(r, t, op);
}

static bool read_object(const struct reader *r, const char *kind, char *text)
{
	struct sys_object *o = &r->s->object[r->s->n_objects];
	char              *rest, *word;

	for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (strcmp(kinds[k], kind) != 0)
			continue;
		if (r->s->n_objects++ == SYS_OBJECTS)
			wrong(r, "too many objects:", text);
		o->kind = (enum sys_kind)k;
		word = strtok_r(text, " \t", &rest);
		set_name(r, o->name, word ? word : "");
		while ((word = strtok_r(NULL, " \t", &rest))) {
			if (strcmp(word, "requeue") == 0) {
				o->requeue = true;
				continue;
			}
			o->sealed = o->sealed || strcmp(word, "sealed") == 0;
			o->named = o->named || o->sealed || strcmp(word, "named") == 0;
			o->capacity = (uint8_t)(o->named ? o->capacity : atoi(word));
		}
		return true;
	}
	return false;
}

static void read_keep(const struct reader *r, char *text)
{
	char    *rest, *name = strtok_r(text, " \t", &rest), *end;
	unsigned p = process_called(r, name ? name : ""), o;
	uint8_t  ends;

	while ((end = strtok_r(NULL, " \t", &rest))) {
		o = end_called(r, end, &ends);
		r->s->process[p].keep[o] |= ends;
	}
}

static void read_line(const struct reader *r, char *line)
{
	struct sys *s = r->s;
	char       *text = line + strcspn(line, " \t");

	if (*text)
		*text++ = '\0';
	text += strspn(text, " \t");
	if (strcmp(line, "expect") == 0 && s->n_expects < SYS_EXPECTS) {
		(void)snprintf(s->expect[s->n_expects++], SYS_TEXT, "%s", text);
		s->n_expects -= strcmp(text, "nothing") == 0;
	} else if (strcmp(line, "maybe") == 0 && s->n_maybes < SYS_EXPECTS) {
		(void)snprintf(s->maybe[s->n_maybes++], SYS_TEXT, "%s", text);
	} else if (strcmp(line, "asleep") == 0) {
		s->n_asleep = (unsigned)atoi(text);
	} else if (strcmp(line, "settle") == 0) {
		s->settle_ms = (unsigned)atoi(text);
	} else if (strcmp(line, "keep") == 0) {
		read_keep(r, text);
	} else if (!read_object(r, line, text)) {
		read_thread(r, line, text);
	}
}

unsigned sys_parse(const char *file, struct sys **ret)
{
	struct reader r = {.file = file};
	struct sys   *all = NULL;
	char          line[512];
	unsigned      n = 0;
	FILE         *f = fopen(file, "re");

	if (!f)
		wrong(&r, "cannot open", file);
	while (fgets(line, sizeof(line), f)) {
		r.line++;
		line[strcspn(line, "#\n")] = '\0';
		if (line[strspn(line, " \t")] == '\0')
			continue;
		if (strncmp(line, "system ", 7) == 0) {
			all = realloc(all, (n + 1) * sizeof(*all));
			if (!all)
				abort();
			r.s = &all[n++];
			memset(r.s, 0, sizeof(*r.s));
			(void)snprintf(r.s->name, sizeof(r.s->name), "%.39s", line + 7);
		} else if (r.s) {
			read_line(&r, line);
		}
	}
	(void)fclose(f);
	*ret = all;
	return n;
}

/* ---- and back ------------------------------------------------------------------------ */

void sys_thread_name(const struct sys *s, unsigned t, char *buf, unsigned size)
{
	unsigned n = 1;

	for (unsigned i = 0; i < t; i++)
		n += s->thread[i].process == s->thread[t].process;
	(void)snprintf(buf, size, n > 1 ? "%s.%u" : "%s", s->process[s->thread[t].process].name, n);
}

static void print_op(const struct sys *s, const struct sys_op *op)
{
	bool process = op->act == SYS_SPAWN || op->act == SYS_WAIT || op->act == SYS_CONT;

	printf("%s%s", op->timed ? "timed " : "", acts[op->act]);
	if (op->act < SYS_SLEEP)
		printf(" %s", process ? s->process[op->on].name : s->object[op->on].name);
	if (op->act == SYS_CLOSE && op->ends != (SYS_R | SYS_W))
		printf(op->ends == SYS_R ? ".r" : ".w");
	if (op->act == SYS_ANY || op->act == SYS_ALL)
		printf(" %s", s->object[op->on2].name);
	if (op->times > 1)
		printf(" %u", op->times);
}

void sys_print(const struct sys *s)
{
	char name[SYS_NAME + 4];

	printf("system %s\n", s->name);
	for (unsigned o = 0; o < s->n_objects; o++)
		printf("%s %s %u%s%s\n", kinds[s->object[o].kind], s->object[o].name,
		       s->object[o].capacity, s->object[o].requeue ? " requeue" : "",
		       s->object[o].sealed  ? " sealed"
		       : s->object[o].named ? " named"
					    : "");
	for (unsigned t = 0; t < s->n_threads; t++) {
		sys_thread_name(s, t, name, sizeof(name));
		printf("%s ", name);
		for (unsigned i = 0; i < s->thread[t].n_ops; i++) {
			printf(i ? "; " : "");
			print_op(s, &s->thread[t].op[i]);
		}
		printf("\n");
	}
}

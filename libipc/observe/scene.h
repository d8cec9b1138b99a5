#ifndef OBSERVE_SCENE_H
#define OBSERVE_SCENE_H

/*
 * scene.h - one finding while it is put into words
 *
 * Threads are numbers of the view and of the model alike.
 */

#include <stdarg.h>

#include "observe/cores.h"
#include "observe/relate.h"

struct scene {
	const struct view     *v;
	const struct image    *image; /* NULL: of a copy, which cannot be read again */
	struct model          *m;
	enum ipc_verdict_class class_;
	enum ipc_strength      strength;
	const bool            *stuck;  /* the set this finding is of */
	const bool            *firm;   /* of it: stuck even if a process that runs exits */
	const uint32_t        *core;   /* threads */
	const uint32_t        *behind; /* threads */
	uint32_t               n_core, n_behind;
	unsigned               beliefs; /* the set was found with */
	uint64_t               now_ns;
	const char            *why_not; /* what could not be known; "" */
};

/* ---- patterns --------------------------------------------------------------- */

/* A shape that has a name: in .why {a}, {b} are processes and {o} is an object. */
struct pattern {
	const char *name;
	const char *why;
	const char *fix;
};

struct match {
	const struct pattern *pattern;
	uint32_t              a, b; /* threads */
	uint32_t              o;    /* channel, or IPC_NO_INDEX */
};

struct match pattern_match(const struct scene *s);

static inline const struct ipc_obs_wait *scene_wait(const struct scene *s, uint32_t thread)
{
	return &s->v->wait[s->v->thread[thread].wait];
}

/* Is it a wait for a lock, which its owners alone can give back? */
static inline bool scene_locks(const struct ipc_obs_wait *w)
{
	return w->op == IPC_OP_LOCK || w->op == IPC_OP_RDLOCK || w->op == IPC_OP_WRLOCK;
}

/* Does @thread wait for a lock that it holds itself? */
bool scene_is_own_lock(const struct scene *s, uint32_t thread);

/* ---- sentences --------------------------------------------------------------- */

/* Text that is cut rather than overrun. */
struct story {
	char  *buf;
	size_t size, n;
};

void story_add(struct story *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void story_process(struct story *s, const struct view *v, uint32_t process);
void story_thread(struct story *out, const struct scene *s, uint32_t t);
void story_line(struct story *out, const struct scene *s, uint32_t t);
void story_headline(struct story *out, const struct scene *s);

/* The headline, a line for each of the core (at most STORY_LINES), and all that follows. */
void story_text(struct story *out, const struct scene *s, const char *headline,
		const struct match *match, bool *scratch);

#define STORY_LINES IPC_OBS_TEXT_CORE

#endif /* OBSERVE_SCENE_H */

#ifndef VIEW_WORDS_H
#define VIEW_WORDS_H

/*
 * words.h - a frame in sentences: the verdict in one line, a wait in one line
 */

#include "model/frame.h"
#include "view/grid.h"

#define WORDS_BYTES 512

struct words {
	char      text[WORDS_BYTES];
	enum role role;
};

/** "DEADLOCK", "ORPHANED WAIT", …: the class as people should see it. */
const char *words_class(enum ipc_verdict_class class_);

enum role words_role(enum ipc_verdict_class class_);

/** Whether there are processes, and none of them lives. */
int words_all_dead(const struct frame *f);

/** The state of everything in one line, worst news first. */
struct words words_summary(const struct frame *f);

/** One verdict in one line. */
struct words words_verdict(const struct frame *f, const struct ipc_obs_verdict *v);

/**
 * The explanation of @v, several lines, with the place in the source added to
 * each line that describes a member. To be freed.
 */
char *words_explanation(const struct frame *f, const struct ipc_obs_verdict *v);

/** "4711/name", with its thread where the process has several. */
struct words words_who(const struct frame *f, const struct ipc_obs_wait *w);

/** What it waits on: a channel's name, a child, a lock. */
struct words words_on(const struct frame *f, const struct ipc_obs_wait *w);

/** The name of a lock: "table+0x40", its own, or its address. */
struct words words_lock(const struct frame *f, const struct lock_stat *l);

/** "get by 4711 4712", "exit of 4711": who could end it, and how. */
struct words words_needs(const struct frame *f, uint32_t i_wait);

/** "put" for a put, and so on; shorter than ipc_op_name() where a column asks for it. */
const char *words_op(enum ipc_op op);

#endif

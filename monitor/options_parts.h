#ifndef OPTIONS_PARTS_H
#define OPTIONS_PARTS_H

/*
 * options_parts.h - between the files that options.h is made of
 *
 * All return -1 to go on, or the code to exit with.
 */

#include "options.h"

typedef int take_fn(struct options *o, void *member, const char *arg);

take_fn take_flag, take_text, take_delay, take_for, take_since, take_count, take_pid, take_path,
	take_color, take_warn, take_allow, take_never, take_table, take_theme, take_preset,
	take_default_config, take_version;

/** Is @name among @names, the last of which is NULL? 1 or 0. */
int options_one_of(const char *name, const char *const *names);

/** Of domains, directories, processes and recordings: how many were named to be watched. */
int options_n_targets(const struct options *o);
int options_two_targets(void);

int options_check_target(const struct options *o);
int options_check_formats(const struct options *o);

/** Says what is wrong, and where to read on. */
int options_wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

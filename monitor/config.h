#ifndef CONFIG_H
#define CONFIG_H

/*
 * config.h - the file that keeps settings: $XDG_CONFIG_HOME/ipcmon/config
 *
 * "key = value" lines, see view/settings.h. Nothing in it prevents a start: what is
 * wrong is said, with file and line, and left out.
 */

#include "view/settings.h"

/**
 * Take over what @path has, or, where it is NULL, the file of this user, which need
 * not be there. Complaints go to standard error, and the first to ui->notice.
 */
void config_load(struct ui *ui, const char *path);

/** Write it whole or not at all; says in ui->notice where, or why not. Returns 0 or a negative errno. */
int config_save(struct ui *ui, const char *path);

#endif

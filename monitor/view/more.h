#ifndef VIEW_MORE_H
#define VIEW_MORE_H

/*
 * more.h - what the tables in field_*.c say to programs; see data.h
 */

#include "view/data.h"
#include "view/field.h"

extern const struct more more_of_channel[], more_of_process[], more_of_wait[], more_of_chain[],
	more_of_flow[], more_of_lock[];

#endif

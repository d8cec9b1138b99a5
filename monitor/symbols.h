#ifndef SYMBOLS_H
#define SYMBOLS_H

/*
 * symbols.h - from the address of a call to its line of source
 *
 * Reads files only: the program's ELF file and, for call sites in shared
 * objects, /proc/PID/maps. Stops nobody, asks no server. A file is used only
 * if it is the one that runs: by build id, or by device and inode.
 */

#include <ipc/observe.h>

struct symbols;

struct symbols *symbols_new(void);
void            symbols_free(struct symbols *s);

/** Of a recording: knows what it was told, and looks at no file. */
struct symbols *symbols_recorded(void);
void            symbols_tell(struct symbols *s, const struct ipc_obs_process *p, uint64_t address,
			     const char *text);

/**
 * Write where the call of process @p that returns to @address stands:
 * "file.c:218 function", or what is known of that, "prog+0x1234" at least.
 *
 * Answers are kept, so asking each tick is cheap; the first question about a
 * program reads its debug information.
 */
void symbols_site(struct symbols *s, const struct ipc_obs_process *p, uint64_t address, char *ret,
		  size_t size);

/** The same if it was asked for before; NULL: it was not. */
const char *symbols_known(const struct symbols *s, const struct ipc_obs_process *p,
			  uint64_t address);

/** The same, kept until symbols_free(); "": it cannot be told. */
const char *symbols_text(struct symbols *s, const struct ipc_obs_process *p, uint64_t address);

#endif

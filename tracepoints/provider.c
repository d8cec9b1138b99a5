/*
 * provider.c - the probes that LTTng makes of provider.h, and the way in and out
 *
 * The only translation unit that defines tracepoints. Loading the library is
 * all it takes: its constructor installs the hooks.
 */

#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "provider.h"

#include "hooks.h"

#include <dlfcn.h>

/*
 * Whatever loaded this object must never unload it: libipc holds pointers to
 * the hooks, libc holds pointers to the fork handlers.
 */
static void stay_loaded(void)
{
	Dl_info here;

	if (dladdr(&hooks, &here))
		(void)dlopen(here.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

__attribute__((constructor)) static void enter(void)
{
	stay_loaded();
	fork_init();
	(void)ipc_trace_install(&hooks);
}

/*
 * A process leaves its domain in libipc's destructor, which runs after those of
 * whoever needs libipc, and so after LTTng has taken our probes away. The event
 * would never be seen; hence we tell it ourselves, while we can.
 *
 * The order matters: destructors of one file run last to first, so this one,
 * below the inclusion that defines LTTng's, runs before it.
 */
__attribute__((destructor)) static void leave(void)
{
	hooks_leave();
}

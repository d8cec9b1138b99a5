#include "runtime/trace.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct ipc_trace_ops *trace_ops;

/* A provider older than this library has a shorter table: the rest is NULL. */
static struct ipc_trace_ops installed;

static void *provider; /* never closed: hooks may be running */

int ipc_trace_install(const struct ipc_trace_ops *ops)
{
	const struct ipc_trace_ops *none = NULL;

	if (!ops) {
		store_release(&trace_ops, none);
		return 0;
	}
	if (ops->sz < offsetof(struct ipc_trace_ops, process_leave))
		return -EINVAL;
	memset(&installed, 0, sizeof(installed));
	memcpy(&installed, ops, ops->sz < sizeof(installed) ? ops->sz : sizeof(installed));
	store_release(&trace_ops, (const struct ipc_trace_ops *)&installed);
	return 0;
}

/* Beside libipc.so itself, where a build or an installation puts it. */
static void *open_beside(void)
{
	char        path[4096];
	Dl_info     self;
	const char *slash;

	if (!dladdr(&installed, &self) || !self.dli_fname)
		return NULL;
	slash = strrchr(self.dli_fname, '/');
	if (!slash ||
	    (size_t)snprintf(path, sizeof(path), "%.*s/libipc-trace.so",
			     (int)(slash - self.dli_fname), self.dli_fname) >= sizeof(path))
		return NULL;
	return dlopen(path, RTLD_NOW | RTLD_GLOBAL);
}

void trace_load(void)
{
	const char *want = getenv("IPC_TRACE");

	if (load_acquire(&trace_ops) || !want || !*want || !strcmp(want, "0"))
		return;
	/* Its constructor installs the hooks. A program must not fail for want of a tracer. */
	provider = open_beside();
	if (!provider)
		provider = dlopen("libipc-trace.so", RTLD_NOW | RTLD_GLOBAL);
}

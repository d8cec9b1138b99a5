#ifndef IPC_PROC_H
#define IPC_PROC_H

/*
 * ipc/proc.h - child processes: one that runs a function, or a program
 *
 * Only the process that spawned a child may join it. A joiner is visible to
 * ipcmon as waiting for that child, so a parent that waits for a child that
 * waits for the parent is found out.
 *
 * Threads: any call from any thread; close must be the last on that handle.
 * fork: a handle is of no use in a child of the process that spawned (-ECHILD).
 */

#include <ipc/base.h>

IPC_BEGIN_DECLS

typedef struct ipc_proc ipc_proc;

/**
 * struct ipc_proc_opts - how to start a process
 * @sz:         sizeof(struct ipc_proc_opts)
 * @name:       what ipcmon calls it, at most 63 bytes; NULL: the program's name
 */
struct ipc_proc_opts {
	size_t      sz;
	const char *name;
};

/**
 * Fork; the child runs @fn(@arg), flushes stdio and ends with _exit(2) of what
 * @fn returned: no atexit(3) handler of the parent's runs in it.
 *
 * Every handle open here is open in the child: close there what it does not
 * need. stdio is flushed before the fork; while another thread reads stdin,
 * stdout and stderr alone. -EAGAIN, -ENOMEM: fork(2) failed; -EMFILE, -ENFILE;
 * and what joining the domain can fail with (ipc/queue.h).
 */
IPC_API IPC_CHECKED int ipc_spawn(ipc_proc **ret, int (*fn)(void *arg), void *arg,
				  const struct ipc_proc_opts *opts);

/**
 * Start the program @path with @argv (NULL-terminated, argv[0] included) and
 * this process's environment. @path without a slash is searched in PATH.
 *
 * The program holds no handle of its parent's: it opens by name what it needs.
 * -ENOENT, -EACCES, …: what execve(2) failed with.
 */
IPC_API IPC_CHECKED int ipc_spawn_program(ipc_proc **ret, const char *path, char *const argv[],
					  const struct ipc_proc_opts *opts);

/**
 * Wait for it to end, at most @timeout [ns].
 *
 * *@ret_status (may be NULL) is its exit status, or minus the number of the
 * signal that killed it. May be called again after it succeeded.
 *
 * Return: 0; -EAGAIN, -ETIMEDOUT: it still runs; -EDEADLK: it runs, and will never
 * end (ipc/deadlock.h); -ECHILD: not this process's child, or somebody else reaped it.
 */
IPC_API IPC_CHECKED int ipc_proc_join(ipc_proc *p, ipc_nsec timeout, int *ret_status);

/** Its process id. */
IPC_API pid_t ipc_proc_pid(const ipc_proc *p);

/**
 * A descriptor that becomes readable when it has ended, for poll(2). It belongs
 * to the handle: do not close it. Negative errno where the kernel has none.
 */
IPC_API IPC_CHECKED int ipc_proc_fd(const ipc_proc *p);

/** Send it SIGTERM; 0 also if it has ended already. */
IPC_API int ipc_proc_terminate(ipc_proc *p);

/** Send it signal @sig; 0 also if it has ended already; -EINVAL: no such signal. */
IPC_API int ipc_proc_kill(ipc_proc *p, int sig);

/**
 * Free the handle; always returns NULL; @p may be NULL. Does not end the
 * process, and reaps it only if it has ended.
 */
IPC_API ipc_proc *ipc_proc_close(ipc_proc *p);

/**
 * Call this process (not the program) @name in ipcmon; at most 63 bytes, longer
 * is cut. 0, or what joining the domain can fail with.
 */
IPC_API int ipc_proc_set_name(const char *name);

IPC_END_DECLS

#endif /* IPC_PROC_H */

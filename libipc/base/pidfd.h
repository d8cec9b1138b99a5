#ifndef BASE_PIDFD_H
#define BASE_PIDFD_H

/* pidfd.h - the system calls, which libc has wrapped only since glibc 2.36 */

#include <signal.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline int pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* As waitid(P_PIDFD): by number, since not all of these have the name. */
static inline int pidfd_waitid(int pidfd, siginfo_t *ret, int options)
{
	return (int)syscall(SYS_waitid, 3, pidfd, ret, options, NULL);
}

static inline int pidfd_kill(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

#endif /* BASE_PIDFD_H */

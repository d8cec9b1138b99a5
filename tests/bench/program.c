/* program.c - other programs of the build, which a promise is about */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bars.h"

int beside(char path[PATH_MAX], const char *name)
{
	char    self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return 0;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	return snprintf(path, PATH_MAX, "%s/%s", self, name) < PATH_MAX && access(path, X_OK) == 0;
}

pid_t start_program(const char *const *argv, int out, const char *domain, int at_death)
{
	pid_t    pid = fork();
	sigset_t none;
	int      null;

	if (pid != 0)
		return pid;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL); /* main() waits for some: they came along */
	prctl(PR_SET_PDEATHSIG, at_death);
	if (domain)
		setenv("IPC_DOMAIN", domain, 1);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, STDIN_FILENO);
	dup2(out >= 0 ? out : null, STDOUT_FILENO);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

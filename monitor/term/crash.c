#include "term/crash.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGQUIT};

static struct {
	struct termios modes;
	char           text[256];
	size_t         n;
} restore;

static void on_crash(int signal_)
{
	ssize_t n = write(STDOUT_FILENO, restore.text, restore.n);

	(void)n; /* there is nobody left to tell */
	tcsetattr(STDIN_FILENO, TCSANOW, &restore.modes);
	/* SA_RESETHAND: the default action now, for the core file and the exit status. */
	raise(signal_);
}

void crash_guard(const struct termios *modes, const char *text, size_t n)
{
	struct sigaction a = {.sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};

	restore.modes = *modes;
	restore.n = n < sizeof(restore.text) ? n : sizeof(restore.text);
	memcpy(restore.text, text, restore.n);
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		sigaction(fatal[i], &a, NULL);
}

void crash_unguard(void)
{
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		signal(fatal[i], SIG_DFL);
}

#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

static pid_t     main_pid;
static pthread_t main_thread;

__attribute__((constructor)) static void note_main(void)
{
	main_pid = getpid();
	main_thread = pthread_self();
}

/* ---- checks ------------------------------------------------------------------- */

void test_fail_at(const char *file, int line, const char *fmt, ...)
{
	char    text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "# %s:%d: %s\n", file, line, text);
	if (getpid() != main_pid || !pthread_equal(pthread_self(), main_thread))
		_exit(TEST_FAILED);
	_fail(file, line);
	abort();
}

void test_check_eq(long long is, long long want, const char *is_text, const char *want_text,
		   const char *file, int line)
{
	if (is != want)
		test_fail_at(file, line, "%s is %lld, not %s = %lld", is_text, is, want_text, want);
}

void test_check_r(long long r, long long want, const char *call, const char *file, int line)
{
	if (r != want)
		test_fail_at(file, line, "%s: %lld (%s), not %lld (%s); last explanation: \"%s\"",
			     call, r, ipc_strerror((int)r), want, ipc_strerror((int)want),
			     ipc_explain());
}

void test_check_explains(const char *word, const char *file, int line)
{
	if (!strstr(ipc_explain(), word))
		test_fail_at(file, line, "the explanation \"%s\" lacks \"%s\"", ipc_explain(),
			     word);
}

/* ---- time ----------------------------------------------------------------------- */

static void expired(int sig)
{
	static const char text[] = "# the deadline passed\n";

	(void)sig;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(TEST_EXPIRED);
}

void test_deadline(unsigned seconds)
{
	const char *mode = getenv("MODE");

	(void)signal(SIGALRM, expired);
	if (mode && (!strcmp(mode, "asan") || !strcmp(mode, "tsan")))
		seconds *= 3;
	(void)alarm(seconds);
}

uint64_t test_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void test_pause(void)
{
	const struct timespec t = {.tv_nsec = 1000000};

	(void)nanosleep(&t, NULL);
}

void test_burn(unsigned usec)
{
	uint64_t end = test_now() + (uint64_t)usec * 1000;

	while (test_now() < end)
		;
}

/* xorshift32 */
uint32_t test_random(uint32_t *state)
{
	uint32_t x = *state ? *state : 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

unsigned test_rounds(unsigned n)
{
	const char *mode = getenv("MODE");

	if (mode && (!strcmp(mode, "asan") || !strcmp(mode, "tsan")))
		n /= 4;
	return n ? n : 1;
}

/* ---- processes and threads --------------------------------------------------------- */

/* cmocka catches what kills, and would go on with its next case in the child. */
static void usual_signals(void)
{
	static const int caught[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};

	for (size_t i = 0; i < N_OF(caught); i++)
		(void)signal(caught[i], SIG_DFL);
}

/*
 * A child of a process with threads has their memory and not them, which looks like
 * leaks; so leaks are looked for in the parent only. LeakSanitizer asks this function.
 */
static int in_child;

int __lsan_is_turned_off(void); // NOLINT(bugprone-reserved-identifier)
int __lsan_is_turned_off(void)  // NOLINT(bugprone-reserved-identifier)
{
	return in_child;
}

pid_t test_fork(int (*fn)(void *arg), void *arg)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid < 0)
		test_fail("fork: %s", strerror(errno));
	if (pid == 0) {
		usual_signals();
		(void)prctl(PR_SET_PDEATHSIG,
			    SIGKILL); /* nothing is left behind when a test fails */
		test_deadline(60);
		(void)signal(SIGALRM, SIG_DFL); /* a handler might set an event, to an observer */
		in_child = 1;
		exit(fn(arg));
	}
	return pid;
}

int test_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			test_fail("waitpid %d: %s", (int)pid, strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void test_kill(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)test_wait(pid);
}

int test_run(int (*fn)(void *arg), void *arg)
{
	return test_wait(test_fork(fn, arg));
}

bool test_asleep(pid_t pid)
{
	char  path[64], text[512] = {0};
	char *at;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	(void)!fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	at = strrchr(text, ')');
	return at && at[1] == ' ' && at[2] == 'S';
}

bool test_stays_asleep(pid_t pid, unsigned looks)
{
	for (unsigned i = 0; i < looks; i++) {
		if (!test_asleep(pid))
			return false;
		test_burn(300);
	}
	return true;
}

pid_t test_program(const char *name, const char *arg1, const char *arg2)
{
	char  path[512];
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/tests/system/prog_%s", test_build_dir(), name);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		(void)execl(path, path, arg1, arg1 ? arg2 : NULL, NULL);
		test_fail("cannot start %s: %s", path, strerror(errno));
	}
	if (pid < 0)
		test_fail("fork: %s", strerror(errno));
	return pid;
}

pthread_t test_thread(void *(*fn)(void *arg), void *arg)
{
	pthread_t t;
	int       r = pthread_create(&t, NULL, fn, arg);

	if (r)
		test_fail("pthread_create: %s", strerror(r));
	return t;
}

void test_join_thread(pthread_t t)
{
	int r = pthread_join(t, NULL);

	if (r)
		test_fail("pthread_join: %s", strerror(r));
}

/* ---- places ---------------------------------------------------------------------------- */

static const char *variable(const char *name, const char *otherwise)
{
	const char *text = getenv(name);

	return text && *text ? text : otherwise;
}

const char *test_build_dir(void)
{
	return variable("BUILD_DIR", "build");
}

const char *test_tmp(void)
{
	return variable("TEST_TMP", "/tmp");
}

const char *test_ipc_dir(void)
{
	const char *dir = getenv("IPC_DIR");

	if (!dir || !*dir)
		test_fail("IPC_DIR is not set: run tests by tests/support/run.sh");
	return dir;
}

void test_new_ipc_dir(void)
{
	static char first[400];
	static int  n;
	char        path[512];

	if (!first[0])
		(void)snprintf(first, sizeof(first), "%s", test_ipc_dir());
	(void)snprintf(path, sizeof(path), "%s/%d.%d", first, (int)getpid(), n++);
	if (mkdir(path, 0700) < 0)
		test_fail("mkdir %s: %s", path, strerror(errno));
	(void)setenv("IPC_DIR", path, 1);
}

int test_count_files(const char *path)
{
	DIR *d = opendir(path);
	int  n = 0;

	if (!d)
		return -1;
	for (const struct dirent *e = readdir(d); e; e = readdir(d))
		n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	(void)closedir(d);
	return n;
}

static uint64_t usage;

static int add_usage(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)path;
	(void)at;
	if (type == FTW_F)
		usage += (uint64_t)st->st_blocks * 512;
	return 0;
}

uint64_t test_disk_usage(const char *path)
{
	usage = 0;
	(void)nftw(path, add_usage, 8, FTW_PHYS);
	return usage;
}

bool test_room_is_limited(const char *path)
{
	struct statfs st;

	return statfs(path, &st) == 0 && st.f_type == TMPFS_MAGIC && st.f_blocks > 0;
}

void *test_shared(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		test_fail("mmap: %s", strerror(errno));
	return p;
}

/* ---- messages that can be verified --------------------------------------------------- */

static uint8_t pattern_byte(size_t i, uint32_t seed)
{
	uint32_t x = (uint32_t)(i / 4) * 2654435761u + seed * 40503u;

	return (uint8_t)(x >> (8 * (i % 4)) ^ x >> 27);
}

void test_pattern(void *buf, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = pattern_byte(i, seed);
}

bool test_pattern_is(const void *buf, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++)
		if (((const uint8_t *)buf)[i] != pattern_byte(i, seed))
			return false;
	return true;
}

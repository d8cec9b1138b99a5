/*
 * fuzz_attach.c - a process joins a domain that nobody would make, and uses what is there
 *
 * Each input has a process of its own, since joining is once in a life. It may be refused,
 * and its calls may fail; it may not crash, nor stay for longer than its alarm.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipc/handle.h>
#include <ipc/sync.h>

#include "fuzz/fuzz.h"
#include "fuzz/patch.h"
#include "runtime/process.h"

#define FILE_MAX (1 << 20)
#define SECONDS  10

static char       dir[] = "/dev/shm/fuzz-XXXXXX";
static uint8_t    made[2][FILE_MAX], now[2][FILE_MAX];
static size_t     len[2];
static const char names[2][PATH_MAX] = {"registry", "o0.0"};

static void path_of(const char *file, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s/default/%s", dir, file);
}

/* libFuzzer takes exit(3) for a finding. */
static _Noreturn void leave(void)
{
	process_leave();
	_exit(0);
}

/* A queue with messages short and long, a block, and nobody. */
static void make_objects(void)
{
	static char big[3000];
	ipc_queue  *q;
	ipc_shm    *shm;

	if (ipc_queue_create(&q, "q", NULL) < 0 || ipc_shm_create(&shm, "shm", 4096) < 0)
		_exit(1);
	for (size_t n = 0; n < sizeof(big); n += 300)
		if (ipc_queue_put(q, big, n, IPC_NOW) < 0)
			_exit(1);
	leave();
}

static void load(int i)
{
	char path[PATH_MAX];
	int  fd;

	path_of(names[i], path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len[i] = (size_t)read(fd, made[i], FILE_MAX);
	(void)close(fd);
	if (fd < 0 || len[i] < 4096)
		abort();
}

static void store(int i, size_t cut)
{
	char path[PATH_MAX];
	int  fd;

	path_of("", path, sizeof(path)); /* who leaves a domain last removes it */
	(void)mkdir(path, 0700);
	path_of(names[i], path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, now[i], cut) != (ssize_t)cut || ftruncate(fd, (off_t)cut) < 0)
		abort();
	(void)close(fd);
}

static void remove_all(void)
{
	char command[PATH_MAX];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (system(command) != 0)
		(void)fprintf(stderr, "%s is left behind\n", dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	pid_t pid;

	(void)argc;
	(void)argv;
	if (!mkdtemp(dir) || setenv("IPC_DIR", dir, 1) < 0 ||
	    setenv("IPC_MAX_PROCESSES", "8", 1) < 0 || setenv("IPC_MAX_OBJECTS", "8", 1) < 0)
		return 1;
	pid = fork();
	if (pid == 0)
		make_objects();
	(void)waitpid(pid, NULL, 0);
	for (int i = 0; i < 2; i++)
		load(i);
	(void)atexit(remove_all);
	return 0;
}

static void use_all(void)
{
	static char buf[4096];
	ipc_queue  *q;
	ipc_shm    *shm;

	if (ipc_queue_open(&q, "q") == 0) {
		(void)!ipc_queue_put(q, "x", 1, IPC_NOW);
		(void)!ipc_queue_put(q, buf, sizeof(buf), IPC_NOW);
		for (int i = 0; i < 8; i++)
			(void)!ipc_queue_get(q, buf, sizeof(buf), IPC_NOW);
		q = ipc_queue_close(q);
	}
	if (ipc_shm_open(&shm, "shm") == 0)
		shm = ipc_shm_close(shm);
	leave();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct target t[2] = {{now[0], len[0], len[0]}, {now[1], len[1], len[1]}};
	int           status;
	pid_t         pid;

	for (int i = 0; i < 2; i++)
		memcpy(now[i], made[i], len[i]);
	patch_all(data, size, &t[0], &t[1]);
	for (int i = 0; i < 2; i++)
		store(i, t[i].cut);
	pid = fork();
	if (pid == 0) {
		(void)alarm(SECONDS);
		use_all();
	}
	if (pid < 0 || TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) != pid)
		abort();
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		(void)fprintf(stderr, "fuzz_attach: the process ended with status %d, signal %d\n",
			      WEXITSTATUS(status), WIFSIGNALED(status) ? WTERMSIG(status) : 0);
		abort();
	}
	return 0;
}

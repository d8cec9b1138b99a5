/*
 * rival_iceoryx.c - iceoryx by its binding for C, configured to lose nothing
 *
 * It publishes and subscribes: each subscriber has a queue of its own and would get all messages,
 * so there is one consumer, and what that has not read when it is killed goes with it. The daemon
 * it needs is started for each round, and killed with what is left of it: asked to end it would
 * wait for the dead.
 */

#if __has_include(<iceoryx_binding_c/runtime.h>)

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <iceoryx_binding_c/log.h>
#include <iceoryx_binding_c/publisher.h>
#include <iceoryx_binding_c/runtime.h>
#include <iceoryx_binding_c/subscriber.h>
#include <iceoryx_binding_c/wait_set.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "rivals.h"

#define DAEMON      "iox-roudi"
#define MANAGEMENT  "/iceoryx_mgmt" /* its shared memory; there while a daemon runs */
#define READY_TRIES 500             /* of 20 ms */
#define HEAD        8u              /* of a chunk: how long its message is */

static pid_t             daemon_pid;
static iox_pub_storage_t pub_storage;
static iox_sub_storage_t sub_storage;
static iox_ws_storage_t  ws_storage;
static iox_pub_t         pub;
static iox_sub_t         sub;
static iox_ws_t          ws;

static bool daemon_runs(void)
{
	int fd = shm_open(MANAGEMENT, O_RDONLY, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Not where somebody else's daemon runs: it would be hurt. */
static int has_iceoryx(void)
{
	return system("command -v " DAEMON " >/dev/null 2>&1") == 0 && !daemon_runs();
}

static void wait_a_moment(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

static int open_iceoryx(void)
{
	daemon_pid = fork();
	if (daemon_pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execlp(DAEMON, DAEMON, "--log-level", "off", (char *)NULL);
		_exit(127);
	}
	for (int i = 0; !daemon_runs(); i++) {
		if (i == READY_TRIES)
			return -ETIMEDOUT;
		wait_a_moment();
	}
	return daemon_pid < 0 ? -EAGAIN : 0;
}

static bool is_connected(void)
{
	return pub ? iox_pub_has_subscribers(pub)
		   : iox_sub_get_subscription_state(sub) == SubscribeState_SUBSCRIBED;
}

static void publish(void)
{
	iox_pub_options_t options;

	iox_pub_options_init(&options);
	options.subscriberTooSlowPolicy = ConsumerTooSlowPolicy_WAIT_FOR_CONSUMER;
	pub = iox_pub_init(&pub_storage, "ipcrivals", "all", "forth", &options);
}

static void subscribe(void)
{
	iox_sub_options_t options;

	iox_sub_options_init(&options);
	options.queueCapacity = DEPTH;
	options.queueFullPolicy = QueueFullPolicy_BLOCK_PRODUCER;
	sub = iox_sub_init(&sub_storage, "ipcrivals", "all", "forth", &options);
	ws = iox_ws_init(&ws_storage);
	iox_ws_attach_subscriber_state(ws, sub, SubscriberState_HAS_DATA, 0, NULL);
}

static int enter_iceoryx(bool producer)
{
	char name[32];

	snprintf(name, sizeof(name), "ipcrivals-%d", (int)getpid());
	iox_set_loglevel(Iceoryx_LogLevel_Off);
	iox_runtime_init(name);
	if (producer)
		publish();
	else
		subscribe();
	for (int i = 0; !is_connected(); i++) {
		if (i == READY_TRIES)
			return -ETIMEDOUT;
		wait_a_moment();
	}
	return 0;
}

static int send_iceoryx(const void *buf, size_t len)
{
	const uint64_t n = len;
	void          *at;

	if (iox_pub_loan_chunk(pub, &at, (uint32_t)(HEAD + len)) != AllocationResult_SUCCESS)
		return -ENOBUFS;
	memcpy(at, &n, sizeof(n));
	memcpy((char *)at + HEAD, buf, len);
	iox_pub_publish_chunk(pub, at);
	return 0;
}

static ssize_t recv_iceoryx(void *buf, size_t cap)
{
	enum iox_ChunkReceiveResult r;
	iox_notification_info_t     info;
	const void                 *at;
	uint64_t                    n;

	while ((r = iox_sub_take_chunk(sub, &at)) == ChunkReceiveResult_NO_CHUNK_AVAILABLE)
		iox_ws_wait(ws, &info, 1, &n);
	if (r != ChunkReceiveResult_SUCCESS)
		return -EIO;
	memcpy(&n, at, sizeof(n));
	if (n > cap)
		n = 0; /* nobody sent that */
	memcpy(buf, (const char *)at + HEAD, n);
	iox_sub_release_chunk(sub, at);
	return (ssize_t)n;
}

/* A process that goes without a word makes the daemon abort; the word is said by exit(). */
static void leave_iceoryx(void)
{
	if (sub) {
		iox_ws_detach_subscriber_state(ws, sub, SubscriberState_HAS_DATA);
		iox_ws_deinit(ws);
		iox_sub_deinit(sub);
	}
	if (pub)
		iox_pub_deinit(pub);
	iox_runtime_shutdown();
	exit(0);
}

static void remove_files_of(const char *pattern)
{
	glob_t found;

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
	globfree(&found);
}

/* What the daemon and the others leave that are killed. Its data lie under the group's name. */
static void clean_iceoryx(pid_t host)
{
	const struct group *group = getgrgid(getgid());

	(void)host;
	shm_unlink(MANAGEMENT);
	if (group)
		shm_unlink(group->gr_name);
	remove_files_of("/tmp/ipcrivals-*");
	remove_files_of("/tmp/roudi");
	remove_files_of("/tmp/roudi.lock");
	remove_files_of("/tmp/iox-unique-roudi.lock");
}

const struct rival rival_iceoryx = {.n_consumers = 1,
				    .own_queue = true,
				    .installed = has_iceoryx,
				    .open = open_iceoryx,
				    .enter = enter_iceoryx,
				    .send = send_iceoryx,
				    .recv = recv_iceoryx,
				    .leave = leave_iceoryx,
				    .clean = clean_iceoryx};

#endif

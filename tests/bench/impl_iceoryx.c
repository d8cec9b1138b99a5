/*
 * impl_iceoryx.c - iceoryx, one publisher and one subscriber, by its binding for C
 *
 * It publishes and subscribes, which is more than a channel; configured to lose nothing: who
 * publishes waits for who is slow. A receiver looks, and if nothing is there waits in a wait set,
 * which sleeps. It needs a daemon, which is started once and ended with ipcbench; one that runs
 * already serves as well. Its chunks come from pools of the default configuration.
 */

#if __has_include(<iceoryx_binding_c/runtime.h>)

#include <errno.h>
#include <fcntl.h>
#include <iceoryx_binding_c/log.h>
#include <iceoryx_binding_c/publisher.h>
#include <iceoryx_binding_c/runtime.h>
#include <iceoryx_binding_c/subscriber.h>
#include <iceoryx_binding_c/wait_set.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "impls.h"

#define DAEMON      "iox-roudi"
#define MAX_CHUNK   (4 * 1024 * 1024) /* the largest of its default pools */
#define READY_TRIES 200               /* of 20 ms */

struct iceoryx {
	char              instance[32];
	struct bench_plan plan;
	iox_pub_storage_t pub_storage;
	iox_sub_storage_t sub_storage;
	iox_ws_storage_t  ws_storage;
	iox_pub_t         pub;
	iox_sub_t         sub;
	iox_ws_t          ws;
	void             *loan;
	const void       *taken;
};

/* ---- the daemon ------------------------------------------------------------------------------ */

static pid_t daemon_pid, daemon_owner;

static void daemon_stop(void)
{
	if (daemon_pid <= 0 || daemon_owner != getpid())
		return; /* a child of its owner */
	kill(daemon_pid, SIGTERM);
	waitpid(daemon_pid, NULL, 0);
	daemon_pid = 0;
}

static _Noreturn void daemon_exec(int status)
{
	int      null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execlp(DAEMON, DAEMON, "--log-level", "off", (char *)NULL);
	if (write(status, "!", 1) < 0)
		_exit(126);
	_exit(127);
}

/* 0, or -ENOENT. That it is ready is seen by who registers with it: they wait for it. */
static int daemon_start(void)
{
	int     status[2];
	char    failed;
	ssize_t n;

	if (daemon_pid > 0)
		return 0;
	if (pipe2(status, O_CLOEXEC) < 0)
		return -errno;
	daemon_owner = getpid();
	daemon_pid = fork();
	if (daemon_pid == 0)
		daemon_exec(status[1]);
	close(status[1]);
	n = read(status[0], &failed, 1); /* nothing: the program runs, and closed it */
	close(status[0]);
	if (daemon_pid < 0 || n > 0) {
		if (daemon_pid > 0)
			waitpid(daemon_pid, NULL, 0);
		daemon_pid = 0;
		return -ENOENT;
	}
	return atexit(daemon_stop) ? -ENOMEM : 0;
}

/* ---- starting and ending --------------------------------------------------------------------- */

static int iceoryx_open(void **ret, const struct bench_plan *plan)
{
	static unsigned n;
	struct iceoryx *i;
	int             r = daemon_start();

	if (r < 0)
		return r;
	i = calloc(1, sizeof(*i));
	if (!i)
		return -ENOMEM;
	i->plan = *plan;
	snprintf(i->instance, sizeof(i->instance), "%d-%u", (int)getpid(), n++);
	*ret = i;
	return 0;
}

static void publish_on(struct iceoryx *i, const char *way)
{
	iox_pub_options_t options;

	iox_pub_options_init(&options);
	options.subscriberTooSlowPolicy = ConsumerTooSlowPolicy_WAIT_FOR_CONSUMER;
	i->pub = iox_pub_init(&i->pub_storage, "ipcbench", i->instance, way, &options);
}

static void subscribe_to(struct iceoryx *i, const char *way)
{
	iox_sub_options_t options;

	iox_sub_options_init(&options);
	options.queueCapacity = i->plan.depth;
	options.queueFullPolicy = QueueFullPolicy_BLOCK_PRODUCER;
	i->sub = iox_sub_init(&i->sub_storage, "ipcbench", i->instance, way, &options);
	i->ws = iox_ws_init(&i->ws_storage);
	iox_ws_attach_subscriber_state(i->ws, i->sub, SubscriberState_HAS_DATA, 0, NULL);
}

static int is_connected(const struct iceoryx *i)
{
	return (!i->pub || iox_pub_has_subscribers(i->pub)) &&
	       (!i->sub || iox_sub_get_subscription_state(i->sub) == SubscribeState_SUBSCRIBED);
}

static int iceoryx_enter(void *chan, enum bench_side side)
{
	const struct timespec moment = {.tv_nsec = 20000000};
	struct iceoryx       *i = chan;
	char                  name[32];

	snprintf(name, sizeof(name), "ipcbench-%d", (int)getpid());
	iox_set_loglevel(Iceoryx_LogLevel_Off);
	iox_runtime_init(name);
	if (side == SIDE_A) {
		publish_on(i, "forth");
		if (i->plan.which == CASE_ROUNDTRIP)
			subscribe_to(i, "back");
	} else {
		subscribe_to(i, "forth");
		if (i->plan.which == CASE_ROUNDTRIP)
			publish_on(i, "back");
	}
	for (int n = 0; !is_connected(i); n++) {
		if (n == READY_TRIES)
			return -ETIMEDOUT;
		nanosleep(&moment, NULL);
	}
	return 0;
}

/*
 * A process that goes without a word makes the daemon abort when it is ended; the word is said by
 * the destructor of a static object, hence exit().
 */
static void iceoryx_leave(void *chan)
{
	struct iceoryx *i = chan;

	if (i->sub) {
		iox_ws_detach_subscriber_state(i->ws, i->sub, SubscriberState_HAS_DATA);
		iox_ws_deinit(i->ws);
		iox_sub_deinit(i->sub);
	}
	if (i->pub)
		iox_pub_deinit(i->pub);
	iox_runtime_shutdown();
	exit(0);
}

/* ---- messages -------------------------------------------------------------------------------- */

static int iceoryx_reserve(void *chan, size_t len, void **ret)
{
	struct iceoryx *i = chan;

	if (iox_pub_loan_chunk(i->pub, &i->loan, (uint32_t)len) != AllocationResult_SUCCESS)
		return -ENOBUFS;
	*ret = i->loan;
	return 0;
}

static int iceoryx_commit(void *chan, size_t len)
{
	struct iceoryx *i = chan;

	(void)len;
	iox_pub_publish_chunk(i->pub, i->loan);
	return 0;
}

static ssize_t iceoryx_take(void *chan, const void **ret)
{
	struct iceoryx             *i = chan;
	enum iox_ChunkReceiveResult r;
	iox_notification_info_t     info;
	uint64_t                    missed;

	while ((r = iox_sub_take_chunk(i->sub, &i->taken)) == ChunkReceiveResult_NO_CHUNK_AVAILABLE)
		iox_ws_wait(i->ws, &info, 1, &missed);
	if (r != ChunkReceiveResult_SUCCESS)
		return -EIO;
	*ret = i->taken;
	return (ssize_t)i->plan.size; /* its binding for C cannot say; the pattern can */
}

static int iceoryx_release(void *chan)
{
	struct iceoryx *i = chan;

	iox_sub_release_chunk(i->sub, i->taken);
	return 0;
}

static int iceoryx_send(void *chan, enum bench_way way, const void *buf, size_t len)
{
	void *at;
	int   r = iceoryx_reserve(chan, len, &at);

	(void)way; /* each side publishes on one */
	if (r < 0)
		return r;
	memcpy(at, buf, len);
	return iceoryx_commit(chan, len);
}

static ssize_t iceoryx_recv(void *chan, enum bench_way way, void *buf, size_t cap)
{
	const void *at;
	ssize_t     len = iceoryx_take(chan, &at);

	(void)way;
	if (len < 0)
		return len;
	if ((size_t)len <= cap)
		memcpy(buf, at, (size_t)len);
	iceoryx_release(chan);
	return len;
}

const struct bench_impl impl_iceoryx = {
	.name = "iceoryx",
	.is_peer = 1,
	.cases = TWO_PARTIES | 1 << CASE_WAKEUP | INPLACE_CASES,
	.max_size = MAX_CHUNK,
	.open = iceoryx_open,
	.enter = iceoryx_enter,
	.leave = iceoryx_leave,
	.send = iceoryx_send,
	.recv = iceoryx_recv,
	.reserve = iceoryx_reserve,
	.commit = iceoryx_commit,
	.take = iceoryx_take,
	.release = iceoryx_release,
	.close = free,
};

#endif

/*
 * process.c - processes that come, fork and go
 *
 * The stage holds a pipe of which all who are forked inherit both ends, so that each
 * process too many, or too few, shows at its end of file.
 */

#include <ipc/proc.h>

#include "operations.h"
#include "support/test.h"

#define LIMIT IPC_SEC(5)

static ipc_conn *end[2];

static void prepare(struct scene *s)
{
	check_ok(ipc_pipe(end, NULL));
	check_ok(ipc_conn_send(end[0], "x", 1, IPC_NOW));
	check_r(ipc_conn_recv(end[1], &(char){0}, 1, IPC_NOW), 1);
}

static void aftermath(struct scene *s)
{
	ssize_t  r;
	char     c;
	unsigned n = 0;

	end[1] = ipc_conn_close(end[1]);
	s->before.ends--;
	if (!scene_killed(s))
		scene_wait_victim(s);
	/* what children of the victim still send, and then the end */
	while ((r = scene_timed(s, ipc_conn_recv(end[0], &c, 1, LIMIT))) == 1)
		n++;
	if (r != -EPIPE)
		scene_fail(s, "instead of the end of file: %s", ipc_strerror((int)r));
	if (n > 1)
		scene_fail(s, "%u messages of one child", n);
	if (!scene_killed(s) && n != s->trial->context->queued)
		scene_fail(s, "%u messages of the victim's child", n);
}

static void let_go(struct scene *s)
{
	end[0] = ipc_conn_close(end[0]);
}

static const struct play processes = {.prepare = prepare, .aftermath = aftermath, .end = let_go};

/* ---- operations --------------------------------------------------------------------------- */

static int send_one(void *arg)
{
	return ipc_conn_send(end[1], "y", 1, LIMIT) < 0;
}

static void act_fork(struct scene *s)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(send_one(NULL)); /* without leaving: it is found out, too */
}

static void act_spawn(struct scene *s)
{
	ipc_proc *child;

	if (ipc_spawn(&child, send_one, NULL, IPC_OPTS(ipc_proc_opts, .name = "child")) < 0)
		return;
	(void)!ipc_proc_join(child, IPC_FOREVER, NULL);
	child = ipc_proc_close(child);
}

static void act_join(struct scene *s)
{
	(void)ipc_proc_set_name("newcomer");
}

static void act_exit(struct scene *s)
{
	exit(0);
}

static const struct context with_child[] = {{.name = "of a member", .queued = 1}};
static const struct context member[] = {{.name = "a member"}};
static const struct context newcomer[] = {{.name = "a newcomer"}};

#define IN(table) .context = (table), .n_contexts = N_OF(table)

static const struct operation operations[] = {
	{"fork", &processes, act_fork, .child_dies = true, IN(with_child)},
	{"spawn, join of the child", &processes, act_spawn, IN(with_child)},
	{"domain join", &processes, act_join, .fresh = true, IN(newcomer)},
	{"domain leave", &processes, act_exit, IN(member)},
};

const struct operation_table process_operations = {"processes", operations, N_OF(operations)};

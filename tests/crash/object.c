/*
 * object.c - operations that make, find and end objects
 *
 * The stage has a queue "old" with a message in it, which all inherit. The operation is
 * done to it, or makes one called "new".
 */

#include <ipc/shm.h>
#include <ipc/sync.h>
#include <ipc/value.h>

#include "operations.h"
#include "support/test.h"

#define LIMIT IPC_SEC(5)
#define BYTES 5000u

/* What one kind of object answers to. */
struct face {
	int (*make)(struct scene *s, const char *name);
	int (*open)(struct scene *s, const char *name);
	void (*use)(struct scene *s); /* of what was made or opened last */
	void (*close)(struct scene *s);
	int (*unlink)(const char *name);
};

static struct {
	ipc_queue *q;
	ipc_shm   *shm;
	ipc_conn  *end[2];
	ipc_mutex *mutex;
	ipc_value *value;
} mine;

/* ---- queues and memory under one face ------------------------------------------------- */

static int make_queue(struct scene *s, const char *name)
{
	return ipc_queue_create(&mine.q, name, IPC_OPTS(ipc_queue_opts, .maxsize = 8));
}

static int open_queue(struct scene *s, const char *name)
{
	return ipc_queue_open(&mine.q, name);
}

static void use_queue(struct scene *s)
{
	char    buf[64];
	int     put = scene_timed(s, ipc_queue_put(mine.q, "x", 1, LIMIT));
	ssize_t got = put == -EPIPE ? 1 : scene_timed(s, ipc_queue_get(mine.q, buf, 64, LIMIT));

	if ((put < 0 && put != -EPIPE) || got != 1)
		scene_fail(s, "a queue does not carry: put %s, get %zd", ipc_strerror(put), got);
}

static void close_queue(struct scene *s)
{
	mine.q = ipc_queue_close(mine.q);
}

static int make_shm(struct scene *s, const char *name)
{
	return ipc_shm_create(&mine.shm, name, BYTES);
}

static int open_shm(struct scene *s, const char *name)
{
	return ipc_shm_open(&mine.shm, name);
}

static void use_shm(struct scene *s)
{
	char *data = ipc_shm_data(mine.shm);

	if (ipc_shm_size(mine.shm) != BYTES)
		scene_fail(s, "shared memory has %zu bytes", ipc_shm_size(mine.shm));
	for (unsigned i = 0; i < BYTES; i++)
		if (data[i])
			scene_fail(s, "shared memory is not zeroed");
	memset(data, 1, BYTES);
	memset(data, 0, BYTES);
}

static void close_shm(struct scene *s)
{
	mine.shm = ipc_shm_close(mine.shm);
}

static int make_mutex(struct scene *s, const char *name)
{
	return ipc_mutex_create(&mine.mutex, name);
}

static int open_mutex(struct scene *s, const char *name)
{
	return ipc_mutex_open(&mine.mutex, name);
}

static void use_mutex(struct scene *s)
{
	int r = scene_timed(s, ipc_mutex_lock(mine.mutex, LIMIT));

	if ((r < 0 && r != -EOWNERDEAD) || ipc_mutex_unlock(mine.mutex) < 0)
		scene_fail(s, "a named mutex: %s", ipc_strerror(r));
}

static void close_mutex(struct scene *s)
{
	mine.mutex = ipc_mutex_close(mine.mutex);
}

static int make_value(struct scene *s, const char *name)
{
	return ipc_value_create(&mine.value, name, 7, INT64_MIN, INT64_MAX);
}

static int open_value(struct scene *s, const char *name)
{
	return ipc_value_open(&mine.value, name);
}

static void use_value(struct scene *s)
{
	int64_t now = 0;

	if (ipc_value_add(mine.value, 1, &now) < 0 || now < 8 || now > 100)
		scene_fail(s, "a named value is %lld", (long long)now);
}

static void close_value(struct scene *s)
{
	mine.value = ipc_value_close(mine.value);
}

static const struct face queues = {make_queue, open_queue, use_queue, close_queue,
				   ipc_queue_unlink};
static const struct face memory = {make_shm, open_shm, use_shm, close_shm, ipc_shm_unlink};

static const struct face mutexes = {make_mutex, open_mutex, use_mutex, close_mutex,
				    ipc_mutex_unlink};
static const struct face values = {make_value, open_value, use_value, close_value,
				   ipc_value_unlink};

static const struct face *face_of(const struct scene *s)
{
	return s->trial->op->with;
}

static void act_unlink(struct scene *s)
{
	(void)face_of(s)->unlink("old");
}

/* ---- before and after -------------------------------------------------------------------- */

static void prepare(struct scene *s)
{
	check_ok(face_of(s)->make(s, "old"));
	face_of(s)->use(s);
}

/* A name is free, or that of something whole: never anything between. */
static void whole_or_absent(struct scene *s, const char *name)
{
	const struct face *f = face_of(s);
	__auto_type kept = mine;
	int r = f->open(s, name);

	if (r == -ENOENT)
		r = f->make(s, name);
	if (r < 0)
		scene_fail(s, "\"%s\" is neither there nor free: %s %s", name, ipc_strerror(r),
			   ipc_explain());
	f->use(s);
	f->close(s);
	r = f->unlink(name);
	if (r < 0)
		scene_fail(s, "unlink of \"%s\": %s", name, ipc_strerror(r));
	mine = kept;
}

/* "old" can be opened, unless that is what the victim ended. */
static void still_there(struct scene *s)
{
	__auto_type kept = mine;
	int r = face_of(s)->open(s, "old");

	if (r == 0)
		face_of(s)->close(s);
	else if (r != -ENOENT || s->trial->op->act != act_unlink)
		scene_fail(s, "\"old\" cannot be opened: %s", ipc_strerror(r));
	mine = kept;
}

static void aftermath(struct scene *s)
{
	if (!scene_killed(s))
		scene_wait_victim(s);
	face_of(s)->use(s); /* whoever has it keeps it */
	still_there(s);
	whole_or_absent(s, "new");
}

static void end(struct scene *s)
{
	face_of(s)->close(s);
	(void)face_of(s)->unlink("old"); /* fails where that was the victim's work */
}

static void prime_second(struct scene *s)
{
	check_ok(face_of(s)->make(s, NULL));
	face_of(s)->use(s);
}

static const struct play objects = {.prepare = prepare, .aftermath = aftermath, .end = end};
static const struct play private_object = {
	.prepare = prepare, .prime = prime_second, .aftermath = aftermath, .end = end};

/* ---- pipes ---------------------------------------------------------------------------------- */

static void prepare_pipe(struct scene *s)
{
	check_ok(ipc_pipe(mine.end, NULL));
	check_ok(ipc_conn_send(mine.end[0], "x", 1, IPC_NOW));
	check_r(ipc_conn_recv(mine.end[1], &(char){0}, 1, IPC_NOW), 1);
}

static void prime_pipe(struct scene *s)
{
	mine.end[0] = ipc_conn_close(mine.end[0]);
}

static void aftermath_pipe(struct scene *s)
{
	char    c;
	ssize_t r;

	mine.end[1] = ipc_conn_close(mine.end[1]);
	s->before.ends--;
	if (!scene_killed(s))
		scene_wait_victim(s);
	r = scene_timed(s, ipc_conn_recv(mine.end[0], &c, 1, LIMIT));
	if (r != -EPIPE)
		scene_fail(s, "instead of the end of file: %s", ipc_strerror((int)r));
	r = scene_timed(s, ipc_conn_send(mine.end[0], &c, 1, LIMIT));
	if (r != -EPIPE)
		scene_fail(s, "sent to nobody: %s", ipc_strerror((int)r));
}

static void end_pipe(struct scene *s)
{
	mine.end[0] = ipc_conn_close(mine.end[0]);
}

static const struct play pipes = {
	.prepare = prepare_pipe, .prime = prime_pipe, .aftermath = aftermath_pipe, .end = end_pipe};

/* One who receives sleeps already when the last other end goes, and touches nothing else. */
static void receive_end(struct scene *s)
{
	char    c;
	ssize_t r;

	mine.end[1] = ipc_conn_close(mine.end[1]);
	r = ipc_conn_recv(mine.end[0], &c, 1, IPC_SEC(30));
	if (r != -EPIPE)
		scene_fail(s, "instead of the end of file: %s", ipc_strerror((int)r));
}

static void others_asleep(struct scene *s)
{
	s->helper = scene_fork(s, receive_end);
	if (!wait_until(test_asleep(s->helper), 20))
		scene_fail(s, "the receiver does not fall asleep");
}

/* The victim's is the last: the stage has let go of its own before. */
static void ready_alone(struct scene *s)
{
	mine.end[1] = ipc_conn_close(mine.end[1]);
	s->before.ends--;
}

static void aftermath_asleep(struct scene *s)
{
	if (!scene_killed(s))
		scene_wait_victim(s);
	scene_wait(s, s->helper, "the receiver");
}

static const struct play pipe_asleep = {.prepare = prepare_pipe,
					.others = others_asleep,
					.prime = prime_pipe,
					.ready = ready_alone,
					.aftermath = aftermath_asleep,
					.end = end_pipe};

/* ---- operations ------------------------------------------------------------------------------ */

static void act_create(struct scene *s)
{
	(void)!face_of(s)->make(s, "new");
}

static void act_create_nameless(struct scene *s)
{
	(void)!face_of(s)->make(s, NULL);
}

static void act_open(struct scene *s)
{
	(void)!face_of(s)->open(s, "old");
}

static void act_close(struct scene *s)
{
	face_of(s)->close(s);
}

static void act_shutdown(struct scene *s)
{
	(void)ipc_queue_shutdown(mine.q);
}

static void act_pipe(struct scene *s)
{
	(void)!ipc_pipe(mine.end, NULL);
}

static void act_close_end(struct scene *s)
{
	mine.end[1] = ipc_conn_close(mine.end[1]);
}

static const struct context plain[] = {{.name = "by a child"}};
static const struct context asleep[] = {{.name = "receiver asleep", .helper = true}};
static const struct context last[] = {{.name = "the last handle"}};
static const struct context newcomer[] = {{.name = "by a newcomer"}};

#define IN(table) .context = (table), .n_contexts = N_OF(table)

static const struct operation operations[] = {
	{"queue create", &objects, act_create, &queues, IN(plain)},
	{"queue create", &objects, act_create, &queues, .fresh = true, IN(newcomer)},
	{"queue create without name", &objects, act_create_nameless, &queues, IN(plain)},
	{"queue open", &objects, act_open, &queues, IN(plain)},
	{"queue open", &objects, act_open, &queues, .fresh = true, IN(newcomer)},
	{"queue close", &objects, act_close, &queues, IN(plain)},
	{"queue close", &private_object, act_close, &queues, IN(last)},
	{"queue unlink", &objects, act_unlink, &queues, IN(plain)},
	{"queue shutdown", &objects, act_shutdown, &queues, IN(plain)},
	{"shm create", &objects, act_create, &memory, IN(plain)},
	{"shm open", &objects, act_open, &memory, IN(plain)},
	{"shm close", &objects, act_close, &memory, IN(plain)},
	{"shm close", &private_object, act_close, &memory, IN(last)},
	{"shm unlink", &objects, act_unlink, &memory, IN(plain)},
	{"mutex create", &objects, act_create, &mutexes, IN(plain)},
	{"mutex open", &objects, act_open, &mutexes, IN(plain)},
	{"mutex close", &objects, act_close, &mutexes, IN(plain)},
	{"mutex unlink", &objects, act_unlink, &mutexes, IN(plain)},
	{"value create", &objects, act_create, &values, IN(plain)},
	{"value open", &objects, act_open, &values, IN(plain)},
	{"value close", &objects, act_close, &values, IN(plain)},
	{"value unlink", &objects, act_unlink, &values, IN(plain)},
	{"pipe", &pipes, act_pipe, IN(plain)},
	{"pipe close", &pipes, act_close_end, IN(plain)},
	{"pipe close", &pipe_asleep, act_close_end, IN(asleep)},
};

const struct operation_table object_operations = {"objects and their names", operations,
						  N_OF(operations)};

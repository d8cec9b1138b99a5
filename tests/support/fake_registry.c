/* fake_registry.c - see fake_registry.h */

#include "support/fake_registry.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"

#define GEN 7u /* of every record */

/* ---- the file ------------------------------------------------------------------ */

static void add_table(struct fake *f, enum table_id t, size_t stride, uint32_t n, uint64_t *at)
{
	struct table_desc *d = &fake_header(f)->table[t];

	*d = (struct table_desc){.offset = *at, .stride = stride, .capacity = n, .ready = n};
	*at += stride * n;
	assert(*at <= FAKE_BYTES);
}

static void fill_header(struct fake *f)
{
	struct registry_header *h = fake_header(f);
	uint64_t                at = REGISTRY_HEADER_BYTES;
	int                     fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	h->magic = REGISTRY_MAGIC;
	h->major = REGISTRY_MAJOR;
	h->minor = REGISTRY_MINOR;
	h->header_bytes = sizeof(*h);
	h->word_bytes = 8;
	h->state = DOMAIN_READY;
	h->nonce = f->made_ns;
	h->created_real_ns = clock_ns(CLOCK_REALTIME);
	h->created_mono_ns = h->mono0 = h->tick0 = f->made_ns;
	h->tick_kind = TICK_MONOTONIC;
	h->ns_inode = proc_pid_namespace();
	if (fd >= 0) {
		ssize_t n = read(fd, h->boot_id, 36);

		(void)n;
		(void)close(fd);
	}
	add_table(f, TABLE_PROCESSES, sizeof(struct process_rec), FAKE_PROCESSES, &at);
	add_table(f, TABLE_THREADS, sizeof(struct thread_rec), FAKE_THREADS, &at);
	add_table(f, TABLE_OBJECTS, sizeof(struct object_rec), FAKE_OBJECTS, &at);
	add_table(f, TABLE_ENDS, sizeof(struct end_rec), FAKE_ENDS, &at);
	add_table(f, TABLE_PROCESS_LABELS, sizeof(struct process_label), FAKE_PROCESSES, &at);
	add_table(f, TABLE_OBJECT_LABELS, sizeof(struct object_label), FAKE_OBJECTS, &at);
	add_table(f, TABLE_HISTOGRAMS, sizeof(struct histogram_rec), FAKE_ENDS, &at);
	add_table(f, TABLE_FAILURES, sizeof(struct failures_rec), FAKE_ENDS, &at);
	add_table(f, TABLE_PASTS, sizeof(struct past_rec), FAKE_OBJECTS, &at);
}

static void touch(const struct fake *f, const char *file)
{
	char path[300];
	int  fd;

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, file);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert(fd >= 0);
	(void)close(fd); /* no lock of this process is on it: see base/alive.c */
}

void fake_make(struct fake *f)
{
	const char *tmp = getenv("TMPDIR");

	memset(f, 0, sizeof(*f));
	(void)snprintf(f->dir, sizeof(f->dir), "%s/fake-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(f->dir))
		abort();
	f->bytes = aligned_alloc(64, FAKE_BYTES);
	assert(f->bytes);
	memset(f->bytes, 0, FAKE_BYTES);
	f->made_ns = clock_now_ns();
	fill_header(f);
	touch(f, ALIVE_FILE);
	touch(f, FORK_FILE);
}

struct registry_header *fake_header(struct fake *f)
{
	return (struct registry_header *)(void *)f->bytes;
}

void *fake_record(struct fake *f, enum table_id t, uint32_t i)
{
	return f->bytes + fake_header(f)->table[t].offset + i * fake_header(f)->table[t].stride;
}

/* What the library keeps besides the ends table itself. */
static void link_ends(struct fake *f)
{
	for (uint32_t i = 0; i < f->n[TABLE_OBJECTS]; i++) {
		struct object_rec *o = fake_record(f, TABLE_OBJECTS, i);

		o->first_end = 0;
		memset(o->holders, 0, sizeof(o->holders));
	}
	for (uint32_t i = 0; i < f->n[TABLE_ENDS]; i++) {
		struct end_rec    *e = fake_end_at(f, i);
		struct object_rec *o = fake_record(f, TABLE_OBJECTS, ref_index(e->object));

		if (life_state(e->life) != LIFE_LIVE)
			continue;
		e->next = o->first_end;
		o->first_end = i + 1;
		for (unsigned b = 0; b < RIGHTS_MAX; b++)
			o->holders[b] += e->rights >> b & 1;
	}
}

static void write_file(const struct fake *f, const char *file, const void *buf, size_t bytes,
		       uint64_t offset)
{
	char    path[300];
	ssize_t n;
	int     fd;

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, file);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert(fd >= 0);
	n = pwrite(fd, buf, bytes, (off_t)offset);
	assert(n == (ssize_t)bytes);
	(void)n;
	(void)close(fd);
}

static void set_used(struct fake *f)
{
	struct table_desc *d = fake_header(f)->table;

	for (int t = 0; t < N_TABLES; t++)
		d[t].used = f->n[t];
	d[TABLE_PROCESS_LABELS].used = f->n[TABLE_PROCESSES];
	d[TABLE_OBJECT_LABELS].used = f->n[TABLE_OBJECTS];
	d[TABLE_HISTOGRAMS].used = d[TABLE_FAILURES].used = f->n[TABLE_ENDS];
	d[TABLE_PASTS].used = f->n[TABLE_OBJECTS];
}

void fake_write(struct fake *f)
{
	if (!f->as_is) {
		link_ends(f);
		set_used(f);
		fake_header(f)->change++;
	}
	write_file(f, REGISTRY_FILE, f->bytes, FAKE_BYTES, 0);
}

void fake_object_file(struct fake *f, uint32_t object, const void *buf, size_t bytes,
		      uint64_t offset)
{
	char file[64];

	(void)snprintf(file, sizeof(file), "o%u.%u", object, GEN);
	write_file(f, file, buf, bytes, offset);
}

void fake_remove(struct fake *f)
{
	char command[300];

	for (uint32_t i = 0; i < FAKE_PROCESSES; i++) {
		if (f->child[i] <= 0)
			continue;
		(void)kill(f->child[i], SIGKILL);
		(void)waitpid(f->child[i], NULL, 0);
	}
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	if (system(command) != 0)
		(void)fprintf(stderr, "%s is left behind\n", f->dir);
	free(f->bytes);
}

/* ---- processes ----------------------------------------------------------------- */

static void *do_nothing(void *arg)
{
	for (;;)
		(void)pause();
	return arg;
}

static bool have_two_threads(const struct fake *f)
{
	pthread_t t;

	(void)f;
	if (pthread_create(&t, NULL, do_nothing, NULL))
		_exit(1);
	return false;
}

/* The child's life: lock the byte of its slot, say so, wait to be killed. */
static void live(const struct fake *f, uint32_t slot, fake_habit *habit, int ready)
{
	struct flock l = {.l_type = F_WRLCK, .l_start = (off_t)slot, .l_len = 1};
	char         path[300];
	bool         leaves;
	int          fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGALRM, SIG_DFL); /* who caught it is the test, for its deadline */
	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, ALIVE_FILE);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fcntl(fd, F_SETLK, &l))
		_exit(1);
	leaves = habit && habit(f);
	if (write(ready, "", 1) != 1)
		_exit(1);
	if (leaves)
		pthread_exit(NULL);
	(void)do_nothing(NULL);
	(void)close(fd); /* never: it ends by a signal, and closing would drop the lock */
}

static pid_t start(struct fake *f, uint32_t slot, fake_habit *habit)
{
	int   ready[2];
	char  c;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		abort();
	pid = fork();
	if (pid == 0)
		live(f, slot, habit, ready[1]);
	(void)close(ready[1]);
	if (pid < 0 || read(ready[0], &c, 1) != 1)
		abort();
	(void)close(ready[0]);
	f->child[slot] = pid;
	return pid;
}

static uint64_t start_ticks(pid_t pid)
{
	char  path[64], buf[1024] = "";
	char *p;
	int   fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, buf, sizeof(buf) - 1) <= 0)
		abort();
	(void)close(fd);
	p = strrchr(buf, ')');
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p + 1, NULL, 10) : 0;
}

static uint32_t add_process(struct fake *f, const char *name, uint64_t pid)
{
	uint32_t              i = f->n[TABLE_PROCESSES]++;
	struct process_rec   *p = fake_record(f, TABLE_PROCESSES, i);
	struct process_label *l = fake_record(f, TABLE_PROCESS_LABELS, i);

	p->life = life_make(GEN, LIFE_LIVE);
	p->pid = pid;
	p->ns_inode = proc_pid_namespace();
	p->joined_ns = f->made_ns;
	(void)snprintf(l->name, sizeof(l->name), "%s", name);
	(void)fake_thread(f, i, pid);
	return i;
}

uint32_t fake_process_of_habit(struct fake *f, const char *name, fake_habit *habit)
{
	pid_t    pid = start(f, f->n[TABLE_PROCESSES], habit);
	uint32_t i = add_process(f, name, (uint64_t)pid);

	((struct process_rec *)fake_record(f, TABLE_PROCESSES, i))->start_ticks = start_ticks(pid);
	return i;
}

uint32_t fake_process(struct fake *f, const char *name)
{
	return fake_process_of_habit(f, name, NULL);
}

uint32_t fake_threaded_process(struct fake *f, const char *name)
{
	return fake_process_of_habit(f, name, have_two_threads);
}

uint32_t fake_dead_process(struct fake *f, const char *name)
{
	return add_process(f, name,
			   4000000u + f->n[TABLE_PROCESSES]); /* beyond any kernel's pids */
}

uint32_t fake_thread(struct fake *f, uint32_t process, uint64_t tid)
{
	uint32_t           i = f->n[TABLE_THREADS]++;
	struct thread_rec *t = fake_record(f, TABLE_THREADS, i);

	t->life = life_make(GEN, LIFE_LIVE);
	t->process = fake_process_ref(f, process);
	t->tid = tid;
	(void)snprintf(t->name, sizeof(t->name), "t%u", i);
	return i;
}

ref fake_process_ref(struct fake *f, uint32_t process)
{
	(void)f;
	return ref_make(GEN, process);
}

ref fake_thread_ref(struct fake *f, uint32_t thread)
{
	(void)f;
	return ref_make(GEN, thread);
}

struct thread_rec *fake_main(struct fake *f, uint32_t process)
{
	return fake_record(f, TABLE_THREADS, process);
}

/* ---- objects and ends -------------------------------------------------------------- */

uint32_t fake_object(struct fake *f, enum object_kind kind, uint32_t flags, const char *name)
{
	uint32_t             i = f->n[TABLE_OBJECTS]++;
	struct object_rec   *o = fake_record(f, TABLE_OBJECTS, i);
	struct object_label *l = fake_record(f, TABLE_OBJECT_LABELS, i);

	o->life = life_make(GEN, LIFE_LIVE);
	o->kind = kind;
	o->flags = flags | (kind == KIND_JOINABLE ? OBJECT_JOINABLE : 0u);
	o->creator = fake_process_ref(f, 0);
	o->created_ns = f->made_ns;
	(void)snprintf(l->name, sizeof(l->name), "%s", name);
	return i;
}

uint32_t fake_end(struct fake *f, uint32_t process, uint32_t object, uint32_t rights)
{
	uint32_t        i = f->n[TABLE_ENDS]++;
	struct end_rec *e = fake_end_at(f, i);

	e->life = life_make(GEN, LIFE_LIVE);
	e->process = fake_process_ref(f, process);
	e->object = ref_make(GEN, object);
	e->rights = rights;
	e->handles = 1;
	e->opened_ns = f->made_ns;
	return i;
}

struct end_rec *fake_end_at(struct fake *f, uint32_t end)
{
	return fake_record(f, TABLE_ENDS, end);
}

struct ring_ctl *fake_ring(struct fake *f, uint32_t object, unsigned ring)
{
	return &((struct object_rec *)fake_record(f, TABLE_OBJECTS, object))->ring[ring];
}

void fake_fill(struct fake *f, uint32_t object, unsigned ring, uint64_t n, uint64_t capacity)
{
	struct ring_ctl *c = fake_ring(f, object, ring);

	c->head = 100;
	c->tail = 100 + n;
	c->capacity = capacity;
}

/* ---- waits -------------------------------------------------------------------------- */

static uint32_t need_of(enum wait_op op, uint64_t ring)
{
	switch (op) {
	case OP_SEND:
	case OP_PUT: return RIGHT_RECV(ring);
	case OP_RECV:
	case OP_POLL:
	case OP_GET: return RIGHT_SEND(ring);
	case OP_JOIN: return RIGHT_DONE;
	default: return 0;
	}
}

void fake_wait(struct fake *f, uint32_t t, enum wait_op op, uint32_t object, uint64_t arg)
{
	struct thread_rec *rec = fake_record(f, TABLE_THREADS, t);

	rec->wait.seq = (rec->wait.seq & ~(uint64_t)WAIT_STATE_MASK) + 4 + WAIT_BLOCKED;
	rec->wait.since_ns = f->made_ns;
	rec->wait.deadline_ns = 0;
	rec->wait.site = 0x401000 + t;
	rec->wait.n_items = 1;
	rec->wait.item[0] = (struct wait_item){.op = op, .need = need_of(op, arg), .arg = arg};
	if (object != FAKE_NONE)
		rec->wait.item[0].object = ref_make(GEN, object);
}

void fake_wait_age(struct fake *f, uint32_t t, uint64_t age_ns)
{
	struct thread_rec *rec = fake_record(f, TABLE_THREADS, t);

	rec->wait.since_ns = clock_now_ns() - age_ns;
}

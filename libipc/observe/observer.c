/*
 * observer.c - open a domain's directory, read it again and again
 *
 * One reading: is it still the same domain; copy the registry; ask the kernel who
 * is alive; make the arrays; fetch the few words that lie in object files; judge.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "observe/observer.h"
#include "observe/place.h"

/* A registry is born with its domain; a copy of it later. Picked: slow makers, coarse clocks. */
#define COPY_AFTER_NS UINT64_C(5000000000)

static bool is_copy(int fd, const struct registry_header *h)
{
	struct statx x;
	uint64_t     born;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME | STATX_INO, &x) < 0)
		return false;
	if (h->file_inode)
		return x.stx_ino != h->file_inode;
	if (!(x.stx_mask & STATX_BTIME))
		return false; /* the file system does not know: take it for the original */
	born = (uint64_t)x.stx_btime.tv_sec * UINT64_C(1000000000) + x.stx_btime.tv_nsec;
	return born > h->created_real_ns + COPY_AFTER_NS;
}

static int open_registry(struct ipc_observer *o)
{
	struct registry_header *h = &o->image.head;
	struct stat             st;
	int                     r;

	(void)snprintf(o->path, sizeof(o->path), "%s/%s", o->dir, REGISTRY_FILE);
	o->fd = open(o->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (o->fd < 0)
		return fail(-errno, "cannot open %s: %m", o->path);
	if (fstat(o->fd, &st))
		return fail(-errno, "cannot look at %s: %m", o->path);
	o->dev = st.st_dev;
	o->ino = st.st_ino;
	r = image_header(o->fd, o->path, h);
	if (r < 0)
		return r;
	if (h->state == DOMAIN_RETIRED)
		return fail(-ENOENT, "the domain in %s is over", o->dir);
	life_init(&o->vitals, o->dir);
	o->vitals.registry_inode = o->ino;
	h->boot_id[sizeof(h->boot_id) - 1] = '\0';
	o->other_boot = strcmp(h->boot_id, o->vitals.boot_id) != 0;
	o->vitals.copy = o->other_boot || is_copy(o->fd, h);
	o->image.fd = o->fd;
	o->image.path = o->path;
	o->files.dir = o->dir;
	return 0;
}

/* The domain's name is the last part of its directory's path. */
static void name_from_path(struct ipc_observer *o)
{
	const char *end = o->dir + strlen(o->dir), *start;

	while (end > o->dir + 1 && end[-1] == '/')
		end--;
	for (start = end; start > o->dir && start[-1] != '/'; start--)
		;
	(void)snprintf(o->name, sizeof(o->name), "%.*s", (int)(end - start), start);
}

int ipc_observer_open_dir(ipc_observer **ret, const char *path)
{
	struct ipc_observer *o;
	int                  r = begin_output(ret);

	if (r < 0)
		return r;
	if (!path || !*path)
		return fail(-EINVAL, "the path of a domain's directory is needed here");
	if (strlen(path) >= sizeof(o->dir))
		return fail(-ENAMETOOLONG, "the path of the domain is too long");
	o = calloc(1, sizeof(*o));
	if (!o)
		return fail(-ENOMEM, "no memory for an observer");
	o->fd = o->vitals.alive_fd = o->vitals.fork_fd = -1;
	o->view.generation = clock_now_ns(); /* what another observer counts is something else */
	(void)snprintf(o->dir, sizeof(o->dir), "%s", path);
	name_from_path(o);
	r = open_registry(o);
	if (r < 0) {
		(void)ipc_observer_close(o);
		return r;
	}
	*ret = o;
	return 0;
}

int ipc_observer_open(ipc_observer **ret, const char *name)
{
	char dir[PATH_MAX];
	int  r = begin_output(ret);

	if (r == 0)
		r = place_of(dir, sizeof(dir), name);
	return r < 0 ? r : ipc_observer_open_dir(ret, dir);
}

ipc_observer *ipc_observer_close(ipc_observer *o)
{
	if (!o)
		return NULL;
	image_fini(&o->image);
	view_fini(&o->view);
	judge_fini(&o->judge);
	files_fini(&o->files);
	grow_free(&o->alive);
	grow_free(&o->asked);
	grow_free(&o->believed);
	grow_free(&o->oldest);
	life_fini(&o->vitals);
	if (o->fd >= 0)
		(void)close(o->fd);
	free(o);
	return NULL;
}

/* Still the same file at the same path, and not given up by its last member? */
static int check_current(const struct ipc_observer *o)
{
	struct stat open_one, named_one;

	if (fstat(o->fd, &open_one))
		return fail(-errno, "cannot look at %s: %m", o->path);
	if (open_one.st_nlink == 0)
		return fail(-ESTALE, "the domain in %s was removed", o->dir);
	if (stat(o->path, &named_one))
		return fail(-ESTALE, "the domain in %s was removed: %m", o->dir);
	if (named_one.st_dev != o->dev || named_one.st_ino != o->ino)
		return fail(-ESTALE, "the domain in %s was replaced by a new one", o->dir);
	return 0;
}

/*
 * The kernel looks for one lock among all of the domain's, so asking after everybody takes
 * time with the square of their number. Of many, those that lived a second ago are believed
 * to live; a proof asks of those among them that it rests on (proof.c).
 */
#define ASKED_EACH  64                   /* picked: as many are asked in 0.1 ms */
#define BELIEVED_NS UINT64_C(1000000000) /* picked: a death is told within a second */
#define PHASES      16

struct asked {
	uint64_t life, at_ns;
};

static bool still_believed(const struct asked *a, const struct process_rec *p, uint64_t now_ns)
{
	return a->life == p->life && now_ns - a->at_ns < BELIEVED_NS;
}

/* The first answers grow old one after the other, and not all at the same reading. */
static struct asked asked_now(const struct asked *before, const struct process_rec *p, size_t slot,
			      uint64_t now_ns)
{
	uint64_t early = before->life == p->life ? 0 : slot % PHASES * (BELIEVED_NS / PHASES);

	return (struct asked){.life = p->life, .at_ns = now_ns > early ? now_ns - early : 0};
}

static int ask_who_lives(struct ipc_observer *o)
{
	size_t        n = o->image.n[TABLE_PROCESSES];
	bool         *alive = grow_to(&o->alive, n * sizeof(*alive));
	struct asked *asked = grow_to(&o->asked, n * sizeof(*asked));
	bool         *believed = grow_to(&o->believed, n * sizeof(*believed));
	uint64_t      now_ns = clock_now_ns();

	if (!alive || !asked || !believed)
		return fail(-ENOMEM, "no memory for %zu processes", n);
	life_refresh(&o->vitals);
	for (size_t i = 0; i < n; i++) {
		const struct process_rec *p = image_at(&o->image, TABLE_PROCESSES, i);

		believed[i] = n > ASKED_EACH && alive[i] && still_believed(&asked[i], p, now_ns);
		if (believed[i])
			continue;
		alive[i] = life_asks(&o->vitals, p, i);
		asked[i] = asked_now(&asked[i], p, i, now_ns);
	}
	return 0;
}

#define UP_MAX_NS UINT64_C(0x80000000000000) /* a year, which no domain lasts: it is damaged */

static uint64_t later(uint64_t t, uint64_t than_t)
{
	return t > than_t && t - than_t < UP_MAX_NS ? t : than_t;
}

/* When a copy was taken, if who took it wrote that down. */
static uint64_t copied_ns(const struct ipc_observer *o)
{
	char    path[PATH_MAX], text[32] = "";
	int     fd;
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s/" COPIED_FILE, o->dir) >= (int)sizeof(path))
		return 0;
	fd = file_open(path, O_RDONLY | O_NONBLOCK, 0);
	n = fd >= 0 ? file_read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		file_close(fd);
	return n > 0 ? strtoull(text, NULL, 10) : 0;
}

/* The last thing that a copy knows the time of: it was taken then, or later. */
static uint64_t last_sign(const struct ipc_observer *o)
{
	const struct view *v = &o->view;
	uint64_t           t = o->snap.t_mono_ns; /* somebody joined */

	for (size_t i = 0; i < o->image.n[TABLE_THREADS]; i++) {
		const struct thread_rec *rec = image_at(&o->image, TABLE_THREADS, i);

		if (life_state(rec->life) == LIFE_LIVE &&
		    (rec->wait.seq & WAIT_STATE_MASK) == WAIT_BLOCKED)
			t = later(rec->wait.since_ns, t);
	}
	for (uint32_t i = 0; i < v->n_channels; i++)
		t = later(v->channel[i].created_ns, t);
	for (uint32_t i = 0; i < v->n_ends; i++)
		t = later(v->end[i].opened_ns, t);
	return later(copied_ns(o), t);
}

#define TICKS_MAX 9e18 /* what is beyond that is damaged */

/* From when somebody joined last: then all clocks were read together. */
static void go_on_to_last_sign(struct ipc_observer *o)
{
	struct ipc_snapshot *s = &o->snap;
	uint64_t             since_ns = last_sign(o) - s->t_mono_ns;
	double               ticks = (double)since_ns / s->tick_ns;

	s->t_mono_ns += since_ns;
	s->t_real_ns = o->image.head.created_real_ns +
		       (s->t_mono_ns - o->image.head.created_mono_ns);
	if (ticks < TICKS_MAX)
		o->now_ticks += (uint64_t)ticks;
}

/* Now, in ticks and in both clocks; of the dead, their last sign of life. */
static void tell_time(struct ipc_observer *o)
{
	const struct registry_header *h = &o->image.head;
	struct ipc_snapshot          *s = &o->snap;
	uint64_t                      ticks, ns;

	if (s->post_mortem) {
		o->now_ticks = h->tick1 ? h->tick1 : h->tick0;
		s->t_mono_ns = h->mono1 ? h->mono1 : h->mono0;
	} else {
		s->t_mono_ns = clock_now_ns();
		o->now_ticks = clock_ticks(h->tick_kind);
		s->t_real_ns = clock_ns(CLOCK_REALTIME);
	}
	ticks = o->now_ticks - h->tick0;
	ns = s->t_mono_ns - h->mono0;
	s->tick_ns = 1.0;
	if (h->tick_kind == TICK_TSC && ticks > 0 && ticks < INT64_MAX && ns < INT64_MAX)
		s->tick_ns = (double)ns / (double)ticks;
	if (s->post_mortem)
		go_on_to_last_sign(o);
}

static void publish(struct ipc_observer *o)
{
	const struct registry_header *h = &o->image.head;
	struct ipc_snapshot          *s = &o->snap;
	const struct view            *v = &o->view;

	s->domain = o->name;
	s->dir = o->dir;
	s->nonce = h->nonce;
	s->created_mono_ns = h->created_mono_ns;
	s->created_real_ns = h->created_real_ns;
	s->torn = o->image.torn + (o->image.unsteady || o->judge.proof.shaky ? v->damaged + 1 : 0);
	s->damaged = o->image.unsteady ? 0 : v->damaged; /* what changes may not fit for a moment */
	s->registry_bytes = o->image.bytes;
	s->n_reaped = h->n_reaped;
	s->processes = v->process;
	s->n_processes = v->n_processes;
	s->threads = v->thread;
	s->n_threads = v->n_threads;
	s->channels = v->channel;
	s->n_channels = v->n_channels;
	s->ends = v->end;
	s->n_ends = v->n_ends;
	s->waits = v->wait;
	s->n_waits = v->n_waits;
	s->holds = v->hold;
	s->n_holds = v->n_holds;
	s->failures = v->failure;
	s->n_failures = v->n_failures;
	s->items = v->item;
	s->n_items = v->n_items;
	s->generation = v->generation;
	s->verdicts = o->judge.verdict;
	s->n_verdicts = o->judge.n_verdicts;
	s->grade = o->judge.grade;
}

#define READINGS_MAX 3 /* then the picture is called unsteady */

static int read_tables(struct ipc_observer *o)
{
	int r = 0;

	o->image.bytes = 0;
	o->image.unsteady = true;
	for (int n = 0; n < READINGS_MAX && r == 0 && o->image.unsteady; n++) {
		if (n > 0 && image_is_held(&o->image))
			break;
		r = image_read(&o->image);
		if (r == 0)
			r = image_reserve_parts(&o->image);
		if (r == 0)
			r = view_build(&o->view, &o->image);
		if (r == 0)
			r = image_look_back(&o->image);
		o->view.placed &= r == 0 && !o->image.unsteady;
	}
	if (r == 0)
		r = image_read_parts(&o->image);
	o->view.placed &= r == 0;
	return r;
}

static int read_picture(struct ipc_observer *o)
{
	struct view_facts facts;
	int               r = read_tables(o);

	if (r == 0)
		r = ask_who_lives(o);
	if (r < 0) {
		o->view.placed = false; /* nobody was told of the parts that were read */
		return r;
	}
	o->snap.post_mortem = o->vitals.copy;
	tell_time(o);
	facts = (struct view_facts){.alive = o->alive.p,
				    .self_ns = o->vitals.self_ns,
				    .now_ns = o->snap.t_mono_ns,
				    .post_mortem = o->snap.post_mortem,
				    .tick_ns = o->snap.tick_ns};
	return view_tell(&o->view, &o->image, &facts);
}

static int judge(struct ipc_observer *o)
{
	struct judge *j = &o->judge;

	j->v = &o->view;
	j->image = &o->image;
	j->files = &o->files;
	j->vitals = &o->vitals;
	j->believed = o->believed.p;
	j->now_ns = o->snap.t_mono_ns;
	j->post_mortem = o->snap.post_mortem;
	return judge_read(j);
}

static int read_once(struct ipc_observer *o)
{
	int r = check_current(o);

	if (r == 0)
		r = read_picture(o);
	if (r < 0)
		return r;
	if (o->image.head.state == DOMAIN_RETIRED)
		return fail(-ESTALE, "the domain in %s is over", o->dir);
	r = objects_look(o);
	return r < 0 ? r : judge(o);
}

/*
 * Some are stuck, and who is in the middle of changing the tables keeps it from being
 * proved: it gets a moment to come to an end. Picked: a turn on a busy machine, and no more.
 */
#define SHAKY_READINGS 4
#define MOMENT_NS      1000000

int ipc_observer_read(ipc_observer *o, const struct ipc_snapshot **ret)
{
	int r;

	explain_clear();
	if (!o || !ret)
		return -EINVAL;
	r = read_once(o);
	for (int n = 1; n < SHAKY_READINGS && r == 0 && o->judge.proof.shaky; n++) {
		clock_nap(MOMENT_NS);
		if (!image_is_held(&o->image))
			r = read_once(o);
	}
	if (r < 0)
		return r;
	publish(o);
	*ret = &o->snap;
	return 0;
}

/*
 * tui.c - the loop: read the domain, draw, wait for a key or for the next time
 */
#include "term/tui.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "model/tally.h"
#include "model/procfs.h"
#include "output/command.h"
#include "symbols.h"
#include "target.h"
#include "term/screen.h"
#include "view/render.h"

/* A domain of this many channels is not copied at each reading just to outlive itself. */
#define KEEP_CHANNELS 2000

struct tui {
	const struct options *options;
	struct target         target;
	struct tally          tally;
	struct frame          last; /* copy of the last one read: what stays when the domain goes */
	struct frame          frozen; /* what is shown while frozen */
	struct ui             ui;
	struct status         status;
	struct caps           caps;
	uint64_t              next_ns; /* when to read again */
	uint64_t              gone_since_ns, frozen_since_ns;
	uint64_t              self_cpu_ns, self_t_ns;
	int                   quit;
};

/* ---- signals ---------------------------------------------------------------------- */

static volatile sig_atomic_t ending, stopping, continued, resized;

static void on_signal(int s)
{
	if (s == SIGTSTP)
		stopping = 1;
	else if (s == SIGCONT)
		continued = 1;
	else if (s == SIGWINCH)
		resized = 1;
	else
		ending = s;
}

/* Blocked except while the loop waits: so none comes between looking and waiting. */
static void take_signals(sigset_t *ret_waiting)
{
	static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH};
	struct sigaction a = {.sa_handler = on_signal};
	sigset_t         set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaction(signals[i], &a, NULL);
		sigaddset(&set, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &set, ret_waiting);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigdelset(ret_waiting, signals[i]);
}

/* ---- reading ------------------------------------------------------------------------ */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void measure_self(struct tui *t, uint64_t now)
{
	struct procfs_usage u;

	t->status.self_cpu = NAN;
	if (procfs_usage((uint64_t)getpid(), &u) < 0)
		return;
	t->status.self_bytes = u.rss_bytes;
	/* The kernel counts in hundredths: over less than a second that is all noise. */
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	uint64_t cpu = (uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000000 +
		       (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000;

	if (t->self_t_ns != 0 && now > t->self_t_ns)
		t->status.self_cpu = 100 * (double)(cpu - t->self_cpu_ns) /
				     (double)(now - t->self_t_ns);
	t->self_cpu_ns = cpu;
	t->self_t_ns = now;
}

static void detached(struct tui *t, uint64_t now)
{
	if (t->status.attached)
		t->gone_since_ns = now;
	t->status.attached = 0;
	tally_drop_frame(&t->tally); /* the observer, and its snapshot, are gone */
}

static int read_target(struct tui *t, uint64_t now)
{
	const struct ipc_snapshot *s;
	int                        r = target_read(&t->target, &s);

	if (r < 0) {
		detached(t, now);
		return r;
	}
	tally_update(&t->tally, s);
	t->status.attached = 1;
	frame_fini(&t->last);
	if (s->n_channels <= KEEP_CHANNELS)
		frame_copy(&t->last, &t->tally.frame);
	return 0;
}

static const struct frame *shown(const struct tui *t)
{
	if (t->ui.frozen && t->frozen.s != NULL)
		return &t->frozen;
	return t->status.attached ? &t->tally.frame : &t->last;
}

static void freeze(struct tui *t, uint64_t now)
{
	const struct frame *f = t->status.attached ? &t->tally.frame : &t->last;

	frame_fini(&t->frozen);
	if (t->ui.frozen && f->s != NULL)
		frame_copy(&t->frozen, f);
	t->frozen_since_ns = now;
}

/* ---- drawing --------------------------------------------------------------------------- */

static void draw(struct tui *t)
{
	struct grid g;
	uint64_t    now = now_ns();

	screen_size(&t->ui.rows, &t->ui.cols);
	t->status.frozen_ns = now - t->frozen_since_ns;
	t->status.gone_ns = now - t->gone_since_ns;
	ui_settle(&t->ui, shown(t));
	grid_init(&g, t->ui.rows, t->ui.cols, t->caps);
	render(&g, shown(t), &t->ui, &t->status);
	screen_show(&g);
	grid_fini(&g);
}

/* ---- the loop ------------------------------------------------------------------------------ */

static void key(struct tui *t, uint32_t input)
{
	unsigned what = ui_key(&t->ui, shown(t), input);

	if (what & UI_QUIT)
		t->quit = 1;
	if (what & UI_FREEZE)
		freeze(t, now_ns());
	if (what & UI_INTERVAL && t->next_ns > now_ns() + t->ui.interval_ns)
		t->next_ns = now_ns() + t->ui.interval_ns;
	if (what & UI_REDRAW)
		screen_redraw();
	if (what & UI_SUSPEND)
		screen_suspend();
}

static void tick(struct tui *t)
{
	uint64_t now = now_ns();

	if (now < t->next_ns)
		return;
	read_target(t, now);
	measure_self(t, now);
	/* Late: leave out what was missed instead of catching up. */
	t->next_ns += t->ui.interval_ns;
	if (t->next_ns <= now)
		t->next_ns = now + t->ui.interval_ns;
}

static void heed_signals(struct tui *t)
{
	if (ending)
		t->quit = 1;
	if (stopping) {
		stopping = 0;
		screen_suspend();
		continued = 1;
	}
	if (continued) {
		continued = 0;
		resized = 1; /* it may have been, and nobody told us while we were stopped */
		screen_redraw();
	}
	if (resized) {
		resized = 0;
		screen_resized();
	}
}

static void wait_for_more(struct tui *t, const sigset_t *waiting)
{
	struct pollfd   p = {.fd = screen_fd(), .events = POLLIN};
	uint64_t        now = now_ns(), left = t->next_ns > now ? t->next_ns - now : 0;
	struct timespec time = {(time_t)(left / 1000000000), (long)(left % 1000000000)};

	if (ppoll(&p, 1, &time, waiting) <= 0)
		return;
	for (uint32_t input; !t->quit && (input = screen_key()) != INPUT_NONE;)
		key(t, input);
	if ((p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
		t->quit = 1; /* the terminal has gone; it reads as ready for ever */
}

static void loop(struct tui *t)
{
	sigset_t waiting;

	take_signals(&waiting);
	while (!t->quit) {
		tick(t);
		draw(t);
		wait_for_more(t, &waiting);
		heed_signals(t);
	}
	screen_close();
	sigprocmask(SIG_SETMASK, &waiting, NULL);
	if (ending) {
		signal(ending, SIG_DFL);
		raise(ending);
	}
}

static void fini(struct tui *t)
{
	frame_fini(&t->last);
	frame_fini(&t->frozen);
	tally_fini(&t->tally);
	symbols_free(t->tally.symbols);
	target_fini(&t->target);
}

int tui_run(const struct options *o)
{
	struct tui t = {.options = o,
			.tally = {.symbols = symbols_new(), .with_procfs = 1},
			.caps = command_caps(o)};
	int        r;

	ui_init(&t.ui, o->interval_ns);
	target_init(&t.target, o->domain, o->dir);
	t.status.domain = t.target.label;
	t.status.why = t.target.why;
	t.next_ns = now_ns();
	r = read_target(&t, t.next_ns);
	/* Waiting helps against a domain that is not there; not against these. */
	if (r == -EACCES || r == -EPERM || r == -EPROTO) {
		fprintf(stderr, "ipcmon: %s\n", t.target.why);
		r = target_exit_code(r);
	} else if (screen_open(&t.caps) < 0) {
		r = -1;
	} else {
		loop(&t);
		r = EXIT_OK;
	}
	fini(&t);
	return r;
}

/*
 * tui.c - the loop: read the domain, draw, wait for a key or for the next time
 */
#include "term/tui.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "model/procfs.h"
#include "output/command.h"
#include "reel.h"
#include "term/screen.h"
#include "text/now.h"
#include "view/render.h"

struct tui {
	const struct options *options;
	struct reel           reel; /* what there is to show */
	struct ui             ui;
	struct status         status;
	struct caps           caps;
	uint64_t              next_ns; /* when to read again */
	uint64_t              gone_since_ns, frozen_since_ns;
	uint64_t              self_cpu_ns, self_t_ns;
	uint64_t              n_readings; /* but for the very first, which is brief */
	int                   opened;     /* there is something to watch, or to wait for */
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

static int read_target(struct tui *t, uint64_t now)
{
	int r = reel_read(&t->reel);

	if (r < 0 && t->status.attached)
		t->gone_since_ns = now;
	t->status.attached = t->reel.attached;
	t->status.why = t->reel.source.why;
	return r;
}

static const struct frame *shown(const struct tui *t)
{
	return reel_frame(&t->reel);
}

static void freeze(struct tui *t, uint64_t now)
{
	reel_freeze(&t->reel, t->ui.frozen);
	t->frozen_since_ns = now;
}

static void step(struct tui *t, uint64_t now)
{
	if (!t->reel.frozen)
		t->frozen_since_ns = now;
	/* To the newest of a domain means to now. */
	if (t->ui.step == STEP_NEWEST && !t->reel.source.replays) {
		t->ui.frozen = 0;
		freeze(t, now);
		return;
	}
	reel_step(&t->reel, t->ui.step);
}

/* What of the recording being made is to be said. */
static void note_recording(struct tui *t)
{
	struct writer *w = &t->reel.source.writer;

	t->status.recorded_bytes = reel_recorded(&t->reel);
	if (w->why[0] == 0 || writer_is_open(w))
		return;
	snprintf(t->ui.notice, sizeof(t->ui.notice), "%.150s", w->why);
	w->why[0] = 0;
}

/* ---- drawing --------------------------------------------------------------------------- */

static void draw(struct tui *t)
{
	struct grid g;
	struct caps caps = t->caps;
	uint64_t    now = now_ns(CLOCK_MONOTONIC);

	screen_size(&t->ui.rows, &t->ui.cols);
	t->status.frozen_ns = now - t->frozen_since_ns;
	t->status.gone_ns = now - t->gone_since_ns;
	t->status.past = t->reel.stepped;
	t->status.behind_ns = reel_behind_ns(&t->reel);
	t->status.n_damaged = t->reel.source.rewind.n_damaged;
	note_recording(t);
	ui_settle(&t->ui, shown(t));
	if (t->ui.ascii)
		caps.utf8 = 0;
	grid_init(&g, t->ui.rows, t->ui.cols, caps);
	render(&g, shown(t), &t->ui, &t->status);
	screen_show(&g);
	grid_fini(&g);
}

/* ---- the loop ------------------------------------------------------------------------------ */

static void copy(struct tui *t)
{
	char *text = ui_copy(&t->ui, shown(t));

	screen_copy(text);
	free(text);
}

static void apply_looks(const struct tui *t)
{
	screen_theme(t->ui.theme);
	screen_mouse(t->ui.mouse);
}

static void key(struct tui *t, uint32_t input)
{
	struct mouse m = screen_mouse_event();
	unsigned     what;

	if (input != INPUT_MOUSE)
		what = ui_key(&t->ui, shown(t), input);
	else
		what = ui_mouse(&t->ui, shown(t), &m);
	if (what & UI_LOOKS)
		apply_looks(t);
	if (what & UI_COPY)
		copy(t);
	if (what & UI_SAVE)
		config_save(&t->ui, t->options->config);
	if (what & UI_QUIT)
		t->quit = 1;
	if (what & UI_FREEZE)
		freeze(t, now_ns(CLOCK_MONOTONIC));
	if (what & UI_STEP)
		step(t, now_ns(CLOCK_MONOTONIC));
	if (what & UI_RECORD)
		reel_record(&t->reel, t->status.domain, t->ui.notice, sizeof(t->ui.notice));
	if (what & UI_INTERVAL && t->next_ns > now_ns(CLOCK_MONOTONIC) + t->ui.interval_ns)
		t->next_ns = now_ns(CLOCK_MONOTONIC) + t->ui.interval_ns;
	if (what & UI_REDRAW)
		screen_redraw();
	if (what & UI_SUSPEND)
		screen_suspend();
}

static void tick(struct tui *t)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);

	if (now < t->next_ns)
		return;
	read_target(t, now);
	t->n_readings++;
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
	struct pollfd p = {.fd = screen_fd(), .events = POLLIN};
	uint64_t      now = now_ns(CLOCK_MONOTONIC), left = t->next_ns > now ? t->next_ns - now : 0;
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
		draw(t);
		wait_for_more(t, &waiting);
		heed_signals(t);
		t->quit |= t->options->count > 0 && t->n_readings >= t->options->count &&
			   now_ns(CLOCK_MONOTONIC) >= t->next_ns; /* the last one was to be seen */
		tick(t);
	}
	screen_close();
	sigprocmask(SIG_SETMASK, &waiting, NULL);
	if (ending) {
		signal(ending, SIG_DFL);
		raise(ending);
	}
}

/* Where standard input is a recording, keys come from the terminal all the same. */
static void take_keyboard(void)
{
	int fd = isatty(STDIN_FILENO) ? -1 : open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	close(fd);
}

/* Waiting helps against a domain that is not there; not against these, nor a recording. */
static int is_hopeless(const struct tui *t, int r)
{
	return r == -EACCES || r == -EPERM || r == -EPROTO || !t->opened ||
	       (t->reel.source.replays && r < 0 && r != -ENODATA);
}

/* First what is configured, then what was said now. */
static void configure(struct tui *t, const struct options *o)
{
	struct ui *ui = &t->ui;
	char       error[FILTER_ERROR_BYTES];

	ui_init(ui, o->interval_ns);
	config_load(ui, o->config);
	if (o->interval_given)
		ui->interval_ns = o->interval_ns;
	if (o->theme != NULL)
		settings_set(ui, "theme", o->theme, error);
	if (o->preset != NULL)
		settings_set(ui, "preset", o->preset, error);
	if (o->filter != NULL)
		ui_filter_by(ui, o->filter);
	ui->mouse &= !o->no_mouse;
	ui->ascii |= o->ascii;
	t->caps.utf8 =
		command_caps(&(struct options){0}).utf8; /* -U can be taken back in the setup */
}

int tui_run(const struct options *o)
{
	struct tui t = {.options = o, .caps = command_caps(o)};
	int        r = reel_open(&t.reel, o);

	configure(&t, o);
	t.opened = r == 0;
	t.ui.frozen = t.reel.frozen;
	t.status.domain = t.reel.source.label;
	t.status.why = t.reel.source.why;
	t.status.replay = t.reel.source.replays;
	t.next_ns = now_ns(CLOCK_MONOTONIC);
	/* Something is on the screen at once; all the rest comes with the next reading, right after. */
	t.reel.source.tally.brief = 1;
	if (t.opened)
		r = read_target(&t, t.next_ns);
	t.reel.source.tally.brief = 0;
	take_keyboard();
	if (is_hopeless(&t, r)) {
		fprintf(stderr, "ipcmon: %s\n", t.reel.source.why);
		r = target_exit_code(r);
	} else if (screen_open(&t.caps) < 0) {
		r = -1;
	} else {
		apply_looks(&t);
		loop(&t);
		r = EXIT_OK;
	}
	reel_close(&t.reel);
	return r;
}

/*
 * deadlock.c - settings, and when to look; see deadlock.h
 *
 * Ordering
 *     R1  say()                release  said   what the program said is written
 *     A1  deadlock_options()   acquire  said   pairs with R1; also in its neighbours
 */

#include "runtime/deadlock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"
#include "base/clock.h"
#include "base/error.h"
#include "runtime/domain.h"
#include "runtime/trace.h"

#define LOOK_MAX_NS  UINT64_C(60000000000) /* picked: for what no change shows */
#define AFTER_MAX_MS UINT64_C(86400000)

_Static_assert((int)ON_DEADLOCK_DEFAULT == (int)IPC_DEADLOCK_DEFAULT &&
		       (int)ON_DEADLOCK_OFF == (int)IPC_DEADLOCK_OFF &&
		       (int)ON_DEADLOCK_REPORT == (int)IPC_DEADLOCK_REPORT &&
		       (int)ON_DEADLOCK_ERROR == (int)IPC_DEADLOCK_ERROR,
	       "the record has the numbers of the public header");

const struct wait_doctor *wait_doctor;

/*
 * What the program said, last call first. Never freed: another thread, or the child of a
 * fork, may be reading; and who calls this does so once.
 */
struct said {
	struct ipc_deadlock_opts opts;
	struct said             *before;
};

static const struct said *said;      /* NULL: nothing, so the environment counts */
static struct said       *all_said;  /* keeps hold of those that were replaced */
static uint64_t           after_env; /* 0: not read yet */

static __thread int  parked;
static __thread bool stays;

/* ---- settings ------------------------------------------------------------------- */

/* Both are checked when the process joins. What is set later, and nonsense, is as if unset. */
static int from_environment(uint64_t *ret)
{
	static const char *const words[] = {"", "off", "report", "error"};
	const char              *text = getenv("IPC_ON_DEADLOCK");

	*ret = ON_DEADLOCK_DEFAULT;
	if (!text || !*text)
		return 0;
	for (uint64_t i = ON_DEADLOCK_OFF; i <= ON_DEADLOCK_ERROR; i++)
		if (strcmp(text, words[i]) == 0) {
			*ret = i;
			return 0;
		}
	return fail(-EINVAL, "IPC_ON_DEADLOCK=\"%s\": must be report, error or off", text);
}

static int after_from_environment(uint64_t *ret)
{
	const char        *text = getenv("IPC_DEADLOCK_AFTER_MS");
	char              *end;
	unsigned long long ms;

	*ret = WAIT_LONG_NS;
	if (!text || !*text)
		return 0;
	ms = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || ms == 0 || ms > AFTER_MAX_MS)
		return fail(-EINVAL,
			    "IPC_DEADLOCK_AFTER_MS=\"%s\": must be a number from 1 to %llu", text,
			    (unsigned long long)AFTER_MAX_MS);
	*ret = ms * 1000000;
	return 0;
}

int deadlock_check_environment(void)
{
	uint64_t ignored;
	int      r = from_environment(&ignored);

	return r < 0 ? r : after_from_environment(&ignored);
}

static uint64_t after_ns(void)
{
	const struct said *own = load_acquire(&said); /* A1: pairs with R1 */
	uint64_t           ns = load_relaxed(&after_env);

	if (own && own->opts.after > 0)
		return (uint64_t)own->opts.after;
	if (!ns) { /* whoever comes first; all read the same */
		(void)after_from_environment(&ns);
		store_relaxed(&after_env, ns);
	}
	return ns;
}

static uint64_t word_of(const struct ipc_deadlock_opts *o)
{
	return (uint64_t)o->action | (o->flags & IPC_DEADLOCK_CLOSED ? ON_DEADLOCK_CLOSED : 0);
}

uint64_t deadlock_setting(void)
{
	const struct said *own = load_acquire(&said); /* A1: pairs with R1 */
	uint64_t           word;

	if (own)
		return word_of(&own->opts);
	(void)from_environment(&word);
	return word;
}

enum on_deadlock deadlock_action(void)
{
	uint64_t own = load_relaxed(&the_domain.process->on_deadlock);

	if (!(own & ON_DEADLOCK_MASK))
		own = load_relaxed(&the_domain.hdr->on_deadlock);
	return (enum on_deadlock)(own & ON_DEADLOCK_MASK);
}

const struct ipc_deadlock_opts *deadlock_options(void)
{
	const struct said *own = load_acquire(&said); /* A1: pairs with R1 */

	return own ? &own->opts : NULL;
}

static int check_opts(const struct ipc_deadlock_opts *o)
{
	explain_clear();
	if (o && o->sz < sizeof(*o))
		return fail(-EINVAL,
			    "ipc_deadlock_opts: sz must be sizeof(struct ipc_deadlock_opts)");
	if (o && ((unsigned)o->action > IPC_DEADLOCK_ERROR || o->after < 0 ||
		  o->flags & ~(unsigned)(IPC_DEADLOCK_DOMAIN | IPC_DEADLOCK_CLOSED)))
		return fail(-EINVAL,
			    "ipc_deadlock_opts: unknown action or flag, or after is negative");
	return domain_join();
}

static int say(const struct ipc_deadlock_opts *o)
{
	struct said *s = NULL;

	if (o) {
		s = malloc(sizeof(*s));
		if (!s)
			return fail(-ENOMEM, "no memory for ipc_deadlock_opts");
		s->opts = *o;
		s->before = load_relaxed(&all_said);
		while (!compare_swap(&all_said, &s->before, s))
			;
	}
	store_release(&said, (const struct said *)s); /* R1 */
	store_relaxed(&the_domain.process->on_deadlock, deadlock_setting());
	return 0;
}

int ipc_on_deadlock(const struct ipc_deadlock_opts *opts)
{
	int r = check_opts(opts);

	if (r < 0)
		return r;
	if (!opts || !(opts->flags & IPC_DEADLOCK_DOMAIN))
		return say(opts);
	store_relaxed(&the_domain.hdr->on_deadlock, word_of(opts));
	return 0;
}

int ipc_park(int on)
{
	int before = parked;

	parked = on != 0;
	return before;
}

void deadlock_stay(bool on)
{
	stays = on;
}

uint32_t deadlock_flags(void)
{
	return (parked ? (uint32_t)WAIT_PARK : 0) | (stays ? (uint32_t)WAIT_STAYS : 0);
}

/* ---- looking --------------------------------------------------------------------- */

static bool somebody_listens(void)
{
	const struct ipc_trace_ops *ops = load_acquire(&trace_ops);

	return ops && ops->deadlock;
}

static bool nudged(const struct wait *w)
{
	return load_relaxed(&w->thread->nudge) == w->thread->wait.seq;
}

/* Has somebody come or gone since? Then what was not a deadlock may be one now. */
static void heed_changes(struct wait *w, uint64_t now)
{
	uint64_t change = load_relaxed(&the_domain.hdr->change);

	if (change == w->change)
		return;
	if (w->look_at_ns > now + after_ns())
		w->look_at_ns = now + after_ns();
	w->change = change;
	w->asked_ns = now;
}

static bool is_time(struct wait *w, uint64_t now)
{
	if (!w->look_at_ns) {
		w->look_at_ns = w->since + after_ns();
		w->change = load_relaxed(&the_domain.hdr->change);
	}
	heed_changes(w, now);
	return now >= w->look_at_ns;
}

static void look_again_later(struct wait *w, uint64_t now)
{
	uint64_t gap = now - w->since;

	if (gap < after_ns())
		gap = after_ns();
	w->look_at_ns = now + (gap < LOOK_MAX_NS ? gap : LOOK_MAX_NS);
	w->asked_ns = now;
}

/*
 * Another one has looked since this wait was published, and since it was last asked about: what
 * came of that goes for all who slept then. Not for good, since who ran then may be stuck by now.
 */
static bool others_have_looked(const struct wait *w)
{
	uint64_t diagnosed_ns = load_relaxed(&the_domain.hdr->diagnosed_ns);

	return diagnosed_ns > w->published && diagnosed_ns > w->asked_ns;
}

/* One of those who would look now does; the others come back after a slice. */
static bool claim(uint64_t now)
{
	uint64_t *at = &the_domain.hdr->diagnosing_ns;
	uint64_t  last = load_relaxed(at);

	return now - last >= WAIT_SLICE_NS && compare_swap(at, &last, now);
}

static enum wait_answer look(struct wait *w, uint64_t now)
{
	enum wait_answer a = wait_doctor->look(w);

	store_relaxed(&the_domain.hdr->diagnosed_ns, now);
	look_again_later(w, now);
	return a;
}

enum wait_answer deadlock_ask(struct wait *w)
{
	bool     listens = somebody_listens();
	uint64_t now;

	if (w->told || w->deadline || !wait_doctor ||
	    (deadlock_action() <= ON_DEADLOCK_OFF && !listens))
		return WAIT_ON;
	now = clock_now_ns();
	if (nudged(w)) {
		store_relaxed(&w->thread->nudge, UINT64_C(0));
		return look(w, now);
	}
	if (!is_time(w, now))
		return WAIT_ON;
	/* a tracer wants to hear of everybody who is stuck, so each looks for itself */
	if (!listens && others_have_looked(w)) {
		look_again_later(w, now);
		return WAIT_ON;
	}
	return listens || claim(now) ? look(w, now) : WAIT_ON;
}

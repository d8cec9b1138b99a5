/*
 * fork.c - children that carry their own pid
 *
 * LTTng's listener threads and the pid it caches do not survive fork(2): it
 * wants to be told before and after. Its own answer is to preload
 * liblttng-ust-fork.so, which wraps fork(); who forgets gets a trace in which
 * all children are their parent. We tell it from pthread_atfork(3) handlers
 * instead, which also works when this library is loaded late, by dlopen.
 *
 * If liblttng-ust-fork.so is there we leave it to that: telling twice would take
 * LTTng's locks twice. Not seen by either: _Fork(3) and the bare system calls;
 * clone(2) used as fork is seen by the wrapper only. vfork and posix_spawn need
 * nothing, as an exec follows.
 *
 * Between "before" and "after" LTTng's locks are held and its per-thread state
 * may be missing, so an event fired there by this thread could wait for itself.
 * libipc has fork handlers too, and which of ours runs first depends on who was
 * loaded first. So:
 *
 *   - before the fork, an event of the forking thread in that window is dropped
 *     (there is none: libipc fires nothing there; this is a seat belt);
 *   - in the child, the first event completes the fork for LTTng, if our
 *     handler has not had its turn: process_fork is that event;
 *   - where fork() is wrapped, the window ends after libc's fork() has returned,
 *     out of our sight: process_fork waits for the child's next event.
 */

#include "hooks.h"

#include <dlfcn.h>
#include <lttng/ust-fork.h>
#include <pthread.h>
#include <unistd.h>

/* Weak: a tracer without them leaves the wrong pid in children, no more. */
#pragma weak lttng_ust_before_fork
#pragma weak lttng_ust_after_fork_parent
#pragma weak lttng_ust_after_fork_child

/* Set while this thread is in the window. Static TLS: no allocation in a hook. */
static __thread bool forking __attribute__((tls_model("initial-exec")));

static bool wrapped;

/* Of the one fork under way: LTTng holds a lock from "before" to "after". */
static sigset_t signals;
static pid_t    parent;

static void before_fork(void)
{
	sigset_t mask;

	/* LTTng stores the mask before it has the lock, so not at once in `signals`. */
	sigemptyset(&mask);
	lttng_ust_before_fork(&mask);
	signals = mask;
	parent = getpid();
	forking = true;
}

static void after_fork_parent(void)
{
	sigset_t mask = signals;

	forking = false;
	lttng_ust_after_fork_parent(&mask);
}

static void after_fork_child(void)
{
	if (!forking)
		return;
	forking = false;
	lttng_ust_after_fork_child(&signals);
}

bool fork_settled(void)
{
	if (__builtin_expect(!forking, 1))
		return true;
	if (getpid() == parent)
		return false;
	after_fork_child();
	return true;
}

bool fork_wrapped(void)
{
	return wrapped;
}

void fork_init(void)
{
	/* A wrapper loaded any later would not be in front of libc's fork. */
	wrapped = dlopen("liblttng-ust-fork.so.1", RTLD_LAZY | RTLD_NOLOAD);
	if (wrapped)
		return;
	if (!lttng_ust_before_fork || !lttng_ust_after_fork_parent || !lttng_ust_after_fork_child)
		return;
	(void)pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

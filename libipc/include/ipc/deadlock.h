#ifndef IPC_DEADLOCK_H
#define IPC_DEADLOCK_H

/*
 * ipc/deadlock.h - what a program does about its own deadlocks
 *
 * By default nothing: ipcmon finds them from outside. A program that wants to be
 * told, or to be freed, says so here, or whoever starts it in its environment:
 *
 *     IPC_ON_DEADLOCK=report    the verdict, once, on standard error
 *     IPC_ON_DEADLOCK=error     a blocking call returns -EDEADLK
 *     IPC_ON_DEADLOCK=off       nothing, whatever the domain says
 *     IPC_DEADLOCK_AFTER_MS=N   ask after N ms asleep, instead of 1000; 86400000 at most
 *
 * With any other value of these a process cannot join: its first call fails with
 * -EINVAL, and ipc_explain() names it.
 *
 * A thread that has been asleep for so long in a call without a time limit looks
 * at its domain as ipcmon would. If it finds that somebody can never wake up, that
 * is proved, as ipcmon's DEADLOCK and ORPHANED are: nothing less is ever acted on.
 *
 * One thread of those that wait for one another is chosen, by rules that give all
 * of them the same answer without a word between them:
 *
 *     1. those whose process asked for an error before those that asked for a report;
 *     2. of these, who gives up least: joins, then locks, then what waits for
 *        something to come, then puts and sends;
 *     3. of these, who fell asleep last; then the greater thread id of the observer.
 *
 * It alone reports, or gets the error. If it is killed before it does, the rest is
 * judged anew, and another one is chosen.
 *
 * A call that returns -EDEADLK has done nothing: no message was sent or taken, no
 * lock locked, nobody joined. (But who leaves a barrier breaks it, as with a timeout;
 * and a wait for a condition returns with its mutex locked, as always: while it waits
 * for that, another one is chosen.) It may be made again; what a program should do is
 * what its fellows wait for: unlock what it holds, drain what is full, send, close.
 * ipc_explain() has the verdict's first line.
 *
 * Where an object has a name, somebody who is not there yet could open it and help; and
 * of a process of several threads, one that runs may exit, which frees others' locks:
 * such a verdict (IPC_CLOSED_WORLD) is reported, and makes an error only where
 * IPC_DEADLOCK_CLOSED says that nobody will come.
 *
 * While it is off it costs nothing; else, for a call that has been asleep for a
 * second, some loads each quarter of a second, and some milliseconds now and then
 * for a look, at intervals that double up to a minute. Of many sleepers one looks
 * for all. No call that does not sleep is touched by any of this.
 *
 * Threads: any call from any thread. fork: a child inherits it all.
 */

#include <ipc/observe.h>

IPC_BEGIN_DECLS

enum ipc_deadlock_action {
	IPC_DEADLOCK_DEFAULT = 0, /* what the domain says; and if it says nothing, off */
	IPC_DEADLOCK_OFF,
	IPC_DEADLOCK_REPORT, /* the verdict's text on standard error, once */
	IPC_DEADLOCK_ERROR,  /* -EDEADLK from the call that was chosen */
};

enum {
	IPC_DEADLOCK_DOMAIN = 1 << 0, /* for every process of the domain that says nothing itself */
	IPC_DEADLOCK_CLOSED = 1 << 1, /* nobody new will open a named object: see above */
};

/**
 * struct ipc_deadlock - a deadlock in which this thread was chosen
 *
 * Valid during the callback only.
 */
struct ipc_deadlock {
	size_t                   sz; /* sizeof(struct ipc_deadlock) of the library */
	enum ipc_verdict_class   class_;
	enum ipc_strength        strength;
	enum ipc_deadlock_action action;   /* what would be done without a callback */
	const char              *headline; /* one line */
	const char *text;    /* all of it; call sites as program+offset, for addr2line(1) */
	const char *pattern; /* "join-before-drain"; see ipc-deadlocks(7) */
	const char *fix;
};

/**
 * struct ipc_deadlock_opts - what to do
 * @sz:         sizeof(struct ipc_deadlock_opts)
 * @action:     what to do
 * @flags:      IPC_DEADLOCK_*
 * @after:      how long asleep before asking [ns]; 0: 1 s. In effect a multiple of 250 ms
 * @found:      called in the chosen thread, in place of the report, and before an
 *              error; NULL: none. What it returns is done: REPORT prints, ERROR returns
 *              -EDEADLK (where the verdict allows it; else it is like OFF), OFF goes
 *              back to sleep. It must not call functions of this library that wait.
 * @arg:        its argument
 */
struct ipc_deadlock_opts {
	size_t                   sz;
	enum ipc_deadlock_action action;
	unsigned                 flags;
	ipc_nsec                 after;
	enum ipc_deadlock_action (*found)(const struct ipc_deadlock *d, void *arg);
	void *arg;
};

/**
 * Say what is to be done about deadlocks of this process; instead of what
 * IPC_ON_DEADLOCK says. NULL: as at the start.
 *
 * With IPC_DEADLOCK_DOMAIN @action is that of the domain, and this process's own
 * stays as it was; the domain keeps it for as long as it exists.
 *
 * Calls that sleep already heed it within a second. -EINVAL: unknown action or flag,
 * or a negative @after; and what joining the domain can fail with.
 */
IPC_API int ipc_on_deadlock(const struct ipc_deadlock_opts *opts);

/**
 * This thread is meant to wait for ever: a server for its clients, a worker without
 * work. From now on a wait of its is no finding, unless somebody else is stuck
 * because of it. 0: no more. A thread made by fork(2) inherits it. Returns what it
 * was before.
 */
IPC_API int ipc_park(int parked);

IPC_END_DECLS

#endif /* IPC_DEADLOCK_H */

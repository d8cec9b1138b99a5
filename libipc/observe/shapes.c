/* shapes.c - the words of each shape; see shapes.h. Terms of {a}, {b}, {o}: scene.h */

#include "observe/shapes.h"

const struct pattern shapes[] = {
	[SELF_LOCK] =
		{"self-lock", "{a} waits for a lock that it holds already.",
		 "unlock it before locking it again, or do not lock it in the inner function; a "
		 "recursive mutex may be locked again"},
	[OWN_END_OPEN] =
		{"own-end-open",
		 "{a} waits for {o} to deliver or to end, but the only one who still holds its "
		 "sending end is {a} itself, so the end never comes.",
		 "close the end of the pipe that this process does not use"},
	[ORPHANED_GET] =
		{"orphaned-get",
		 "whoever could put into {o} is waiting to get from it, or is gone.",
		 "let the producer put an end mark for each consumer, or shut the queue down, "
		 "before it leaves"},
	[ORPHANED_PUT] =
		{"orphaned-put",
		 "{o} is full, and whoever could get from it is waiting to put into it, or is "
		 "gone.",
		 "keep a consumer until the producers are done, or shut the queue down"},
	[ORPHANED_JOIN] = {"orphaned-join",
			   "tasks are still in {o}, and nobody is left who could do them.",
			   "keep a consumer until the queue is joined; restart consumers that die"},
	[ORPHANED_EVENT] =
		{"orphaned-event",
		 "nobody is left who could set the event, or notify the condition, that {a} waits for.",
		 "set it before leaving, also where the work failed; or wait with a timeout"},
	[ORPHANED_SEM] = {"orphaned-sem",
			  "nobody is left who could post the semaphore that {a} waits for.",
			  "post on every path, also where the work failed; or wait with a timeout"},
	[SHORT_BARRIER] =
		{"short-barrier",
		 "{a} has arrived at a barrier, and too few are left who still could.",
		 "count as parties those who really come, and abort the barrier where one of them "
		 "cannot"},
	[ORPHANED] = {"orphaned", "nobody who is alive could end this wait.",
		      "keep the process that could, or wait with a timeout"},
	[JOIN_BEFORE_DRAIN] =
		{"join-before-drain",
		 "{a} waits for {b} to end before it takes what is in {o}; {b} cannot end "
		 "before something is taken from {o}.",
		 "get everything from the queue first and join then, or join with a "
		 "timeout and drain in between"},
	[INHERITED_END] =
		{"inherited-end",
		 "{a} waits for {o} to deliver or to end, but {b} still holds a sending end, "
		 "which it has never used and probably inherited at fork, and {b} waits in "
		 "turn.",
		 "close in each child the ends it does not use, right after fork"},
	[JOIN_BEFORE_SEND] =
		{"join-before-send",
		 "{a} waits for {b} to end; {b} waits for a message or for the end of {o}, "
		 "which only {a} could give it.",
		 "send, or close the sending end, before joining"},
	[JOIN_OWES_TASK] = {"join-owes-task",
			    "{a} waits until all tasks of {o} are done; {b} took one, has not said "
			    "task_done, and waits itself.",
			    "call task_done after each get, before waiting for anything else"},
	[UPGRADE] =
		{"upgrade",
		 "several have the same read-write lock to read, and each wants it to write as well.",
		 "give the lock back before asking for it to write, and look again at what was read; "
		 "or take it to write at once"},
	[WAIT_WITH_LOCK] =
		{"wait-with-lock",
		 "{a} waits for a lock, and {b}, who holds it, waits for what others of them should "
		 "do first.",
		 "do not wait for others while holding a lock that they need: unlock first"},
	[LOCK_ORDER] = {"lock-order",
			"each holds a lock that the next one wants: they were locked in different "
			"orders.",
			"lock them in the same order everywhere"},
	[MUTUAL_RECV] = {"mutual-recv",
			 "each waits for a message from another of them, so nobody sends first.",
			 "let one of them send before it receives"},
	[MUTUAL_SEND] =
		{"mutual-send",
		 "each waits for room in a channel that another of them should empty.",
		 "receive between sends, or make the channel as large as what is in flight"},
	[OR_KNOT] = {"or-knot",
		     "each could be helped by several of the others, but every one of those waits "
		     "too.",
		     "let one process be the source: it must not wait for what it feeds"},
	[RING] = {"ring", "each waits for the next one, and the last for the first.",
		  "let one of them go first, or wait with a timeout and try again"},
};

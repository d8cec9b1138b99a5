/* kinds.c - the lints' ids and names, and what `ipcmon explain` prints of each */

#include <string.h>

#include "lint/lint.h"

const struct lint_kind lint_kinds[N_LINTS] = {
	[LINT_JOIN_BEFORE_DRAIN] =
		{"I001", "join-before-drain",
		 "a process joins a child whose messages only it could take, and takes none",
		 "a join of a second or more and a message as old, or a put that waits as long, in one reading",
		 "A parent waits for its child to end. The child puts into a bounded queue, or sends\n"
		 "on a pipe, that nobody but the parent empties; and the parent, asleep in its join,\n"
		 "does not. As long as the messages are few it goes well, and so it passes its tests;\n"
		 "once they are more than the queue holds, the child waits for room and the parent for\n"
		 "the child, for ever.\n"
		 "\n"
		 "It is the same with a wait for all of several children, with a child that joins the one\n"
		 "who puts, and with many workers at one queue: who only ever put there will not empty it.\n"
		 "\n"
		 "    ipc_proc_join(child, IPC_FOREVER, NULL);     /* too early */\n"
		 "    while ((n = ipc_queue_get(results, ...)) >= 0)\n"
		 "\n"
		 "Take everything first and join then. Where the number of messages is not known, have\n"
		 "the child shut the queue down after the last, and get until -EPIPE. Or join with a\n"
		 "timeout, and drain in between.\n",
		 "get everything first and join then, or join with a timeout and drain in between"},
	[LINT_DEAD_OWNER] =
		{"I002", "dead-owner", "a lock has an owner who has died", "one reading",
		 "A process died while it held a lock that others wait for. The next to lock it is\n"
		 "told -EOWNERDEAD: what the lock protects may be half changed. That happens by itself\n"
		 "within a quarter of a second; a lock that stays so has no waiter that is able to run.\n"
		 "\n"
		 "Handle -EOWNERDEAD where the lock is taken, mend what it protects, and find out why\n"
		 "the owner died.\n",
		 "handle -EOWNERDEAD where the lock is taken, and find out why the owner died"},
	[LINT_NOBODY_THERE] =
		{"I003", "nobody-there",
		 "a call waits for the other side of a channel, and nobody but itself could be it",
		 "a wait of a second or more that is proved not to end, in one reading",
		 "A get waits at a queue that no other process has open, or a put at a full one; the\n"
		 "queue has no name by which somebody could still open it, and no thread of its own\n"
		 "process is left to do the other half. A pipe would say so (-EPIPE); a queue, whose\n"
		 "users may all put and get, cannot know.\n"
		 "\n"
		 "Shut the queue down before the last of the other side leaves (ipc_queue_shutdown),\n"
		 "or put an end mark for each consumer.\n"
		 "\n"
		 "A pipe does not say so either to who has its other end itself: a recv waits for what\n"
		 "nobody else could send, or a send at a full pipe for a recv of its own. Close the end\n"
		 "that is not used, right after fork; who talks to itself needs a second thread.\n",
		 "shut a queue down before the last of the other side leaves; close the pipe's other end"},
	[LINT_LOST_TASK_DONE] =
		{"I004", "lost-task-done",
		 "a process got tasks of a joinable queue, never said task_done, and waits for more",
		 "a wait of a second or more, in one reading",
		 "The queue is empty, tasks are unfinished, and who got them is asleep in the next get:\n"
		 "nobody works on them any more. ipc_queue_join() on this queue will not return.\n"
		 "\n"
		 "Call ipc_queue_task_done() once for each message got, on every path: also where the\n"
		 "message was a mark to stop, and where handling it failed.\n",
		 "call ipc_queue_task_done() once after each get, on every path"},
	[LINT_EXTRA_TASK_DONE] =
		{"I005", "extra-task-done",
		 "a process said task_done more often than it got messages",
		 "calls since the channel was opened",
		 "ipc_queue_task_done() returned -EINVAL: this process owed no task. The call changed\n"
		 "nothing, but one that comes too often where tasks are owed finishes a task that is\n"
		 "not, and a join then returns too early.\n"
		 "\n"
		 "Call it once for each message this process got itself; look at its result.\n",
		 "call ipc_queue_task_done() once for each message got, and look at its result"},
	[LINT_LOCK_ORDER] =
		{"I006", "lock-order-inversion",
		 "two locks were seen taken in both orders, by different threads",
		 "any number of readings; nothing is forgotten while both locks are there",
		 "One thread has the first lock and takes the second, another has the second and takes\n"
		 "the first. Mostly they miss one another. When they do not, each waits for the other,\n"
		 "and that is a deadlock; this says so before it happens. What was seen is that a\n"
		 "thread waited for a lock while it had another one, or had waited for it then.\n"
		 "\n"
		 "A third lock that both always had makes it harmless, and nothing is said then.\n"
		 "\n"
		 "Take them in one order everywhere, by address or by name, or have one lock for both.\n",
		 "take the two in the same order everywhere"},
	[LINT_SATURATED] =
		{"I007", "saturated", "a channel is full most of the time, and its senders wait",
		 "full (95 % or more) at half of the looks, one a second, of the last 10 s, with senders "
		 "asleep",
		 "More is sent than taken, and the senders go at the pace of the receivers. That is what\n"
		 "a bounded queue is for; but the queue itself does no good when it is always full: every\n"
		 "message lies in it for its whole length, and whoever sends is slowed down with it.\n"
		 "\n"
		 "The lint names who takes least, what share of all it takes, and where it takes it.\n"
		 "\n"
		 "Make that one faster, or start more of its kind. A larger queue helps against bursts\n"
		 "only. If senders must not wait, put with a timeout and drop.\n",
		 "make the receiver that is named faster, or start more of them"},
	[LINT_STARVED_CONSUMER] =
		{"I008", "starved-consumer",
		 "of several who take from a channel, one waits for messages and gets hardly any",
		 "less than a quarter of an equal share in the last 10 s, of 100 messages each or more, "
		 "while asleep in get for half of that time",
		 "Several processes take from one queue. The others get nearly all of it, while this one\n"
		 "is asleep in its get: they come back so quickly that they take the next message before\n"
		 "it is awake. The work is done, but on fewer cores than there are workers.\n"
		 "\n"
		 "Fewer workers do the same work. If they should share it evenly, give each a queue of its\n"
		 "own and deal the messages out.\n",
		 "use fewer consumers, or a queue for each"},
	[LINT_PING_PONG] =
		{"I009", "ping-pong",
		 "every message of a busy channel costs a sleep, as there is never more than one in it",
		 "1000 messages/s or more in the last 10 s, as many sleeps, and at most one queued at "
		 "every look",
		 "The sender puts one message and waits, the receiver takes it and waits: each message\n"
		 "costs two sleeps and wake-ups, which take much longer than the message itself.\n"
		 "\n"
		 "If each is an answer to the one before, ask for several things in one message, or let\n"
		 "several questions be under way at once. If the capacity is 1, enlarge it. If messages\n"
		 "are small, send several together (ipc_queue_put_many, ipc_conn_send_many).\n",
		 "send several at once, or let more than one be under way"},
	[LINT_HERD] =
		{"I010", "herd", "threads are woken for nothing, more often than for something",
		 "1000 such wake-ups/s or more in the last 10 s, and more than sleeps that found what "
		 "they were for",
		 "Several threads sleep for the same thing. When something changes they are woken, and\n"
		 "others have it before they are there, or it is not what they wait for: they look, find\n"
		 "nothing and go back to sleep. Each such wake-up takes as long as a hundred messages,\n"
		 "and a core from somebody who has work.\n"
		 "\n"
		 "Use fewer threads, or give each a queue or a condition of its own. Notify one\n"
		 "(ipc_cond_notify) where one can go on, and not all; do not set and clear an event in\n"
		 "one breath. Messages too long for the memory that becomes free wake senders in vain,\n"
		 "too: raise max_bytes.\n",
		 "use fewer threads, or notify one at a time"},
	[LINT_OVERSIZE] =
		{"I011", "oversize",
		 "senders wait for memory while most places of the channel are free",
		 "a sender asleep for half of the last 10 s, and at most half of the capacity queued at "
		 "every look",
		 "A message of up to 96 bytes lies in its place in the ring; a longer one takes a block of\n"
		 "the channel's memory, which has a limit of its own (max_bytes; of a connection 64 MiB).\n"
		 "Here messages are so long that the memory is full when few of them are under way: the\n"
		 "capacity means nothing, and whoever sends waits.\n"
		 "\n"
		 "Raise the limit, or keep the bytes in shared memory (ipc_shm_create) and send where\n"
		 "they are. (A queue does not wait for memory: its put fails with -ENOSPC, which is\n"
		 "among the events.)\n",
		 "raise max_bytes of the channel, or send where in shared memory the bytes are"},
	[LINT_NEVER_DRAINED] =
		{"I012", "never-drained",
		 "what is queued only grows, and the channel will be full soon or has no limit",
		 "not once less than before for 30 s, and full in 10 min at that rate, or grown by 1000 "
		 "messages without a capacity",
		 "Whoever takes from it is slower than those who put, at every moment: this is no burst.\n"
		 "A channel with a capacity will be full at the time that is told, and then its senders\n"
		 "wait. One without will take memory until there is none.\n"
		 "\n"
		 "Find out why the receiver is slow: its own line in ipcmon says whether it works or\n"
		 "waits for something else. Start more of them, or send less.\n",
		 "find out what the receiver waits for, start more of them, or send less"},
	[LINT_LEAKED_END] =
		{"I013", "leaked-end",
		 "the end of a pipe does not come, or will not, as somebody keeps it open who never used it",
		 "a wait that is part of a finding; both ends for 10 s in a child that sends elsewhere, while two "
		 "use the pipe or one waits for its end for 5 s",
		 "Whoever sent has gone, and the end of file does not come, because another process\n"
		 "still holds the sending end: usually a child that inherited it at fork and never\n"
		 "closed it, or the reader itself. While others still send, it is told of a child that\n"
		 "has both ends, uses neither and sends elsewhere: the reader will wait for its end, too.\n"
		 "\n"
		 "    ipc_pipe(end, NULL);\n"
		 "    ipc_spawn(&a, ..., end, NULL);\n"
		 "    ipc_spawn(&b, ..., other, NULL);    /* has end[] too: close both in b */\n"
		 "    end[1] = ipc_conn_close(end[1]);    /* and in the parent the one it does not use */\n"
		 "\n"
		 "Close in each process the ends it does not use, right after fork.\n",
		 "close in each process the ends it does not use, right after fork"},
	[LINT_POLL_SPIN] =
		{"I014", "poll-spin",
		 "a process asks a channel without waiting, over and over, and hardly ever gets anything",
		 "1000 times/s or more in the last 10 s, and something once in 100 times or less",
		 "A get with the timeout IPC_NOW returns at once. In a loop it keeps a core busy with\n"
		 "asking, and takes processor time away from those who could put something there.\n"
		 "\n"
		 "    while (ipc_queue_get(q, buf, size, IPC_NOW) == -EAGAIN)\n"
		 "            ;                                       /* busy waiting */\n"
		 "\n"
		 "Wait instead: with IPC_FOREVER, or with a timeout if there is something else to do. To\n"
		 "wait for several things at once there is ipc_wait().\n",
		 "get with a timeout, or wait for several things with ipc_wait()"},
	[LINT_FORK_WHILE_LOCKED] =
		{"I015", "fork-while-locked",
		 "a process waits for its private copy of a lock that its parent held at fork",
		 "a wait of a second or more, in one reading",
		 "The lock does not lie in shared memory, so fork copied it, locked. Its owner is a\n"
		 "thread of the parent, whose unlock changes the parent's copy only: this one stays\n"
		 "locked for ever.\n"
		 "\n"
		 "Place the lock in shared memory (ipc_shm_create) if it is to be shared; if it is not,\n"
		 "do not fork while any thread holds it, or make it anew in the child.\n",
		 "place the lock in shared memory, or do not fork while it is held"},
	[LINT_TELEMETRY_LOST] =
		{"I016", "telemetry-lost", "part of what ipcmon shows is missing or too small",
		 "one in 100 records, or of sampled messages, of the last 10 s",
		 "Either records changed so fast that no reading of them was whole: rows are left out, or\n"
		 "are those of the reading before. Or messages lay longer than the last bucket of the\n"
		 "histogram can tell, and the percentiles are below what is true.\n"
		 "\n"
		 "Against the first read more often, or on a machine that is less busy. Of the second the\n"
		 "age of the oldest message tells more.\n",
		 "distrust the rows and percentiles that are concerned"},
	[LINT_TRUNCATED_MESSAGE] =
		{"I017", "truncated-message",
		 "a writer died in the middle of a put: a place was claimed and never filled",
		 "messages since the channel was made",
		 "The message was not delivered; who read there went past it. Nothing is damaged, but\n"
		 "what the writer was about to say is lost, as is whatever else it was doing.\n"
		 "\n"
		 "Find out who killed it: SIGKILL of a worker pool, the OOM killer, a crash. If the\n"
		 "work must not be lost, use a joinable queue, whose join tells of it.\n",
		 "find out why the writer died; use a joinable queue where work must not be lost"},
	[LINT_LATE] =
		{"I018", "unbounded-after-timeout",
		 "a call with a time limit is still asleep when the limit has passed",
		 "a second or more beyond it, of a process that is neither stopped nor about to run",
		 "A timeout bounds the call it is given to. If the thread still sleeps in it long after,\n"
		 "the kernel did not wake it, or the call waits for something that the timeout does not\n"
		 "bound. That is a fault of the library or of the machine (a suspended virtual machine,\n"
		 "a clock that was set), not of the program.\n"
		 "\n"
		 "Make a report (ipcmon report) while it lasts.\n",
		 "make a report while it lasts: ipcmon report"},
};

int lint_named(const char *name)
{
	for (int i = 0; i < N_LINTS; i++)
		if (strcmp(lint_kinds[i].id, name) == 0 || strcmp(lint_kinds[i].name, name) == 0)
			return i;
	return -1;
}

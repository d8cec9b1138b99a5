#ifndef SUPPORT_FAILPOINT_RARE_H
#define SUPPORT_FAILPOINT_RARE_H

/*
 * failpoint_rare.h - places of which no number of visits is asked, and why
 *
 * Any other place of the library must be come by a hundred times. An entry that names no
 * place any more is an error, and so is one that says NEVER of a place which is visited.
 */

#include <stddef.h>

enum failpoint_rarity {
	NEVER,     /* the cast does not do that */
	BY_CHANCE, /* it takes two that meet at one instant, or a death at a certain one */
};

struct failpoint_rare {
	const char           *file, *function, *what; /* NULL: any */
	enum failpoint_rarity rarity;
	const char           *why;
};

/* clang-format off */
static const struct failpoint_rare failpoint_rare[] = {
	{"libipc/runtime/deadlock.c", NULL, NULL, BY_CHANCE, "a wait of a second asks for a verdict"},
	{"libipc/object/diagnose.c", "nudge", NULL, NEVER, "no verdict concerns several"},
	{"libipc/runtime/trace.c", NULL, NULL, NEVER, "nobody traces"},
	{"libipc/runtime/wait.c", "wait_note_alarm", NULL, NEVER, "every wait has a time limit"},
	{"libipc/object/transfer.c", "transfer_failed", "&f->other_code", NEVER, "no call fails oddly"},
	{"libipc/object/put.c", "put_heap_full", NULL, BY_CHANCE, "the file system is not nearly full"},
	{"libipc/object/sem.c", "take_over", NULL, NEVER, "a worker has one thread"},
	{"libipc/base/fork_lock.c", "sleep_until", NULL, BY_CHANCE, "forked while a thread opens a file"},
	{"libipc/runtime/process.c", "process_join", "&d->hdr->symmetric", BY_CHANCE, "the kernel lacks membarrier"},
	{"libipc/runtime/process.c", "release_all", NULL, NEVER, "there are descriptors and memory"},
	{"libipc/runtime/fork.c", "child_stranger", NULL, NEVER, "the tables have room"},
	{"libipc/runtime/table.c", "table_reserve", NULL, BY_CHANCE, "the tables have room"},
	{"libipc/object/fast.h", "heap_count", NULL, BY_CHANCE, "who is alone carries a long message"},
	{"libipc/ring/mpmc.h", "ring_claim_own", "word", BY_CHANCE, "the owner of a side that all use"},
	{"libipc/object/fast.h", "own_claim", NULL, BY_CHANCE, "a side of one's own is being lost"},
	{"libipc/object/side.c", "vouch", NULL, BY_CHANCE, "the owner of a side dies in a claim"},
	{"libipc/object/empty.c", "empty_owned", NULL, BY_CHANCE, "the owner of a side takes a long one"},
	{"libipc/ring/mpmc.h", "ring_skip", NULL, BY_CHANCE, "dead between a claim and its message"},
	{"libipc/object/recover.c", "release", "&s->turn", BY_CHANCE, "dead in a claimed slot"},
	{"libipc/object/lane.c", "array_extend", NULL, BY_CHANCE, "dead while an array grows"},
	{"libipc/object/epoch.c", "retire_some", "&e->ready", NEVER, "arrays are short, and go at once"},
	{"libipc/object/epoch.c", "epoch_make", NULL, BY_CHANCE, "slots of a dead grower are used again"},
	{"libipc/object/heap.c", "heed_drops", NULL, BY_CHANCE, "blocks have gone back to the system"},
	{"libipc/object/heap.c", "take_dropped_behind", NULL, BY_CHANCE, "likewise"},
	{"libipc/object/heap.c", "let_go", NULL, BY_CHANCE, "likewise"},
	{"libipc/object/heap.c", "refill", NULL, BY_CHANCE, "likewise, and the file system is full"},
	{"libipc/object/ledger.c", "ledger_recount", NULL, BY_CHANCE, "dead between a task and its count"},
	{"libipc/object/cond.c", "settle", NULL, BY_CHANCE, "notified, and given up"},
	{"libipc/object/mutex.c", "try_lock", "&m->owner", BY_CHANCE, "the owner of a mutex dies"},
	{"libipc/object/rwlock.c", "ask_readers", NULL, BY_CHANCE, "a writer sleeps behind readers"},
	{"libipc/object/rwlock.c", "withdraw_request", NULL, BY_CHANCE, "and gives up"},
	{"libipc/object/rwlock.c", "freeze", NULL, BY_CHANCE, "a reader dies while a writer waits"},
	{"libipc/object/rwlock.c", "recount", NULL, BY_CHANCE, "likewise"},
	{"libipc/object/sem.c", "recount", NULL, BY_CHANCE, "who has a permit dies while one waits"},
	{"libipc/object/cond.c", "serve_all", NULL, BY_CHANCE, "one who was served dies before it goes"},
	{"libipc/object/cond.c", "go_on_from_served", NULL, BY_CHANCE, "dead while all are served"},
	{"libipc/object/side.c", "side_ask", NULL, BY_CHANCE, "one has a side to itself for long"},
	{"libipc/runtime/recover.c", "forget_sleeper", NULL, BY_CHANCE, "a sleeper dies"},
	{"libipc/runtime/end.c", "relink", NULL, BY_CHANCE, "dead between two links of a list"},
	{"libipc/runtime/end.c", "settle", NULL, BY_CHANCE, "likewise"},
};
/* clang-format on */

#endif /* SUPPORT_FAILPOINT_RARE_H */

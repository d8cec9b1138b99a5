#ifndef OBSERVE_JUDGE_H
#define OBSERVE_JUDGE_H

/*
 * judge.h - from a picture to verdicts
 *
 * One judgement: who owns the locks; the model; who would be stuck if nothing
 * doubtful were believed; kernel evidence about those; the second reading of all
 * that this rests on (proof.h); then four least fixed points, each believing a
 * little more, and what lies between them:
 *
 *     stuck whatever is believed                  deadlock, orphaned
 *     .. unless a process that runs exits         deadlock of a closed world
 *     .. unless what could not be checked helps   suspected
 *     .. unless the stopped are continued         stopped
 *     .. unless a time limit ends it              timed
 */

#include "observe/cores.h"
#include "observe/proof.h"
#include "observe/scene.h"
#include "observe/watch.h"

#define VERDICTS_MAX 32

/* Who has the domain mapped and is not of it: strangers.c. */
struct stranger {
	uint64_t pid, start;
};

struct judge {
	/* the observer's, of this reading */
	const struct view   *v;
	struct image        *image;
	struct files        *files;
	const struct vitals *vitals;
	const bool          *believed; /* as in struct proof */
	uint64_t             now_ns;
	bool                 post_mortem;

	struct model    model;
	struct relate   relate;
	struct cores    cores;
	struct proof    proof;
	struct watch    watch;
	struct grow     locks;    /* struct lock_seen per wait */
	struct grow     sets;     /* some bool arrays of one per thread */
	struct grow     members;  /* thread and wait numbers of the verdicts */
	struct grow     texts;    /* per verdict: headline and text */
	struct grow     reasons;  /* per process: why it is opaque */
	struct grow     pids;     /* of the domain's processes, sorted: for strangers.c */
	struct grow     tids;     /* of one process's threads: for doubts.c */
	struct stranger stranger; /* the last one */
	struct grow     quiet;    /* quiet.c's, per process slot */
	uint32_t        n_members;

	struct ipc_obs_verdict verdict[VERDICTS_MAX];
	size_t                 n_verdicts;
	enum ipc_grade         grade;
};

int  judge_read(struct judge *j); /* 0 or -ENOMEM */
void judge_fini(struct judge *j);

/* ---- between judge.c and findings.c --------------------------------------------- */

/*
 * FIRM: stuck even if those who run end their processes. TOO_FEW: unless threads are
 * started that are not there, for a barrier.
 */
enum judge_set { STUCK, LIVE, SURE, ASKED, SCRATCH, FIRM, TOO_FEW, N_SETS };

#define REASON_BYTES 200

bool *judge_set(const struct judge *j, enum judge_set set);
char *judge_reason(const struct judge *j, uint32_t process);

/* Report the cores of the threads in set STUCK, found with @beliefs, as of @class_. */
int findings_of_set(struct judge *j, enum ipc_verdict_class class_, unsigned beliefs);

/* Report the single wait of thread @t. */
int findings_of_one(struct judge *j, enum ipc_verdict_class class_, uint32_t t);

/* Room for this judgement's findings; before the first. */
int  findings_begin(struct judge *j);
void findings_end(struct judge *j); /* gravest first; the grade */

#endif /* OBSERVE_JUDGE_H */

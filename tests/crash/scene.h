#ifndef CRASH_SCENE_H
#define CRASH_SCENE_H

/*
 * scene.h - one trial: who is there, what they do, what is expected of them
 *
 * The stage is a process of its own for each trial, in a domain of its own. It makes
 * the things, forks the victim and steps it, kills it or lets it finish, and then goes
 * on as a survivor. Others of the cast:
 *
 *     victim   executes the one operation, and is killed in it
 *     helper   sleeps in the opposite operation, where the context says so
 *     joiners  forked before the stage joined the domain: each joins it afresh, and with
 *              that cleans up after whoever died. Can be stepped and killed in that, too
 */

#include "carrier.h"
#include "found.h"
#include "image.h"
#include "support/step.h"

/* ---- what is tried ---------------------------------------------------------------- */

/* The circumstances in which an operation is executed. */
struct context {
	const char *name;
	bool        nameless; /* the object: only who inherited it has it */
	bool        alone;    /* a pipe: the victim is the only one at its end */
	bool        first;    /* the victim's first use of the object, and of the library */
	bool        full;     /* as many messages as there may be, else .queued */
	bool        helper;   /* another process sleeps in the opposite operation */
	bool        behind;   /* another one falls asleep after the victim did, in the same */
	bool        meddled;  /* the stage puts and gets between the victim's steps */
	bool        shut;     /* the queue is shut down */
	bool        forked;   /* the victim has a child, which does nothing and dies with it */
	bool        owns;     /* nobody else was ever on the victim's side: it is its own */
	bool     grows;   /* the very operation that makes the ring larger, or leaves the smaller */
	unsigned maxsize; /* 0: unlimited */
	unsigned queued;
	unsigned rounds; /* put and got before: positions beyond the first lap */
	unsigned burst;  /* queued at once before, and got; what they took a put finds given back */
	size_t   len;    /* of each message [bytes] */
};

struct scene;

/* What an operation works on, and how the others go on after it. */
struct play {
	void (*prepare)(struct scene *s);   /* stage: make things */
	void (*others)(struct scene *s);    /* stage: fork who else is in it; may be NULL */
	void (*prime)(struct scene *s);     /* victim: before it is stepped; may be NULL */
	void (*ready)(struct scene *s);     /* stage: the victim is about to begin; may be NULL */
	void (*record)(struct scene *s);    /* victim: it has done it, and lives; may be NULL */
	void (*release)(struct scene *s);   /* stage: the victim fell asleep: end that; or NULL */
	void (*bother)(struct scene *s);    /* stage: while the victim stands still; may be NULL */
	void (*meddle)(struct scene *s);    /* stage: between two steps; may be NULL */
	void (*aftermath)(struct scene *s); /* stage: go on, and fail() what is wrong */
	void (*end)(struct scene *s);       /* stage: let go of everything; may be NULL */
};

/* One public operation. */
struct operation {
	const char        *name;
	const struct play *play;
	void (*act)(struct scene *s);
	const void             *with; /* the play's */
	enum carrier_kind       carrier;
	unsigned                puts, gets; /* messages it may put and get */
	bool                    fresh;      /* the victim has not joined the domain */
	bool                    child_dies; /* a child it makes, without leaving the domain */
	const struct operation *partner;    /* the opposite one; NULL: none */
	const struct context   *context;    /* in which it is tried */
	unsigned                n_contexts;
};

/* ---- a trial ---------------------------------------------------------------------- */

#define DEPTH_MAX 3 /* a victim, who recovers from that, who recovers from both */

enum ending { END_NORMAL, END_KILLED, END_STOPPED };

struct trial {
	const struct operation *op;
	const struct context   *context;
	enum ending             ending;
	unsigned     n_kills;         /* how many of the following are killed, the last one at .. */
	struct place kill[DEPTH_MAX]; /* the victim, and joiners after it */
	unsigned     list;            /* 1 + index of whose places are to be listed; 0: nobody's */
	unsigned     list_repeats;    /* of one address at most so many */
	const struct operation *partner; /* what another one is in the middle of; NULL: nobody */
	struct place            partner_at;
	bool                    partner_dies; /* after the victim; else it goes on */
};

/* Where one can be killed so that it makes a difference. */
#define PLACES_MAX 60000u

/* An instruction that was executed, and the image that was there meanwhile. */
struct footstep {
	uint64_t pc;
	uint32_t image;
};

#define TRAIL_MAX 20000u

struct outcome {
	int             failed;
	enum found      found; /* of a failed one */
	char            failure[600];
	uint32_t        n_images, n_places;
	uint64_t        n_steps;
	uint32_t        drifted;    /* stood elsewhere than expected when killed */
	uint64_t        longest_ns; /* longest that a survivor's call took after the last kill */
	uint64_t        killed_ns;  /* when that was: before it, they waited for the living */
	struct place    place[PLACES_MAX];
	uint32_t        n_trail;
	struct footstep trail[TRAIL_MAX]; /* the first so many */
};

struct numbers {
	uint64_t processes, threads, channels, ends, waits, reaped;
};

struct scene {
	const struct trial     *trial;
	struct outcome         *outcome;
	const struct operation *op;   /* this process's: the trial's, or the partner's */
	enum writer             role; /* this process's */
	struct ledger          *ledger;
	struct carrier          c;
	struct stepper          victim, partner;
	bool                    partner_stands; /* in the middle of its operation */
	bool           victim_begun; /* it is stepped already, and stands at its beginning */
	pid_t          helper;
	pid_t          joiner[DEPTH_MAX + 2];
	pid_t          newcomer, botherer; /* while the victim stands still */
	int            go[DEPTH_MAX + 1], go_newcomer, go_botherer; /* written to: each may begin */
	struct numbers before;   /* in the domain, before anybody was killed */
	bool           released; /* a .release() that is needed once more clears it */
	unsigned       meddled;
};

/** The trial went wrong: say what it is and how, and end the stage. */
#define scene_found(s, what, ...) scene_fail_at((s), (what), __LINE__, __VA_ARGS__)
#define scene_fail(s, ...)        scene_found((s), FOUND_HARM, __VA_ARGS__)
_Noreturn void scene_fail_at(struct scene *s, enum found what, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/** Somebody was just killed: what is waited for from now on counts, and nothing before. */
void scene_since_now(struct scene *s);

/*
 * A call of a survivor: note how long it waited; more than some slices is a failure. Time that the
 * process was ready and had no processor is not the library's: it is left out, and where there is
 * much of it others will have had the same, so that more is allowed.
 */
#define scene_timed(s, call)                           \
	({                                             \
		struct moment began_ = scene_moment(); \
		__auto_type r_ = (call);               \
		scene_took((s), began_, #call);        \
		r_;                                    \
	})

struct moment {
	uint64_t ns, queued_ns; /* for a processor, since it began */
};

struct moment scene_moment(void);
void          scene_took(struct scene *s, struct moment began, const char *what);

/** Was the victim killed? */
bool scene_killed(const struct scene *s);

/** Fork a member of the cast who runs @fn and ends. */
pid_t scene_fork(struct scene *s, void (*fn)(struct scene *s));

/** Wait until it has ended, and well. */
void scene_wait(struct scene *s, pid_t pid, const char *who);

/** Wait until the victim has ended by itself. */
void scene_wait_victim(struct scene *s);

/** Somebody comes anew, and somebody uses what the victim uses; wait until they have gone. */
void scene_let_in(struct scene *s);
void scene_let_out(struct scene *s);

/** Run the trial in a process of its own, with an empty domain below @dir; its pid. */
pid_t scene_start(const struct trial *t, const char *dir, struct outcome *o);

#endif /* CRASH_SCENE_H */

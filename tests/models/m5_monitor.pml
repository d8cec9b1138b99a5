/*
 * M5: a verdict is true, although nobody is stopped to reach it
 *
 * Three processes of one thread each, and two queues of one message. A thread may put,
 * get and end; the first may also give up rights, and start the third, which inherits what
 * it holds.
 * Before it sleeps it publishes on what; before it does anything else it withdraws that.
 * Meanwhile the observer reads, one word at a time: the wait records (C1); who exists,
 * who holds what, the queues (O). It works out who could still be helped (F), reads again
 * what that rests on (C2), and counts as able to go on what has changed.
 *
 * Claim: who is in a verdict never gets what it waits for, in any continuation.
 *
 * What is drawn coarser than it is: a wait sequence has 64 bits and never comes back, so
 * "the same at both readings" is one bit here, cleared by the first reading and set by
 * each publication and withdrawal; so is the list of a queue's holders, and the counters
 * of a queue. A wait record is read in one step: the code repeats until it had the same
 * sequence before and after. Memory is sequentially consistent: that stores are seen in
 * order is the business of the fences in runtime/wait.c.
 *
 * run as-is         HOLDS
 * run pipes         HOLDS -DPIPES
 * run no-words      HOLDS -DNO_WORDS
 * run queues-first  HOLDS -DQUEUES_FIRST
 * run stale         FAILS -DQUEUES_FIRST -DNO_WORDS
 * run one-reading   FAILS -DONE_READING
 * run no-seq        FAILS -DNO_SEQ
 * run no-list       FAILS -DNO_LIST
 * run late          FAILS -DLATE
 * run no-newcomers  FAILS -DNO_NEWCOMERS
 * run no-strangers  FAILS -DNO_STRANGERS
 *
 *   pipes         rights are given up one by one: two pipes, an end left open
 *   no-words      C2 leaves out the queues: they were read while everybody in question
 *                 slept, and only those could have changed them
 *   queues-first  O before C1: C2 finds out
 *   stale         both: a message that came is not seen
 *   one-reading   no C2
 *   no-seq        C2 leaves out the wait sequences
 *   no-list       C2 leaves out the lists of holders
 *   late          a thread withdraws after it has put or got, not before
 *   no-newcomers  a process that had no wait record yet counts as nobody
 *   no-strangers  so does one that came after the processes were read, and holds a right
 *                 by the time the lists are: in proof.c their numbers do not agree
 */

#define N 3
#define UNBORN 0
#define ALIVE  1
#define GONE   2

/* A right is queue * 2 + what: 0 is to get, 1 is to put. To wait is to wait for its use. */
#define queue_of(w) ((w) >> 1)
#define what_of(w)  ((w) & 1)
#define helps(w)    (1 << ((w) ^ 1)) /* whoever holds this could end a wait for w */

#ifdef PIPES /* of two processes, the first of which kept a writing end open */
#define FIRST       (1 << 0 | 1 << 1 | 1 << 3)
#define SECOND      (1 << 1 | 1 << 2)
#define given_up(w) (1 << (w))
#else
#define FIRST       15
#define SECOND      15
#define given_up(w) (3 << ((w) & 2))
#endif

byte life[N];
byte holds[N];     /* set of rights */
bit  filled[2];      /* the queue has its message */
bit  published[N]; /* asleep, by its record */
byte wants[N];     /* for which right */

/*
 * The observer's copies. What it would find changed at its second reading counts as able
 * to go on; here the one who changes it says so at once, as long as that is still to be
 * read again. So it is one bit and not two, and there are states enough.
 */
byte step;      /* how far the observer is; see below */
bit  was_there[N];
bit  asleep[N]; /* so at the first reading, and ever since */
byte wanted[N];
byte lived[N];
byte held[N];
bit  was_filled[2];
bit  open[2];   /* not what it was when it was read */
bit  live[N];
bit  stuck[N];
bit  reported;
bit  over; /* nothing to report: nothing that follows can make it wrong */

/* Steps that the others must know of: first readings of .., second readings of .. */
#ifdef QUEUES_FIRST
#define WORDS 1 /* .. queue q's message: WORDS + q */
#define LISTS 3 /* .. its holders: LISTS + q */
#else
#define LISTS 1
#define WORDS 3
#endif
#define AGAIN  5 /* .. thread t's record: AGAIN + t */
#define AGAIN2 8 /* .. queue q: AGAIN2 + q */

#ifdef ONE_READING
#define NO_SEQ
#define NO_LIST
#define NO_WORDS
#endif

/* What has changed is forgotten as well: states that differ in nothing else are one. */
inline woke()
{
#ifdef NO_SEQ
	skip
#else
	if
	:: step < AGAIN + me -> asleep[me] = 0; wanted[me] = 0
	:: else
	fi
#endif
}

inline changed(q)
{
	open[q] = 1;
	was_filled[q] = 0;
	held[0] = held[0] & ~(3 << (2 * (q)));
	held[1] = held[1] & ~(3 << (2 * (q)));
	held[2] = held[2] & ~(3 << (2 * (q)))
}

inline relisted(q)
{
#ifdef NO_LIST
	skip
#else
	if
	:: step >= LISTS + q && step < AGAIN2 + q -> changed(q)
	:: else
	fi
#endif
}

inline stirred(q)
{
#ifdef NO_WORDS
	skip
#else
	if
	:: step >= WORDS + q && step < AGAIN2 + q -> changed(q)
	:: else
	fi
#endif
}

#define ready(w) (filled[queue_of(w)] != what_of(w))

inline act(w)
{
	assert(!(reported && stuck[me]));
	filled[queue_of(w)] = what_of(w);
	stirred(queue_of(w))
}

inline wake_up()
{
	published[me] = 0;
	wants[me] = 0;
	woke()
}

proctype thread(byte me) provided (!over)
{
	byte w;

idle:	atomic {
		if
		:: w = 0
		:: w = 1
		:: w = 2
		:: w = 3
		fi;
		if
		:: holds[me] & (1 << w) -> goto try
		:: me == 0 && holds[0] & (1 << w) ->
			holds[me] = holds[me] & ~given_up(w);
			relisted(queue_of(w));
			w = 0;
			goto idle
		:: me == 0 && holds[0] && life[2] == UNBORN -> w = 0; life[2] = ALIVE; goto start
		:: me == 2 || !holds[me] -> w = 0; goto leave
		:: else -> w = 0; goto idle
		fi
	}

try:	atomic {
		if
		:: ready(w) -> act(w); w = 0; goto idle
		:: else -> published[me] = 1; wants[me] = w
		fi
	}
	if
#ifdef LATE
	:: atomic { ready(w) -> act(w) };
		atomic { wake_up(); w = 0; goto idle }
#else
	:: atomic { ready(w) -> wake_up(); goto try }
#endif
	:: atomic { wake_up(); goto try } /* for no reason: the end of a slice */
	fi;

start:	atomic { holds[2] = holds[2] | (holds[me] & 3); relisted(0) }
	atomic { holds[2] = holds[2] | (holds[me] & 12); relisted(1) }
	atomic { run thread(2); goto idle }

leave:	atomic { holds[me] = 0; relisted(0); relisted(1) }
	life[me] = GONE
}

inline read_record(t)
{
	d_step {
		was_there[t] = life[t] == ALIVE;
		asleep[t] = published[t];
		wanted[t] = wants[t]
	}
}

inline read_records()
{
	read_record(0);
	read_record(1);
	read_record(2);
	d_step {
		lived[0] = life[0];
		lived[1] = life[1];
		lived[2] = life[2];
		over = !(asleep[0] || asleep[1] || asleep[2])
	}
}

inline read_word(q)
{
	d_step {
		step = WORDS + q;
		was_filled[q] = filled[q] && !open[q]
	}
}

#define rights_of(t, q) (open[q] -> 0 : holds[t] & (3 << (2 * (q))))

/* The youngest first: what it is given meanwhile is then not seen at its parent either. */
inline read_list(q)
{
	d_step {
		step = LISTS + q;
		held[2] = held[2] | rights_of(2, q)
	}
	held[1] = held[1] | rights_of(1, q);
	held[0] = held[0] | rights_of(0, q)
}

#define member(t)      (was_there[t] && lived[t] == ALIVE && asleep[t])
#define runs(t)        (was_there[t] && lived[t] == ALIVE && !asleep[t])
#if defined(NO_NEWCOMERS)
#define newcomer(t)    false
#elif defined(NO_STRANGERS)
#define newcomer(t)    (!was_there[t] && lived[t] == ALIVE)
#else
#define newcomer(t)    (!was_there[t] && lived[t] != GONE)
#endif
#define was_open(w)    (was_filled[queue_of(w)] != what_of(w) || open[queue_of(w)])
#define by(t, w)       (live[t] && (held[t] & helps(w)))
#define helped(w)      (was_open(w) || by(0, w) || by(1, w) || by(2, w))

/* The least fixed point: three rounds reach everybody. */
inline solve()
{
	d_step {
		live[0] = runs(0) || newcomer(0);
		live[1] = runs(1) || newcomer(1);
		live[2] = runs(2) || newcomer(2);
		i = 0;
		do
		:: i < 3 ->
			live[0] = live[0] || (member(0) && helped(wanted[0]));
			live[1] = live[1] || (member(1) && helped(wanted[1]));
			live[2] = live[2] || (member(2) && helped(wanted[2]));
			i++
		:: else -> break
		od;
		i = 0;
		stuck[0] = member(0) && !live[0];
		stuck[1] = member(1) && !live[1];
		stuck[2] = member(2) && !live[2];
		live[0] = 0;
		live[1] = 0;
		live[2] = 0
	}
}

/* So that states which differ in what was read, and no more, are one. */
inline forget()
{
	d_step {
		step = 0;
		i = 0;
		do
		:: i < N ->
			was_there[i] = 0;
			asleep[i] = 0;
			wanted[i] = 0;
			lived[i] = 0;
			held[i] = 0;
			i++
		:: else -> break
		od;
		i = 0;
		was_filled[0] = 0;
		was_filled[1] = 0;
		open[0] = 0;
		open[1] = 0
	}
}

#define somebody (stuck[0] || stuck[1] || stuck[2])

active proctype observer() provided (!over)
{
	byte i;

#ifdef QUEUES_FIRST
	read_word(0);
	read_word(1);
	read_records();
	read_list(0);
	read_list(1);
#else
	read_records();
	read_list(0);
	read_list(1);
	read_word(0);
	read_word(1);
#endif
	solve();
	if
	:: somebody ->
		step = AGAIN;
		step = AGAIN + 1;
		step = AGAIN + 2;
		step = AGAIN2;
		step = AGAIN2 + 1;
		solve()
	:: else
	fi;
	atomic { reported = somebody; forget(); over = !reported }
}

init {
	atomic {
		life[0] = ALIVE;
		life[1] = ALIVE;
		holds[0] = FIRST;
		holds[1] = SECOND;
		run thread(0);
		run thread(1)
	}
}

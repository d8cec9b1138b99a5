/*
 * M2: a lock outlives its owners
 *
 * A mutex (object/mutex.c): one word is the owner's reference or 0, beside it an event as
 * in M1. Three threads lock, change two halves of something, unlock; any of them may be
 * killed anywhere. A dead owner's reference means nobody once it was cleaned up after,
 * which whoever waits does at the end of a slice; then the lock is taken by a CAS from
 * that very reference, and who gets it is told. One newcomer may be given the dead one's
 * slot.
 *
 * Claims: never do two live in the critical section; who finds half a change was told of
 * a dead owner; when nobody can do anything any more, nobody who lives still waits.
 *
 * Drawn coarser: a futex wait compares and sleeps in one step, as it does; sleepers set
 * the bit and look again at every attempt; spinning is left out.
 *
 * run as-is          HOLDS
 * run no-kills       HOLDS -DNO_KILLS
 * run no-slice       FAILS -DNO_SLICE
 * run plain-store    FAILS -DPLAIN_STORE
 * run no-generation  FAILS -DNO_GENERATION
 * run untold         FAILS -DUNTOLD
 * run unwoken        FAILS -DNO_KILLS -DNO_SLICE -DUNWOKEN
 *
 *   no-slice       a sleep ends by a wake only: who was to pass it on is killed
 *   plain-store    taken from a dead owner by a store: two may
 *   no-generation  a slot's next thread has the same reference
 *   untold         who takes it from a dead owner is told nothing
 *   unwoken        unlock wakes nobody
 */

#define N 3

#define NOBODY 0
#define ALIVE  1
#define DEAD   2 /* and its record is still there */
#define REAPED 3

byte life[N + 1]; /* by reference: thread + 1 */
byte owner;       /* reference */
bit  flag;        /* bit 0 of the event's word */
byte wakes;
bit  asleep[N + 1];
byte inside; /* who live in the critical section */
byte half[2];
byte reused;      /* the reference that a newcomer was given, too */

#ifdef NO_KILLS
#define mortal false
byte kills;
#else
byte kills = 2;
#define mortal (kills > 0)
#endif

#ifdef NO_GENERATION
#define gone(r) (life[r] == REAPED && reused != r)
#else
#define gone(r) (life[r] == REAPED)
#endif

inline wake_one()
{
	if
	:: atomic { flag -> flag = 0; wakes = (wakes + 1) % 4 };
		if
		:: mortal -> goto dead
		:: true
		fi;
		atomic {
			if
			:: asleep[1] -> asleep[1] = 0
			:: asleep[2] -> asleep[2] = 0
			:: asleep[3] -> asleep[3] = 0
			:: else -> skip
			fi
		}
	:: !flag -> skip
	fi
}

proctype thread(byte me)
{
	byte key, was;
	bit  told;

	do
	:: atomic { owner == 0 -> owner = me; break }
	:: owner != 0 ->
		was = owner;
		if
		:: was != 0 && gone(was) ->
#ifdef PLAIN_STORE
			owner = me; told = 1; break
#else
			if
			:: atomic { owner == was -> owner = me }; told = 1; break
			:: owner != was -> skip
			fi
#endif
		:: else -> skip
		fi;
		if
		:: mortal -> goto dead
		:: true
		fi;
		atomic { flag = 1; key = wakes };
		if
		:: owner == 0 || gone(owner) -> goto again
		:: else -> skip
		fi;
		atomic {
			if
			:: flag && key == wakes -> asleep[me] = 1
			:: else -> skip
			fi
		}
		do
		:: !asleep[me] -> break
#ifndef NO_SLICE
		:: asleep[me] && (owner == 0 || gone(owner)) -> asleep[me] = 0; break
		:: atomic { asleep[me] && owner != 0 && life[owner] == DEAD -> life[owner] = REAPED }
#endif
		:: mortal && asleep[me] -> goto dead
		od;
		if
		:: mortal -> goto dead
		:: true
		fi;
again:		skip
	od;
#ifdef UNTOLD
	told = 0;
#endif
	inside++;
	assert(inside == 1);
	assert(told || half[0] == half[1]);
	if
	:: told -> half[1] = half[0]
	:: !told -> skip
	fi;
	half[0] = 1 - half[0];
	if
	:: mortal -> inside--; goto dead
	:: true
	fi;
	half[1] = 1 - half[1];
	inside--;
	if
	:: mortal -> goto dead
	:: true
	fi;
	owner = 0;
	if
	:: mortal -> goto dead
	:: true
	fi;
#ifndef UNWOKEN
	wake_one();
#endif
	goto out;
dead:	atomic { kills--; asleep[me] = 0; life[me] = DEAD };
out:	skip
}

/* Somebody else comes and is given the slot of one that was cleaned up after. */
proctype newcomer()
{
	if
	:: atomic { life[1] == REAPED -> reused = 1 }
	:: atomic { life[2] == REAPED -> reused = 2 }
	:: atomic { life[3] == REAPED -> reused = 3 }
	fi
}

proctype end()
{
	timeout;
	assert(!asleep[1] && !asleep[2] && !asleep[3])
}

init {
	atomic {
		life[1] = ALIVE;
		life[2] = ALIVE;
		life[3] = ALIVE;
		run thread(1);
		run thread(2);
		run thread(3);
		run newcomer();
		run end()
	}
}

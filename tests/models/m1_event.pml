/*
 * M1: who waits is woken, or looks by itself
 *
 * An event (ring/event.h): bit 0 of a word says that somebody may sleep, the rest counts
 * wakes. Two wait for one message each, two put one each; any of them may be killed
 * between any two steps, and so may the one that is woken, before it has passed that on.
 *
 *     sleeper: raise .sleepers; set bit 0, have the word as key; look; sleep while the
 *              word is the key; lower .sleepers, and, if others are left, set the bit
 *              again, look, and wake one
 *     waker:   put; if bit 0 is set: clear it and count up, wake one
 *
 * Claim: when nobody can do anything any more, no living sleeper sleeps beside a message.
 * A sleep is cut in slices: at the end of one the sleeper looks again. Without slices a
 * kill strands somebody; and without kills nobody is stranded, slices or not.
 *
 * Drawn coarser: a futex wait compares and sleeps in one step, as it does; a get is one
 * step; memory is sequentially consistent (F1 and F2, the fences between each store and
 * the load after it, are what makes it so for these words: the run "no-fence" takes the
 * sleeper's away by letting it look before it sets the bit).
 *
 * run as-is       HOLDS
 * run no-kills    HOLDS -DNO_KILLS
 * run bare        HOLDS -DNO_KILLS -DNO_SLICE
 * run no-slice    FAILS -DNO_SLICE
 * run no-passing  FAILS -DNO_KILLS -DNO_SLICE -DNO_PASSING
 * run no-fence    FAILS -DNO_KILLS -DNO_SLICE -DNO_FENCE
 * run no-key      FAILS -DNO_KILLS -DNO_SLICE -DNO_KEY
 *
 *   bare        nobody dies and nobody looks by himself: the words alone are enough
 *   no-slice    a sleep ends by a wake only
 *   no-passing  who gets up does not set the bit again for those that still sleep
 *   no-fence    looks for a message first, and sets the bit then
 *   no-key      sleeps whatever the word is by now
 */

#define N 2 /* of each side */

byte  queued;
bit   flag;         /* bit 0 of the word */
byte  wakes;        /* its other bits */
byte  sleepers;
bit   asleep[N];    /* in futex_wait */
bit   ended[N];     /* the sleeper is through, or dead */
byte  putters = N;  /* still running */

#ifdef NO_KILLS
#define mortal false
#else
byte kills = 2;
#define mortal (kills > 0)
#endif

inline die()
{
#ifndef NO_KILLS
	kills--;
#endif
	skip
}

/* Take the bit, count up, wake one who sleeps: the CAS and the system call after it. */
inline wake_one()
{
	if
	:: atomic { flag -> flag = 0; wakes = (wakes + 1) % 4 };
		if
		:: mortal -> die(); goto dead /* between CAS and system call */
		:: true
		fi;
		atomic {
			if
			:: asleep[0] -> asleep[0] = 0
			:: asleep[1] -> asleep[1] = 0
			:: !asleep[0] && !asleep[1] -> skip
			fi
		}
	:: !flag -> skip
	fi
}

proctype putter()
{
	if
	:: mortal -> die(); goto dead
	:: true
	fi;
	queued++;
	if
	:: mortal -> die(); goto dead /* put, and nobody woken */
	:: true
	fi;
	wake_one();
dead:	putters--
}

proctype getter(byte me)
{
	byte key;
	bit  armed;

	do
	:: atomic { queued > 0 -> queued--; goto got }
	:: queued == 0 ->
		if
		:: mortal -> die(); goto dead
		:: true
		fi;
		if
		:: !armed -> sleepers++; armed = 1
		:: armed -> skip
		fi;
#ifdef NO_FENCE
		if
		:: queued > 0 -> goto again
		:: queued == 0 -> skip
		fi;
#endif
		atomic { flag = 1; key = wakes };
#ifndef NO_FENCE
		if
		:: queued > 0 -> goto again
		:: queued == 0 -> skip
		fi;
#endif
		atomic {
#ifdef NO_KEY
			asleep[me] = 1;
#else
			if
			:: flag && key == wakes -> asleep[me] = 1
			:: else -> skip
			fi;
#endif
		}
		do
		:: !asleep[me] -> break
#ifndef NO_SLICE
		:: asleep[me] && queued > 0 -> asleep[me] = 0; break /* the end of its slice */
#endif
		:: atomic { mortal && asleep[me] -> die(); asleep[me] = 0; goto dead }
		od;
		if
		:: mortal -> die(); goto dead /* woken, and then killed */
		:: true
		fi;
again:		skip
	od;
got:	if
	:: armed ->
		sleepers--;
#ifndef NO_PASSING
		if
		:: mortal -> die(); goto dead
		:: sleepers > 0 ->
			flag = 1;
			if
			:: queued > 0 -> wake_one()
			:: queued == 0 -> skip
			fi
		:: sleepers == 0 -> skip
		fi
#endif
	:: !armed -> skip
	fi;
dead:	ended[me] = 1
}

/* Nobody can do anything any more: then nobody sleeps beside a message. */
proctype end()
{
	timeout;
	assert(!(queued > 0 && ((asleep[0] && !ended[0]) || (asleep[1] && !ended[1]))))
}

init {
	atomic {
		run getter(0);
		run getter(1);
		run putter();
		run putter();
		run end()
	}
}

/*
 * M3: what was claimed and not published is closed, and nothing else is
 *
 * Two writers put into a ring, each two messages (ring/mpmc.h): say which position is
 * meant, claim it by a CAS of the tail, fill the slot, publish it. Each may be killed, and
 * each may stand still between any two steps for as long as it likes. One who survives
 * cleans up after the dead (object/recover.c), again and again, and may be killed in that
 * and replaced; a reader takes what comes.
 *
 * Claims: what the reader sees is whole; a message whose put returned is seen, in its
 * writer's order; when nobody can do anything any more nothing is left unread; and as many
 * slots are counted abandoned as are.
 *
 * Drawn coarser: the array never wraps, so a slot has one turn. A slot is filled in two
 * steps, and both must be by the same writer. Intent and claim are one word each.
 *
 * run as-is         HOLDS
 * run no-kills      HOLDS -DNO_KILLS
 * run not-said      FAILS -DSAY_LATE
 * run not-asked     FAILS -DNOT_ASKED
 * run by-time       FAILS -DBY_TIME
 * run early         FAILS -DPUBLISH_EARLY
 * run count-first   FAILS -DCOUNT_FIRST
 *
 *   not-said     says which position it has after it has claimed it
 *   not-asked    closes what a dead one named, though a living one names it too
 *   by-time      takes for dead who stands still
 *   early        publishes before it has filled the slot
 *   count-first  counts what is abandoned before it closes the slot, in two steps that a
 *                kill can part
 */

#define W 2 /* writers */
#define M 2 /* messages of each */
#define SLOTS 4

#define NOWHERE 255
#define FREE      0
#define PUBLISHED 1
#define ABANDONED 2

byte tail, head;
byte intent[W] = NOWHERE;
bit  dead[W];
bit  ended[W];
bit  cleaned[W];
byte state[SLOTS];
byte by[SLOTS * 2]; /* who filled each half; 0: nobody */
byte which[SLOTS];  /* of the writer's messages */
byte put[W];        /* puts that returned */
byte seen[W];       /* of each writer: next expected */
byte n_abandoned;

#ifdef NO_KILLS
#define mortal false
byte kills;
#else
byte kills = 3;
#define mortal (kills > 0)
#endif

proctype writer(byte me)
{
	byte pos, n;

	do
	:: n < M ->
		do
		:: pos = tail;
#ifndef SAY_LATE
			intent[me] = pos;
#endif
			if
			:: mortal -> goto dying
			:: true
			fi;
			if
			:: atomic { tail == pos -> tail++ }; break
			:: tail != pos -> skip
			fi
		od;
#ifdef SAY_LATE
		if
		:: mortal -> goto dying
		:: true
		fi;
		intent[me] = pos;
#endif
		if
		:: mortal -> goto dying
		:: true
		fi;
#ifdef PUBLISH_EARLY
		state[pos] = PUBLISHED;
#endif
		by[pos * 2] = me + 1;
		which[pos] = n;
		if
		:: mortal -> goto dying
		:: true
		fi;
		by[pos * 2 + 1] = me + 1;
		if
		:: mortal -> goto dying
		:: true
		fi;
#ifndef PUBLISH_EARLY
		state[pos] = PUBLISHED;
#endif
		put[me]++;
		n++
	:: n == M -> break
	od;
	intent[me] = NOWHERE;
	ended[me] = 1;
	goto out;
dying:	atomic { kills--; dead[me] = 1 };
out:	skip
}

/* Does a living writer name the position that @who named? */
#ifdef NOT_ASKED
#define others_name(who) false
#else
#define others_name(who) (!dead[1 - (who)] && intent[1 - (who)] == intent[who])
#endif

#ifdef BY_TIME
#define lost(who) (!ended[who])
#else
#define lost(who) (dead[who])
#endif

inline close(pos)
{
#ifdef COUNT_FIRST
	n_abandoned++;
	if
	:: mortal -> kills--; goto again /* killed; another one begins from the start */
	:: true
	fi;
	state[pos] = ABANDONED
#else
	/* the slot's state is what is counted by: done twice it is the same */
	atomic {
		if
		:: state[pos] == FREE -> state[pos] = ABANDONED; n_abandoned++
		:: else -> skip
		fi
	}
#endif
}

proctype recoverer()
{
	byte who, pos;

again:	do
	:: atomic { lost(0) && !cleaned[0] -> who = 0 };
		goto clean
	:: atomic { lost(1) && !cleaned[1] -> who = 1 };
		goto clean
	:: (cleaned[0] || ended[0]) && (cleaned[1] || ended[1]) -> goto out
	od;
clean:	pos = intent[who];
	if
	:: pos == NOWHERE || pos >= tail -> skip
	:: pos != NOWHERE && pos < tail ->
		if
		:: state[pos] != FREE -> skip
		:: state[pos] == FREE ->
			if
			:: others_name(who) -> goto again /* until that one has moved on */
			:: else -> close(pos)
			fi
		fi
	fi;
	if
	:: mortal -> kills--; goto again
	:: true
	fi;
	cleaned[who] = 1;
	goto again;
out:	skip
}

proctype reader()
{
	byte who;

	do
	:: head < tail && state[head] == ABANDONED -> head++
	:: head < tail && state[head] == PUBLISHED ->
		assert(by[head * 2] != 0 && by[head * 2] == by[head * 2 + 1]);
		who = by[head * 2] - 1;
		assert(which[head] == seen[who]);
		seen[who]++;
		head++
	od
}

#define is_abandoned(i) (state[i] == ABANDONED -> 1 : 0)

proctype end()
{
	timeout;
	assert(head == tail);
	assert(seen[0] >= put[0] && seen[1] >= put[1]);
	assert(n_abandoned == is_abandoned(0) + is_abandoned(1) + is_abandoned(2) + is_abandoned(3))
}

init {
	atomic {
		run writer(0);
		run writer(1);
		run recoverer();
		run reader();
		run end()
	}
}

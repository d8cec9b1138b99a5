/*
 * M7: a child is there before its parent's fork returns
 *
 * A parent that holds the only sending end of a pipe forks, closes its own and is gone; the
 * child sends one message and is gone, too. A reader asks whether anybody holds a sending
 * end; if not, it has come to the end (runtime/fork.c, object/get.c). Each of the two may
 * be killed anywhere.
 *
 * The parent makes the child's slot and its end before the fork. Until the child has
 * claimed its byte in the file of the living, its proof of life is a lock on the file of
 * the forking, through a description that parent and child share: it goes when neither has
 * it. The reader takes a slot for dead if neither is locked, and asks for the fork lock
 * first, for the child takes the one before it lets go of the other.
 *
 * Claims: after the end there never comes a message; when nobody can do anything any more,
 * the reader has come to the end, and the child's slot is free.
 *
 * run as-is       HOLDS
 * run late        FAILS -DLATE
 * run own-lock    FAILS -DOWN_LOCK
 * run let-go      FAILS -DLET_GO_FIRST
 * run ask-alive   FAILS -DASK_ALIVE_FIRST
 * run no-cleanup  FAILS -DNO_CLEANUP
 *
 *   late        the child registers itself once it runs
 *   own-lock    the fork lock is the parent's alone
 *   let-go      the child lets go of the fork lock before it claims its byte
 *   ask-alive   the reader asks for the byte first, and for the fork lock then
 *   no-cleanup  nobody frees a slot whose fork never came to anything
 */

#define FREE    0
#define FORKING 1
#define LIVE    2

byte slot;            /* the child's */
bit  parent_holds = 1; /* a sending end, by the tables */
bit  child_holds;
bit  parent_shares, child_shares; /* the description with the fork lock */
bit  child_byte;      /* the child's byte in the file of the living */
bit  parent_alive = 1, child_alive, child_born;
byte queued;
bit  at_end;
byte kills = 2;

#define fork_locked (parent_shares || child_shares)
#define may_die     if :: kills > 0 -> goto dying :: true fi

inline child_dies()
{
	atomic { child_alive = 0; child_shares = 0; child_byte = 0 }
}

proctype child()
{
	may_die;
#ifdef LATE
	child_byte = 1;
	slot = LIVE;
	child_holds = 1;
#else
#ifdef LET_GO_FIRST
	child_shares = 0;
	may_die;
#endif
	child_byte = 1;
	may_die;
	/* claimed, if nobody has cleaned the slot up meanwhile */
	if
	:: atomic { slot == FORKING -> slot = LIVE }
	:: slot == FREE -> skip
	fi;
	may_die;
	child_shares = 0;
#endif
	may_die;
	assert(!at_end);
	queued++;
	may_die;
	/* leaves */
	atomic { child_holds = 0; slot = FREE };
	child_dies();
	goto out;
dying:	kills--;
	child_dies();
out:	skip
}

proctype parent()
{
	may_die;
#ifndef LATE
	parent_shares = 1;
	may_die;
	atomic { slot = FORKING; child_holds = 1 };
	may_die;
#endif
	atomic {
		child_born = 1;
		child_alive = 1;
#ifndef OWN_LOCK
		child_shares = parent_shares;
#endif
		run child()
	};
	may_die;
	parent_shares = 0;
	may_die;
	parent_holds = 0; /* closes its own */
	parent_alive = 0;
	goto out;
dying:	atomic { kills--; parent_alive = 0; parent_shares = 0 };
out:	skip
}

/* Is the child's slot that of a dead one? In two steps, in this order. */
inline ask()
{
	dead = 0;
#ifdef ASK_ALIVE_FIRST
	if
	:: child_byte -> skip
	:: !child_byte -> dead = !fork_locked
	fi
#else
	if
	:: fork_locked -> skip
	:: !fork_locked -> dead = !child_byte
	fi
#endif
}

proctype reader()
{
	bit dead;

	do
	:: queued > 0 -> queued--
	:: queued == 0 && !parent_holds && !child_holds ->
		/* looked for holders before it looked for messages, as get does */
		if
		:: queued == 0 -> at_end = 1; break
		:: else -> skip
		fi
	:: parent_holds && !parent_alive -> parent_holds = 0 /* cleans up after it */
#ifndef NO_CLEANUP
	:: slot != FREE ->
		ask();
		if
		:: dead -> atomic { slot = FREE; child_holds = 0 }
		:: !dead -> skip
		fi
#endif
	od
}

proctype end()
{
	timeout;
	assert(at_end && slot == FREE)
}

init {
	atomic {
		run parent();
		run reader();
		run end()
	}
}

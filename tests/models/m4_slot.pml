/*
 * M4: a process's slot is its own as long as it lives, and somebody else's afterwards
 *
 * Three processes join, each by the one slot there is (runtime/process.c): under the
 * registry lock claim its byte in the file of the living, then mark it live, with the
 * generation it has. A process that dies, anywhere, lets go of its byte and of the
 * registry lock: that is the kernel's doing. Who comes next cleans up after it: frees what
 * hangs on the slot, raises the generation, marks it free. It may be killed in that, too;
 * then the next lock owner finds the mark it left, and cleans up again. The kernel may give
 * a pid again.
 *
 * Another process remembers a reference to the first one: slot and generation.
 *
 * Claims: nobody is cleaned up after while he lives; a remembered reference never means
 * somebody else; when nobody can do anything any more, everybody who wanted in was in.
 *
 * Drawn coarser: what hangs on a slot is one word, the owner's.
 *
 * run as-is          HOLDS
 * run by-pid            FAILS -DBY_PID
 * run live-first     FAILS -DLIVE_FIRST
 * run no-generation  FAILS -DNO_GENERATION
 * run no-lock        FAILS -DNO_LOCK
 * run no-repair      FAILS -DNO_REPAIR
 *
 *   by-pid            alive is whose pid some process has
 *   live-first     marks its slot live before it claims the byte
 *   no-generation  a reference is the slot alone
 *   no-lock        comes and cleans up without the registry lock
 *   no-repair      believes that nothing hangs on a slot that is free
 */

#define P 3 /* processes; 0: nobody */

#define FREE 0
#define LIVE 1

byte state;
byte gen;
byte holder;       /* what hangs on the slot is of this process; 0: nothing */
byte said;         /* who the record says has the slot, by pid */
byte byte_owner;   /* of the byte in the file of the living */
byte lock;         /* of the registry */
bit  alive[P + 1];
bit  was_in[P + 1];
byte number[P + 1];
byte kills = 3;
bit  remembered;
byte gen_then, who_then;

#ifdef NO_LOCK
#define take_lock(me) skip
#define drop_lock     skip
#else
#define take_lock(me) atomic { lock == 0 -> lock = me }
#define drop_lock     lock = 0
#endif

#ifdef BY_PID
#define seems_alive(p) ((alive[1] && number[1] == p) || (alive[2] && number[2] == p) || (alive[3] && number[3] == p))
#define slot_dead      (!seems_alive(said))
#else
#define slot_dead (byte_owner == 0)
#endif

/* What the kernel does. */
inline dies(me)
{
	atomic {
		kills--;
		alive[me] = 0;
		if
		:: byte_owner == me -> byte_owner = 0
		:: else -> skip
		fi;
		if
		:: lock == me -> lock = 0
		:: else -> skip
		fi
	}
}

#define may_die if :: kills > 0 -> goto dying :: true fi

proctype process(byte me)
{
	atomic {
		alive[me] = 1;
		/* a pid may be one that somebody had who is dead; or a new one */
		if
		:: number[me] = me
		:: me > 1 && !alive[me - 1] && number[me - 1] != 0 -> number[me] = number[me - 1]
		fi
	}
again:	take_lock(me);
	if
	:: state == LIVE && !slot_dead -> drop_lock; (state == FREE || slot_dead); goto again
	:: state == LIVE && slot_dead ->
		assert(!alive[holder]);
		may_die;
		holder = 0;
		may_die;
		gen++;
		may_die;
		state = FREE;
		may_die
#ifdef NO_REPAIR
	:: state == FREE -> skip
#else
	:: state == FREE -> holder = 0 /* whoever was making it died: the lock is ours */
#endif
	fi;
	assert(holder == 0);
#ifdef LIVE_FIRST
	said = number[me];
	state = LIVE;
	holder = me;
	drop_lock;
	may_die;
	byte_owner = me;
	take_lock(me);
#else
	if
	:: byte_owner != 0 -> drop_lock; byte_owner == 0; goto again /* who left is not gone yet */
	:: byte_owner == 0 -> byte_owner = me
	fi;
	may_die;
	said = number[me];
	holder = me;
	may_die;
	state = LIVE;
#endif
	was_in[me] = 1;
	may_die;
	drop_lock;
	may_die;
	/* leaves: frees what it had, and lets go of the byte last */
	take_lock(me);
	assert(holder == me);
	holder = 0;
	may_die;
	gen++;
	state = FREE;
	may_die;
	byte_owner = 0;
	drop_lock;
	alive[me] = 0;
	goto out;
dying:	dies(me);
	was_in[me] = 1; /* the dead want nothing any more */
out:	skip
}

/* Somebody who was told of a process, by reference, and comes back to it later. */
proctype rememberer()
{
	atomic { state == LIVE && byte_owner != 0 && holder != 0 ->
		remembered = 1; gen_then = gen; who_then = holder };
	atomic {
		if
#ifdef NO_GENERATION
		:: state == LIVE && holder != 0 -> assert(holder == who_then)
#else
		:: state == LIVE && holder != 0 && gen == gen_then -> assert(holder == who_then)
#endif
		:: true -> skip
		fi
	}
}

proctype end()
{
	timeout;
	assert(was_in[1] && was_in[2] && was_in[3])
}

init {
	atomic {
		run process(1);
		run process(2);
		run process(3);
		run rememberer();
		run end()
	}
}

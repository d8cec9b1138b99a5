/*
 * lock-order.c - two processes lock two accounts in opposite orders, and are freed
 *
 *     lock-order
 *
 * Each transfers between the same two accounts, one this way and one that way, and locks first the
 * account it takes from. As each is made to hold its first lock before it wants the second, they
 * wait for one another. The program has asked for an error in that case: one of them gets -EDEADLK
 * from its second lock, gives its first one back, lets the other one go ahead and starts anew. What
 * the accounts hold in the end is right.
 *
 * That is for programs that cannot order their locks. Those that can, should: lock the account
 * with the lower number first, always, and there is nothing to free.
 */

#include <errno.h>
#include <ipc/conn.h>
#include <ipc/deadlock.h>
#include <ipc/proc.h>
#include <ipc/shm.h>
#include <ipc/sync.h>
#include <stdio.h>
#include <stdlib.h>

struct account {
	ipc_mutex lock;
	long      balance;
};

struct bank {
	struct account account[2];
	int            n_deadlocks[2]; /* what each process was told */
};

struct clerk {
	struct bank *bank;
	ipc_conn    *other; /* the clerk at the other desk */
	int          from;
	long         amount;
};

static int check(const char *what, int r)
{
	if (r >= 0)
		return r;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror(r), ipc_explain());
	exit(1);
}

/* Both hold their first lock before either goes on: chance would do the same, only not always. */
static void meet(struct clerk *c)
{
	char there;

	check("send", ipc_conn_send(c->other, "!", 1, IPC_FOREVER));
	check("recv", (int)ipc_conn_recv(c->other, &there, 1, IPC_FOREVER));
}

static void lock_both(struct clerk *c, struct account *from, struct account *to)
{
	int r;

	check("lock", ipc_mutex_lock(&from->lock, IPC_FOREVER));
	meet(c);
	r = ipc_mutex_lock(&to->lock, IPC_FOREVER);
	if (r == -EDEADLK) {
		c->bank->n_deadlocks[c->from]++;
		check("unlock", ipc_mutex_unlock(&from->lock)); /* what the other one waits for */
		/* and now in the other one's order, which is how it is let ahead */
		check("lock", ipc_mutex_lock(&to->lock, IPC_FOREVER));
		r = ipc_mutex_lock(&from->lock, IPC_FOREVER);
	}
	check("lock", r);
}

static int transfer(void *arg)
{
	struct clerk   *c = arg;
	struct account *from = &c->bank->account[c->from], *to = &c->bank->account[1 - c->from];

	lock_both(c, from, to);
	from->balance -= c->amount;
	to->balance += c->amount;
	ipc_mutex_unlock(&to->lock);
	ipc_mutex_unlock(&from->lock);
	return 0;
}

int main(void)
{
	struct clerk clerk[2];
	ipc_conn    *desk[2];
	ipc_proc    *proc[2];
	ipc_shm     *block;
	struct bank *bank;

	check("on_deadlock",
	      ipc_on_deadlock(IPC_OPTS(ipc_deadlock_opts, .action = IPC_DEADLOCK_ERROR)));
	check("shm", ipc_shm_create(&block, NULL, sizeof(*bank)));
	check("pipe", ipc_pipe(desk, NULL));
	bank = ipc_shm_data(block);
	bank->account[0].balance = bank->account[1].balance = 1000;
	for (int i = 0; i < 2; i++) {
		clerk[i] = (struct clerk){bank, desk[i], i, 100 + 50 * i};
		check("spawn", ipc_spawn(&proc[i], transfer, &clerk[i], NULL));
	}
	for (int i = 0; i < 2; i++) {
		check("join", ipc_proc_join(proc[i], IPC_FOREVER, NULL));
		proc[i] = ipc_proc_close(proc[i]);
		desk[i] = ipc_conn_close(desk[i]);
	}
	printf("accounts: %ld and %ld\n", bank->account[0].balance, bank->account[1].balance);
	printf("deadlocks: %d\n", bank->n_deadlocks[0] + bank->n_deadlocks[1]);
	block = ipc_shm_close(block);
	return 0;
}

/*
 * slow-consumer.c - four stages in a row, and one of them is too slow
 *
 * Pictures are read, scaled, packed and stored, each by a process of its own with a queue before
 * it. Scaling takes 4 ms, everything else next to nothing, so the queue before it fills, who reads
 * the pictures sleeps, and behind it all is idle. From outside it looks like a slow program:
 * ipcmon says which queue is full, who does not keep up, and at which line that process takes its
 * work.
 *
 * --repeat N: so many pictures (100); 0: until it is ended.
 */

#include <ipc/proc.h>
#include <ipc/queue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#define ROOM      16 /* pictures that may wait before a stage */
#define N_STAGES  4
#define LAST_WORD 0 /* a picture of this number is the end */

enum stage { READ, SCALE, PACK, STORE };

static const char *const stage_names[N_STAGES] = {"read", "scale", "pack", "store"};

struct works {
	ipc_queue    *to[N_STAGES]; /* the queue before each stage but the first */
	unsigned long n_pictures;   /* 0: without end */
	int           next;         /* stage to start; each child has its own copy */
};

struct picture {
	unsigned long number;
	char          pixels[200];
};

static void check(const char *what, ssize_t r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s. %s\n", what, ipc_strerror((int)r), ipc_explain());
	exit(1);
}

static struct picture take(ipc_queue *from)
{
	struct picture p;

	check("get", ipc_queue_get(from, &p, sizeof(p), IPC_FOREVER));
	return p;
}

static void pass(ipc_queue *to, const struct picture *p)
{
	check("put", ipc_queue_put(to, p, sizeof(*p), IPC_FOREVER));
}

static int read_pictures(const struct works *w)
{
	struct picture p = {0};

	for (unsigned long i = 1; w->n_pictures == 0 || i <= w->n_pictures; i++) {
		p.number = i;
		pass(w->to[SCALE], &p);
	}
	p.number = LAST_WORD;
	pass(w->to[SCALE], &p);
	return 0;
}

/* What takes so long: a stand-in for work, so that a demonstration does not heat the room. */
static void scale(struct picture *p)
{
	nanosleep(&(struct timespec){.tv_nsec = 4000000}, NULL);
	memset(p->pixels, (int)p->number, sizeof(p->pixels));
}

static int scale_pictures(const struct works *w)
{
	struct picture p;

	do {
		check("get", ipc_queue_get(w->to[SCALE], &p, sizeof(p), IPC_FOREVER));
		if (p.number != LAST_WORD)
			scale(&p);
		pass(w->to[PACK], &p);
	} while (p.number != LAST_WORD);
	return 0;
}

static int pack_pictures(const struct works *w)
{
	struct picture p;

	do {
		p = take(w->to[PACK]);
		pass(w->to[STORE], &p);
	} while (p.number != LAST_WORD);
	return 0;
}

static int store_pictures(const struct works *w)
{
	unsigned long n = 0;

	while (take(w->to[STORE]).number != LAST_WORD)
		n++;
	printf("%lu pictures stored\n", n);
	return fflush(stdout) != 0;
}

static int (*const work[N_STAGES])(const struct works *w) = {
	[READ] = read_pictures,
	[SCALE] = scale_pictures,
	[PACK] = pack_pictures,
	[STORE] = store_pictures,
};

static int stage(void *arg)
{
	const struct works *w = arg;

	prctl(PR_SET_PDEATHSIG, SIGTERM); /* who ends the program by its pid ends all of it */
	return work[w->next](w);
}

/* Nobody is to open the queues by name; people see it all the same. */
static ipc_queue *make_queue(const char *name)
{
	ipc_queue *q;

	check("queue", ipc_queue_create(&q, name, IPC_OPTS(ipc_queue_opts, .maxsize = ROOM)));
	check("unlink", ipc_queue_unlink(name));
	return q;
}

int main(int argc, char **argv)
{
	struct works w = {.n_pictures = 100};
	ipc_proc    *proc[N_STAGES];

	if (argc == 3 && !strcmp(argv[1], "--repeat"))
		w.n_pictures = strtoul(argv[2], NULL, 10);
	for (int i = SCALE; i < N_STAGES; i++)
		w.to[i] = make_queue(stage_names[i]);
	for (w.next = READ; w.next < N_STAGES; w.next++)
		check("spawn", ipc_spawn(&proc[w.next], stage, &w,
					 IPC_OPTS(ipc_proc_opts, .name = stage_names[w.next])));
	for (int i = 0; i < N_STAGES; i++) {
		check("join", ipc_proc_join(proc[i], IPC_FOREVER, NULL));
		proc[i] = ipc_proc_close(proc[i]);
	}
	for (int i = SCALE; i < N_STAGES; i++)
		w.to[i] = ipc_queue_close(w.to[i]);
	return 0;
}

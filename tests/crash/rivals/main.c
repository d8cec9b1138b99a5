/*
 * main.c - the same kills for every rival, and one table of what came of them
 *
 *     ipcrivals [-k KILLS] [-s SEED] [NAME...]    of those whose name contains NAME
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "rivals.h"

static const struct {
	const struct rival *rival;
	const char         *name, *package;
} rivals[] = {
	{&rival_libipc, "libipc queue", NULL},
	{&rival_mq, "POSIX mq", NULL},
	{&rival_socketpair, "socketpair, SOCK_SEQPACKET", NULL},
	{&rival_python, "multiprocessing.Queue", "python3"},
	{&rival_boost, "Boost message_queue", "libboost-dev"},
	{&rival_iceoryx, "iceoryx", "iceoryx, libiceoryx-binding-c-dev; or a daemon runs already"},
};

#define N_RIVALS  (sizeof(rivals) / sizeof(*rivals))
#define TRIES     3  /* for a round to come to its kill, on a busy machine */
#define MOST_HUNG 20 /* each takes seconds, and more of them tell nothing new */

static struct board *board_make(void)
{
	int           fd = memfd_create("board", 0);
	struct board *b;

	if (fd < 0 || ftruncate(fd, sizeof(*b)) < 0 || (fd != BOARD_FD && dup2(fd, BOARD_FD) < 0))
		return NULL;
	b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED, BOARD_FD, 0);
	return b == MAP_FAILED ? NULL : b;
}

static int kill_some(const struct rival *rival, struct board *b, bool producers, unsigned n_kills,
		     uint32_t *seed, struct result *ret)
{
	unsigned tries = 0;
	int      r = 0;

	while (ret->kills < n_kills && ret->hung < MOST_HUNG && tries < TRIES) {
		unsigned of = producers ? PRODUCERS : rival->n_consumers;
		unsigned victim = (producers ? 0 : PRODUCERS) + ret->kills % of;

		r = round_play(rival, b, victim, seed, ret);
		tries = r < 0 ? tries + 1 : 0;
	}
	return tries < TRIES ? 0 : r;
}

static void print_row(const char *name, const char *killed, const struct result *r)
{
	printf("| %s | %u %s | %u | %u | %u | %u | %u |\n", name, r->kills, killed, r->lost,
	       r->duplicated, r->torn, r->hung, r->harmed);
	fflush(stdout);
}

static void try_rival(const struct rival *rival, const char *name, struct board *b,
		      unsigned n_kills, uint32_t seed)
{
	for (int producers = 1; producers >= 0; producers--) {
		struct result r = {0};
		int           failed = kill_some(rival, b, producers, n_kills, &seed, &r);

		if (r.kills)
			print_row(name, producers ? "producers" : "consumers", &r);
		if (failed) {
			printf("| %s | does not run here: %s | | | | | |\n", name,
			       strerror(-failed));
			return;
		}
	}
}

static bool chosen(const char *name, int n, char **names)
{
	bool found = n == 0;

	for (int i = 0; i < n && !found; i++)
		found = strstr(name, names[i]) != NULL;
	return found;
}

static void try_all(struct board *b, unsigned n_kills, uint32_t seed, int n_names, char **names)
{
	printf("| | killed | lost | duplicated | torn | hung | survivors harmed |\n");
	printf("|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < N_RIVALS; i++) {
		const struct rival *rival = rivals[i].rival;

		if (!chosen(rivals[i].name, n_names, names))
			continue;
		if (!rival || (rival->installed && !rival->installed()))
			printf("| %s | not installed: %s | | | | | |\n", rivals[i].name,
			       rivals[i].package);
		else
			try_rival(rival, rivals[i].name, b, n_kills, seed);
	}
}

int main(int argc, char **argv)
{
	unsigned      n_kills = 100;
	uint32_t      seed = 1;
	struct board *b;
	int           c;

	while ((c = getopt(argc, argv, "k:s:")) != -1) {
		if (c == 'k') {
			n_kills = (unsigned)strtoul(optarg, NULL, 10);
		} else if (c == 's') {
			seed = (uint32_t)strtoul(optarg, NULL, 10);
		} else {
			fputs("usage: ipcrivals [-k KILLS] [-s SEED] [NAME...]\n", stderr);
			return 2;
		}
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	b = board_make();
	if (!b) {
		perror("ipcrivals: the board");
		return 1;
	}
	try_all(b, n_kills, seed ? seed : 1, argc - optind, argv + optind);
	return 0;
}

/*
 * prog_torture.c - torture one channel for as long as one likes
 *
 *     prog_torture [--channel queue|joinable|pipe] [--threads] [--capacity N] [--senders N]
 *                  [--receivers N] [--messages N] [--largest BYTES] [--patience SECONDS] [--seed N]
 *
 * Without options: a queue of 1000 between 20 and 20 processes, ten million messages of up to
 * 8 MiB. It prints the seed, with which the same messages are sent again. It may take as long as
 * it takes; that for --patience (60 s) nothing is sent or received is a failure.
 */

#include "support/test.h"

#include <getopt.h>

#include "support/torture.h"

static enum torture_channel channel_by_name(const char *name)
{
	if (!strcmp(name, "queue"))
		return TORTURE_QUEUE;
	if (!strcmp(name, "joinable"))
		return TORTURE_JOINABLE;
	if (!strcmp(name, "pipe"))
		return TORTURE_PIPE;
	(void)fprintf(stderr, "prog_torture: no channel '%s'\n", name);
	exit(2);
}

static uint64_t number(const char *text)
{
	char              *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (end == text || *end) {
		(void)fprintf(stderr, "prog_torture: no number: '%s'\n", text);
		exit(2);
	}
	return n;
}

static void set(struct torture *t, int option, const char *value)
{
	switch (option) {
	case 'c': t->channel = channel_by_name(value); break;
	case 't': t->threads = true; break;
	case 'C': t->capacity = number(value); break;
	case 's': t->n_senders = (uint32_t)number(value); break;
	case 'r': t->n_receivers = (uint32_t)number(value); break;
	case 'm': t->n_messages = number(value); break;
	case 'l': t->largest = (uint32_t)number(value); break;
	case 'p': t->patience = (unsigned)number(value); break;
	case 'S': t->seed = (uint32_t)number(value); break;
	default: exit(2);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"channel", required_argument, NULL, 'c'},
		{"threads", no_argument, NULL, 't'},
		{"capacity", required_argument, NULL, 'C'},
		{"senders", required_argument, NULL, 's'},
		{"receivers", required_argument, NULL, 'r'},
		{"messages", required_argument, NULL, 'm'},
		{"largest", required_argument, NULL, 'l'},
		{"patience", required_argument, NULL, 'p'},
		{"seed", required_argument, NULL, 'S'},
		{NULL, 0, NULL, 0},
	};
	struct torture t = {
		.capacity = 1000,
		.n_senders = 20,
		.n_receivers = 20,
		.n_messages = 10000000,
		.largest = 8u << 20,
		.patience = 60,
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		set(&t, option, optarg);
	if (optind < argc || !t.n_senders || !t.n_receivers || t.n_senders > 65535)
		set(&t, '?', NULL);
	torture_run(&t);
	return 0;
}

/*
 * bar_python.c - a simple queue against the one that its users know
 *
 * Who comes from Python's multiprocessing wants to know what becomes of its SimpleQueue. Both are
 * measured in one run, taking turns: two processes, one way, a hundred bytes.
 */

#include <ipc/simple_queue.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bars.h"
#include "clock.h"

#define TURNS     5
#define LEN       100    /* bytes */
#define MESSAGES  300000 /* of ours in a turn: some 50 ms */
#define PYTHON_OF "20000"

/* It prints how long a message took [ns]. */
static const char script[] = "import multiprocessing as m, sys, time\n"
			     "n = int(sys.argv[1])\n"
			     "def put(q):\n"
			     "    x = b'x' * 100\n"
			     "    for i in range(n): q.put(x)\n"
			     "if __name__ == '__main__':\n"
			     "    c = m.get_context('fork')\n"
			     "    q = c.SimpleQueue()\n"
			     "    p = c.Process(target=put, args=(q,))\n"
			     "    p.start()\n"
			     "    q.get()\n"
			     "    t = time.perf_counter()\n"
			     "    for i in range(n - 1): q.get()\n"
			     "    print((time.perf_counter() - t) / (n - 1) * 1e9)\n"
			     "    p.join()\n";

static double python_ns(void)
{
	char   text[sizeof(script) + 64], *end;
	double ns = NAN;
	FILE  *f;

	snprintf(text, sizeof(text), "exec python3 -c \"%s\" " PYTHON_OF " 2>/dev/null", script);
	f = popen(text, "re");
	if (!f)
		return NAN;
	if (fgets(text, sizeof(text), f)) {
		ns = strtod(text, &end);
		if (end == text)
			ns = NAN;
	}
	pclose(f);
	return ns;
}

static _Noreturn void put_all(ipc_simple_queue *q)
{
	const char buf[LEN] = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < MESSAGES; i++)
		if (ipc_simple_queue_put(q, buf, LEN) < 0)
			_exit(1);
	_exit(0);
}

/* From the first message to the last, as there. */
static double time_gets(ipc_simple_queue *q)
{
	uint64_t start = 0;
	char     buf[LEN];

	for (int i = 0; i < MESSAGES; i++) {
		if (ipc_simple_queue_get(q, buf, LEN) != LEN)
			return NAN;
		if (i == 0)
			start = clock_ns();
	}
	return (double)(clock_ns() - start) / (MESSAGES - 1);
}

static double our_ns(void)
{
	ipc_simple_queue *q;
	double            ns;
	pid_t             pid;

	if (ipc_simple_queue_create(&q) < 0)
		return NAN;
	pid = fork();
	if (pid == 0)
		put_all(q);
	ns = pid > 0 ? time_gets(q) : NAN;
	if (pid > 0)
		waitpid(pid, NULL, 0);
	ipc_simple_queue_close(q);
	return ns;
}

double bar_python_times(void)
{
	struct cell times = {0};

	for (int i = 0; i < TURNS; i++)
		cell_add(&times, python_ns() / our_ns());
	return cell_median(&times);
}

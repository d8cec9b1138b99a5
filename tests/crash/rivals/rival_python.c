/* rival_python.c - multiprocessing.Queue of CPython: rivals.py is its host */

#include <stdlib.h>

#include "rivals.h"

static int has_python(void)
{
	return system("python3 -c 'import multiprocessing.synchronize' >/dev/null 2>&1") == 0;
}

const struct rival rival_python = {
	.n_consumers = CONSUMERS, .installed = has_python, .program = "rivals.py"};

/*
 * A program that ends as it is told:
 *
 *     prog_exit N          exit status N
 *     prog_exit join N     joins the domain first
 *     prog_exit wait       waits for a signal
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ipc/proc.h>

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "wait"))
		return pause();
	if (argc == 3 && !strcmp(argv[1], "join")) {
		if (ipc_proc_set_name("told to join") < 0)
			return 98;
		return atoi(argv[2]);
	}
	return argc == 2 ? atoi(argv[1]) : 97;
}

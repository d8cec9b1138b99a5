#include "found.h"

const char *const found_names[N_FOUND] = {
	[FOUND_HARM] = "survivor harmed",
	[FOUND_TORN] = "torn",
	[FOUND_LOST] = "lost",
	[FOUND_TWICE] = "duplicated",
	[FOUND_ORDER] = "out of order",
	[FOUND_LEAK] = "leaked",
	[FOUND_COUNTS] = "miscounted",
	[FOUND_HANG] = "hung",
	[FOUND_FALSE_DEATH] = "taken for dead",
};

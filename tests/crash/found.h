#ifndef CRASH_FOUND_H
#define CRASH_FOUND_H

/* found.h - what a failed trial has shown, for the table of figures */

enum found {
	FOUND_HARM, /* a survivor's call failed, or it ended: whatever is none of the following */
	FOUND_TORN,
	FOUND_LOST,
	FOUND_TWICE,
	FOUND_ORDER,
	FOUND_LEAK,
	FOUND_COUNTS, /* the counters contradict what was done */
	FOUND_HANG,
	FOUND_FALSE_DEATH,
	N_FOUND
};

extern const char *const found_names[N_FOUND];

#endif /* CRASH_FOUND_H */

#ifndef TEXT_NUMBER_H
#define TEXT_NUMBER_H

/*
 * number.h - numbers as people read them, in few columns
 *
 * Three significant digits; counts in thousands (k M G), bytes in powers of
 * 1024 (K M G), times in the two largest units that matter. Nothing is wider
 * than NUMBER_COLUMNS. What is unknown (IPC_UNKNOWN, a NaN) is "-".
 */

#include <stddef.h>
#include <stdint.h>

#define NUMBER_COLUMNS 6
#define NUMBER_BYTES   16

struct number {
	char   text[NUMBER_BYTES];
	size_t n; /* bytes of it */
};

struct number number_count(uint64_t n);
struct number number_rate(double per_second);
struct number number_bytes(uint64_t bytes);        /* "64.0K" */
struct number number_byte_rate(double per_second); /* the same, of a rate */
struct number number_bytes_unit(uint64_t bytes);   /* "64.0 KiB", for sentences */
struct number number_duration(uint64_t ns);        /* "812us", "19m04s", "3d04h" */
struct number number_percent(double percent);

/* What a uint64_t can say of @v: at least 0, and IPC_UNKNOWN where that is too much or a NaN. */
uint64_t number_whole(double v);

#endif

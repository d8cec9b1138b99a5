#ifndef IPC_VALUE_H
#define IPC_VALUE_H

/*
 * ipc/value.h - numbers in shared memory that several processes change
 *
 * Plain structures for embedding in yours, aligned to 8 bytes, in memory that all users
 * share. All zeroes is a valid value: 0, of any size. Each call is one atomic step: no
 * change is lost, and no half of one is ever seen. What a thread wrote before it changed
 * a value is seen by whoever sees the change.
 *
 * A number has a range, and what would leave it is refused with -ERANGE and changes
 * nothing: it does not wrap around.
 *
 * Threads: any, of any process. Nothing here waits, joins a domain or enters the kernel,
 * except the calls that make, open, close and unlink; the others are async-signal-safe.
 */

#include <ipc/base.h>

IPC_BEGIN_DECLS

/* ---- one number ------------------------------------------------------------ */

/** A number from .min to .max; both 0: any. Members are the library's. */
typedef struct ipc_value {
	int64_t value;
	int64_t min, max;
} ipc_value;

/** The ranges of C's types, for the last two arguments of ipc_value_init(). */
#define IPC_RANGE_INT8   INT8_MIN, INT8_MAX
#define IPC_RANGE_INT16  INT16_MIN, INT16_MAX
#define IPC_RANGE_INT32  INT32_MIN, INT32_MAX
#define IPC_RANGE_INT64  INT64_MIN, INT64_MAX
#define IPC_RANGE_UINT8  0, UINT8_MAX
#define IPC_RANGE_UINT16 0, UINT16_MAX
#define IPC_RANGE_UINT32 0, UINT32_MAX

/**
 * Make @v the number @value, to stay from @min to @max. Before it is shared.
 * -ERANGE: @value is not in that range; -EINVAL: @min is above @max, or both are 0 (which
 * would mean any); @v is NULL or not aligned.
 */
IPC_API IPC_CHECKED int ipc_value_init(ipc_value *v, int64_t value, int64_t min, int64_t max);

/** What it is now; of NULL, 0. */
IPC_API int64_t ipc_value_get(const ipc_value *v);

/** Let it be @value. -ERANGE, -EINVAL. */
IPC_API IPC_CHECKED int ipc_value_set(ipc_value *v, int64_t value);

/**
 * Add @n, which may be negative. *@ret_new (if not NULL) is what it is then: of several
 * who add, each learns of another number. -ERANGE, -EINVAL.
 */
IPC_API IPC_CHECKED int ipc_value_add(ipc_value *v, int64_t n, int64_t *ret_new);

/**
 * If it is *@expected, let it be @value: 1. Else 0, and *@expected is what it is.
 * -ERANGE, -EINVAL.
 */
IPC_API IPC_CHECKED int ipc_value_exchange(ipc_value *v, int64_t *expected, int64_t value);

/** Make one with memory, and a name if not NULL, of its own; open it; let go; unlink: ipc/sync.h. */
IPC_API IPC_CHECKED int ipc_value_create(ipc_value **ret, const char *name, int64_t value,
					 int64_t min, int64_t max);
IPC_API IPC_CHECKED int ipc_value_open(ipc_value **ret, const char *name);
IPC_API ipc_value      *ipc_value_close(ipc_value *v);
IPC_API int             ipc_value_seal(ipc_value *v);
IPC_API int             ipc_value_unlink(const char *name);

/* ---- a floating point number --------------------------------------------------- */

/** A double. All zeroes is 0.0. */
typedef struct ipc_real {
	uint64_t bits;
} ipc_real;

IPC_API double ipc_real_get(const ipc_real *r);
IPC_API int    ipc_real_set(ipc_real *r, double value);              /* -EINVAL */
IPC_API int    ipc_real_add(ipc_real *r, double n, double *ret_new); /* -EINVAL */

/* ---- several numbers -------------------------------------------------------------- */

/**
 * @n numbers of one range, at .item; each call changes one of them, and is one atomic
 * step. Take ipc_array_bytes(n) bytes of memory for it. All zeroes: it has no items.
 */
typedef struct ipc_array {
	uint64_t n;
	int64_t  min, max;
	int64_t  item[1];
} ipc_array;

/** Memory for an array of @n [bytes]; 0: more than any memory holds. */
IPC_API size_t ipc_array_bytes(size_t n);

/**
 * Make @a an array of @n zeroes. As ipc_value_init(); -EINVAL also: @n is 0 or too many;
 * -ERANGE: 0 is not in the range. Both 0: any numbers.
 */
IPC_API IPC_CHECKED int ipc_array_init(ipc_array *a, size_t n, int64_t min, int64_t max);

/** How many items it has; constant. */
IPC_API size_t ipc_array_len(const ipc_array *a);

/** As the calls on a value, of item @i. -EINVAL also: it has no such item. */
IPC_API IPC_CHECKED int ipc_array_get(const ipc_array *a, size_t i, int64_t *ret);
IPC_API IPC_CHECKED int ipc_array_set(ipc_array *a, size_t i, int64_t value);
IPC_API IPC_CHECKED int ipc_array_add(ipc_array *a, size_t i, int64_t n, int64_t *ret_new);
IPC_API IPC_CHECKED int ipc_array_exchange(ipc_array *a, size_t i, int64_t *expected,
					   int64_t value);

IPC_END_DECLS

#endif /* IPC_VALUE_H */

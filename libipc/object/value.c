/*
 * value.c - numbers in shared memory that several processes change
 *
 * Each change is one CAS of one word, so a process may die anywhere: the number is what
 * it was, or what it was to become.
 *
 * Ordering
 *     R1  change()  release  value   what was written before is seen with the change
 *     A1  look()    acquire  value   pairs with R1
 */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <ipc/value.h>

#include "base/atomic.h"
#include "base/error.h"
#include "object/named.h"

_Static_assert(sizeof(ipc_value) == 24 && offsetof(ipc_array, item) == 24, "ABI");

/* A number and its range. */
struct number {
	int64_t *at;
	int64_t  min, max;
};

static bool usable(const void *p)
{
	return p && (uintptr_t)p % 8 == 0;
}

static bool is_in(const struct number *n, int64_t value)
{
	return (n->min == 0 && n->max == 0) || (value >= n->min && value <= n->max);
}

static int64_t look(const int64_t *at)
{
	return load_acquire(at); /* A1: pairs with R1 */
}

static bool change(int64_t *at, int64_t *was, int64_t value)
{
	return compare_swap(at, was, value); /* R1 */
}

static int number_set(const struct number *n, int64_t value)
{
	if (!is_in(n, value))
		return -ERANGE;
	store_release(n->at, value); /* R1 */
	return 0;
}

static int number_add(const struct number *n, int64_t more, int64_t *ret_new)
{
	int64_t was = load_relaxed(n->at), sum;

	do {
		if (__builtin_add_overflow(was, more, &sum) || !is_in(n, sum))
			return -ERANGE;
	} while (!change(n->at, &was, sum));
	if (ret_new)
		*ret_new = sum;
	return 0;
}

static int number_exchange(const struct number *n, int64_t *expected, int64_t value)
{
	if (!is_in(n, value))
		return -ERANGE;
	return change(n->at, expected, value) ? 1 : 0;
}

/* ---- one number --------------------------------------------------------------------- */

static struct number of_value(ipc_value *v)
{
	return (struct number){.at = &v->value, .min = v->min, .max = v->max};
}

int ipc_value_init(ipc_value *v, int64_t value, int64_t min, int64_t max)
{
	if (!usable(v) || min > max || (min == 0 && max == 0))
		return -EINVAL;
	if (value < min || value > max)
		return -ERANGE;
	*v = (ipc_value){.value = value, .min = min, .max = max};
	return 0;
}

int64_t ipc_value_get(const ipc_value *v)
{
	return usable(v) ? look(&v->value) : 0;
}

int ipc_value_set(ipc_value *v, int64_t value)
{
	struct number n;

	if (!usable(v))
		return -EINVAL;
	n = of_value(v);
	return number_set(&n, value);
}

int ipc_value_add(ipc_value *v, int64_t n, int64_t *ret_new)
{
	struct number number;

	if (!usable(v))
		return -EINVAL;
	number = of_value(v);
	return number_add(&number, n, ret_new);
}

int ipc_value_exchange(ipc_value *v, int64_t *expected, int64_t value)
{
	struct number n;

	if (!usable(v) || !expected)
		return -EINVAL;
	n = of_value(v);
	return number_exchange(&n, expected, value);
}

int ipc_value_create(ipc_value **ret, const char *name, int64_t value, int64_t min, int64_t max)
{
	ipc_value initial;
	void     *p;
	int       r = begin_output(ret);

	if (r == 0)
		r = ipc_value_init(&initial, value, min, max);
	if (r < 0 && ret)
		return fail(
			r,
			"a number of %lld from %lld to %lld: it lies in its range, which is not "
			"0 to 0",
			(long long)value, (long long)min, (long long)max);
	if (r == 0)
		r = named_create(&p, KIND_VALUE, name, &initial, sizeof(initial));
	if (r == 0)
		*ret = p;
	return r;
}

int ipc_value_open(ipc_value **ret, const char *name)
{
	void *p;
	int   r = begin_output(ret);

	if (r == 0)
		r = named_open(&p, KIND_VALUE, name);
	if (r == 0)
		*ret = p;
	return r;
}

ipc_value *ipc_value_close(ipc_value *v)
{
	return named_close(v);
}

int ipc_value_seal(ipc_value *v)
{
	return named_seal(KIND_VALUE, v);
}

int ipc_value_unlink(const char *name)
{
	return named_unlink(KIND_VALUE, name);
}

/* ---- a floating point number ------------------------------------------------------------ */

static uint64_t bits_of(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	return bits;
}

static double real_of(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

double ipc_real_get(const ipc_real *r)
{
	return usable(r) ? real_of(load_acquire(&r->bits)) : 0.0; /* A1: pairs with R1 */
}

int ipc_real_set(ipc_real *r, double value)
{
	if (!usable(r))
		return -EINVAL;
	store_release(&r->bits, bits_of(value)); /* R1 */
	return 0;
}

int ipc_real_add(ipc_real *r, double n, double *ret_new)
{
	uint64_t was, sum;

	if (!usable(r))
		return -EINVAL;
	was = load_relaxed(&r->bits);
	do
		sum = bits_of(real_of(was) + n);
	while (!compare_swap(&r->bits, &was, sum)); /* R1 */
	if (ret_new)
		*ret_new = real_of(sum);
	return 0;
}

/* ---- several numbers ----------------------------------------------------------------------- */

size_t ipc_array_bytes(size_t n)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, sizeof(int64_t), &bytes) ||
	    __builtin_add_overflow(bytes, offsetof(ipc_array, item), &bytes))
		return 0;
	return bytes < sizeof(ipc_array) ? sizeof(ipc_array) : bytes;
}

int ipc_array_init(ipc_array *a, size_t n, int64_t min, int64_t max)
{
	if (!usable(a) || n == 0 || !ipc_array_bytes(n) || min > max)
		return -EINVAL;
	if (min > 0 || max < 0)
		return -ERANGE;
	memset(a->item, 0, n * sizeof(a->item[0]));
	a->min = min;
	a->max = max;
	a->n = n;
	return 0;
}

size_t ipc_array_len(const ipc_array *a)
{
	return usable(a) ? (size_t)a->n : 0;
}

/* Item @i, or false: there is none. */
static bool of_item(const ipc_array *a, size_t i, struct number *ret)
{
	if (!usable(a) || i >= a->n)
		return false;
	*ret = (struct number){
		.at = (int64_t *)(uintptr_t)a->item + i, .min = a->min, .max = a->max};
	return true;
}

int ipc_array_get(const ipc_array *a, size_t i, int64_t *ret)
{
	struct number n;

	if (!ret || !of_item(a, i, &n))
		return -EINVAL;
	*ret = look(n.at);
	return 0;
}

int ipc_array_set(ipc_array *a, size_t i, int64_t value)
{
	struct number n;

	return of_item(a, i, &n) ? number_set(&n, value) : -EINVAL;
}

int ipc_array_add(ipc_array *a, size_t i, int64_t n, int64_t *ret_new)
{
	struct number number;

	return of_item(a, i, &number) ? number_add(&number, n, ret_new) : -EINVAL;
}

int ipc_array_exchange(ipc_array *a, size_t i, int64_t *expected, int64_t value)
{
	struct number n;

	return expected && of_item(a, i, &n) ? number_exchange(&n, expected, value) : -EINVAL;
}

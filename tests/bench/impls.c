#include "impls.h"

const struct bench_impl *bench_impls[MAX_IMPLS + 1];
struct bench_missing     bench_missing[MAX_IMPLS + 1];

/* Yardsticks first. A name and a package: it may be missing. */
static const struct {
	const struct bench_impl *impl;
	struct bench_missing     else_;
} known[] = {
	{&impl_yardstick, {NULL, NULL}},
	{&impl_futex, {NULL, NULL}},
	{&impl_libipc_pipe, {NULL, NULL}},
	{&impl_libipc_queue, {NULL, NULL}},
	{&impl_libipc_joinable, {NULL, NULL}},
	{&impl_pipe, {NULL, NULL}},
	{&impl_seqpacket, {NULL, NULL}},
	{&impl_posix_mq, {NULL, NULL}},
	{&impl_zmq, {"zmq", "libzmq3-dev"}},
	{&impl_nng, {"nng", "libnng-dev"}},
	{&impl_boost, {"boost", "libboost-dev and g++"}},
	{&impl_iceoryx, {"iceoryx", "libiceoryx-binding-c-dev and iceoryx"}},
	{&impl_ck, {"ck", "libck-dev"}},
	{&impl_ck_mpmc, {"ck_mpmc", "libck-dev"}},
};

void bench_impls_find(void)
{
	unsigned here = 0, missing = 0;

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (known[i].impl)
			bench_impls[here++] = known[i].impl;
		else
			bench_missing[missing++] = known[i].else_;
	}
}

#ifndef BENCH_IMPLS_H
#define BENCH_IMPLS_H

#include "bench.h"

extern const struct bench_impl impl_yardstick, impl_futex;
extern const struct bench_impl impl_libipc_pipe, impl_libipc_queue, impl_libipc_joinable;
extern const struct bench_impl impl_pipe, impl_seqpacket, impl_posix_mq;

/* Of what may be missing when ipcbench is built; its file is empty then. */
#define OPTIONAL __attribute__((weak))

extern const struct bench_impl impl_ck OPTIONAL, impl_ck_mpmc OPTIONAL;
extern const struct bench_impl impl_zmq OPTIONAL, impl_nng OPTIONAL;
extern const struct bench_impl impl_boost OPTIONAL, impl_iceoryx OPTIONAL;

#endif /* BENCH_IMPLS_H */

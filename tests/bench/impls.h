#ifndef BENCH_IMPLS_H
#define BENCH_IMPLS_H

#include "bench.h"

extern const struct bench_impl impl_yardstick;
extern const struct bench_impl impl_libipc_pipe, impl_libipc_queue, impl_libipc_joinable;
extern const struct bench_impl impl_pipe, impl_seqpacket, impl_posix_mq;

#endif /* BENCH_IMPLS_H */

#include "impls.h"

const struct bench_impl *const bench_impls[] = {
	&impl_yardstick, &impl_libipc_pipe, &impl_libipc_queue, &impl_libipc_joinable,
	&impl_pipe,      &impl_seqpacket,   &impl_posix_mq,     NULL,
};

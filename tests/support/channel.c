#include "support/channel.h"

#include "support/test.h"

struct channel *test_channel(uint64_t capacity)
{
	struct channel_spec spec = {
		.object = {.kind = KIND_QUEUE},
		.n_rings = 1,
		.capacity = capacity,
		.rights = RIGHT_SEND0 | RIGHT_RECV0 | RIGHT_DONE,
	};
	struct channel *c = NULL;

	check_ok(channel_create(&c, &spec));
	return c;
}

int test_put_number(struct channel *c, uint64_t n)
{
	const struct call call = {.op = OP_PUT, .timeout = IPC_NOW};

	return channel_put(c, &call, &n, sizeof(n));
}

ssize_t test_get_number(struct channel *c, uint64_t *ret)
{
	const struct call call = {.op = OP_GET, .timeout = IPC_NOW};

	return channel_get(c, &call, ret, sizeof(*ret));
}

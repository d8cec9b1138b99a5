/*
 * impl_boost.cc - Boost.Interprocess, message_queue
 *
 * One queue in shared memory for each way, mapped before the processes are forked. It has a mutex
 * and two condition variables, so several senders and receivers are what it is made for.
 */

#include <boost/interprocess/ipc/message_queue.hpp>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <unistd.h>

#include "impls.h"

using boost::interprocess::message_queue;

namespace
{

struct channel {
	std::unique_ptr<message_queue> way[2];
};

/* A name is needed to make it, and nobody needs it afterwards. */
std::unique_ptr<message_queue> make(const struct bench_plan *plan)
{
	const std::string name = "ipcbench." + std::to_string(getpid());

	message_queue::remove(name.c_str());
	auto q = std::make_unique<message_queue>(boost::interprocess::create_only, name.c_str(),
						 plan->depth, plan->size);
	message_queue::remove(name.c_str());
	return q;
}

int boost_open(void **ret, const struct bench_plan *plan)
{
	try {
		auto c = std::make_unique<channel>();

		for (auto &way : c->way)
			way = make(plan);
		*ret = c.release();
		return 0;
	} catch (const boost::interprocess::interprocess_exception &e) {
		return e.get_native_error() ? -e.get_native_error() : -ENOMEM;
	} catch (const std::bad_alloc &) {
		return -ENOMEM;
	}
}

int boost_send(void *chan, enum bench_way way, const void *buf, size_t len)
{
	try {
		static_cast<channel *>(chan)->way[way]->send(buf, len, 0);
		return 0;
	} catch (const boost::interprocess::interprocess_exception &) {
		return -EIO;
	}
}

ssize_t boost_recv(void *chan, enum bench_way way, void *buf, size_t cap)
{
	message_queue::size_type len = 0;
	unsigned                 priority = 0;

	try {
		static_cast<channel *>(chan)->way[way]->receive(buf, cap, len, priority);
		return static_cast<ssize_t>(len);
	} catch (const boost::interprocess::interprocess_exception &) {
		return -EIO;
	}
}

void boost_close(void *chan)
{
	delete static_cast<channel *>(chan);
}

struct bench_impl describe()
{
	struct bench_impl i = {};

	i.name = "boost";
	i.is_peer = 1;
	i.cases = COPYING_CASES;
	i.open = boost_open;
	i.send = boost_send;
	i.recv = boost_recv;
	i.close = boost_close;
	return i;
}

} // namespace

const struct bench_impl impl_boost = describe();

/* rival_boost.cc - message_queue of Boost.Interprocess: a mutex and conditions in shared memory */

#include <boost/interprocess/ipc/message_queue.hpp>
#include <cerrno>
#include <string>
#include <unistd.h>

#include "rivals.h"

using boost::interprocess::interprocess_exception;
using boost::interprocess::message_queue;

namespace
{

message_queue *queue;

std::string name_of(pid_t host)
{
	return "ipcrivals." + std::to_string(host);
}

int open_boost()
{
	const std::string name = name_of(getpid());

	try {
		queue = new message_queue(boost::interprocess::create_only, name.c_str(), DEPTH,
					  MESSAGE_MAX);
	} catch (const interprocess_exception &e) {
		return e.get_native_error() ? -e.get_native_error() : -ENOMEM;
	}
	message_queue::remove(name.c_str());
	return 0;
}

int send_boost(const void *buf, size_t len)
{
	try {
		queue->send(buf, len, 0);
		return 0;
	} catch (const interprocess_exception &) {
		return -EIO;
	}
}

ssize_t recv_boost(void *buf, size_t cap)
{
	message_queue::size_type len = 0;
	unsigned                 priority = 0;

	try {
		queue->receive(buf, cap, len, priority);
		return static_cast<ssize_t>(len);
	} catch (const interprocess_exception &) {
		return -EIO;
	}
}

void clean_boost(pid_t host)
{
	message_queue::remove(name_of(host).c_str());
}

} // namespace

const struct rival rival_boost = {CONSUMERS,  false,      nullptr, open_boost,  nullptr,
				  send_boost, recv_boost, nullptr, clean_boost, nullptr};

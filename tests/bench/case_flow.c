/* case_flow.c - one way, and many to many: messages are copied in and copied out */

#include "cases.h"
#include "flow.h"

static int copy_make(struct scene *s, struct pattern *p, uint64_t mark)
{
	pattern_stamp(p, mark);
	return s->impl->send(s->chan, WAY_FORTH, p->word, s->plan.size);
}

static ssize_t copy_look(struct scene *s, struct pattern *p, uint64_t *ret_mark)
{
	ssize_t n = s->impl->recv(s->chan, WAY_FORTH, p->word, s->plan.size);

	*ret_mark = p->word[0];
	if (n != (ssize_t)s->plan.size)
		return n;
	return pattern_is_whole(p) ? n : 0;
}

static const struct flow_way copying = {copy_make, copy_look};

static int sender(struct scene *s, unsigned who)
{
	return flow_send(s, who, &copying);
}

static int receiver(struct scene *s, unsigned who)
{
	return flow_receive(s, who, &copying);
}

const struct case_def case_oneway = {
	.name = "oneway",
	.title = "One way: one sender, one receiver",
	.n_parties = 2,
	.sender = sender,
	.receiver = receiver,
	.is_exact = flow_is_exact,
	.values = flow_values,
};

const struct case_def case_manytomany = {
	.name = "manytomany",
	.title = "Two senders, two receivers, one channel",
	.n_parties = 2 * SENDERS,
	.sender = sender,
	.receiver = receiver,
	.is_exact = flow_is_exact,
	.values = flow_values,
};

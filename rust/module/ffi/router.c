// SPDX-License-Identifier: GPL-2.0
/* Routers that do not answer and routes that are withdrawn (RFC 5534 sections 3.2 and 4.1). */
#include <net/fib_notifier.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/netevent.h>

#include "path.h"
#include "router.h"

/* In softirq, of any namespace. */
static int shim6_netevent(struct notifier_block *block, unsigned long event, void *data)
{
	const struct neighbour *neighbour = data;

	if (event == NETEVENT_NEIGH_UPDATE && neighbour->tbl == &nd_tbl && READ_ONCE(neighbour->nud_state) & NUD_FAILED)
		shim6_router_lost(shim6_net_of(dev_net(neighbour->dev)));
	return NOTIFY_DONE;
}

static struct notifier_block shim6_netevent_notifier = { .notifier_call = shim6_netevent };

int shim6_router_register(void)
{
	return register_netevent_notifier(&shim6_netevent_notifier);
}

void shim6_router_unregister(void)
{
	unregister_netevent_notifier(&shim6_netevent_notifier);
}

/* In atomic context. */
static int shim6_fib_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct fib_notifier_info *info = data;

	if (event == FIB_EVENT_ENTRY_DEL && info->family == AF_INET6)
		shim6_router_lost(container_of(block, struct shim6_net, routes));
	return NOTIFY_DONE;
}

int shim6_router_watch(struct shim6_net *share)
{
	share->routes.notifier_call = shim6_fib_event;
	return register_fib_notifier(share->net, &share->routes, NULL, NULL);
}

void shim6_router_unwatch(struct shim6_net *share)
{
	unregister_fib_notifier(share->net, &share->routes);
}

/* Whether there is a route between the two, whose next hop is not known to be unreachable. */
bool shim6_router_works(struct net *net, const u8 *source, const u8 *destination)
{
	struct dst_entry *dst = shim6_route(net, source, destination, 0);
	struct neighbour *neighbour;
	struct in6_addr there;
	bool works = !dst->error;

	memcpy(&there, destination, sizeof(there));
	if (works) {
		neighbour = __ipv6_neigh_lookup(dst->dev, rt6_nexthop(dst_rt6_info(dst), &there));
		if (neighbour) {
			works = !(READ_ONCE(neighbour->nud_state) & NUD_FAILED);
			neigh_release(neighbour);
		}
	}
	dst_release(dst);
	return works;
}

// SPDX-License-Identifier: GPL-2.0
/* Addresses of interfaces. Everything but the notifiers' calls runs in process context. */
#include <linux/if_addr.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/sock.h>

#include "address.h"

/* Called in atomic context too. */
static int shim6_inet6addr_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct inet6_ifaddr *ifa = data;
	const struct net_device *dev = ifa->idev->dev;

	if (dev->flags & IFF_LOOPBACK)
		return NOTIFY_DONE;
	/* Where the carrier is lost a network manager takes the addresses away: that is a failure, and nobody's wish. */
	if (event == NETDEV_UP || event == NETDEV_DOWN || event == NETDEV_CHANGE)
		shim6_address_changed(shim6_net_of(dev_net(dev)), ifa->addr.s6_addr, event != NETDEV_DOWN,
				      dev->flags & IFF_UP && netif_carrier_ok(dev));
	return NOTIFY_DONE;
}

static int shim6_netdev_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(data);

	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
	case NETDEV_UNREGISTER:
		if (!(dev->flags & IFF_LOOPBACK))
			shim6_link_changed(shim6_net_of(dev_net(dev)));
	}
	return NOTIFY_DONE;
}

static struct notifier_block shim6_inet6addr_notifier = { .notifier_call = shim6_inet6addr_event };
static struct notifier_block shim6_netdev_notifier = { .notifier_call = shim6_netdev_event };

int shim6_notifiers_register(void)
{
	int err = register_inet6addr_notifier(&shim6_inet6addr_notifier);

	if (err)
		return err;
	err = register_netdevice_notifier(&shim6_netdev_notifier);
	if (err)
		unregister_inet6addr_notifier(&shim6_inet6addr_notifier);
	return err;
}

void shim6_notifiers_unregister(void)
{
	unregister_netdevice_notifier(&shim6_netdev_notifier);
	unregister_inet6addr_notifier(&shim6_inet6addr_notifier);
}

static void shim6_address_look(const struct net_device *dev, const struct inet6_ifaddr *ifa,
			       struct shim6_address *found)
{
	bool linked = netif_running(dev) && netif_carrier_ok(dev);

	if (dev->flags & IFF_LOOPBACK) {
		found->held = true;
		return;
	}
	if (found->ifindex && found->linked && !linked)
		return;
	found->ifindex = dev->ifindex;
	found->linked = linked;
	found->tentative = (ifa->flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) == IFA_F_TENTATIVE ||
			   (ifa->flags & IFA_F_DADFAILED);
	found->awaited = found->tentative && linked && !(ifa->flags & IFA_F_DADFAILED);
	/* An optimistic address may be used, and comes after others (RFC 4429). */
	found->deprecated = ifa->flags & (IFA_F_DEPRECATED | IFA_F_OPTIMISTIC);
}

/* Looks for an address on all interfaces; the one with a link counts. */
void shim6_address_find(struct net *net, const u8 *address, struct shim6_address *found)
{
	struct net_device *dev;

	memset(found, 0, sizeof(*found));
	rcu_read_lock();
	for_each_netdev_rcu(net, dev) {
		struct inet6_dev *idev = __in6_dev_get(dev);
		struct inet6_ifaddr *ifa;

		if (!idev)
			continue;
		list_for_each_entry_rcu(ifa, &idev->addr_list, if_list) {
			if (!memcmp(ifa->addr.s6_addr, address, sizeof(ifa->addr)))
				shim6_address_look(dev, ifa, found);
		}
	}
	rcu_read_unlock();
}

bool shim6_address_is_local(struct net *net, const u8 *address)
{
	struct in6_addr copy;

	memcpy(&copy, address, sizeof(copy));
	return ipv6_chk_addr(net, &copy, NULL, 0);
}

struct shim6_address_request {
	struct nlmsghdr header;
	struct ifaddrmsg message;
	struct nlattr local_header;
	u8 local[16];
	struct nlattr flags_header;
	u32 flags;
	struct nlattr lifetimes_header;
	struct ifa_cacheinfo lifetimes;
};

/*
 * Has the loopback interface hold an address, deprecated so that nothing new chooses it, or let go of it. It is asked for
 * over rtnetlink, as a program would, as that is the only way that the kernel offers to modules for both.
 */
int shim6_address_hold(struct net *net, const u8 *address, bool hold)
{
	struct shim6_address_request request = {
		.header = {
			.nlmsg_len = hold ? sizeof(request) : offsetof(struct shim6_address_request, flags_header),
			.nlmsg_type = hold ? RTM_NEWADDR : RTM_DELADDR,
			.nlmsg_flags = NLM_F_REQUEST | (hold ? NLM_F_CREATE | NLM_F_REPLACE : 0),
		},
		.message = {
			.ifa_family = AF_INET6,
			.ifa_prefixlen = 128,
			.ifa_index = LOOPBACK_IFINDEX,
		},
		.local_header = { NLA_HDRLEN + sizeof(request.local), IFA_LOCAL },
		.flags_header = { NLA_HDRLEN + sizeof(request.flags), IFA_FLAGS },
		.flags = IFA_F_NODAD | IFA_F_NOPREFIXROUTE,
		.lifetimes_header = { NLA_HDRLEN + sizeof(request.lifetimes), IFA_CACHEINFO },
		.lifetimes = { .ifa_prefered = 0, .ifa_valid = INFINITY_LIFE_TIME },
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr message = { .msg_name = &kernel, .msg_namelen = sizeof(kernel), .msg_flags = MSG_DONTWAIT };
	struct kvec vector = { &request, request.header.nlmsg_len };
	struct socket *socket;
	int err;

	memcpy(request.local, address, sizeof(request.local));
	err = sock_create_kern(net, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &socket);
	if (err)
		return err;
	err = kernel_sendmsg(socket, &message, &vector, 1, vector.iov_len);
	sock_release(socket);
	return err < 0 ? err : 0;
}

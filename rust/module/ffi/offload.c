// SPDX-License-Identifier: GPL-2.0
/*
 * The payload extension header for segmentation and aggregation.
 *
 * Both work on packets that have locators in their IPv6 header and a transport's checksum over ULIDs. Segmentation keeps
 * the ULIDs' share of that sum, as it only adds to what stands there. Aggregation checks and rewrites it, so transports
 * are shown the ULIDs meanwhile: they look up their sockets by them, too.
 */
#include <linux/delay.h>
#include <linux/unaligned.h>
#include <net/gro.h>
#include <net/ipv6.h>
#include <net/protocol.h>

#include "offload.h"
#include "protocol.h"
#include "skb.h"
#include "table.h"

/* How long a packet may be held for aggregation, in milliseconds: far more than anybody sets gro_flush_timeout to. */
#define SHIM6_HELD_AT_MOST 100

/* No packet is held any more: the module goes. */
static bool shim6_offload_ends __read_mostly;

static bool shim6_may_aggregate(u64 header)
{
	u8 protocol = header >> 56;

	return (header & SHIM6_PAYLOAD_BIT) && (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP);
}

static struct shim6_node *shim6_offload_node(const struct sk_buff *skb, u64 header)
{
	return shim6_node_by_tag(shim6_net_of(dev_net_rcu(skb->dev)), header & SHIM6_TAG_MASK);
}

/* Puts a source and a destination into an IPv6 header, and what was there into `old`. */
static void shim6_exchange(struct ipv6hdr *header, const struct in6_addr *source, const struct in6_addr *destination,
			   struct in6_addr *old)
{
	old[0] = header->saddr;
	old[1] = header->daddr;
	header->saddr = *source;
	header->daddr = *destination;
}

/* The IPv6 header of a packet of which that and what follows are in one piece up to `end`, wherever they are by now. */
static struct ipv6hdr *shim6_gro_header(const struct sk_buff *skb, unsigned int network, unsigned int end)
{
	const u8 *octets = skb_headlen(skb) >= end ? skb->data : NAPI_GRO_CB(skb)->frag0;

	return (struct ipv6hdr *)(octets + network);
}

/*
 * What the transport makes of a packet that has ULIDs for the time. A tunnel in it is not looked into: its packets would be merged
 * with their locators and ours in the wrong places. So it is told that it is in a tunnel already.
 */
static struct sk_buff *shim6_gro_transport(const struct net_offload *transport, struct list_head *head, struct sk_buff *skb)
{
	u8 is_inner = NAPI_GRO_CB(skb)->encap_mark;
	struct sk_buff *complete;

	if (!is_inner) {
		NAPI_GRO_CB(skb)->encap_mark = 1;
		NAPI_GRO_CB(skb)->inner_network_offset = NAPI_GRO_CB(skb)->network_offset;
	}
	complete = transport->callbacks.gro_receive(head, skb);
	if (PTR_ERR(complete) != -EINPROGRESS)
		NAPI_GRO_CB(skb)->encap_mark = is_inner;
	return complete;
}

/*
 * `skb` is at a payload extension header. Called under RCU. Whoever else has the packet's headers must not see them
 * change, so such a packet goes up by itself.
 */
static struct sk_buff *shim6_gro_receive(struct list_head *head, struct sk_buff *skb)
{
	unsigned int network = skb_gro_receive_network_offset(skb), at = skb_gro_offset(skb), end = at + SHIM6_PAYLOAD_LEN;
	const struct net_offload *transport;
	struct in6_addr locators[2], unused[2];
	struct sk_buff *held, *complete;
	struct shim6_node *node;
	const u8 *octets;
	u64 header;

	octets = skb_gro_header(skb, end, at);
	if (unlikely(!octets || READ_ONCE(shim6_offload_ends) || skb_header_cloned(skb) ||
		     (skb->dev->features & NETIF_F_GRO_FRAGLIST)))
		goto alone;
	header = get_unaligned_be64(octets);
	if (!shim6_may_aggregate(header))
		goto alone;
	transport = rcu_dereference(inet6_offloads[header >> 56]);
	node = shim6_offload_node(skb, header);
	if (unlikely(!transport || !node || gro_recursion_inc_test(skb)))
		goto alone;
	list_for_each_entry(held, head, list) {
		if (NAPI_GRO_CB(held)->same_flow && get_unaligned_be64(held->data + at) != header)
			NAPI_GRO_CB(held)->same_flow = 0;
	}
	/* A card that says that it checked the sum has done so over locators. */
	if (skb->ip_summed == CHECKSUM_UNNECESSARY) {
		skb->ip_summed = CHECKSUM_NONE;
		NAPI_GRO_CB(skb)->csum_cnt = 0;
	}
	skb_gro_pull(skb, SHIM6_PAYLOAD_LEN);
	skb_gro_postpull_rcsum(skb, octets, SHIM6_PAYLOAD_LEN);
	skb_set_transport_header(skb, end);
	NAPI_GRO_CB(skb)->proto = header >> 56;
	shim6_exchange(shim6_gro_header(skb, network, end), &node->peer, &node->local, locators);
	complete = shim6_gro_transport(transport, head, skb);
	/* What was taken is gone, and what was merged has no headers any more. */
	if (PTR_ERR(complete) == -EINPROGRESS)
		return complete;
	if (!NAPI_GRO_CB(skb)->same_flow) {
		shim6_exchange(shim6_gro_header(skb, network, end), &locators[0], &locators[1], unused);
		skb->csum_valid = skb->ip_summed == CHECKSUM_UNNECESSARY;
	}
	return complete;

alone:
	NAPI_GRO_CB(skb)->flush = 1;
	return NULL;
}

/* The header of an aggregate is at the offset `at`. An error has it dropped: its context is gone. Called under RCU. */
static int shim6_gro_complete(struct sk_buff *skb, int at)
{
	/* The inner one, if a tunnel around it was looked into. */
	unsigned int offset = NAPI_GRO_CB(skb)->network_offsets[skb->encapsulation];
	struct ipv6hdr *network = (struct ipv6hdr *)(skb->data + offset);
	u64 header = get_unaligned_be64(skb->data + at);
	struct in6_addr locators[2], unused[2];
	const struct net_offload *transport;
	struct shim6_node *node;
	int err;

	transport = rcu_dereference(inet6_offloads[header >> 56]);
	node = shim6_offload_node(skb, header);
	if (unlikely(!transport || !node))
		return -ENOENT;
	shim6_exchange(network, &node->peer, &node->local, locators);
	err = transport->callbacks.gro_complete(skb, at + SHIM6_PAYLOAD_LEN);
	shim6_exchange(network, &locators[0], &locators[1], unused);
	if (!skb->encapsulation)
		shim6_skb_guard(skb);
	return err;
}

/* `skb` is at a payload extension header, which each segment gets a copy of. Called under RCU. */
static struct sk_buff *shim6_gso_segment(struct sk_buff *skb, netdev_features_t features)
{
	const struct net_offload *next;
	u8 protocol = SHIM6_PROTOCOL;

	do {
		unsigned int len;

		if (unlikely(!pskb_may_pull(skb, SHIM6_PAYLOAD_LEN)))
			return ERR_PTR(-EINVAL);
		len = ipv6_optlen((struct ipv6_opt_hdr *)skb->data);
		protocol = *skb->data;
		if (unlikely(protocol == SHIM6_PROTOCOL || !pskb_may_pull(skb, len)))
			return ERR_PTR(-EINVAL);
		__skb_pull(skb, len);
		next = rcu_dereference(inet6_offloads[protocol]);
	} while (next && (next->flags & INET6_PROTO_GSO_EXTHDR));
	if (unlikely(!next || !next->callbacks.gso_segment))
		return ERR_PTR(-EPROTONOSUPPORT);
	if (!skb_reset_transport_header_careful(skb))
		return ERR_PTR(-EINVAL);
	return next->callbacks.gso_segment(skb, features);
}

/* Not an extension header to be stepped over (INET6_PROTO_GSO_EXTHDR): nobody would call gro_complete then. */
static const struct net_offload shim6_offload = {
	.callbacks = {
		.gso_segment = shim6_gso_segment,
		.gro_receive = shim6_gro_receive,
		.gro_complete = shim6_gro_complete,
	},
};

int shim6_offload_register(void)
{
	WRITE_ONCE(shim6_offload_ends, false);
	return inet6_add_offload(&shim6_offload, SHIM6_PROTOCOL);
}

/* IPv6 takes it for a bug if it finds a packet held whose protocol is gone, so first none must be held. */
void shim6_offload_unregister(void)
{
	WRITE_ONCE(shim6_offload_ends, true);
	synchronize_net();
	msleep(SHIM6_HELD_AT_MOST);
	inet6_del_offload(&shim6_offload, SHIM6_PROTOCOL);
}

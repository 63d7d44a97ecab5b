// SPDX-License-Identifier: GPL-2.0
/* Control messages on their way out: their buffers, their IPv6 headers, and the route by which they leave. */
#include <linux/slab.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "message.h"
#include "path.h"
#include "protocol.h"

/* A buffer for a control message, with room before it for its headers. */
struct sk_buff *shim6_message_new(u8 **message, size_t room)
{
	size_t headers = LL_MAX_HEADER + sizeof(struct ipv6hdr);
	struct sk_buff *skb = alloc_skb(headers + room, GFP_ATOMIC | __GFP_NOWARN);

	if (!skb)
		return NULL;
	skb_reserve(skb, headers);
	*message = skb_tail_pointer(skb);
	return skb;
}

/* Sends the first `len` octets of the buffer as a control message. Takes the buffer over. */
int shim6_message_send(struct net *net, struct sk_buff *skb, size_t len, const u8 *source, const u8 *destination)
{
	struct dst_entry *dst = shim6_route(net, source, destination, 0);
	struct ipv6hdr *header;
	int err = dst->error;

	if (err) {
		dst_release(dst);
		kfree_skb(skb);
		return err;
	}
	skb_put(skb, len);
	skb_reset_transport_header(skb);
	header = skb_push(skb, sizeof(*header));
	skb_reset_network_header(skb);
	ip6_flow_hdr(header, 0, 0);
	header->nexthdr = SHIM6_PROTOCOL;
	header->hop_limit = ip6_dst_hoplimit(dst);
	memcpy(&header->saddr, source, sizeof(header->saddr));
	memcpy(&header->daddr, destination, sizeof(header->daddr));
	skb->protocol = htons(ETH_P_IPV6);
	skb->dev = dst->dev;
	skb_dst_set(skb, dst);
	return ip6_local_out(net, NULL, skb);
}

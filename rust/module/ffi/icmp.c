// SPDX-License-Identifier: GPL-2.0
/* ICMPv6 errors. The packets are linear here. */
#include <linux/icmpv6.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "icmp.h"

/* Tells the sender of a packet on this host that it was larger than `mtu`, in the way a router would. */
void shim6_icmp_too_big(struct sk_buff *skb, u32 mtu)
{
	if (!skb->dev && skb_dst(skb))
		skb->dev = skb_dst(skb)->dev;
	icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
}

/* Lowers the MTU of the packet's own route. */
void shim6_skb_learn_mtu(struct sk_buff *skb, u32 mtu)
{
	skb_dst_update_pmtu_no_confirm(skb, mtu);
}

/* Lowers the MTU of the route of the packet that an error quotes at `at`. */
void shim6_icmp_learn_mtu(struct net *net, struct sk_buff *skb, unsigned int at, u32 mtu)
{
	if (!__skb_pull(skb, at))
		return;
	ip6_update_pmtu(skb, net, htonl(mtu), 0, 0, INVALID_UID);
	__skb_push(skb, at);
}

static __sum16 shim6_icmp_sum(const struct sk_buff *skb, unsigned int at)
{
	const struct ipv6hdr *header = ipv6_hdr(skb);
	unsigned int len = skb->len - at;

	return csum_ipv6_magic(&header->saddr, &header->daddr, len, IPPROTO_ICMPV6, csum_partial(skb->data + at, len, 0));
}

/* Whether the checksum of the ICMPv6 message at `at` is right; one that this host is still to make is. */
bool shim6_icmp_is_valid(const struct sk_buff *skb, unsigned int at)
{
	return skb->ip_summed == CHECKSUM_PARTIAL || !shim6_icmp_sum(skb, at);
}

/* Makes the checksum of the ICMPv6 message at `at` anew. */
void shim6_icmp_checksum(struct sk_buff *skb, unsigned int at)
{
	struct icmp6hdr *icmp = (struct icmp6hdr *)(skb->data + at);

	icmp->icmp6_cksum = 0;
	icmp->icmp6_cksum = shim6_icmp_sum(skb, at);
	skb->ip_summed = CHECKSUM_NONE;
}

/* Cuts the packet to `len` octets. */
void shim6_skb_trim(struct sk_buff *skb, unsigned int len)
{
	skb->ip_summed = CHECKSUM_NONE;
	__skb_trim(skb, len);
	ipv6_set_payload_len(ipv6_hdr(skb), len - sizeof(struct ipv6hdr));
}

/* SPDX-License-Identifier: GPL-2.0 */
/* ICMPv6 errors: telling this host's own upper layers, and learning path MTUs. */
#ifndef SHIM6_ICMP_H
#define SHIM6_ICMP_H

#include <linux/skbuff.h>
#include <net/net_namespace.h>

void shim6_icmp_too_big(struct sk_buff *skb, u32 mtu);
void shim6_skb_learn_mtu(struct sk_buff *skb, u32 mtu);
void shim6_icmp_learn_mtu(struct net *net, struct sk_buff *skb, unsigned int at, u32 mtu);
void shim6_icmp_checksum(struct sk_buff *skb, unsigned int at);
bool shim6_icmp_is_valid(const struct sk_buff *skb, unsigned int at);
void shim6_skb_trim(struct sk_buff *skb, unsigned int len);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Cutting packets up before they are switched: segments, and fragments. Results are chained by `next`. */
#ifndef SHIM6_SEGMENT_H
#define SHIM6_SEGMENT_H

#include <linux/skbuff.h>
#include <net/net_namespace.h>

bool shim6_skb_segments_fit(const struct sk_buff *skb, unsigned int mtu);
int shim6_skb_shrink_tcp(struct sk_buff *skb, unsigned int at, unsigned int mtu);
struct sk_buff *shim6_skb_segment(struct sk_buff *skb);
struct sk_buff *shim6_skb_fragment(struct net *net, struct sk_buff *skb, unsigned int at, unsigned int field,
				   unsigned int mtu, unsigned int room);
struct sk_buff *shim6_skb_unchain(struct sk_buff **chain);

#endif

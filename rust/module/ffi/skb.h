/* SPDX-License-Identifier: GPL-2.0 */
/* Packets: what the hooks do to a socket buffer. `at` is always an offset from the IPv6 header. */
#ifndef SHIM6_SKB_H
#define SHIM6_SKB_H

#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/dst.h>
#include <net/net_namespace.h>
#include <net/sock.h>

struct shim6_path;

bool shim6_skb_pull(struct sk_buff *skb, unsigned int len);
bool shim6_skb_linear(struct sk_buff *skb);
bool shim6_dev_is_veth(const struct net_device *dev);
void shim6_skb_guard(struct sk_buff *skb);
bool shim6_dev_segments_later(const struct net_device *dev, const struct in6_addr *address);
bool shim6_skb_leave_sum(struct sk_buff *skb, const struct net_device *dev);
bool shim6_skb_segments_later(const struct sk_buff *skb, const struct shim6_path *path, const struct dst_entry *dst);
bool shim6_skb_is_encrypted_later(const struct sk_buff *skb);
struct sk_buff *shim6_skb_encrypt(struct net *net, struct sk_buff *skb);
u8 *shim6_skb_insert(struct sk_buff *skb, unsigned int at, const struct dst_entry *dst);
void shim6_skb_set_length(struct sk_buff *skb);
bool shim6_skb_writable(struct sk_buff *skb, unsigned int len);
void shim6_skb_hide(struct sk_buff *skb, unsigned int len);
void shim6_skb_remove(struct sk_buff *skb, unsigned int at, unsigned int len);
void shim6_skb_show(struct sk_buff *skb, unsigned int len);
bool shim6_skb_awaits_xfrm(const struct sk_buff *skb);
bool shim6_skb_is_gso(const struct sk_buff *skb);
bool shim6_skb_is_mptcp(const struct sk_buff *skb);
bool shim6_skb_may_fragment(const struct sk_buff *skb);
bool shim6_skb_to_host(const struct sk_buff *skb);
void shim6_skb_consume(struct sk_buff *skb);
void shim6_skb_drop(struct sk_buff *skb);
void shim6_skb_set_dst(struct sk_buff *skb, struct dst_entry *dst);
u32 shim6_skb_mtu(const struct sk_buff *skb);
int shim6_skb_output(struct net *net, struct sk_buff *skb);

/*
 * What else there is to a packet that has its ULIDs again: what a card says to have checked it checked over locators, unless
 * aggregation did so over the ULIDs, and a route chosen before holds no more.
 */
static inline void shim6_skb_restored(struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_UNNECESSARY && !skb->csum_valid)
		skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	skb_dst_drop(skb);
}

/* Large sends of which it is known how they are segmented. */
#define SHIM6_GSO_KNOWN (SKB_GSO_TCPV6 | SKB_GSO_TCP_ECN | SKB_GSO_TCP_ACCECN | SKB_GSO_UDP_L4)

/* Whether a large send is of that kind, not a tunnel's, and its sums are still to be made. */
static inline bool shim6_skb_is_plain_gso(const struct sk_buff *skb)
{
	return !skb->encapsulation && skb->ip_summed == CHECKSUM_PARTIAL && !(skb_shinfo(skb)->gso_type & ~SHIM6_GSO_KNOWN);
}

/* The length of each segment of such a large send, from its IPv6 header on. */
static inline unsigned int shim6_skb_segment_len(const struct sk_buff *skb)
{
	unsigned int transport = skb_is_gso_tcp(skb) ? tcp_hdrlen(skb) : sizeof(struct udphdr);

	return skb->transport_header - skb->network_header + transport + skb_shinfo(skb)->gso_size;
}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Packets: what the hooks do to a socket buffer. `at` is always an offset from the IPv6 header. */
#ifndef SHIM6_SKB_H
#define SHIM6_SKB_H

#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/net_namespace.h>
#include <net/sock.h>

bool shim6_skb_pull(struct sk_buff *skb, unsigned int len);
bool shim6_skb_linear(struct sk_buff *skb);
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

struct sk_buff *shim6_message_new(u8 **message, size_t room);
int shim6_message_send(struct net *net, struct sk_buff *skb, size_t len, const u8 *source, const u8 *destination);

#endif

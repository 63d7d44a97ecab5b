// SPDX-License-Identifier: GPL-2.0
/* Packets: the inline functions of the kernel that work on socket buffers, in the few combinations that are needed. */
#include <linux/tcp.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/mptcp.h>

#include "path.h"
#include "protocol.h"
#include "skb.h"

bool shim6_skb_pull(struct sk_buff *skb, unsigned int len)
{
	return pskb_may_pull(skb, len);
}

bool shim6_skb_linear(struct sk_buff *skb)
{
	return !skb_linearize(skb);
}

/*
 * Whether a device completes a checksum just where the kernel says, whatever headers come before. Many cards look for the
 * transport by themselves, although they claim otherwise, and do not find it behind a header that they do not know.
 */
static bool shim6_dev_completes(const struct net_device *dev)
{
	const struct device *parent = dev->dev.parent;

	if (dev->rtnl_link_ops)
		return !strcmp(dev->rtnl_link_ops->kind, "veth");
	if (parent && parent->driver)
		return !strcmp(parent->driver->name, "virtio_net");
	return dev->flags & IFF_LOOPBACK;
}

/*
 * Makes room for a payload extension header before the octet `at`, and for the link-layer header of the route. What is
 * before it moves; the transport header and the place of a checksum still to be made stay where they are. That is made
 * here unless the device is one to rely on. Returns the new IPv6 header, or NULL for want of memory.
 */
u8 *shim6_skb_insert(struct sk_buff *skb, unsigned int at, const struct dst_entry *dst)
{
	unsigned int room = SHIM6_PAYLOAD_LEN + LL_RESERVED_SPACE(dst->dev);

	if (skb->ip_summed == CHECKSUM_PARTIAL && !shim6_dev_completes(dst->dev) && skb_checksum_help(skb))
		return NULL;
	if (unlikely(!pskb_may_pull(skb, at) || skb_cow_head(skb, room)))
		return NULL;
	skb_push(skb, SHIM6_PAYLOAD_LEN);
	memmove(skb->data, skb->data + SHIM6_PAYLOAD_LEN, at);
	skb_reset_network_header(skb);
	return skb->data;
}

/* Payload Length from the packet's own; zero for what is longer than the field can say and segmented later. */
void shim6_skb_set_length(struct sk_buff *skb)
{
	ipv6_set_payload_len(ipv6_hdr(skb), skb->len - sizeof(struct ipv6hdr));
}

/* Whether the first `len` octets can be read in one piece and written without anyone else seeing it. */
bool shim6_skb_writable(struct sk_buff *skb, unsigned int len)
{
	return !skb_ensure_writable(skb, len);
}

/* Takes the first `len` octets out of a checksum that a card made over all of the packet, before they change. */
void shim6_skb_hide(struct sk_buff *skb, unsigned int len)
{
	skb_postpull_rcsum(skb, skb->data, len);
}

/* Takes `len` octets before the octet `at + len` away from a packet on its way in. */
void shim6_skb_remove(struct sk_buff *skb, unsigned int at, unsigned int len)
{
	memmove(skb->data + len, skb->data, at);
	__skb_pull(skb, len);
	skb_reset_network_header(skb);
	skb->transport_header += len;
}

/* Puts the first `len` octets, as they are now, into that checksum again. A route chosen before holds no more. */
void shim6_skb_show(struct sk_buff *skb, unsigned int len)
{
	skb_postpush_rcsum(skb, skb->data, len);
	skb_dst_drop(skb);
}

/* Whether IPsec is still to transform the packet: it comes back then, as another one. */
bool shim6_skb_awaits_xfrm(const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	return dst && dst_xfrm(dst);
}

bool shim6_skb_is_gso(const struct sk_buff *skb)
{
	return skb_is_gso(skb);
}

/* Whether a socket of MPTCP, which has its own multihoming, sent it. */
bool shim6_skb_is_mptcp(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	return sk && sk_fullsock(sk) && sk_is_tcp(sk) && sk_is_mptcp(sk);
}

/* Whether its sender lets this host fragment it. */
bool shim6_skb_may_fragment(const struct sk_buff *skb)
{
	return skb->ignore_df;
}

/* Whether the link layer meant this host, and not another one that it happens to overhear. */
bool shim6_skb_to_host(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST;
}

void shim6_skb_consume(struct sk_buff *skb)
{
	consume_skb(skb);
}

void shim6_skb_drop(struct sk_buff *skb)
{
	kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
}

/* Takes over a reference to `dst`. */
void shim6_skb_set_dst(struct sk_buff *skb, struct dst_entry *dst)
{
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
}

/* The MTU that the upper layer believes in for this packet. */
u32 shim6_skb_mtu(const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	return dst ? dst_mtu(dst) : IPV6_MIN_MTU;
}

/* Sends a packet that has its route and has passed the output hook. */
int shim6_skb_output(struct net *net, struct sk_buff *skb)
{
	return dst_output(net, skb->sk, skb);
}

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

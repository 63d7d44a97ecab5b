// SPDX-License-Identifier: GPL-2.0
/* Packets: the inline functions of the kernel that work on socket buffers, in the few combinations that are needed. */
#include <linux/tcp.h>
#include <net/addrconf.h>
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
 * Has devices see a switched packet as what is inside a tunnel, so that each says for itself whether it completes sums, and
 * segments, behind headers that it does not know. Most do not, wherever the packet comes by: drivers that segment TCP
 * would rebuild its sum from locators. It is made in software then, just before the device.
 */
void shim6_skb_guard(struct sk_buff *skb)
{
	skb_reset_inner_headers(skb);
	skb->encapsulation = 1;
}

bool shim6_dev_is_veth(const struct net_device *dev)
{
	return dev->rtnl_link_ops && !strcmp(dev->rtnl_link_ops->kind, "veth");
}

/* A device of virtio completes a sum just where the kernel says; it does not say so for tunnels. */
static bool shim6_dev_is_virtio(const struct net_device *dev)
{
	const struct device *parent = dev->dev.parent;

	return parent && parent->driver && !strcmp(parent->driver->name, "virtio_net");
}

/*
 * Whether large sends to an address may go on to a device as one packet. Not to a card that segments within tunnels: it may know no
 * better than others, or drop them. And by a veth only if the namespace at its other end has the address: one that forwards
 * may have such a card.
 */
bool shim6_dev_segments_later(const struct net_device *dev, const struct in6_addr *address)
{
	const struct net_device *far;

	if (!shim6_dev_is_veth(dev))
		return !(dev->hw_enc_features & (NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4));
	far = dev->netdev_ops->ndo_get_peer_dev((struct net_device *)dev);
	return far && ipv6_chk_addr(dev_net(far), address, NULL, 0);
}

/* Whether this one may: not if it is a tunnel's already. */
bool shim6_skb_segments_later(const struct sk_buff *skb, const struct shim6_path *path, const struct dst_entry *dst)
{
	return shim6_skb_is_plain_gso(skb) && READ_ONCE(path->segmenting) == dst->dev;
}

/*
 * A sum still to be made, of a packet about to leave by `dev`: made here unless it can be left to others. That of SCTP is no
 * Internet sum.
 */
bool shim6_skb_leave_sum(struct sk_buff *skb, const struct net_device *dev)
{
	if (skb_is_gso(skb) || shim6_dev_is_veth(dev)) {
		if (!skb->encapsulation)
			shim6_skb_guard(skb);
		return true;
	}
	return (dev->flags & IFF_LOOPBACK) || shim6_dev_is_virtio(dev) || !skb_csum_hwoffload_help(skb, 0);
}

/* Whether a card is to encrypt what is in the packet (TLS), which finds its place by the headers that it knows. */
bool shim6_skb_is_encrypted_later(const struct sk_buff *skb)
{
	return skb_is_decrypted(skb);
}

/*
 * Has such a packet encrypted here, by having it leave as by a device that cannot. NULL if it is lost for want of memory. It
 * leaves without its socket then: by that the device that it really leaves by would have it encrypted once more.
 */
struct sk_buff *shim6_skb_encrypt(struct net *net, struct sk_buff *skb)
{
#if defined(CONFIG_SOCK_VALIDATE_XMIT) && defined(CONFIG_SKB_DECRYPTED)
	struct sock *sk = skb->sk;

	if (sk && sk_fullsock(sk) && sk->sk_validate_xmit_skb) {
		skb = sk->sk_validate_xmit_skb(sk, net->loopback_dev, skb);
		if (skb) {
			skb_orphan(skb);
			skb->decrypted = 0;
		}
		return skb;
	}
#endif
	kfree_skb(skb);
	return NULL;
}

/*
 * Makes room for a payload extension header before the octet `at`, and for the link-layer header of the route. What is
 * before it moves; the transport header and the place of a checksum still to be made stay where they are. Returns the
 * new IPv6 header, or NULL for want of memory.
 */
u8 *shim6_skb_insert(struct sk_buff *skb, unsigned int at, const struct dst_entry *dst)
{
	unsigned int room = SHIM6_PAYLOAD_LEN + LL_RESERVED_SPACE(dst->dev);

	if (unlikely(!pskb_may_pull(skb, at) || skb_cow_head(skb, room)))
		return NULL;
	skb_push(skb, SHIM6_PAYLOAD_LEN);
	memmove(skb->data, skb->data + SHIM6_PAYLOAD_LEN, at);
	skb_reset_network_header(skb);
	if (skb->ip_summed == CHECKSUM_PARTIAL && unlikely(!shim6_skb_leave_sum(skb, dst->dev)))
		return NULL;
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

/* Puts the first `len` octets, as they are now, into that checksum again. */
void shim6_skb_show(struct sk_buff *skb, unsigned int len)
{
	skb_postpush_rcsum(skb, skb->data, len);
	shim6_skb_restored(skb);
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

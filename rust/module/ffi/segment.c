// SPDX-License-Identifier: GPL-2.0
/* Cutting packets up before they are switched: segments of large sends, and fragments. */
#include <linux/tcp.h>
#include <net/gso.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "protocol.h"
#include "segment.h"

/* Whether each segment of a large send is at most `mtu` octets long, from its IPv6 header on. */
bool shim6_skb_segments_fit(const struct sk_buff *skb, unsigned int mtu)
{
	return skb_gso_validate_network_len(skb, mtu);
}

/*
 * Has a packet of TCP, whose header is at `at`, segmented into packets of at most `mtu` octets. TCP counts octets, not
 * segments, so this is as if it had sent smaller segments by itself. The buffer shares what says so with TCP's own copy,
 * so it gets its own first.
 */
int shim6_skb_shrink_tcp(struct sk_buff *skb, unsigned int at, unsigned int mtu)
{
	struct skb_shared_info *info;
	const struct tcphdr *tcp;
	unsigned int headers;

	if (skb->ip_summed != CHECKSUM_PARTIAL || skb_transport_offset(skb) != at)
		return -EINVAL;
	if (skb_is_gso(skb) && !skb_is_gso_tcp(skb))
		return -EINVAL;
	if (!pskb_may_pull(skb, at + sizeof(*tcp)))
		return -EINVAL;
	tcp = tcp_hdr(skb);
	headers = at + tcp->doff * 4;
	if (tcp->doff * 4 < sizeof(*tcp) || !pskb_may_pull(skb, headers) || mtu <= headers || skb->len <= headers)
		return -EINVAL;
	if (skb_unclone(skb, GFP_ATOMIC))
		return -ENOMEM;
	info = skb_shinfo(skb);
	if (!skb_is_gso(skb))
		info->gso_type = SKB_GSO_TCPV6;
	if (!skb_is_gso(skb) || info->gso_size > mtu - headers)
		info->gso_size = mtu - headers;
	info->gso_segs = DIV_ROUND_UP(skb->len - headers, info->gso_size);
	return 0;
}

/*
 * The segments of a large send, which is used up; an error pointer leaves it to the caller. Checksums stay as they are:
 * to be made over the ULIDs by the card, or by the kernel just before it.
 */
struct sk_buff *shim6_skb_segment(struct sk_buff *skb)
{
	struct sk_buff *segments;

	segments = skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_HIGHDMA | NETIF_F_FRAGLIST);
	if (!segments)
		return ERR_PTR(-EINVAL);
	if (!IS_ERR(segments))
		consume_skb(skb);
	return segments;
}

/*
 * Fragments of at most `mtu` octets, whose Fragment header is at `at` and which have `room` octets free before them; the
 * packet is used up. `field` is the offset of the Next Header octet that says what is at `at`.
 */
struct sk_buff *shim6_skb_fragment(struct net *net, struct sk_buff *skb, unsigned int at, unsigned int field,
				   unsigned int mtu, unsigned int room)
{
	struct ip6_frag_state state;
	struct sk_buff *first = NULL, **last = &first;
	u8 *previous;
	__be32 id;

	if (mtu < at + sizeof(struct frag_hdr) + 8)
		return ERR_PTR(-EMSGSIZE);
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_csum_hwoffload_help(skb, 0))
		return ERR_PTR(-EINVAL);
	if (!pskb_may_pull(skb, at))
		return ERR_PTR(-EINVAL);
	previous = skb_network_header(skb) + field;
	id = ipv6_select_ident(net, &ipv6_hdr(skb)->daddr, &ipv6_hdr(skb)->saddr);
	ip6_frag_init(skb, at, mtu - at - sizeof(struct frag_hdr), 0, room, previous, *previous, id, &state);
	while (state.left > 0) {
		struct sk_buff *fragment = ip6_frag_next(skb, &state);

		if (IS_ERR(fragment)) {
			kfree_skb_list(first);
			return fragment;
		}
		*last = fragment;
		last = &fragment->next;
	}
	consume_skb(skb);
	return first;
}

/* Takes the first packet off a chain; NULL at its end. */
struct sk_buff *shim6_skb_unchain(struct sk_buff **chain)
{
	struct sk_buff *first = *chain;

	if (first) {
		*chain = first->next;
		skb_mark_not_on_list(first);
	}
	return first;
}

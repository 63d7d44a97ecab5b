// SPDX-License-Identifier: GPL-2.0
/*
 * Shim6's headers behind a Fragment header. RFC 5533 section 4.6 puts them before it, but a sender whose IPv6 fragments
 * below its shim does not. The hook sees fragments there; what they make together comes to the protocol's handler.
 */
#include <linux/icmpv6.h>
#include <linux/netdevice.h>
#include <net/protocol.h>
#include <net/xfrm.h>

#include "protocol.h"
#include "whole.h"

/* What the kernel itself does about a protocol that it does not know: the hook has left it, so it is not for Shim6. */
static void shim6_whole_refuse(struct sk_buff *skb)
{
	if (xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb))
		icmpv6_send(skb, ICMPV6_PARAMPROB, ICMPV6_UNK_NEXTHDR, IP6CB(skb)->nhoff);
	kfree_skb_reason(skb, SKB_DROP_REASON_IP_NOPROTO);
}

/* Whether a packet was put together: the Fragment header of one that came in a single piece is still there, and it is no fragment. */
static bool shim6_whole_was_put_together(struct sk_buff *skb)
{
	const unsigned int headers = -skb_network_offset(skb);
	unsigned int at = 0;
	bool is_fragment;

	__skb_push(skb, headers);
	is_fragment = ipv6_find_hdr(skb, &at, NEXTHDR_FRAGMENT, NULL, NULL) >= 0;
	__skb_pull(skb, headers);
	return IP6CB(skb)->flags & IP6SKB_FRAGMENTED && !is_fragment;
}

/*
 * A packet that was put together begins again, as if it had come in one piece: the hook turns it back to its ULIDs before
 * the firewall looks at it. It does not come here twice, as it has no Fragment header any more.
 */
static int shim6_whole_receive(struct sk_buff *skb)
{
	if (!shim6_whole_was_put_together(skb)) {
		shim6_whole_refuse(skb);
		return 0;
	}
	__skb_push(skb, -skb_network_offset(skb));
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	netif_rx(skb);
	return 0;
}

static const struct inet6_protocol shim6_whole_protocol = {
	.handler = shim6_whole_receive,
	.flags = INET6_PROTO_NOPOLICY,
};

int shim6_whole_register(void)
{
	return inet6_add_protocol(&shim6_whole_protocol, SHIM6_PROTOCOL);
}

void shim6_whole_unregister(void)
{
	inet6_del_protocol(&shim6_whole_protocol, SHIM6_PROTOCOL);
}

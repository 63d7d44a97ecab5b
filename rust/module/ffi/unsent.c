// SPDX-License-Identifier: GPL-2.0
/*
 * What connections of TCP have waiting in this host for a neighbour that does not answer.
 *
 * TCP sends nothing again of which a copy is still in the host. When a link loses its carrier the kernel forgets the
 * neighbours there, and what is sent before the traffic moves waits for the answer to a solicitation that goes nowhere: three
 * seconds with the defaults. That the connection has another path by then does not help it.
 */
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/tcp.h>

#include "unsent.h"

/* Whether of anything that is not acknowledged a copy is still in the host. The socket is locked. */
bool shim6_unsent(const struct sock *sk)
{
	struct sk_buff *skb = tcp_rtx_queue_head(sk);

	skb_rbtree_walk_from(skb) {
		if (skb_fclone_busy(sk, skb))
			return true;
	}
	return false;
}

/* Of which connections, and which way their packets go now. Neighbours are the whole machine's, so the namespace counts, too. */
struct shim6_unsent_of {
	const struct net *net;
	struct in6_addr local;
	struct in6_addr peer;
	struct in6_addr source;
	struct in6_addr destination;
};

static bool shim6_unsent_is_of(const struct sk_buff *skb, const struct shim6_unsent_of *of)
{
	const struct ipv6hdr *header = ipv6_hdr(skb);
	const struct sock *sk = skb->sk;

	if (ipv6_addr_equal(&header->saddr, &of->source) && ipv6_addr_equal(&header->daddr, &of->destination))
		return false;
	return sk && sk_fullsock(sk) && sk_is_tcp(sk) && net_eq(sock_net(sk), of->net) &&
	       ipv6_addr_equal(&sk->sk_v6_rcv_saddr, &of->local) && ipv6_addr_equal(&sk->sk_v6_daddr, &of->peer);
}

static void shim6_unsent_drop_at(struct neighbour *neighbour, void *of)
{
	struct sk_buff *skb, *next;

	if (skb_queue_empty_lockless(&neighbour->arp_queue))
		return;
	write_lock(&neighbour->lock);
	skb_queue_walk_safe(&neighbour->arp_queue, skb, next) {
		if (!shim6_unsent_is_of(skb, of))
			continue;
		__skb_unlink(skb, &neighbour->arp_queue);
		neighbour->arp_queue_len_bytes -= skb->truesize;
		kfree_skb(skb);
	}
	write_unlock(&neighbour->lock);
}

/*
 * Takes back what waits for neighbours, of all connections between these ULIDs, so that they may send it again, from `source` to
 * `destination`. Softirqs are disabled; no socket need be locked.
 */
void shim6_unsent_drop(const struct net *net, const u8 *local, const u8 *peer, const u8 *source, const u8 *destination)
{
	struct shim6_unsent_of of = { .net = net };

	memcpy(&of.local, local, sizeof(of.local));
	memcpy(&of.peer, peer, sizeof(of.peer));
	memcpy(&of.source, source, sizeof(of.source));
	memcpy(&of.destination, destination, sizeof(of.destination));
	neigh_for_each(&nd_tbl, shim6_unsent_drop_at, &of);
}

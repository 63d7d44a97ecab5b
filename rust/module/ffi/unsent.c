// SPDX-License-Identifier: GPL-2.0
/*
 * What a connection of TCP has waiting in this host for a neighbour that does not answer.
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

static void shim6_unsent_drop_at(struct neighbour *neighbour, void *sk)
{
	struct sk_buff *skb, *next;

	if (skb_queue_empty_lockless(&neighbour->arp_queue))
		return;
	write_lock(&neighbour->lock);
	skb_queue_walk_safe(&neighbour->arp_queue, skb, next) {
		if (skb->sk != sk)
			continue;
		__skb_unlink(skb, &neighbour->arp_queue);
		neighbour->arp_queue_len_bytes -= skb->truesize;
		kfree_skb(skb);
	}
	write_unlock(&neighbour->lock);
}

/* Takes back what waits for neighbours, so that TCP may send it again. Softirqs are disabled; the socket need not be locked. */
void shim6_unsent_drop(const struct sock *sk)
{
	neigh_for_each(&nd_tbl, shim6_unsent_drop_at, (void *)sk);
}

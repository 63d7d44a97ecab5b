/* SPDX-License-Identifier: GPL-2.0 */
/* What TCP knows of a path, and what it is told of one. */
#ifndef SHIM6_TCP_H
#define SHIM6_TCP_H

#include <linux/skbuff.h>
#include <net/net_namespace.h>

/*
 * What a connection knows: its round trip in microseconds, zero if it has measured none, without a variation if it has
 * but one sample; whether it awaits an acknowledgement, and whether it sends again in vain.
 */
struct shim6_tcp_sender {
	u32 mean;
	u32 variation;
	bool waits;
	bool stalls;
};

bool shim6_tcp_sender(const struct sk_buff *skb, struct shim6_tcp_sender *sender);
void shim6_tcp_wake(struct net *net, const u8 *local, const u8 *peer, u32 ports, const u8 *source,
		    const u8 *destination, bool lost);
bool shim6_tcp_lend(struct net *net, const u8 *local, const u8 *peer, u32 ports, bool owed, bool sends);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Policy rules: memory for arrays that are read under RCU, and the users of packets. */
#ifndef SHIM6_RULES_H
#define SHIM6_RULES_H

#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

/* `room` elements, of which the first `len` are there. */
struct shim6_rules {
	struct rcu_head rcu;
	u32 len;
	u32 room;
	u64 elements[];
};

struct shim6_rules *shim6_rules_alloc(u32 room, size_t octets);
void shim6_rules_free(struct shim6_rules *rules);
void shim6_rules_free_later(struct shim6_rules *rules);

bool shim6_skb_user(const struct sk_buff *skb, u32 *user);
bool shim6_user_in(const struct net *net, u32 number, u32 *user);
u32 shim6_user_from(const struct net *net, u32 user);

#endif

// SPDX-License-Identifier: GPL-2.0
/* Policy rules: memory for arrays that are read under RCU, and the users of packets. */
#include <linux/mm.h>
#include <linux/uidgid.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "rules.h"

/* May sleep. */
struct shim6_rules *shim6_rules_alloc(u32 room, size_t octets)
{
	struct shim6_rules *rules = kvzalloc(struct_size(rules, elements, DIV_ROUND_UP(octets, sizeof(u64))), GFP_KERNEL);

	if (rules)
		rules->room = room;
	return rules;
}

void shim6_rules_free(struct shim6_rules *rules)
{
	kvfree(rules);
}

/* Once no reader can have it any more. The kernel itself does that, so the module need not wait for it when it goes. */
void shim6_rules_free_later(struct shim6_rules *rules)
{
	kvfree_rcu(rules, rcu);
}

/* The kernel's number for the user whose socket sends a packet; false if no socket does. */
bool shim6_skb_user(const struct sk_buff *skb, u32 *user)
{
	const struct sock *sk = skb_to_full_sk(skb);

	if (!sk || !sk_fullsock(sk))
		return false;
	*user = __kuid_val(sk_uid(sk));
	return true;
}

/* The kernel's number for a user as the owner of a namespace numbers it; false if there is no such user. */
bool shim6_user_in(const struct net *net, u32 number, u32 *user)
{
	kuid_t kuid = make_kuid(net->user_ns, number);

	*user = __kuid_val(kuid);
	return uid_valid(kuid);
}

u32 shim6_user_from(const struct net *net, u32 user)
{
	return from_kuid_munged(net->user_ns, KUIDT_INIT(user));
}

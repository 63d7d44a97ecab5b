// SPDX-License-Identifier: GPL-2.0
/* The two netfilter hooks of a namespace: registration, and what fragments that they uncover have missed. */
#include <linux/netfilter_ipv6.h>

#include "fast.h"
#include "hook.h"

static const struct nf_hook_ops shim6_hooks[SHIM6_HOOKS] = {
	{
		.hook = shim6_fast_out,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = SHIM6_PRIORITY_OUT,
	},
	{
		.hook = shim6_fast_in,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = SHIM6_PRIORITY_IN,
	},
};

int shim6_hooks_register(struct shim6_net *share)
{
	int i;

	memcpy(share->hooks, shim6_hooks, sizeof(shim6_hooks));
	for (i = 0; i < SHIM6_HOOKS; i++)
		share->hooks[i].priv = share;
	return nf_register_net_hooks(share->net, share->hooks, SHIM6_HOOKS);
}

void shim6_hooks_unregister(struct shim6_net *share)
{
	nf_unregister_net_hooks(share->net, share->hooks, SHIM6_HOOKS);
}

/*
 * A fragment that the hook for what comes in has uncovered: where the namespace puts fragments together before conntrack, that is
 * done now. What else came before ours has seen the packet as it was on the wire, and that was enough. Like a hook's, the
 * verdict says whose the packet is then.
 */
unsigned int shim6_hook_defragment(struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct nf_hook_entries *entries = rcu_dereference(state->net->nf.hooks_ipv6[NF_INET_PRE_ROUTING]);
	struct nf_hook_ops **ops;
	unsigned int verdict;
	int i;

	if (!entries)
		return NF_ACCEPT;
	ops = nf_hook_entries_get_hook_ops(entries);
	for (i = 0; i < entries->num_hook_entries; i++) {
		if (READ_ONCE(ops[i])->priority != NF_IP6_PRI_CONNTRACK_DEFRAG)
			continue;
		verdict = nf_hook_entry_hookfn(&entries->hooks[i], skb, (struct nf_hook_state *)state);
		if (verdict != NF_ACCEPT)
			return verdict;
	}
	return NF_ACCEPT;
}

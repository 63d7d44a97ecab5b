// SPDX-License-Identifier: GPL-2.0
/* The two netfilter hooks of a namespace: registration, and a second round for what a hook has uncovered. */
#include <linux/netfilter_ipv6.h>

#include "hook.h"

static const struct nf_hook_ops shim6_hooks[SHIM6_HOOKS] = {
	{
		.hook = shim6_hook_out,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = SHIM6_PRIORITY_OUT,
	},
	{
		.hook = shim6_hook_in,
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

/* Whether a packet goes through the hooks again on this CPU. */
static DEFINE_PER_CPU(bool, shim6_in_second_round);

/*
 * Has a packet that a hook holds go through all hooks of its kind again, and then on. Takes it over. There is no third
 * round: one that asks for it is freed, and that is told by false.
 */
bool shim6_hook_again(struct sk_buff *skb, const struct nf_hook_state *state)
{
	bool first;
	int verdict;

	local_bh_disable();
	first = !__this_cpu_xchg(shim6_in_second_round, true);
	if (first) {
		verdict = nf_hook(NFPROTO_IPV6, state->hook, state->net, state->sk, skb, state->in, state->out, state->okfn);
		__this_cpu_write(shim6_in_second_round, false);
		if (verdict == 1)
			state->okfn(state->net, state->sk, skb);
	} else {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
	}
	local_bh_enable();
	return first;
}

// SPDX-License-Identifier: GPL-2.0
/* The two netfilter hooks of a namespace: registration, and a second round for what a hook has uncovered. */
#include <linux/netfilter_ipv6.h>

#include "fast.h"
#include "hook.h"

/* Whether a packet goes through the hooks again on this CPU. */
static DEFINE_PER_CPU(bool, shim6_in_second_round);

/* In a second round ours has had its turn. */
static unsigned int shim6_first_in(void *share, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (unlikely(__this_cpu_read(shim6_in_second_round)))
		return NF_ACCEPT;
	return shim6_fast_in(share, skb, state);
}

static const struct nf_hook_ops shim6_hooks[SHIM6_HOOKS] = {
	{
		.hook = shim6_fast_out,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = SHIM6_PRIORITY_OUT,
	},
	{
		.hook = shim6_first_in,
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

/* Has a packet that the hook for what comes in holds go through all others of its kind again, and then on. Takes it over. */
void shim6_hook_again(struct sk_buff *skb, const struct nf_hook_state *state)
{
	int verdict;

	local_bh_disable();
	__this_cpu_write(shim6_in_second_round, true);
	verdict = nf_hook(NFPROTO_IPV6, state->hook, state->net, state->sk, skb, state->in, state->out, state->okfn);
	__this_cpu_write(shim6_in_second_round, false);
	if (verdict == 1)
		state->okfn(state->net, state->sk, skb);
	local_bh_enable();
}

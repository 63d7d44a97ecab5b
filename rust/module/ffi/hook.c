// SPDX-License-Identifier: GPL-2.0
/* The two netfilter hooks of a namespace: registration. */
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

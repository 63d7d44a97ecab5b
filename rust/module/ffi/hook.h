/* SPDX-License-Identifier: GPL-2.0 */
/* The two netfilter hooks of a namespace. */
#ifndef SHIM6_HOOK_H
#define SHIM6_HOOK_H

#include "netns.h"

/*
 * Inbound: after raw (-300), where an operator may still drop by the outer packet, and before conntrack (-200), so that
 * the firewall sees ULIDs. Outbound: after everything that looks at a packet that leaves.
 */
#define SHIM6_PRIORITY_IN (-250)
#define SHIM6_PRIORITY_OUT (INT_MAX - 1)

int shim6_hooks_register(struct shim6_net *share);
void shim6_hooks_unregister(struct shim6_net *share);
unsigned int shim6_hook_defragment(struct sk_buff *skb, const struct nf_hook_state *state);

/* Written in Rust (hook.rs). */
unsigned int shim6_hook_out(void *share, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int shim6_hook_in(void *share, struct sk_buff *skb, const struct nf_hook_state *state);

#endif

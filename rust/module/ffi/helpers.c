// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's inline functions and macros, as functions that Rust can call. One
 * line each: no logic lives here.
 */
#include <linux/ipv6.h>

#include "helpers.h"

struct ipv6hdr *shim6_ipv6_hdr(const struct sk_buff *skb)
{
	return ipv6_hdr(skb);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's inline functions and macros that the module uses, as functions. */
#ifndef SHIM6_HELPERS_H
#define SHIM6_HELPERS_H

#include <linux/skbuff.h>

struct ipv6hdr *shim6_ipv6_hdr(const struct sk_buff *skb);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Control messages on their way out. */
#ifndef SHIM6_MESSAGE_H
#define SHIM6_MESSAGE_H

#include <linux/skbuff.h>
#include <net/net_namespace.h>

struct sk_buff *shim6_message_new(u8 **message, size_t room);
int shim6_message_send(struct net *net, struct sk_buff *skb, size_t len, const u8 *source, const u8 *destination);

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * The payload extension header for segmentation and aggregation.
 *
 * Segmentation steps over it like over any other extension header. Aggregation does not: TCP's would check the sums of
 * segments against locators, and would write a sum over locators into what it aggregates.
 */
#include <net/gro.h>
#include <net/protocol.h>

#include "offload.h"
#include "protocol.h"

static struct sk_buff *shim6_gro_receive(struct list_head *head, struct sk_buff *skb)
{
	NAPI_GRO_CB(skb)->flush = 1;
	return NULL;
}

static const struct net_offload shim6_offload = {
	.callbacks = {
		.gro_receive = shim6_gro_receive,
	},
	.flags = INET6_PROTO_GSO_EXTHDR,
};

int shim6_offload_register(void)
{
	return inet6_add_offload(&shim6_offload, SHIM6_PROTOCOL);
}

void shim6_offload_unregister(void)
{
	inet6_del_offload(&shim6_offload, SHIM6_PROTOCOL);
}

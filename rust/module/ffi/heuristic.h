/* SPDX-License-Identifier: GPL-2.0 */
/* The start heuristic's memory: a small table of flows for each CPU. */
#ifndef SHIM6_HEURISTIC_H
#define SHIM6_HEURISTIC_H

#include <linux/types.h>

#define SHIM6_FLOWS 256

/* One pair of addresses that this CPU saw packets of. */
struct shim6_flow {
	u64 key;
	u32 packets;
	u32 since;
};

struct shim6_flow *shim6_flows_alloc(void);
void shim6_flows_free(struct shim6_flow *flows);
struct shim6_flow *shim6_flows_here(struct shim6_flow *flows);
u64 shim6_flow_key(const u8 *local, const u8 *peer);

#endif

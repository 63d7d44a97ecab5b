// SPDX-License-Identifier: GPL-2.0
/* The start heuristic's memory: a small table of flows for each CPU. */
#include <linux/percpu.h>
#include <linux/unaligned.h>

#include "heuristic.h"

/* Rust holds the per-CPU pointer as an ordinary one, and never follows it. */
struct shim6_flow *shim6_flows_alloc(void)
{
	return (__force struct shim6_flow *)(uintptr_t)__alloc_percpu(SHIM6_FLOWS * sizeof(struct shim6_flow), SMP_CACHE_BYTES);
}

void shim6_flows_free(struct shim6_flow *flows)
{
	free_percpu((__force struct shim6_flow __percpu *)(uintptr_t)flows);
}

/* This CPU's table. A task that moves to another CPU meanwhile writes into a table that is no longer its own: harmless. */
struct shim6_flow *shim6_flows_here(struct shim6_flow *flows)
{
	return raw_cpu_ptr((__force struct shim6_flow __percpu *)(uintptr_t)flows);
}

/* Never zero. Whoever collides with another pair takes its place, and can do no more than be counted anew. */
u64 shim6_flow_key(const u8 *local, const u8 *peer)
{
	u64 key = get_unaligned((const u64 *)local) * 0x9e3779b97f4a7c15ull;

	key = (key ^ get_unaligned((const u64 *)(local + 8))) * 0xc2b2ae3d27d4eb4full;
	key = (key ^ (key >> 29) ^ get_unaligned((const u64 *)peer)) * 0x165667b19e3779f9ull;
	key = (key ^ (key >> 32) ^ get_unaligned((const u64 *)(peer + 8))) * 0x9e3779b97f4a7c15ull;
	return (key ^ (key >> 31)) | 1;
}

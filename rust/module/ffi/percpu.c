// SPDX-License-Identifier: GPL-2.0
/* Per-CPU arrays of 64-bit counters: what percpu.rs needs of the kernel's per-CPU macros. */
#include "percpu.h"

/* Rust holds the per-CPU pointer as an ordinary one, and never follows it. */
u64 *shim6_percpu_u64s_alloc(size_t octets)
{
	return (__force u64 *)(uintptr_t)__alloc_percpu(octets, __alignof__(u64));
}

void shim6_percpu_u64s_free(u64 *base)
{
	free_percpu((__force u64 __percpu *)(uintptr_t)base);
}

void shim6_percpu_u64s_add(u64 *base, size_t index, u64 amount)
{
	u64 __percpu *counters = (__force u64 __percpu *)(uintptr_t)base;

	this_cpu_add(counters[index], amount);
}

u64 shim6_percpu_u64s_sum(const u64 *base, size_t index)
{
	const u64 __percpu *counters = (__force const u64 __percpu *)(uintptr_t)base;
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(counters + index, cpu));
	return sum;
}

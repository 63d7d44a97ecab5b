/* SPDX-License-Identifier: GPL-2.0 */
/* Per-CPU arrays of 64-bit counters for Rust: the inline functions and macros that bindgen cannot see. */
#ifndef SHIM6_FFI_PERCPU_H
#define SHIM6_FFI_PERCPU_H

#include <linux/percpu.h>

u64 *shim6_percpu_u64s_alloc(size_t octets);
void shim6_percpu_u64s_free(u64 *base);
void shim6_percpu_u64s_add(u64 *base, size_t index, u64 amount);
u64 shim6_percpu_u64s_sum(const u64 *base, size_t index);

#endif

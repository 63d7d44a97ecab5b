/* SPDX-License-Identifier: GPL-2.0 */
/* What Rust fires trace events by; the events themselves are in trace.h. */
#ifndef SHIM6_FFI_TRACING_H
#define SHIM6_FFI_TRACING_H

#include <linux/types.h>

struct net;

void shim6_trace_context(const struct net *net, u32 id, u8 event, u8 cause, const u8 *local, const u8 *peer);
void shim6_trace_drop(u16 counter);

#endif

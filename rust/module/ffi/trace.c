// SPDX-License-Identifier: GPL-2.0
/* The trace events' own code, and the functions by which Rust (trace.rs) fires them. */
#include <net/net_namespace.h>

#define CREATE_TRACE_POINTS
#include "trace.h"
#include "tracing.h"

void shim6_trace_context(const struct net *net, u32 id, u8 event, u8 cause, const u8 *local, const u8 *peer)
{
	trace_shim6_context(net->ns.inum, id, event, cause, local, peer);
}

void shim6_trace_drop(u16 counter)
{
	trace_shim6_drop(counter);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's trace events (/sys/kernel/tracing/events/shim6): what happens to contexts, and what is dropped. They cost
 * a branch that is not taken until somebody turns them on. The numbers are those of include/uapi/linux/shim6.h.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM shim6

#if !defined(SHIM6_FFI_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SHIM6_FFI_TRACE_H

#include <linux/tracepoint.h>

/* One for each notification about a context, whether anybody listens to these or not. */
TRACE_EVENT(shim6_context,
	TP_PROTO(unsigned int netns, u32 id, u8 event, u8 cause, const u8 *local, const u8 *peer),
	TP_ARGS(netns, id, event, cause, local, peer),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__field(u32, id)
		__field(u8, event)
		__field(u8, cause)
		__array(u8, local, 16)
		__array(u8, peer, 16)
	),
	TP_fast_assign(
		__entry->netns = netns;
		__entry->id = id;
		__entry->event = event;
		__entry->cause = cause;
		memcpy(__entry->local, local, 16);
		memcpy(__entry->peer, peer, 16);
	),
	TP_printk("netns=%u id=%u event=%u cause=%u local=%pI6c peer=%pI6c", __entry->netns, __entry->id,
		  __entry->event, __entry->cause, __entry->local, __entry->peer)
);

/* Something was dropped or refused; `counter` is the attribute of the set `stats` that counts it. */
TRACE_EVENT(shim6_drop,
	TP_PROTO(u16 counter),
	TP_ARGS(counter),
	TP_STRUCT__entry(__field(u16, counter)),
	TP_fast_assign(__entry->counter = counter;),
	TP_printk("counter=%u", __entry->counter)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>

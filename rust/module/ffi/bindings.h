/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's headers that the module uses and the kernel crate does not cover.
 * What is taken from them is listed in bindings.params.
 */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <linux/ipv6.h>
#include <net/ipv6.h>
#include <net/addrconf.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/genetlink.h>

#include "helpers.h"
#include "fast.h"
#include "genl.h"
#include "percpu.h"
#include "tracing.h"
#include "address.h"
#include "clock.h"
#include "heuristic.h"
#include "hook.h"
#include "icmp.h"
#include "message.h"
#include "netns.h"
#include "offload.h"
#include "path.h"
#include "pernet.h"
#include "router.h"
#include "rules.h"
#include "segment.h"
#include "signature.h"
#include "skb.h"
#include "socket.h"
#include "sockets.h"
#include "sockopt.h"
#include "table.h"
#include "tcp.h"
#include "whole.h"

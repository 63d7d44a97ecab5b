/* SPDX-License-Identifier: GPL-2.0 */
/* Routers and routes: what neighbour unreachability detection and the routing table say of the way out. */
#ifndef SHIM6_ROUTER_H
#define SHIM6_ROUTER_H

#include "netns.h"

int shim6_router_register(void);
void shim6_router_unregister(void);
int shim6_router_watch(struct shim6_net *share);
void shim6_router_unwatch(struct shim6_net *share);
bool shim6_router_works(struct net *net, const u8 *source, const u8 *destination);

/* Written in Rust (router.rs). */
void shim6_router_lost(struct shim6_net *share);

#endif

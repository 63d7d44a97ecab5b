/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses of interfaces: their state, their changes, and those that this module keeps. */
#ifndef SHIM6_ADDRESS_H
#define SHIM6_ADDRESS_H

#include <linux/types.h>
#include <net/net_namespace.h>

#include "netns.h"

/* Where an address is, and how. */
struct shim6_address {
	/* The interface; zero if none but the loopback interface has the address. */
	u32 ifindex;
	bool tentative;
	/* It is tentative, and duplicate address detection goes on. */
	bool awaited;
	bool deprecated;
	/* The interface is up and has a carrier. */
	bool linked;
	/* The loopback interface has the address too. */
	bool held;
};

int shim6_notifiers_register(void);
void shim6_notifiers_unregister(void);
void shim6_address_find(struct net *net, const u8 *address, struct shim6_address *found);
bool shim6_address_is_local(struct net *net, const u8 *address);
int shim6_address_hold(struct net *net, const u8 *address, bool hold);

/* Written in Rust (address.rs). */
void shim6_address_changed(struct shim6_net *share, const u8 *address, bool present, bool linked);
void shim6_link_changed(struct shim6_net *share);

#endif

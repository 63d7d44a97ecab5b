/* SPDX-License-Identifier: GPL-2.0 */
/* Network namespaces: their coming and going. */
#ifndef SHIM6_PERNET_H
#define SHIM6_PERNET_H

#include "netns.h"

int shim6_pernet_register(void);
void shim6_pernet_unregister(void);

/* Written in Rust (netns.rs). */
int shim6_net_begin(struct shim6_net *share);
void shim6_net_quiesce(struct shim6_net *share);
void shim6_net_end(struct shim6_net *share);

#endif

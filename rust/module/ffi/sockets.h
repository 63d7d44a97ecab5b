/* SPDX-License-Identifier: GPL-2.0 */
/* Which contexts the sockets of a namespace use. */
#ifndef SHIM6_SOCKETS_H
#define SHIM6_SOCKETS_H

#include "netns.h"

/* Marks the contexts between the addresses of all sockets that have a peer. May sleep. */
void shim6_sockets_mark(struct shim6_net *share);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What connections of TCP have waiting in this host for a neighbour that does not answer. */
#ifndef SHIM6_UNSENT_H
#define SHIM6_UNSENT_H

#include <net/sock.h>

bool shim6_unsent(const struct sock *sk);
void shim6_unsent_drop(const struct net *net, const u8 *local, const u8 *peer, const u8 *source, const u8 *destination);

#endif

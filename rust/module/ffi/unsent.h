/* SPDX-License-Identifier: GPL-2.0 */
/* What a connection of TCP has waiting in this host for a neighbour that does not answer. */
#ifndef SHIM6_UNSENT_H
#define SHIM6_UNSENT_H

#include <net/sock.h>

bool shim6_unsent(const struct sock *sk);
void shim6_unsent_drop(const struct sock *sk);

#endif

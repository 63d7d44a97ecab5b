/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets whose programs have asked something of the shim, in a table by their address in memory. */
#ifndef SHIM6_SOCKET_H
#define SHIM6_SOCKET_H

#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <net/sock.h>

#include "netns.h"

/* The first member of the Rust `Socket`, so that one pointer serves both. */
struct shim6_socket {
	struct rhash_head link;
	/*
	 * Held as long as this is in memory: so no other socket has its address, and it can be asked whether it was closed.
	 * There is no other way to hear of that: a socket tells nobody but its own protocol.
	 */
	struct sock *sk;
	/* What packets read: the number of its context, or zero; whether the shim lets it alone. */
	u32 fork;
	bool dontshim;
	struct list_head list;
	struct rcu_head rcu;
};

/* What a socket is connected to. */
struct shim6_endpoint {
	u8 local[16];
	u8 peer[16];
	/* It has an address at either end, and both are of IPv6. */
	bool connected;
	bool mapped;
};

int shim6_sockets_init(struct shim6_net *share);
void shim6_sockets_destroy(struct shim6_net *share);
long shim6_sockets_live(void);

/* Under RCU, for packets. */
struct shim6_socket *shim6_socket_of(struct shim6_net *share, const struct sk_buff *skb);

/* Under the control lock, but for the first and the last. */
struct shim6_socket *shim6_socket_alloc(size_t size);
struct shim6_socket *shim6_socket_find(struct shim6_net *share, const struct sock *sk);
int shim6_socket_insert(struct shim6_net *share, struct shim6_socket *socket, struct sock *sk);
void shim6_socket_remove(struct shim6_net *share, struct shim6_socket *socket);
struct shim6_socket *shim6_socket_turn(struct shim6_net *share);
bool shim6_socket_is_closed(const struct shim6_socket *socket);
void shim6_socket_free(struct shim6_socket *socket);

struct net *shim6_socket_net(const struct sock *sk);
void shim6_socket_endpoint(struct sock *sk, struct shim6_endpoint *endpoint);

#endif

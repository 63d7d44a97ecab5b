// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets whose programs have asked something of the shim. What they ask, and what is made of it, is decided in Rust
 * (socket.rs, ../sockopt).
 */
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/tcp_states.h>

#include "socket.h"

static atomic_long_t shim6_sockets = ATOMIC_LONG_INIT(0);

static const struct rhashtable_params shim6_socket_params = {
	.head_offset = offsetof(struct shim6_socket, link),
	.key_offset = offsetof(struct shim6_socket, sk),
	.key_len = sizeof(struct sock *),
	.automatic_shrinking = true,
};

int shim6_sockets_init(struct shim6_net *share)
{
	INIT_LIST_HEAD(&share->sockets);
	return rhashtable_init(&share->by_socket, &shim6_socket_params);
}

/* All of them are removed by then. */
void shim6_sockets_destroy(struct shim6_net *share)
{
	rhashtable_destroy(&share->by_socket);
}

long shim6_sockets_live(void)
{
	return atomic_long_read(&shim6_sockets);
}

struct shim6_socket *shim6_socket_find(struct shim6_net *share, const struct sock *sk)
{
	return rhashtable_lookup(&share->by_socket, &sk, shim6_socket_params);
}

/* The socket that sends a packet, if its program has asked for anything. */
struct shim6_socket *shim6_socket_of(struct shim6_net *share, const struct sk_buff *skb)
{
	return skb->sk ? shim6_socket_find(share, skb->sk) : NULL;
}

/* A zeroed one that is in no table. It is accounted to the program that asks. Sleeps. */
struct shim6_socket *shim6_socket_alloc(size_t size)
{
	struct shim6_socket *socket = kzalloc(size, GFP_KERNEL_ACCOUNT);

	if (socket)
		atomic_long_inc(&shim6_sockets);
	return socket;
}

/* Nobody else knows `socket`; whoever calls holds `sk`. */
int shim6_socket_insert(struct shim6_net *share, struct shim6_socket *socket, struct sock *sk)
{
	int err;

	socket->sk = sk;
	err = rhashtable_lookup_insert_fast(&share->by_socket, &socket->link, shim6_socket_params);
	if (err) {
		socket->sk = NULL;
		return err;
	}
	sock_hold(sk);
	list_add_tail(&socket->list, &share->sockets);
	return 0;
}

void shim6_socket_remove(struct shim6_net *share, struct shim6_socket *socket)
{
	rhashtable_remove_fast(&share->by_socket, &socket->link, shim6_socket_params);
	list_del(&socket->list);
}

/* The one that was not looked at for longest, which has had its turn now. */
struct shim6_socket *shim6_socket_turn(struct shim6_net *share)
{
	struct shim6_socket *socket = list_first_entry_or_null(&share->sockets, struct shim6_socket, list);

	if (socket)
		list_move_tail(&socket->list, &share->sockets);
	return socket;
}

/* Its program has let go of it, and nothing that it left behind is to be sent any more. */
bool shim6_socket_is_closed(const struct shim6_socket *socket)
{
	const struct sock *sk = socket->sk;

	return sock_flag(sk, SOCK_DEAD) && (!sk_is_tcp(sk) || READ_ONCE(sk->sk_state) == TCP_CLOSE);
}

/*
 * Gives one back that is in no table any more, or never was. Packets under RCU may still read it, but not what `sk`
 * points at. Not under the control lock: the socket may go with it.
 */
void shim6_socket_free(struct shim6_socket *socket)
{
	if (socket->sk)
		sock_put(socket->sk);
	atomic_long_dec(&shim6_sockets);
	kfree_rcu(socket, rcu);
}

struct net *shim6_socket_net(const struct sock *sk)
{
	return sock_net(sk);
}

/* Sleeps. */
void shim6_socket_endpoint(struct sock *sk, struct shim6_endpoint *endpoint)
{
	lock_sock(sk);
	endpoint->connected = sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN;
	endpoint->mapped = ipv6_addr_v4mapped(&sk->sk_v6_daddr);
	memcpy(endpoint->local, &sk->sk_v6_rcv_saddr, sizeof(endpoint->local));
	memcpy(endpoint->peer, &sk->sk_v6_daddr, sizeof(endpoint->peer));
	release_sock(sk);
}

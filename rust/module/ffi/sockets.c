// SPDX-License-Identifier: GPL-2.0
/*
 * Which contexts the sockets of a namespace use: those of TCP that are not closed, and those of UDP that are connected. It is
 * looked at only before idle contexts are given up, so a walk over all sockets is cheaper than to follow each of them.
 */
#include <linux/sched.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>
#include <net/udp.h>

#include "sockets.h"
#include "table.h"

/* Buckets after which others may run. */
#define SHIM6_BUCKETS 1024

static void shim6_mark(struct shim6_net *share, const struct sock *sk)
{
	if (sk->sk_family == AF_INET6)
		shim6_nodes_between(share, sk->sk_v6_rcv_saddr.s6_addr, sk->sk_v6_daddr.s6_addr, true);
}

static void shim6_mark_tcp(struct shim6_net *share)
{
	struct inet_hashinfo *table = share->net->ipv4.tcp_death_row.hashinfo;
	const struct hlist_nulls_node *place;
	const struct sock *sk;
	unsigned int bucket;

	for (bucket = 0; bucket <= table->ehash_mask; bucket++) {
		struct inet_ehash_bucket *head = &table->ehash[bucket];
		spinlock_t *lock = inet_ehash_lockp(table, bucket);

		if (bucket % SHIM6_BUCKETS == 0)
			cond_resched();
		if (hlist_nulls_empty(&head->chain))
			continue;
		spin_lock_bh(lock);
		sk_nulls_for_each(sk, place, &head->chain)
			if (net_eq(sock_net(sk), share->net) && sk->sk_state != TCP_TIME_WAIT)
				shim6_mark(share, sk);
		spin_unlock_bh(lock);
	}
}

static void shim6_mark_udp(struct shim6_net *share)
{
	struct udp_table *table = share->net->ipv4.udp_table;
	const struct sock *sk;
	unsigned int bucket;

	for (bucket = 0; bucket <= table->mask; bucket++) {
		struct udp_hslot *slot = &table->hash[bucket];

		if (bucket % SHIM6_BUCKETS == 0)
			cond_resched();
		if (hlist_empty(&slot->head))
			continue;
		spin_lock_bh(&slot->lock);
		sk_for_each(sk, &slot->head)
			if (net_eq(sock_net(sk), share->net) && sk->sk_state == TCP_ESTABLISHED)
				shim6_mark(share, sk);
		spin_unlock_bh(&slot->lock);
	}
}

void shim6_sockets_mark(struct shim6_net *share)
{
	shim6_mark_tcp(share);
	shim6_mark_udp(share);
}

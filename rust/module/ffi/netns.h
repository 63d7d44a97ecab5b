/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network namespace's share of the module, as far as C must see it: the kernel objects that Rust cannot initialise or
 * that its inline functions work on. Everything else is the Rust value behind `state`.
 */
#ifndef SHIM6_NETNS_H
#define SHIM6_NETNS_H

#include <linux/netfilter.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

#define SHIM6_HOOKS 2

struct shim6_memos;

struct shim6_net {
	struct net *net;
	/* The Rust `Net`; set before the hooks are registered, freed after they are gone. */
	void *state;
	/* What packets read (fast.c): changes come with contexts and sets. */
	u32 contexts;
	u32 sets;
	u32 epoch;
	struct shim6_memos __percpu *memos;
	u64 __percpu *tx_switched;
	u64 __percpu *rx_switched;
	/* The control lock: taken with softirqs off. */
	spinlock_t lock ____cacheline_aligned_in_smp;
	/* Indexes of contexts; changed under the lock, read under RCU. */
	struct rhashtable by_ulids;
	struct rhashtable by_tag;
	struct rhashtable by_nonce;
	struct rhltable by_peer_tag;
	struct xarray by_id;
	/* Sockets that want something of the shim, likewise. */
	struct rhashtable by_socket;
	struct list_head sockets;
	u32 last_id;
	struct nf_hook_ops hooks[SHIM6_HOOKS];
	/* Work that may sleep, asked for from anywhere. */
	struct delayed_work chores;
	/* The slow walk over the contexts. */
	struct delayed_work walk;
	/* Signatures of peers that wait to be checked. */
	struct work_struct signatures;
	/* A look at the sockets that want something. */
	struct delayed_work tend;
	/* Changes of the routing table. */
	struct notifier_block routes;
};

/* Where a namespace keeps its share; given by the kernel (pernet.c). */
extern unsigned int shim6_net_id;

struct shim6_net *shim6_net_of(const struct net *net);
void shim6_net_lock(struct shim6_net *share);
void shim6_net_unlock(struct shim6_net *share);
void shim6_rest(void);
void shim6_net_work_init(struct shim6_net *share);
void shim6_net_work_stop(struct shim6_net *share);
void shim6_net_chores(struct shim6_net *share, unsigned int milliseconds);
void shim6_net_walk(struct shim6_net *share, unsigned int milliseconds);
void shim6_net_signatures(struct shim6_net *share);
void shim6_net_tend(struct shim6_net *share, unsigned int milliseconds);

/* Written in Rust (netns.rs). */
void shim6_net_do_chores(struct shim6_net *share);
void shim6_net_do_walk(struct shim6_net *share);
void shim6_net_do_signatures(struct shim6_net *share);
void shim6_net_do_tend(struct shim6_net *share);

#endif
